//! What does not fit, while records are decoded one after the other: all is counted, and what a [`Listing`] wants is
//! listed.

use std::collections::BTreeMap;
use std::ops::Range;

use super::bad::{BadRecord, BadRecords, Listing, MAX_BAD_PER_SPLIT, UnknownKey};

/// Findings of a split. Formats add the words of their own.
#[derive(Debug)]
pub struct Issues<'a> {
    pub(super) bytes: &'a [u8],
    listing: Listing,
    /// Of the shape of records first, then of each decoded column in turn.
    lists: Vec<BadRecords>,
    pub(super) record: Range<usize>,
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

    /// The record, or its value in the column at hand, does not fit. Of several reasons the first counts.
    #[cold]
    pub fn add(&mut self, reason: impl FnOnce() -> String) {
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

    /// The record has a key that no column stands for.
    #[cold]
    pub fn unknown(&mut self, key: String) {
        let (line, raw) = (self.line, &self.bytes[self.record.clone()]);
        let known: &mut BTreeMap<String, UnknownKey> = &mut self.lists[self.list].unknown_keys;
        if known.len() < MAX_BAD_PER_SPLIT || known.contains_key(&key) {
            let first = || UnknownKey { records: 0, line_in_split: line, text: Listing::First.text(raw) };
            known.entry(key).or_insert_with(first).records += 1;
        }
    }

    /// What is bad about the shape of records, and about each column.
    pub fn finish(mut self) -> (BadRecords, Vec<BadRecords>) {
        let columns = self.lists.split_off(1);
        (self.lists.pop().unwrap_or_default(), columns)
    }
}
