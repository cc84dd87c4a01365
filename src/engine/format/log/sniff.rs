//! Finding out how a log is to be read: its layout, and the types of its fields.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};

use super::LOGS;
use super::column::{ColumnKind, Escapes};
use super::decode::{LogColumn, LogDecoder};
use super::layout::{FieldKind, Found, Layout};
use super::pattern::sniff_pattern;
use super::time::{TIMES, TimeKind, fraction_digits};
use crate::format::binary::refuse_binary;
use crate::format::lines::{byte_order_mark_len, count_newlines};
use crate::format::names::unique_names;
use crate::format::value::{ColumnType, Evidence, RawField};
use crate::format::{FormatError, Listing, Sample, Sniffed};

/// Bytes from which the format is found.
const LOOK_BYTES: usize = 64 << 10;
/// Lines from which it is found.
const LOOK_LINES: usize = 500;
/// The column of records that are of another layout.
const UNPARSED: &str = "unparsed";
/// Digits of a fraction that milliseconds can hold.
const MILLIS_DIGITS: usize = 3;

/// The part of a file's start from which its format is found: whole lines, unless there is only one.
pub fn looked_at(head: &[u8]) -> &[u8] {
    let head = &head[..head.len().min(LOOK_BYTES)];
    &head[..memchr::memrchr(b'\n', head).map_or(head.len(), |newline| newline + 1)]
}

/// Lines of a text that are not blank, without their ends: as many as are looked at.
pub fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    lines.filter(|line| !line.is_empty()).take(LOOK_LINES)
}

/// Whether at least `percent` of the lines are as wanted, and there is any.
pub fn most(text: &[u8], percent: usize, mut wanted: impl FnMut(&[u8]) -> bool) -> bool {
    let (mut all, mut good) = (0, 0);
    for line in lines_of(text) {
        all += 1;
        good += usize::from(wanted(line));
    }
    all > 0 && good * 100 >= all * percent
}

/// Finds layout, columns and types.
///
/// # Errors
/// When the file is empty, not text, or no log.
pub fn sniff(sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
    if let Some(pattern) = &sample.options.pattern {
        return sniff_pattern(sample, pattern);
    }
    refuse_binary(sample.head)?;
    let mark = byte_order_mark_len(sample.head);
    let head = &sample.head[mark..];
    if head.trim_ascii().is_empty() {
        return Err(FormatError {
            message: "the file is empty".to_owned(),
            hint: Some("Choose a file with at least one line.".to_owned()),
        });
    }
    let texts = texts(sample, mark);
    let mut looked: Vec<&[u8]> = vec![looked_at(head)];
    looked.extend(&texts[1..]);
    // The ending of the name has been taken into account by whoever chose this format.
    let found = LOGS.iter().find_map(|log| Some((*log, log.layout("x.log", &looked)?)));
    let Some((log, layout)) = found else {
        return Err(FormatError {
            message: "this is no log of a known format".to_owned(),
            hint: Some("Give a pattern for its lines.".to_owned()),
        });
    };
    let warnings = log.warning(sample.modified_millis, &looked).into_iter().collect();
    Ok(sniff_layout(sample, log.name(), layout, warnings))
}

/// Whole lines of the sample; the first text is the start of the file.
pub fn texts<'a>(sample: &Sample<'a>, mark: usize) -> Vec<&'a [u8]> {
    let head = &sample.head[mark..];
    let whole = sample.head.len() as u64 >= sample.file_len;
    let cut = memchr::memrchr(b'\n', head).map_or(head.len(), |newline| newline + 1);
    let mut texts = vec![if whole { head } else { &head[..cut] }];
    for piece in &sample.pieces {
        let start = memchr::memchr(b'\n', piece).map_or(piece.len(), |newline| newline + 1);
        let end = memchr::memrchr(b'\n', piece).map_or(start, |newline| newline + 1);
        texts.push(&piece[start..end.max(start)]);
    }
    texts
}

/// What the sample says about one field.
#[derive(Clone, Debug, Default)]
struct FieldEvidence {
    values: usize,
    evidence: Evidence,
    fraction_digits: usize,
    /// The times of [`TIMES`] that all values could be, as bits.
    times: u32,
}

impl FieldEvidence {
    fn add(&mut self, text: &[u8]) {
        if self.values == 0 {
            self.times = u32::MAX;
        }
        self.values += 1;
        self.evidence.add(text);
        self.fraction_digits = self.fraction_digits.max(fraction_digits(text));
        if self.times != 0 {
            for (bit, time) in TIMES.iter().enumerate() {
                if (time.len)(text) != Some(text.len()) {
                    self.times &= !(1 << bit);
                }
            }
        }
    }

