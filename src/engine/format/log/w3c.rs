//! W3C's extended log format, as IIS writes it, and CloudFront's: lines that begin with `#` tell about the
//! others, `#Fields:` which fields they have.
//!
//! `date` and `time` beside each other become the timestamp `time`. Fields that other logs have too are named
//! as there, the others by their own names in small letters with `_` for signs. The fields are those
//! that the file begins with: where others are announced later, that line is told as a bad row, and so is
//! every row behind it that has another number of fields.

use std::ops::Range;
use std::sync::Arc;

use super::Log;
use super::cursor::Cursor;
use super::layout::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
use super::sniff::lines_of;
use super::time::ISO;
use crate::format::value::RawField;

/// Logs that say which fields they have.
#[derive(Debug)]
pub struct W3c;

const FIELDS: &[u8] = b"#Fields:";
/// Fields that have the names of other logs' columns.
const NAMES: [(&str, &str); 17] = [
    ("c-ip", "client"),
    ("cs-username", "user_name"),
    ("cs-method", "method"),
    ("cs-uri-stem", "path"),
    ("cs-uri-query", "query"),
    ("cs-version", "protocol"),
    ("cs-protocol-version", "protocol"),
    ("cs-protocol", "scheme"),
    ("cs-host", "host"),
    ("cs(Host)", "host"),
    ("sc-status", "status"),
    ("sc-bytes", "bytes"),
    ("cs-bytes", "request_bytes"),
    ("cs(Referer)", "referer"),
    ("cs(User-Agent)", "agent"),
    ("s-ip", "server"),
    ("s-port", "port"),
];

impl Log for W3c {
    fn name(&self) -> &'static str {
        "W3C extended log"
    }

    fn layout(&self, _: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        let text = texts.first()?;
        let head = || lines_of(text).take_while(|line| line.first() == Some(&b'#'));
        let announced = head().filter_map(|line| line.strip_prefix(FIELDS)).last()?.trim_ascii();
        let first_row = lines_of(text).find(|line| line.first() != Some(&b'#'));
        let delimiter = if first_row.is_some_and(|row| row.contains(&b'\t')) { b'\t' } else { b' ' };
        Some(Arc::new(W3cLayout::new(announced, delimiter)))
    }
}

#[derive(Debug)]
struct W3cLayout {
    /// As `#Fields:` has them.
    announced: Vec<u8>,
    fields: Vec<Field>,
    /// Where the date is among the announced ones, when the time is next.
    date: Option<usize>,
    delimiter: u8,
}

impl W3cLayout {
    fn new(announced: &[u8], delimiter: u8) -> Self {
        let names: Vec<&[u8]> = words(announced).collect();
        let date = names.windows(2).position(|pair| pair == [&b"date"[..], b"time"]);
        let mut fields = Vec::with_capacity(names.len());
        for (place, name) in names.iter().enumerate() {
            if Some(place) == date {
                fields.push(Field::new("time", FieldKind::Time(&ISO)));
            } else if place == 0 || Some(place - 1) != date {
                fields.push(Field::new(column_name(&String::from_utf8_lossy(name)), FieldKind::Inferred));
            }
        }
        Self { announced: announced.to_vec(), fields, date, delimiter }
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty())
}

fn column_name(field: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(field)) {
        return (*name).to_owned();
    }
    let signs = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    field.chars().map(signs).collect::<String>().trim_matches('_').to_owned()
}

impl Layout for W3cLayout {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn is_between(&self, line: &[u8]) -> bool {
        let fields = line.strip_prefix(FIELDS);
        fields.is_none_or(|fields| words(fields).eq(words(&self.announced)))
    }

    fn scanner(&self) -> Box<dyn Scanner> {
        let Self { date, delimiter, .. } = *self;
        Box::new(W3cScanner { count: self.fields.len(), date, delimiter })
    }
}

struct W3cScanner {
    count: usize,
    date: Option<usize>,
    delimiter: u8,
}

impl Scanner for W3cScanner {
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch> {
        let mut line = Cursor::new(bytes, record);
        if line.peek() == b'#' {
            return Err(Mismatch::foreign(
                "other fields are announced here than at the start of the file; rows behind are read with those",
            ));
        }
        let mut count = 0;
        while line.pos < line.end {
            let Some(mut field) = self.field(&mut line) else { break };
            if Some(count) == self.date
                && let Some(time) = self.field(&mut line)
            {
                field.end = time.end;
            }
            if let Some(place) = found.fields.get_mut(count) {
                *place = line.present(field);
            }
            count += 1;
        }
        if count == self.count {
            return Ok(());
        }
        let hidden = usize::from(self.date.is_some());
        let reason = format!("{} fields instead of {}", count + hidden, self.count + hidden);
        Err(Mismatch { reason, keeps: true })
    }
}

impl W3cScanner {
    /// The next field, with the delimiter behind it gone over.
    fn field(&self, line: &mut Cursor<'_>) -> Option<RawField> {
        if self.delimiter == b' ' {
            line.skip_space();
            if line.peek() == b'"'
                && let Some(field) = line.clone().quoted()
            {
                line.pos = field.end + 1;
                line.skip_space();
                return Some(field);
            }
        }
        let start = line.pos;
        let field = match line.until(self.delimiter) {
            Some(field) => field,
            None => {
                line.pos = line.end;
                RawField { start, end: line.end }
            }
        };
        if self.delimiter == b' ' {
            line.skip_space();
            if field.start == field.end {
                return None;
            }
        }
        Some(field)
    }
}
