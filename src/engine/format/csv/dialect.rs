//! Finding the delimiter and the quote.

use super::field::Rows;
use super::index::Index;
use super::syntax::{Syntax, is_line_end, skip_line_ends};

/// Delimiters in the order of preference; the later ones only count when no earlier one divides.
const COMMON_DELIMITERS: &[u8] = b",;\t|";
const RARE_DELIMITERS: &[u8] = b"\x01\x1f~^";

/// Records to look at.
const MAX_RECORDS: usize = 1_000;
/// Bytes to look at, if they hold records enough.
const MAX_BYTES: usize = 256 * 1024;
const MIN_RECORDS: usize = 20;
/// Broken records from which on quotes may have no meaning in a file; fewer are mistakes.
const MIN_BROKEN_RECORDS: usize = 3;

/// Records, and the share of them with the same number of fields, from which on a text is clearly
/// delimited.
const MIN_CLEAR_RECORDS: usize = 2;
const CLEAR_SHARE: f64 = 0.9;

/// The indexed records of a sample.
#[derive(Debug)]
pub struct SampleRecords<'a> {
    bytes: &'a [u8],
    index: Index,
    syntax: Syntax,
    whole: bool,
}

impl<'a> SampleRecords<'a> {
    /// Indexes `bytes` from its first record on. The last record counts only when the file ends
    /// with it, or when there is no other.
    pub fn new(bytes: &'a [u8], syntax: Syntax, at_end: bool, target: usize) -> Self {
        let bytes = &bytes[skip_line_ends(bytes, 0)..];
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize / 2)];
        let mut index = Index::default();
        index.fill(bytes, target, syntax, at_end);
        let whole = index.len() > 0;
        if !whole {
            index.fill(bytes, target, syntax, true);
        }
        Self { bytes, index, syntax, whole }
    }

    /// The records.
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self.bytes, &self.index, self.index.len(), self.syntax)
    }

    /// Position behind the line end of record `row`, and behind blank lines.
    pub fn end_of(&self, row: usize) -> usize {
        skip_line_ends(self.bytes, self.rows().record(row).end)
    }

    /// Whether the first record ends within the sample.
    pub fn first_is_whole(&self) -> bool {
        self.whole
    }

    /// Whether the last record has a quote that nothing closes.
    pub fn unclosed_quote(&self) -> bool {
        self.index.unclosed_quote
    }
}

/// How well a syntax fits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fit {
    syntax: Syntax,
    /// Fields of most records.
    fields: usize,
    /// Share of the records that have so many.
    share: f64,
    /// Share of the records with text behind a closing quote, or a quote that is never closed.
    broken: f64,
    broken_records: usize,
    /// Number of records looked at.
    records: usize,
}

/// The syntax in which most records have the same number of fields, more than one.
pub fn find_syntax(head: &[u8], whole_file: bool) -> Syntax {
    let quote = if single_quotes(head) { b'\'' } else { b'"' };
    let fit = |delimiter| fit(head, Syntax { delimiter, quote: Some(quote) }, whole_file);
    let best_of = |delimiters: &[u8]| {
        // The first of the best: comparing backwards makes `max_by` prefer it.
        let fits = delimiters.iter().rev().map(|&delimiter| fit(delimiter));
        fits.filter(|fit| fit.fields > 1).max_by(|a, b| a.score().total_cmp(&b.score()))
    };
    let best = best_of(COMMON_DELIMITERS).filter(|fit| fit.share >= 0.3).or_else(|| best_of(RARE_DELIMITERS));
    let Some(best) = best else {
        return Syntax { delimiter: most_in_first_line(head), quote: Some(quote) };
    };
    if best.broken_records >= MIN_BROKEN_RECORDS && best.broken > 0.1 {
        let unquoted = self::fit(head, Syntax { quote: None, ..best.syntax }, whole_file);
        if unquoted.fields >= best.fields && unquoted.share > 0.98 && unquoted.share >= best.share {
            return unquoted.syntax;
        }
    }
    best.syntax
}

/// Whether the text, taken for delimited, has records enough with the same number of fields, more
/// than one.
pub fn is_delimited(head: &[u8]) -> bool {
    let text = &head[skip_line_ends(head, 0)..];
    if text.is_empty() {
        return false;
    }
    let fit = fit(text, find_syntax(text, true), true);
    fit.fields > 1 && fit.records >= MIN_CLEAR_RECORDS && fit.share >= CLEAR_SHARE
}

impl Fit {
    /// Consistency first. Of two that are nearly as consistent the one with more fields is likelier:
    /// a decimal comma or a comma in a text is in fewer places than the delimiter.
    fn score(&self) -> f64 {
        self.share * (1.0 - self.broken / 2.0) + (self.fields as f64).ln() * 0.03
    }
}

fn fit(head: &[u8], syntax: Syntax, whole_file: bool) -> Fit {
    let mut target = MAX_BYTES;
    let records = loop {
        let records = SampleRecords::new(head, syntax, whole_file, target);
        if records.rows().len() >= MIN_RECORDS || target >= head.len() {
            break records;
        }
        target *= 4;
    };
    let rows = records.rows();
    let looked_at = rows.len().min(MAX_RECORDS);
    let mut counts: Vec<usize> = (0..looked_at).map(|row| rows.field_count(row)).collect();
    counts.sort_unstable();
    let largest = counts.chunk_by(|a, b| a == b).max_by_key(|group| group.len()).unwrap_or(&[]);
    let broken_records = (0..looked_at).filter(|&row| is_broken(&rows, row)).count();
    Fit {
        syntax,
        fields: largest.first().copied().unwrap_or(0),
        share: largest.len() as f64 / looked_at.max(1) as f64,
        broken: broken_records as f64 / looked_at.max(1) as f64,
        broken_records,
        records: looked_at,
    }
}

/// Whether a field of the record begins with a quote and does not end with one.
fn is_broken(rows: &Rows<'_>, row: usize) -> bool {
    let quote = rows.syntax().quote;
    let fields = (0..rows.field_count(row)).filter_map(|column| rows.field(row, column));
    let mut texts = fields.map(|field| &rows.bytes()[field.start..field.end]);
    quote.is_some()
        && texts
            .any(|text| text.first() == quote.as_ref() && (text.len() == 1 || text.last() != quote.as_ref()))
}

/// Whether fields are clearly put in single quotes: some are opened and closed so, and there is no
/// double quote. Apostrophes inside words neither open nor close a field.
fn single_quotes(head: &[u8]) -> bool {
    let window = &head[..head.len().min(MAX_BYTES)];
    if memchr::memchr(b'"', window).is_some() {
        return false;
    }
    let boundary = |byte: u8| is_line_end(byte) || COMMON_DELIMITERS.contains(&byte);
    let (mut opening, mut closing) = (0usize, 0usize);
    for pos in memchr::memchr_iter(b'\'', window) {
        let before = pos == 0 || boundary(window[pos - 1]);
        let after = window.get(pos + 1).is_none_or(|&byte| boundary(byte));
        opening += usize::from(before && !after);
        closing += usize::from(after && !before);
    }
    opening >= 2 && opening.abs_diff(closing) <= 1 + opening / 50
}

/// The common delimiter that the first line has most of, or a comma.
fn most_in_first_line(head: &[u8]) -> u8 {
    let start = skip_line_ends(head, 0);
    let end = memchr::memchr2(b'\n', b'\r', &head[start..]).map_or(head.len(), |length| start + length);
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, &head[start..end]).count();
    COMMON_DELIMITERS.iter().rev().copied().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}
