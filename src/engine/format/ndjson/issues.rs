//! What does not fit, while records are decoded: all is counted, the first is listed.

use std::collections::BTreeMap;
use std::ops::Range;

use super::scan::{Fault, Value};
use super::unescape::string_bytes;
use crate::format::bad::{not_a_value, not_utf8, too_long};
use crate::format::{BadRecord, BadRecords, Listing, MAX_BAD_PER_SPLIT, UnknownKey};

/// Findings of a split.
#[derive(Debug)]
pub struct Issues<'a> {
    bytes: &'a [u8],
    listing: Listing,
    /// Of the shape of records first, then of each column in turn.
    lists: Vec<BadRecords>,
    record: Range<usize>,
    row: u64,
    line: u64,
    list: usize,
    /// Whether this record is already counted in the list.
    counted: bool,
}

impl<'a> Issues<'a> {
    /// Nothing yet, of so many columns.
    pub fn new(bytes: &'a [u8], columns: usize, listing: Listing) -> Self {
        let lists = vec![BadRecords::default(); columns + 1];
        Self { bytes, listing, lists, record: 0..0, row: 0, line: 0, list: 0, counted: false }
    }

    /// The next findings concern the shape of this record, which has `row` records and `line` line ends
    /// before it.
    #[inline]
    pub fn enter_record(&mut self, record: Range<usize>, row: u64, line: u64) {
        self.record = record;
        self.row = row;
        self.line = line;
        self.list = 0;
        self.counted = false;
    }

    /// The next findings concern its value in the column at this place among the decoded ones.
    #[inline]
    pub fn enter_column(&mut self, place: usize) {
        self.list = place + 1;
        self.counted = false;
    }

    /// The record is no JSON object.
    #[cold]
    pub fn no_object(&mut self, fault: Fault) {
        let place = fault.at.saturating_sub(self.record.start) + 1;
        self.add(|| format!("this is no JSON object: {} at byte {place}", fault.what));
    }

    /// A value is not of its column's type. `path` names the column and the keys that lead to it.
    #[cold]
    pub fn not_a_value(&mut self, path: &str, value: Value, sql_name: &str) {
        let bytes = self.bytes;
        self.add(|| not_a_value(path, &string_bytes(bytes, value).0, sql_name));
    }

    /// A text holds bytes that are not UTF-8.
    #[cold]
    pub fn not_utf8(&mut self, path: &str) {
        self.add(|| not_utf8(path));
    }

    /// A string holds an escape that stands for half a character.
    #[cold]
    pub fn lone_surrogate(&mut self, path: &str) {
        self.add(|| format!("column {path}: half a surrogate pair was replaced by \u{fffd}"));
    }

    /// A text is longer than a column can hold.
    #[cold]
    pub fn too_long(&mut self, path: &str) {
        self.add(|| too_long(path));
    }

    /// The record has a key that is no column, inside the objects that `path` leads to.
    #[cold]
    pub fn unknown_key(&mut self, path: &str, key: Value) {
        let (bytes, record, line) = (self.bytes, self.record.clone(), self.line);
        let key = String::from_utf8_lossy(&string_bytes(bytes, key).0).into_owned();
        let key = if path.is_empty() { key } else { format!("{path}.{key}") };
        let known: &mut BTreeMap<String, UnknownKey> = &mut self.lists[self.list].unknown_keys;
        if known.len() < MAX_BAD_PER_SPLIT || known.contains_key(&key) {
            let text =
                || UnknownKey { records: 0, line_in_split: line, text: Listing::First.text(&bytes[record]) };
            known.entry(key).or_insert_with(text).records += 1;
        }
    }

    /// What is bad about the shape of records, and about each column.
    pub fn finish(mut self) -> (BadRecords, Vec<BadRecords>) {
        let columns = self.lists.split_off(1);
        (self.lists.pop().unwrap_or_default(), columns)
    }

    fn add(&mut self, reason: impl FnOnce() -> String) {
        let list = &mut self.lists[self.list];
        if std::mem::replace(&mut self.counted, true) {
            return;
        }
        list.count += 1;
        if list.listed.len() < self.listing.most() {
            let text = self.listing.text(&self.bytes[self.record.clone()]);
            list.listed.push(BadRecord {
                row_in_split: self.row,
                line_in_split: self.line,
                reason: reason(),
                text,
            });
        }
    }
}
