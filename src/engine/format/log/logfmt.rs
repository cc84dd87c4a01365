//! logfmt: `level=info msg="it works" took=12`. Every key is a column, whose type the sample says. A key
//! without a value is null.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::Log;
use super::cursor::Cursor;
use super::layout::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
use super::sniff::{lines_of, most};
use crate::format::value::RawField;

/// Keys and values.
#[derive(Debug)]
pub struct Logfmt;

/// Lines of such a log, as a share, in percent.
const MOST_PERCENT: usize = 90;
/// Keys that become columns.
const MAX_KEYS: usize = 1_000;

impl Log for Logfmt {
    fn name(&self) -> &'static str {
        "logfmt"
    }

    fn layout(&self, _: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        // Settings have one pair a line, and prose has words that are no pairs.
        let pairs = |line: &[u8]| {
            let mut count = 0;
            let whole = each_pair(line, 0..line.len(), |_, value| count += usize::from(value.is_some()));
            whole.map(|()| count)
        };
        let text = texts.first()?;
        if !most(text, MOST_PERCENT, |line| pairs(line).is_some_and(|pairs| pairs >= 2)) {
            return None;
        }
        let mut keys: Vec<Vec<u8>> = Vec::new();
        let mut numbers = HashMap::new();
        for line in texts.iter().flat_map(|text| lines_of(text)) {
            each_pair(line, 0..line.len(), |key, _| {
                let key = line[key.start..key.end].to_vec();
                if keys.len() < MAX_KEYS && !numbers.contains_key(&key) {
                    numbers.insert(key.clone(), keys.len());
                    keys.push(key);
                }
            });
        }
        let name = |key: &Vec<u8>| String::from_utf8_lossy(key).into_owned();
        let fields = keys.iter().map(|key| Field::new(name(key), FieldKind::Value)).collect();
        Some(Arc::new(LogfmtLayout { fields, keys: Arc::new(keys), numbers: Arc::new(numbers) }))
    }
}

#[derive(Debug)]
struct LogfmtLayout {
    fields: Vec<Field>,
    keys: Arc<Vec<Vec<u8>>>,
    numbers: Arc<HashMap<Vec<u8>, usize>>,
}

impl Layout for LogfmtLayout {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn scanner(&self) -> Box<dyn Scanner> {
        let (keys, numbers) = (Arc::clone(&self.keys), Arc::clone(&self.numbers));
        Box::new(LogfmtScanner { keys, numbers, order: Vec::new() })
    }
}

/// Finds keys by their place: lines mostly have the same keys in the same order.
struct LogfmtScanner {
    keys: Arc<Vec<Vec<u8>>>,
    numbers: Arc<HashMap<Vec<u8>, usize>>,
    /// The number of the key at each place of the lines before.
    order: Vec<usize>,
}

impl LogfmtScanner {
    fn number(&mut self, place: usize, key: &[u8]) -> Option<usize> {
        if let Some(&number) = self.order.get(place)
            && self.keys.get(number).is_some_and(|known| known == key)
        {
            return Some(number);
        }
        let number = self.numbers.get(key).copied()?;
        if let Some(known) = self.order.get_mut(place) {
            *known = number;
        } else if place == self.order.len() && place < MAX_KEYS {
            self.order.push(number);
        }
        Some(number)
    }
}

impl Scanner for LogfmtScanner {
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch> {
        let mut place = 0;
        let whole = each_pair(bytes, record, |key, value| {
            match self.number(place, &bytes[key.start..key.end]) {
                Some(number) => found.fields[number] = value,
                None => found.unknown.push(key),
            }
            place += 1;
        });
        match whole {
            Some(()) if place > 0 => Ok(()),
            _ => Err(Mismatch::foreign("this line is no list of keys and values")),
        }
    }
}

/// Tells each key of a line, and its value if it has any. Nothing when the line is anything else.
fn each_pair(
    bytes: &[u8],
    record: Range<usize>,
    mut pair: impl FnMut(RawField, Option<RawField>),
) -> Option<()> {
    let mut line = Cursor::new(bytes, record);
    loop {
        line.skip_space();
        if line.pos == line.end {
            return Some(());
        }
        let start = line.pos;
        while line.peek() > b' ' && !matches!(line.peek(), b'=' | b'"') {
            line.pos += 1;
        }
        let key = RawField { start, end: line.pos };
        let is_key = |text: &[u8]| text[0].is_ascii_alphabetic() || matches!(text[0], b'_' | b'@' | b'.');
        if key.start == key.end || !is_key(line.text(key)) {
            return None;
        }
        line.eat(b'=')?;
        let value = match line.peek() {
            b'"' => Some(line.quoted()?),
            _ => line.word(),
        };
        pair(key, value);
    }
}
