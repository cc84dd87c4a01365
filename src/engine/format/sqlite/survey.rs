//! What the values of a table are, all of them: SQLite's declared types bind nobody.

use std::borrow::Cow;

use arrow::datatypes::{DataType, TimeUnit};

use super::definition::{Declared, Definition, Literal};
use super::header::{Database, TextEncoding};
use super::record::{Fields, Kind, needed_bytes, value_bytes};
use super::scan::{Leaf, Visitor};
use crate::format::FormatError;
use crate::format::blocks::Block;
use crate::format::value::{parse_date, parse_timestamp};

/// A text with more bytes is no point in time.
const LONGEST_TIME_BYTES: usize = 80;

/// What has been seen of a table.
pub(super) struct Survey {
    encoding: TextEncoding,
    /// Of the values of its records, in their order, each with what rows have that are older than its column.
    values: Vec<(Seen, Literal)>,
    pub(super) groups: Groups,
}

/// Blocks, and where they are.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Pages with rows.
    pub(super) leaves: Vec<u32>,
    pub(super) blocks: Vec<Block>,
    /// Of each block, the place of its first leaf among them, and the least and greatest number of its rows.
    pub(super) places: Vec<Place>,
    block_bytes: u64,
}

/// Where a block is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) first_leaf: usize,
    pub(super) leaves: usize,
    pub(super) first_rowid: i64,
    pub(super) last_rowid: i64,
}

/// How many values of which kind a column has.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    nulls: u64,
    /// Integers, those that are 0 or 1, and those that floating point cannot hold.
    integers: u64,
    small: u64,
    large: u64,
    reals: u64,
    texts: u64,
    empty_texts: u64,
    blobs: u64,
    /// Whether each text is a date; and a point in time, with how many digits of a second.
    are_dates: bool,
    time_digits: Option<usize>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            nulls: 0,
            integers: 0,
            small: 0,
            large: 0,
            reals: 0,
            texts: 0,
            empty_texts: 0,
            blobs: 0,
            are_dates: true,
            time_digits: Some(0),
        }
    }
}

impl Survey {
    /// Of a table; a block has about `block_bytes`.
    pub(super) fn new(database: &Database, definition: &Definition, block_bytes: u64) -> Self {
        let groups = Groups { block_bytes, ..Groups::default() };
        let values = definition.stored().map(|column| (Seen::default(), column.default.clone())).collect();
        Self { encoding: database.encoding, values, groups }
    }

    /// What was seen of the values of this number.
    pub(super) fn seen(&self, value: usize) -> Option<&Seen> {
        self.values.get(value).map(|(seen, _)| seen)
    }
}

impl Visitor for Survey {
    /// The header, and texts as far as they may be points in time.
    fn needed_bytes(&self, record: &[u8]) -> Result<usize, FormatError> {
        let mut end = needed_bytes(record, 0)?;
        if end > record.len() {
            return Ok(end);
        }
        let mut fields = Fields::new(record)?;
        for (seen, _) in &self.values {
            let Some((kind, at)) = fields.next()? else { break };
            if seen.time_digits.is_some() && matches!(kind, Kind::Text(1..=LONGEST_TIME_BYTES)) {
                end = at + kind.len_bytes();
            }
        }
        Ok(end)
    }

    fn row(&mut self, _: i64, record: &[u8]) -> Result<(), FormatError> {
        let mut fields = Fields::new(record)?;
        for (seen, default) in &mut self.values {
            let Some((kind, at)) = fields.next()? else {
                seen.look_at_default(default);
                continue;
            };
            match kind {
                Kind::Null => seen.nulls += 1,
                Kind::Small(_) => (seen.integers, seen.small) = (seen.integers + 1, seen.small + 1),
                Kind::Integer(bytes) => {
                    seen.integers += 1;
                    seen.large += u64::from(bytes == 8);
                }
                Kind::Real => seen.reals += 1,
                Kind::Blob(_) => seen.blobs += 1,
                Kind::Text(0) => (seen.texts, seen.empty_texts) = (seen.texts + 1, seen.empty_texts + 1),
                Kind::Text(bytes) => {
                    seen.texts += 1;
                    if seen.time_digits.is_some() {
                        let text = if bytes <= LONGEST_TIME_BYTES {
                            value_bytes(record, kind, at).ok()
                        } else {
                            None
                        };
                        seen.look_at_time(&as_ascii(text.unwrap_or_default(), self.encoding));
                    }
                }
            }
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: Leaf) {
        self.groups.add(leaf);
    }
}

impl Groups {
    fn add(&mut self, leaf: Leaf) {
        if leaf.rows == 0 {
            return;
        }
        self.leaves.push(leaf.page);
        if let (Some(block), Some(place)) = (self.blocks.last_mut(), self.places.last_mut())
            && block.bytes + leaf.bytes <= self.block_bytes
        {
            block.rows += leaf.rows;
            block.bytes += leaf.bytes;
            place.leaves += 1;
            place.first_rowid = place.first_rowid.min(leaf.first_rowid);
            place.last_rowid = place.last_rowid.max(leaf.last_rowid);
            return;
        }
        self.blocks.push(Block { rows: leaf.rows, bytes: leaf.bytes });
        let first_leaf = self.leaves.len() - 1;
        let Leaf { first_rowid, last_rowid, .. } = leaf;
        self.places.push(Place { first_leaf, leaves: 1, first_rowid, last_rowid });
    }
}

impl Seen {
    fn look_at_time(&mut self, text: &[u8]) {
        self.are_dates &= parse_date(text).is_some();
        let digits = parse_timestamp(text).map(|time| time.fraction_digits);
        self.time_digits = self.time_digits.zip(digits).map(|(most, digits)| most.max(digits));
    }

