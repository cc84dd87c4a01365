//! Finding the delimiter and the quote.

use super::field::Rows;
use super::index::Index;
use super::syntax::{Syntax, is_line_end, line_end, skip_line_ends};
use super::wishes::Given;
use crate::format::value::{Context, NullWords, is_typed};

/// Delimiters in the order of preference; the later ones only count when no earlier one divides.
const COMMON_DELIMITERS: &[u8] = b",;\t|";
const RARE_DELIMITERS: &[u8] = b"\x01\x1f~^";
/// They stand within times and between words, so that more must speak for them.
const UNLIKELY_DELIMITERS: &[u8] = b": ";
/// Those that may come twice.
const DOUBLED_DELIMITERS: &[u8] = b"|:^~";

/// Records before the table that do not speak against a syntax, and how much they make it less likely.
const MAX_RECORDS_BEFORE: usize = 50;
const LINES_BEFORE_COST: f64 = 0.05;

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
    /// Bytes in front of the first record.
    before: usize,
    index: Index,
    syntax: Syntax,
    whole: bool,
}

impl<'a> SampleRecords<'a> {
    /// Indexes `bytes` from its first record on. The last record counts only when the file ends
    /// with it, or when there is no other.
    pub fn new(bytes: &'a [u8], syntax: Syntax, at_end: bool, target: usize) -> Self {
        let before = syntax.skip_between(bytes, 0);
        let bytes = &bytes[before..];
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize / 2)];
        let mut index = Index::default();
        index.fill(bytes, target, syntax, at_end);
        let whole = index.len() > 0;
        if !whole {
            index.fill(bytes, target, syntax, true);
        }
        Self { bytes, before, index, syntax, whole }
    }

    /// The records.
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self.bytes, &self.index, self.index.len(), self.syntax)
    }

    /// Where record `row` starts; for one more than there are, behind the last and what may stand behind it.
    pub fn start_of(&self, row: usize) -> usize {
        self.before
            + match row.checked_sub(1) {
                None => 0,
                Some(last) => self.syntax.skip_between(self.bytes, self.rows().record(last).end),
            }
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
    /// Share of the records that have so many, of those from the first of them on.
    share: f64,
    /// The same of all records.
    share_of_all: f64,
    /// Share of the records with text behind a closing quote, or a quote that is never closed.
    broken: f64,
    broken_records: usize,
    /// Number of records looked at.
    records: usize,
    /// Whether the first record alone has another number of fields, one less, as where R names columns and rows.
    names_all_but_one: bool,
}

/// The syntax in which most records have the same number of fields, more than one; with what is given as it is
/// given.
pub fn find_syntax(head: &[u8], whole_file: bool, given: &Given) -> Syntax {
    let guessed_quote = || Some(if single_quotes(head) { b'\'' } else { b'"' });
    let quote = given.quote.unwrap_or_else(guessed_quote);
    let escape = given.escape.flatten();
    let of = |delimiter| Syntax { escape, comment: given.comment.flatten(), ..Syntax::new(delimiter, quote) };
    let best_of = |delimiters: &[u8]| {
        // The first of the best: comparing backwards makes `max_by` prefer it.
        let fits = delimiters.iter().rev().map(|&delimiter| fit(head, of(delimiter), whole_file));
        fits.filter(|fit| fit.fields > 1).max_by(|a, b| a.score().total_cmp(&b.score()))
    };
    if let Some((delimiter, doubled)) = given.delimiter {
        let chosen = fit(head, Syntax { doubled, ..of(delimiter) }, whole_file);
        return with_quotes(head, whole_file, with_escape(head, whole_file, chosen, given), given).syntax;
    }
    let best = best_of(COMMON_DELIMITERS)
        .filter(|fit| fit.share >= 0.3)
        .or_else(|| best_of(RARE_DELIMITERS))
        .or_else(|| best_of(UNLIKELY_DELIMITERS).filter(|fit| is_likely(head, fit)));
    let Some(best) = best else { return of(most_in_first_line(head)) };
    let best = with_doubled(head, whole_file, best);
    with_quotes(head, whole_file, with_escape(head, whole_file, best, given), given).syntax
}

/// A delimiter that comes twice, when single ones give an empty field between each two others.
fn with_doubled(head: &[u8], whole_file: bool, best: Fit) -> Fit {
    if !DOUBLED_DELIMITERS.contains(&best.syntax.delimiter) {
        return best;
    }
    let doubled = fit(head, Syntax { doubled: true, ..best.syntax }, whole_file);
    let explains = doubled.fields > 1 && best.fields == 2 * doubled.fields - 1;
    if explains && doubled.share >= best.share { doubled } else { best }
}