    fn time(&self) -> Option<&'static TimeKind> {
        let all = TIMES.iter().enumerate();
        all.filter(|(bit, _)| self.values > 0 && self.times >> bit & 1 == 1).map(|(_, time)| *time).next()
    }

    fn column_kind(&self, kind: FieldKind) -> ColumnKind {
        let micros = self.fraction_digits > MILLIS_DIGITS;
        let found = match self.evidence.column_type() {
            ColumnType::Varchar => self.time().map(|time| ColumnKind::Time(time, micros)),
            simple => Some(ColumnKind::Simple(simple)),
        };
        match kind {
            FieldKind::Text => ColumnKind::Simple(ColumnType::Varchar),
            FieldKind::Quoted => ColumnKind::Escaped(Escapes::Quotes),
            FieldKind::Value => found.unwrap_or(ColumnKind::Escaped(Escapes::Backslashes)),
            FieldKind::Inferred => found.unwrap_or(ColumnKind::Simple(ColumnType::Varchar)),
            FieldKind::Number => ColumnKind::Simple(ColumnType::Bigint),
            FieldKind::Decimal => ColumnKind::Simple(ColumnType::Double),
            FieldKind::Time(time) => ColumnKind::Time(time, micros),
            FieldKind::Code(word) => ColumnKind::Code(word),
        }
    }
}

/// Columns and types of records of this layout. A field that no record of the sample has is no column.
pub fn sniff_layout(
    sample: &Sample<'_>,
    name: &'static str,
    layout: Arc<dyn Layout>,
    mut warnings: Vec<String>,
) -> Sniffed {
    let mark = byte_order_mark_len(sample.head);
    let mut evidence = vec![FieldEvidence::default(); layout.fields().len()];
    let mut scanner = layout.scanner();
    let mut found = Found::new(evidence.len());
    let (mut first, mut records, mut bytes) = (None, 0usize, 0usize);
    for (number, text) in texts(sample, mark).into_iter().enumerate() {
        let mut pos = 0;
        while pos < text.len() {
            let end = memchr::memchr(b'\n', &text[pos..]).map_or(text.len(), |length| pos + length);
            let line = pos..pos + text[pos..end].trim_ascii_end().len();
            let is_blank = text[line.clone()].trim_ascii().is_empty();
            let is_between = text[pos] == b'#' && layout.is_between(&text[line.clone()]);
            if number == 0 {
                bytes += end + 1 - pos;
                if !is_blank && !is_between {
                    first.get_or_insert(mark + pos);
                    records += usize::from(!layout.joins() || layout.starts(&text[pos..]));
                }
            }
            let is_record = !is_blank && !is_between && (!layout.joins() || layout.starts(&text[pos..]));
            if is_record {
                found.clear();
                if scanner.scan(text, line, &mut found).is_ok() {
                    let fields = found.fields.iter().zip(&mut evidence);
                    fields.for_each(|(field, evidence)| {
                        if let Some(RawField { start, end }) = *field {
                            evidence.add(&text[start..end]);
                        }
                    });
                }
            }
            pos = end + 1;
        }
    }
    let (present, absent): (Vec<usize>, Vec<usize>) =
        (0..evidence.len()).partition(|&field| layout.keeps_all() || evidence[field].values > 0);
    let titles: Vec<String> = present.iter().map(|&field| layout.fields()[field].name.clone()).collect();
    let mut names = unique_names(&titles, titles.len(), &mut warnings);
    let taken = names.iter().filter(|name| name.eq_ignore_ascii_case(UNPARSED)).count();
    names.push(if taken == 0 { UNPARSED.to_owned() } else { format!("{UNPARSED}_line") });
    let mut columns: Vec<LogColumn> = Vec::with_capacity(names.len());
    for (&field, name) in present.iter().zip(&names) {
        let found = evidence[field].column_kind(layout.fields()[field].kind);
        let mut types = sample.options.types.iter().filter(|(wanted, _)| wanted.eq_ignore_ascii_case(name));
        let kind = types.next().map_or(found, |(_, sql_name)| found.as_type(sql_name));
        columns.push(LogColumn { field: Some(field), kind });
    }
    columns.push(LogColumn { field: None, kind: ColumnKind::Simple(ColumnType::Varchar) });
    let types: Vec<DataType> = columns.iter().map(|column| column.kind.arrow_type()).collect();
    let fields: Vec<Field> =
        names.into_iter().zip(types).map(|(name, kind)| Field::new(name, kind, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let first_record = first.unwrap_or(sample.head.len());
    Sniffed {
        schema: Arc::clone(&schema),
        dialect: None,
        first_record: first_record as u64,
        first_line: 1 + count_newlines(&sample.head[..first_record]),
        mean_record_bytes: (bytes as f64 / records.max(1) as f64).max(1.0),
        decoder: Arc::new(LogDecoder {
            name,
            schema,
            columns,
            absent,
            layout,
            modified_millis: sample.modified_millis,
            listing: Listing::First,
        }),
        warnings,
    }
}

/// A log format whose layout is always the same.
pub fn fixed<L: Layout + 'static>(layout: L, text: &[u8]) -> Option<Arc<dyn Layout>> {
    const MOST_PERCENT: usize = 80;
    let layout: Arc<dyn Layout> = Arc::new(layout);
    let mut scanner = layout.scanner();
    let mut found = Found::new(layout.fields().len());
    let fits = most(text, MOST_PERCENT, |line| {
        found.clear();
        scanner.scan(line, 0..line.len(), &mut found).is_ok()
    });
    drop(scanner);
    fits.then_some(layout)
}

/// Of which format a name says that the file is: that of logs.
pub fn is_log_name(file_name: &str) -> bool {
    let ending = crate::format::lines::name_ending(file_name);
    ending == "log" || file_name.to_ascii_lowercase().contains(".log.")
}
