//! Decoding the elements of a split.

use std::sync::Arc;

use super::guess::Guess;
use super::structure::{Next, element_end, next_element, push_line};
use crate::format::lines::{count_newlines, owned_end};
use crate::format::{BadRecords, DecodeError, Decoded, Decoder, RecordStart, Selection, SplitBytes};

/// Decodes elements of an array, or objects one behind the other.
#[derive(Clone, Debug)]
pub struct JsonDecoder {
    /// Decodes them, each on a line.
    pub elements: Arc<dyn Decoder>,
    /// Where one may start.
    pub guess: Guess,
    /// Whether they are elements of an array.
    pub in_array: bool,
}

/// Where the next record starts when the array has ended and the length of the file is not known: behind
/// any file.
const NO_MORE: u64 = u64::MAX;

impl Decoder for JsonDecoder {
    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        let end = owned_end(split)?;
        let bytes = split.bytes;
        let first = match split.start {
            RecordStart::At(offset) if offset >= split.owned.end => None,
            RecordStart::At(offset) => usize::try_from(offset.saturating_sub(split.offset)).ok(),
            RecordStart::Guess => {
                let from = usize::try_from(split.owned.start - split.offset).unwrap_or(usize::MAX);
                self.guess.first(bytes, from, end)
            }
        };
        let Some(first) = first.filter(|&first| first < end) else { return Ok(Decoded::empty()) };
        let mut lines = Vec::with_capacity(end - first);
        // Line ends before each element, counted from the first one.
        let mut lines_before = Vec::new();
        let (mut pos, mut newlines) = (first, 0);
        let next_record = loop {
            let behind = element_end(bytes, pos).or(split.at_end_of_file.then_some(bytes.len()));
            let behind = behind.ok_or(DecodeError::Truncated)?;
            push_line(&bytes[pos..behind], &mut lines);
            lines_before.push(newlines);
            match next_element(bytes, behind, self.in_array) {
                Next::Element(next) => {
                    newlines += count_newlines(&bytes[pos..next]);
                    pos = next;
                    if next >= end {
                        break split.offset + next as u64;
                    }
                }
                Next::Nothing if !split.at_end_of_file => return Err(DecodeError::Truncated),
                Next::End(_) | Next::Nothing => {
                    newlines += count_newlines(&bytes[pos..]);
                    let len = split.offset + bytes.len() as u64;
                    break if split.at_end_of_file { len } else { NO_MORE };
                }
            }
        };
        let elements = SplitBytes {
            bytes: &lines,
            offset: 0,
            owned: 0..lines.len() as u64,
            at_end_of_file: true,
            start: RecordStart::At(0),
            batch_rows: split.batch_rows,
        };
        let mut decoded = self.elements.decode(&elements, projection, selection)?;
        decoded.first_record = Some(split.offset + first as u64);
        decoded.next_record = Some(next_record);
        decoded.lines = newlines;
        std::iter::once(&mut decoded.bad_shapes)
            .chain(&mut decoded.bad_fields)
            .for_each(|bad| number_lines(bad, &lines_before));
        Ok(decoded)
    }
    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        Some(Arc::new(Self { elements: self.elements.listing_all()?, ..self.clone() }))
    }
}

/// Bad elements are told with their number as line; gives them their line in the document.
fn number_lines(bad: &mut BadRecords, lines_before: &[u64]) {
    let line = |number: u64| {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        lines_before.get(number).copied().unwrap_or_default()
    };
    for bad in &mut bad.listed {
        bad.line_in_split = line(bad.line_in_split);
    }
    for found in bad.unknown_keys.values_mut() {
        found.line_in_split = line(found.line_in_split);
    }
}
