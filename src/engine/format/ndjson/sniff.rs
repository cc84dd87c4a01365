//! Finding out how a file is to be read.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};

use super::claim::first_byte;
use super::decode::{Layout, NdjsonDecoder};
use super::keys::{KeyOrder, KeySet, Member};
use super::scan::{Fault, Scanner};
use super::shape::Members;
use crate::format::binary::refuse_binary;
use crate::format::lines::{byte_order_mark_len, count_newlines};
use crate::format::names::unique_names;
use crate::format::{FormatError, Sample, Sniffed};

/// Keys that become columns; a record with so many is data in the wrong place.
const MAX_COLUMNS: usize = 10_000;

/// Finds columns and types.
///
/// # Errors
/// When the file is empty, not text, or JSON in a form that cannot be cut into records.
pub fn sniff(sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
    refuse_binary(sample.head)?;
    let head = sample.head;
    let mark = byte_order_mark_len(head);
    let start = first_byte(head, mark);
    if start == head.len() {
        return Err(empty(sample));
    }
    let layout = if head[start] == b'[' { Layout::Array } else { Layout::Lines };
    let whole_file = head.len() as u64 >= sample.file_len;
    let mut lines = SampleLines::new(layout);
    let first = lines.add(&head[mark..], whole_file);
    let Some(first) = first.map(|first| mark + first) else { return Err(no_records(layout, head, start)) };
    if lines.good * 2 < lines.records {
        return Err(no_lines(layout, &lines, &head[start..]));
    }
    let mean_record_bytes = lines.bytes as f64 / lines.records as f64;
    for piece in &sample.pieces {
        let from = memchr::memchr(b'\n', piece).map_or(piece.len(), |newline| newline + 1);
        lines.add(&piece[from..], false);
    }

    let mut warnings = Vec::new();
    if lines.members.keys.len() == MAX_COLUMNS {
        warnings.push(format!("The records have more than {MAX_COLUMNS} keys. The first are columns."));
    }
    if lines.members.keys.is_empty() {
        return Err(error("no record has a key", "Only objects with keys become rows with columns."));
    }
    let titles = lines.members.keys.iter().map(|key| String::from_utf8_lossy(key).into_owned());
    let titles: Vec<String> = titles.collect();
    let names = unique_names(&titles, titles.len(), &mut warnings);
    let types = lines.members.types(0);
    let field =
        |(name, kind): (String, &super::column_type::JsonType)| Field::new(name, kind.arrow_type(), true);
    let fields: Vec<Field> = names.into_iter().zip(&types).map(field).collect();
    let schema = Arc::new(Schema::new(fields));
    let keys = lines.members.keys.iter().map(Vec::as_slice);
    Ok(Sniffed {
        schema: Arc::clone(&schema),
        dialect: None,
        first_record: first as u64,
        first_line: 1 + count_newlines(&head[..first]),
        mean_record_bytes: mean_record_bytes.max(1.0),
        decoder: Arc::new(NdjsonDecoder::new(keys, types, schema, layout)),
        warnings,
    })
}

/// What the lines of a sample hold.
struct SampleLines {
    layout: Layout,
    members: Members,
    /// Lines that are not blank, those that are objects among them, and the length of all.
    records: usize,
    good: usize,
    bytes: usize,
    /// Why the first of the others is no object, and where that line ends.
    fault: Option<(Fault, usize)>,
}

impl SampleLines {
    fn new(layout: Layout) -> Self {
        Self { layout, members: Members::default(), records: 0, good: 0, bytes: 0, fault: None }
    }

    /// Takes all lines of `text` into account, the last one only if it is whole. Returns where the
    /// first of them starts that is not blank.
    fn add(&mut self, text: &[u8], whole: bool) -> Option<usize> {
        let mut keys = KeyOrder::new(KeySet::default().into());
        let mut first = None;
        let mut start = 0;
        while start < text.len() {
            let newline = memchr::memchr(b'\n', &text[start..]).map(|length| start + length);
            let Some(end) = newline.or(whole.then_some(text.len())) else { break };
            let line = &text[start..end];
            let mut scanner = Scanner { bytes: line, pos: 0 };
            self.layout.skip(&mut scanner);
            if scanner.pos < line.len() {
                first.get_or_insert(start);
                self.record(line, &mut keys);
            }
            start = end + 1;
        }
        first
    }

    fn record(&mut self, line: &[u8], keys: &mut KeyOrder) {
        let mut members = Vec::new();
        let mut scanner = Scanner { bytes: line, pos: 0 };
        let outcome = self.layout.record(&mut scanner, keys, |member, value| {
            if let Member::Unknown(key) = member {
                members.push((key, value));
            }
        });
        self.records += 1;
        self.bytes += line.len() + 1;
        match outcome {
            Ok(()) => {
                self.good += 1;
                self.members.add(line, &members, MAX_COLUMNS, 0);
            }
            Err(fault) => {
                self.fault.get_or_insert((fault, line.len()));
            }
        }
    }
}

fn error(message: &str, hint: &str) -> FormatError {
    FormatError { message: message.to_owned(), hint: Some(hint.to_owned()) }
}

fn empty(sample: &Sample<'_>) -> FormatError {
    let message = if sample.head.is_empty() { "the file is empty" } else { "the file has only blank lines" };
    error(message, "Choose a file with at least one record.")
}

const ARRAY_HINT: &str = "Put each object on a line of its own: jq -c '.[]' file.json > file.ndjson";
const DOCUMENT_HINT: &str =
    "Put each object on a line of its own: jq -c . file.json > file.ndjson, or jq -c '.[]' for an array.";

/// The sample has no line that is whole, or only the brackets of an array.
fn no_records(layout: Layout, head: &[u8], start: usize) -> FormatError {
    let long_line = memchr::memchr(b'\n', &head[start..]).is_none();
    match layout {
        Layout::Array if long_line && head.len() > start + 1 && first_byte(head, start + 1) < head.len() => {
            let rest = &head[first_byte(head, start + 1)..];
            if rest.starts_with(b"]") {
                return error("the array is empty", "Choose a file with at least one record.");
            }
            error("a JSON array on a single line cannot be read yet", ARRAY_HINT)
        }
        Layout::Array => error("the array is empty", "Choose a file with at least one record."),
        Layout::Lines => error("the first line is longer than the part that was looked at", DOCUMENT_HINT),
    }
}

/// Most lines of the sample are no objects.
fn no_lines(layout: Layout, lines: &SampleLines, text: &[u8]) -> FormatError {
    let (fault, line_len) = lines.fault.unwrap_or((Fault { at: 0, what: "" }, 0));
    let cut = fault.at >= line_len;
    let rest = &text[first_byte(text, 1)..];
    match layout {
        Layout::Array if cut => {
            error("a JSON array whose objects go over several lines cannot be read yet", ARRAY_HINT)
        }
        Layout::Array if rest.starts_with(b"{") => {
            error("a JSON array on a single line cannot be read yet", ARRAY_HINT)
        }
        Layout::Array => {
            error("the items of the array are no objects", "Only objects become rows with columns.")
        }
        Layout::Lines if cut => error("a JSON document over several lines cannot be read yet", DOCUMENT_HINT),
        Layout::Lines => FormatError {
            message: format!("most lines are no JSON objects: {} at byte {}", fault.what, fault.at + 1),
            hint: Some("Each line must hold one object, as in {\"id\": 1, \"name\": \"ann\"}.".to_owned()),
        },
    }
}
