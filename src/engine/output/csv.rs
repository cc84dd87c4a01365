//! A result as CSV, which every result can be.

use super::file::csv::{header, write_record};
use super::{ResultSet, SortedOrder};

/// Pieces of a CSV file, in order, each about 1 MiB and ending with a whole record; see [`super::file::csv`].
#[derive(Debug)]
pub struct CsvPieces {
    result: ResultSet,
    order: Option<SortedOrder>,
    position: u64,
    header_written: bool,
}

const PIECE_BYTES: usize = 1 << 20;

impl CsvPieces {
    pub(super) fn new(result: ResultSet, order: Option<SortedOrder>) -> Self {
        Self { result, order, position: 0, header_written: false }
    }
}

impl Iterator for CsvPieces {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.header_written && self.position >= self.result.row_count() {
            return None;
        }
        let mut piece = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8);
        if !self.header_written {
            self.header_written = true;
            piece = header(&self.result.schema);
        }
        while piece.len() < PIECE_BYTES && self.position < self.result.row_count() {
            if let Some((batch, row)) = self.result.locate(self.order.as_ref(), self.position) {
                write_record(&mut piece, batch, row);
            }
            self.position += 1;
        }
        Some(piece)
    }
}
