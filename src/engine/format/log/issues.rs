//! What does not fit, while records are decoded: all is counted, the first is listed.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::format::bad::text_start;
use crate::format::{BadRecord, BadRecords, MAX_BAD_PER_SPLIT, UnknownKey};

/// Findings of a split.
#[derive(Debug)]
pub struct Issues<'a> {
    bytes: &'a [u8],
    /// Of the shape of records first, then of each decoded column in turn.
    lists: Vec<BadRecords>,
    record: Range<usize>,
    row: u64,
    line: u64,
    list: usize,
}

impl<'a> Issues<'a> {
    /// Nothing yet, of so many columns.
    pub fn new(bytes: &'a [u8], columns: usize) -> Self {
        let lists = vec![BadRecords::default(); columns + 1];
        Self { bytes, lists, record: 0..0, row: 0, line: 0, list: 0 }
    }

    /// The next findings concern the shape of this record, which has `row` records and `line` line
    /// ends before it.
    #[inline]
    pub fn enter_record(&mut self, record: Range<usize>, row: u64, line: u64) {
        self.record = record;
        self.row = row;
        self.line = line;
        self.list = 0;
    }

    /// The next finding concerns its value in the column at this place among the decoded ones.
    #[inline]
    pub fn enter_column(&mut self, place: usize) {
        self.list = place + 1;
    }

    /// The record, or its value in the column at hand, does not fit.
    #[cold]
    pub fn add(&mut self, reason: impl FnOnce() -> String) {
        let list = &mut self.lists[self.list];
        list.count += 1;
        if list.listed.len() < MAX_BAD_PER_SPLIT {
            list.listed.push(BadRecord {
                row_in_split: self.row,
                line_in_split: self.line,
                reason: reason(),
                text: text_start(&self.bytes[self.record.clone()]),
            });
        }
    }

    /// The record has a field that is no column.
    #[cold]
    pub fn unknown(&mut self, name: &str) {
        let known: &mut BTreeMap<String, UnknownKey> = &mut self.lists[0].unknown_keys;
        if known.len() < MAX_BAD_PER_SPLIT || known.contains_key(name) {
            let (line, raw) = (self.line, &self.bytes[self.record.clone()]);
            let first = || UnknownKey { records: 0, line_in_split: line, text: text_start(raw) };
            known.entry(name.to_owned()).or_insert_with(first).records += 1;
        }
    }

    /// What is bad about the shape of records, and about each column.
    pub fn finish(mut self) -> (BadRecords, Vec<BadRecords>) {
        let columns = self.lists.split_off(1);
        (self.lists.pop().unwrap_or_default(), columns)
    }
}
