//! JSON documents: an array of objects, whether on one line or over many; an object with such an array in
//! it; and objects over several lines, one behind the other.
//!
//! Owns: finding the array, the scan for its elements, and guesses where an element starts. Touches: the
//! contract in [`crate::format`], and [`ndjson`](super::ndjson), which decodes the elements: each is
//! written on a line of its own first.
//!
//! Nobody who begins in the middle of a document knows how deep he is. A split that has to guess takes the
//! first object that stands among the same signs and begins with the same key as those of the sample, and
//! whose elements do not end in an array inside of the document. Where that is wrong all the same, the scan is
//! repaired, as it is for quotes in CSV.

mod decode;
mod guess;
mod locate;
mod structure;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::lines::{byte_order_mark_len, count_newlines, name_ending};
use super::ndjson::Ndjson;
use crate::format::binary::refuse_binary;
use crate::format::{Format, FormatError, Sample, Sniffed};

use decode::JsonDecoder;
use guess::Guess;
use locate::{Records, locate};
use structure::{Next, element_end, next_element, push_line, skip_space};

/// JSON that is no list of lines.
#[derive(Clone, Copy, Debug)]
pub struct Json;

/// Elements by which a document is told from lines.
const CLAIM_ELEMENTS: usize = 100;
/// Elements of which the ways to begin are remembered.
const MAX_ELEMENTS: usize = 10_000;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    /// By content: an object that goes over several lines, or has a neighbour on its line, or, by name, holds
    /// an array of objects.
    fn claims(&self, file_name: &str, head: &[u8]) -> bool {
        let ending = name_ending(file_name);
        let text = &head[byte_order_mark_len(head)..];
        let start = skip_space(text, 0);
        let first = match text.get(start) {
            Some(b'[') => skip_space(text, start + 1),
            Some(b'{') => start,
            _ => return false,
        };
        if text.get(first) != Some(&b'{') || matches!(ending.as_str(), "csv" | "tsv" | "tab" | "psv") {
            return false;
        }
        let Some(end) = element_end(text, first) else {
            return locate(text, false).is_ok();
        };
        let mut line = Vec::new();
        push_line(&text[first..end], &mut line);
        if !matches!(ending.as_str(), "json" | "ndjson" | "jsonl") && !Ndjson.claims("", &line) {
            return false;
        }
        if text[start] == b'[' {
            return is_no_list_of_lines(text, first);
        }
        let is_document = ending == "har" || ending.ends_with("json") && ending != "ndjson";
        let holds_array = || matches!(locate(text, true), Ok(Records { path: Some(_), .. }));
        let is_alone = skip_space(text, end) == text.len();
        text[first..end].contains(&b'\n') || is_document && is_alone && holds_array()
    }

    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        refuse_binary(sample.head)?;
        let mark = byte_order_mark_len(sample.head);
        let text = &sample.head[mark..];
        let whole = sample.head.len() as u64 >= sample.file_len;
        let Records { first, in_array, path } = locate(text, whole)?;
        let mut lines = Vec::new();
        let mut starts = Vec::new();
        let mut pos = first;
        let mut end = first;
        while let Some(behind) = element_end(text, pos).or(whole.then_some(text.len())) {
            starts.push(pos);
            push_line(&text[pos..behind], &mut lines);
            end = behind;
            match next_element(text, behind, in_array) {
                Next::Element(next) if starts.len() < MAX_ELEMENTS => pos = next,
                _ => break,
            }
        }
        if starts.is_empty() {
            return Err(FormatError {
                message: "the first object is longer than the part that was looked at".to_owned(),
                hint: Some(
                    "Put each object on a line of its own: jq -c '.[]' file.json > file.ndjson".to_owned(),
                ),
            });
        }
        let guess = Guess::new(text, &starts, in_array, path.is_none());
        let pieces: Vec<Vec<u8>> = sample.pieces.iter().map(|piece| guess.lines(piece)).collect();
        let elements = Sample {
            head: &lines,
            pieces: pieces.iter().map(Vec::as_slice).collect(),
            // More may follow than these lines.
            file_len: lines.len() as u64,
            options: sample.options.clone(),
            modified_millis: sample.modified_millis,
        };
        let found = Ndjson.sniff(&elements)?;
        let mut warnings = found.warnings;
        if let Some(path) = path.filter(|path| !path.is_empty()) {
            warnings.push(format!(
                "The file is one object. The rows are those of the array `{path}`, the largest in it."
            ));
        }
        let first_record = mark + first;
        Ok(Sniffed {
            first_record: first_record as u64,
            first_line: 1 + count_newlines(&sample.head[..first_record]),
            mean_record_bytes: ((end - first) as f64 / starts.len() as f64).max(1.0),
            decoder: Arc::new(JsonDecoder { elements: found.decoder, guess, in_array }),
            warnings,
            ..found
        })
    }
}

/// Whether elements go over several lines, or share one. A few of many may: they are mistakes, which cost
/// less where each line is read by itself.
fn is_no_list_of_lines(text: &[u8], first: usize) -> bool {
    let (mut elements, mut others, mut pos) = (0, 0, first);
    while let Some(end) = element_end(text, pos) {
        elements += 1;
        let next = next_element(text, end, true);
        let shares = matches!(next, Next::Element(next) if !text[end..next].contains(&b'\n'));
        others += usize::from(shares || text[pos..end].contains(&b'\n'));
        match next {
            Next::Element(next) if elements < CLAIM_ELEMENTS => pos = next,
            _ => break,
        }
    }
    others * 10 >= elements.max(1)
}
