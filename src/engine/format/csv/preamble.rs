//! What stands in front of a table: a byte order mark, `sep=;`, comments, titles, and units below the names.

use std::ops::Range;

use super::field::{Rows, unquote};
use super::syntax::{line_end, skip_line_ends};
use super::wishes::Wishes;
use crate::format::lines::byte_order_mark_len;

/// What comments begin with when nobody says.
pub const USUAL_COMMENT: u8 = b'#';
/// Records that are searched for the beginning of the table.
const MAX_RECORDS_BEFORE: usize = 50;
/// Longest name of a unit, in bytes.
const LONGEST_UNIT: usize = 16;
/// Units that are told from values only by being known.
const UNITS: &[&str] = &[
    "m", "mm", "cm", "km", "s", "ms", "min", "h", "kg", "g", "mg", "t", "v", "a", "w", "kw", "kwh", "mwh",
    "hz", "khz", "mhz", "pa", "hpa", "kpa", "bar", "k", "c", "degc", "deg", "lux", "db", "ppm", "l", "ml",
    "usd", "eur", "-",
];

/// The beginning of a file, before its records.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Offset behind it.
    pub start: usize,
    /// What a line `sep=;` says about the delimiter.
    pub delimiter: Option<u8>,
    /// Whether there are comments.
    pub has_comments: bool,
    /// The text of the last comment if the table follows it at once: it may name the columns.
    pub last_comment: Option<Range<usize>>,
}

/// Finds where the records begin.
pub fn beginning(head: &[u8], wishes: &Wishes) -> Beginning {
    let mut start = byte_order_mark_len(head);
    for _ in 0..wishes.skip_lines.unwrap_or(0) {
        start = behind_line(head, start);
    }
    start = skip_line_ends(head, start);
    let mut delimiter = None;
    let line = &head[start..line_end(head, start)];
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', byte] = line {
        delimiter = Some(*byte);
        start = skip_line_ends(head, start + line.len());
    }
    let mut beginning = Beginning { start, delimiter, has_comments: false, last_comment: None };
    let Some(comment) = wishes.given.comment.unwrap_or(Some(USUAL_COMMENT)) else { return beginning };
    let mut pos = start;
    while head.get(pos) == Some(&comment) {
        let end = line_end(head, pos);
        let next = skip_line_ends(head, end);
        let text = pos + 1..end;
        beginning.last_comment = (behind_line(head, pos) == next).then_some(text);
        pos = next;
    }
    if pos == start || (pos == head.len() && wishes.given.comment.is_none()) {
        return Beginning { last_comment: None, ..beginning };
    }
    Beginning { start: pos, has_comments: true, ..beginning }
}

fn behind_line(bytes: &[u8], pos: usize) -> usize {
    let end = line_end(bytes, pos);
    let width = if bytes.get(end..end + 2) == Some(b"\r\n") { 2 } else { usize::from(end < bytes.len()) };
    end + width
}

/// Number of records that are titles and notes in front of a table of so many columns. `is_typed` says whether
/// a text is anything but text: a record of such values is one of the table that is too short.
pub fn records_before_table(rows: &Rows<'_>, columns: usize, is_typed: impl Fn(&[u8]) -> bool) -> usize {
    if columns < 2 {
        return 0;
    }
    let texts = |row: usize| -> Vec<Vec<u8>> {
        let fields = (0..rows.field_count(row)).filter_map(|column| rows.field(row, column));
        let texts =
            fields.map(|field| unquote(&rows.bytes()[field.start..field.end], rows.syntax()).into_owned());
        texts.filter(|text| !text.trim_ascii().is_empty()).collect()
    };
    let mut first = 0;
    loop {
        if first >= rows.len().min(MAX_RECORDS_BEFORE) {
            return 0;
        }
        let (count, filled) = (rows.field_count(first), texts(first));
        let padded = columns >= 3 && filled.len() < 2;
        if count == columns && !padded {
            break;
        }
        let all_typed = !filled.is_empty() && filled.iter().all(|text| is_typed(text));
        if count > columns || all_typed {
            return 0;
        }
        first += 1;
    }
    // A header may name fewer columns than there are.
    let names_some = |row: usize| {
        let filled = texts(row);
        rows.field_count(row) >= 2 && filled.len() * 2 > columns && !filled.iter().any(|text| is_typed(text))
    };
    let has_values = texts(first).iter().any(|text| is_typed(text));
    match first.checked_sub(1) {
        Some(before) if has_values && names_some(before) => before,
        _ => first,
    }
}

/// Whether every text that is there looks like the unit of a column.
pub fn are_units<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let mut any = false;
    texts.into_iter().map(<[u8]>::trim_ascii).filter(|text| !text.is_empty()).all(|text| {
        any = true;
        let bracketed = matches!(text, [b'(', .., b')'] | [b'[', .., b']']);
        let text = String::from_utf8_lossy(text).to_lowercase();
        let marked = text.contains(['/', '%', '°', 'µ', '²', '³', '€', '$']);
        text.len() <= LONGEST_UNIT && (bracketed || marked || UNITS.contains(&text.as_str()))
    }) && any
}