    fn look_at_default(&mut self, default: &Literal) {
        match default {
            Literal::Null => self.nulls += 1,
            Literal::Integer(value) => {
                self.integers += 1;
                self.small += u64::from(matches!(value, 0 | 1));
                self.large += u64::from(value.unsigned_abs() >= 1 << 53);
            }
            Literal::Real(_) => self.reals += 1,
            Literal::Text(text) => {
                self.texts += 1;
                self.empty_texts += u64::from(text.is_empty());
                self.look_at_time(text.as_bytes());
            }
        }
    }

    /// The type that holds all values, and what should be known of those that are of another kind.
    pub(super) fn data_type(&self, declared: &Declared) -> (DataType, Option<String>) {
        let numbers = self.integers + self.reals;
        let texts = self.texts - self.empty_texts;
        let is_declared = |part: &str| declared.type_name.contains(part);
        match (numbers > 0, texts > 0, self.blobs > 0) {
            (false, false, false) if self.texts > 0 => (DataType::Utf8View, None),
            (false, false, false) => (declared_type(&declared.type_name), None),
            (true, false, false) => {
                let warning = (self.empty_texts > 0).then(|| {
                    format!(
                        "{} of {} values of {} are empty texts among numbers; they are NULL.",
                        self.empty_texts,
                        self.values(),
                        declared.name
                    )
                });
                let data_type = match () {
                    () if is_declared("BOOL") && self.small == numbers => DataType::Boolean,
                    () if self.reals > 0
                        || declared_type(&declared.type_name) == DataType::Float64 && self.large == 0 =>
                    {
                        DataType::Float64
                    }
                    () => DataType::Int64,
                };
                (data_type, warning)
            }
            (false, true, false) if self.empty_texts == 0 => match self.time_digits {
                Some(_) if self.are_dates => (DataType::Date32, None),
                Some(0..=3) => (DataType::Timestamp(TimeUnit::Millisecond, None), None),
                Some(_) => (DataType::Timestamp(TimeUnit::Microsecond, None), None),
                None => (DataType::Utf8View, None),
            },
            (false, true, false) => (DataType::Utf8View, None),
            (false, false, true) if self.texts == 0 => (DataType::Binary, None),
            _ => (DataType::Utf8View, Some(self.mixture(&declared.name))),
        }
    }

    fn values(&self) -> u64 {
        self.nulls + self.integers + self.reals + self.texts + self.blobs
    }

    fn mixture(&self, name: &str) -> String {
        let kinds = [(self.integers + self.reals, "numbers"), (self.texts, "texts"), (self.blobs, "blobs")];
        let kinds: Vec<String> = kinds
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, kind)| format!("{count} {kind}"))
            .collect();
        format!(
            "{name} holds {}, so it is text: TRY_CAST({name} AS DOUBLE) gives its numbers.",
            kinds.join(" and ")
        )
    }
}

/// The characters of a text as single bytes, 0 for those that are none in ASCII; UTF-8 as it is.
fn as_ascii(text: &[u8], encoding: TextEncoding) -> Cow<'_, [u8]> {
    let low = match encoding {
        TextEncoding::Utf8 => return Cow::Borrowed(text),
        TextEncoding::Utf16Le => 0,
        TextEncoding::Utf16Be => 1,
    };
    let character = |pair: &[u8]| if pair[1 - low] == 0 { pair[low] } else { 0 };
    text.chunks_exact(2).map(character).collect()
}

/// What a declared type makes of a column without values, by SQLite's rules of affinity and the names of times.
fn declared_type(name: &str) -> DataType {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    match () {
        () if has(&["BOOL"]) => DataType::Boolean,
        () if has(&["DATETIME", "TIMESTAMP"]) => DataType::Timestamp(TimeUnit::Millisecond, None),
        () if name == "DATE" => DataType::Date32,
        () if has(&["INT"]) => DataType::Int64,
        () if has(&["CHAR", "CLOB", "TEXT"]) => DataType::Utf8View,
        () if has(&["BLOB"]) => DataType::Binary,
        () if has(&["REAL", "FLOA", "DOUB"]) => DataType::Float64,
        () if has(&["NUM", "DEC"]) => DataType::Float64,
        () => DataType::Utf8View,
    }
}