/// A backslash that takes the meaning from quotes or delimiters, when records then fit better.
fn with_escape(head: &[u8], whole_file: bool, best: Fit, given: &Given) -> Fit {
    let window = &head[..head.len().min(MAX_BYTES)];
    let matters = |pos: usize| {
        let next = window.get(pos + 1).copied();
        next.is_some() && (next == best.syntax.quote || next == Some(best.syntax.delimiter))
    };
    if given.escape.is_some() || !memchr::memchr_iter(b'\\', window).any(matters) {
        return best;
    }
    let escaped = fit(head, Syntax { escape: Some(b'\\'), ..best.syntax }, whole_file);
    let consistency = |fit: &Fit| fit.share - fit.broken;
    if escaped.fields > 1 && consistency(&escaped) > consistency(&best) { escaped } else { best }
}

/// No quotes, when many records would be broken by them and none is without.
fn with_quotes(head: &[u8], whole_file: bool, best: Fit, given: &Given) -> Fit {
    if given.quote.is_none() && best.broken_records >= MIN_BROKEN_RECORDS && best.broken > 0.1 {
        let unquoted = fit(head, Syntax { quote: None, ..best.syntax }, whole_file);
        if unquoted.fields >= best.fields && unquoted.share > 0.98 && unquoted.share >= best.share {
            return unquoted;
        }
    }
    best
}

/// Whether records are really divided by what also stands within times and between words: nearly all of them
/// have the same number of fields, and the line as a whole is no value.
fn is_likely(head: &[u8], fit: &Fit) -> bool {
    let start = skip_line_ends(head, 0);
    let first_line = &head[start..line_end(head, start)];
    let whole_is_value = is_typed(first_line, &NullWords::default(), &Context::default());
    let share = if fit.names_all_but_one { fit.share } else { fit.share_of_all };
    share >= 0.98
        && fit.records > MIN_CLEAR_RECORDS
        && fit.fields >= if fit.syntax.delimiter == b' ' { 3 } else { 2 }
        && !whole_is_value
        && !second_line_is_value(head)
}

/// A column of times has a name above it.
fn second_line_is_value(head: &[u8]) -> bool {
    let second = skip_line_ends(head, line_end(head, skip_line_ends(head, 0)));
    is_typed_or_time(&head[second..line_end(head, second)])
}

fn is_typed_or_time(line: &[u8]) -> bool {
    let time = [b"2000-01-01 ", line.trim_ascii()].concat();
    is_typed(line, &NullWords::default(), &Context::default())
        || is_typed(&time, &NullWords::default(), &Context::default())
}

/// Whether the text, taken for delimited, has records enough with the same number of fields, more
/// than one. Delimiters that any text may have between its words do not count.
pub fn is_delimited(head: &[u8]) -> bool {
    let text = &head[skip_line_ends(head, 0)..];
    if text.is_empty() {
        return false;
    }
    let fit = fit(text, find_syntax(text, true, &Given::default()), true);
    fit.fields > 1
        && fit.records >= MIN_CLEAR_RECORDS
        && fit.share_of_all >= CLEAR_SHARE
        && !UNLIKELY_DELIMITERS.contains(&fit.syntax.delimiter)
}

impl Fit {
    /// Consistency first. Of two that are nearly as consistent the one with more fields is likelier:
    /// a decimal comma or a comma in a text is in fewer places than the delimiter. Lines before the table are
    /// possible, but less likely than none.
    fn score(&self) -> f64 {
        let lines_before = if self.share > self.share_of_all { LINES_BEFORE_COST } else { 0.0 };
        self.share * (1.0 - self.broken / 2.0) + (self.fields as f64).ln() * 0.03 - lines_before
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
    let in_order: Vec<usize> = (0..looked_at).map(|row| rows.field_count(row)).collect();
    let mut counts = in_order.clone();
    counts.sort_unstable();
    let largest = counts.chunk_by(|a, b| a == b).max_by_key(|group| group.len()).unwrap_or(&[]);
    let fields = largest.first().copied().unwrap_or(0);
    let before = in_order.iter().take(MAX_RECORDS_BEFORE).take_while(|&&count| count < fields).count();
    let broken_records = (0..looked_at).filter(|&row| is_broken(&rows, row)).count();
    Fit {
        syntax,
        fields,
        share: largest.len() as f64 / (looked_at - before).max(1) as f64,
        share_of_all: largest.len() as f64 / looked_at.max(1) as f64,
        broken: broken_records as f64 / looked_at.max(1) as f64,
        broken_records,
        records: looked_at,
        names_all_but_one: before == 1 && in_order.first().is_some_and(|&count| count + 1 == fields),
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
    let delimits = |byte: u8| COMMON_DELIMITERS.contains(&byte) || RARE_DELIMITERS.contains(&byte);
    let boundary = |byte: u8| is_line_end(byte) || delimits(byte);
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
