//! Records and fields that do not fit: all are counted, the first are listed.

use super::field::Rows;
use super::syntax::count_line_ends;
use crate::format::bad::{not_a_value, not_utf8, too_long};
use crate::format::{BadRecord, BadRecords, Listing};

/// What was found in the rows that are being decoded, and in all those before them.
#[derive(Debug)]
pub struct BadFields {
    /// Of the shape of records first, then of each column in turn.
    lists: Vec<BadRecords>,
    found: Vec<Found>,
    listing: Listing,
    column: String,
    list: usize,
    found_in_list: usize,
    first_row: usize,
}

#[derive(Debug)]
struct Found {
    list: usize,
    row: usize,
    reason: String,
}

impl BadFields {
    /// Nothing yet, of so many columns.
    pub fn new(columns: usize, listing: Listing) -> Self {
        Self {
            listing,
            lists: vec![BadRecords::default(); columns + 1],
            found: Vec::new(),
            column: String::new(),
            list: 0,
            found_in_list: 0,
            first_row: 0,
        }
    }

    /// Says that the next findings concern the shape of records.
    pub fn enter_shapes(&mut self) {
        self.list = 0;
        self.found_in_list = 0;
        self.first_row = 0;
    }

    /// Says which column the next findings belong to: its place among the decoded ones and its name.
    pub fn enter_column(&mut self, place: usize, name: &str) {
        self.column.clear();
        self.column.push_str(name);
        self.list = place + 1;
        self.found_in_list = 0;
    }

    /// Says that the next findings count their rows from this one.
    pub fn enter_rows(&mut self, first_row: usize) {
        self.first_row = first_row;
    }

    /// A field is not a value of its column's type.
    #[cold]
    pub fn not_a_value(&mut self, row: usize, text: &[u8], sql_name: &str) {
        self.find(row, |column| not_a_value(column, text, sql_name));
    }

    /// A text holds bytes that are not UTF-8.
    #[cold]
    pub fn not_utf8(&mut self, row: usize) {
        self.find(row, not_utf8);
    }

    /// A text is longer than a column can hold.
    #[cold]
    pub fn too_long(&mut self, row: usize) {
        self.find(row, too_long);
    }

    /// A record has another number of fields than the table has columns.
    #[cold]
    pub fn field_count(&mut self, row: usize, found: usize, wanted: usize) {
        self.find(row, |_| {
            let plural = if found == 1 { "" } else { "s" };
            format!("{found} field{plural} instead of {wanted}")
        });
    }

    /// The file ends between quotes.
    #[cold]
    pub fn unclosed_quote(&mut self, row: usize) {
        self.find(row, |_| "a quote that opens in this record is never closed".to_owned());
    }

    /// Lists what was found in `rows`, in their order, and forgets it. `first_row` is the number of the
    /// first of them in the split, and `line` that of line ends between the first record of the split and
    /// the text of `rows`.
    pub fn settle(&mut self, rows: &Rows<'_>, first_row: u64, mut line: u64) {
        self.found.sort_by_key(|found| found.row);
        let mut counted_to = 0;
        for found in self.found.drain(..) {
            let record = rows.record(found.row);
            line += count_line_ends(&rows.bytes()[counted_to..record.start]);
            counted_to = record.start;
            let raw = &rows.bytes()[record.start..record.end];
            let text = self.listing.text(raw);
            let row_in_split = first_row + found.row as u64;
            let bad = BadRecord { row_in_split, line_in_split: line, reason: found.reason, text };
            self.lists[found.list].listed.push(bad);
        }
    }

    /// What is bad about the shape of records, and about each column.
    pub fn finish(mut self) -> (BadRecords, Vec<BadRecords>) {
        let columns = self.lists.split_off(1);
        (self.lists.pop().unwrap_or_default(), columns)
    }

    fn find(&mut self, row: usize, reason: impl FnOnce(&str) -> String) {
        let list = &mut self.lists[self.list];
        list.count += 1;
        self.found_in_list += 1;
        if list.listed.len() + self.found_in_list <= self.listing.most() {
            let row = self.first_row + row;
            self.found.push(Found { list: self.list, row, reason: reason(&self.column) });
        }
    }
}
