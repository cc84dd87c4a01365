//! Where the pages of a column chunk are, and which rows are in them.

use std::ops::Range;

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::page_index::offset_index::PageLocation;

use super::page_header::{NoHeader, PageHeader, PageKind, page_header};
use crate::format::FormatError;
use crate::format::blocks::damaged;

/// Bytes read for a header at first, and how much is read for the longest.
const HEADER_BYTES: u64 = 256;
const HEADER_GROWTH: u64 = 64;
const HEADER_LIMIT_BYTES: u64 = 16 << 20;

/// The pages of a chunk, as far as they are known.
#[derive(Clone, Debug)]
pub(super) struct ChunkPages {
    /// The chunk's place in the file.
    pub(super) chunk: Range<u64>,
    /// Data pages, from the first on.
    pub(super) pages: Vec<PageLocation>,
    /// Rows in them.
    known_rows: usize,
    /// Where the next header is, and how many bytes to read for it.
    next: u64,
    header_bytes: u64,
}

impl ChunkPages {
    /// A chunk of which nothing is known.
    pub(super) fn unknown(chunk: &ColumnChunkMetaData) -> Self {
        let (start, length) = chunk.byte_range();
        Self {
            chunk: start..start + length,
            pages: Vec::new(),
            known_rows: 0,
            next: start,
            header_bytes: HEADER_BYTES,
        }
    }

    /// Rows of which the pages are known, from the first row of the row group on.
    pub(super) fn known_rows(&self) -> usize {
        self.known_rows
    }

    /// What has to be read to know more.
    pub(super) fn next_read(&self) -> Range<u64> {
        self.next..self.chunk.end.min(self.next.saturating_add(self.header_bytes))
    }

    /// Goes on with the bytes of [`Self::next_read`]; the row group has so many rows.
    ///
    /// # Errors
    /// When they are no header, or one that contradicts the footer.
    pub(super) fn advance(&mut self, bytes: &[u8], group_rows: usize) -> Result<(), FormatError> {
        let header = match page_header(bytes) {
            Ok(header) => header,
            Err(NoHeader::Truncated)
                if self.header_bytes < HEADER_LIMIT_BYTES && self.next_read().end < self.chunk.end =>
            {
                self.header_bytes *= HEADER_GROWTH;
                return Ok(());
            }
            Err(_) => return Err(damaged(&format!("there is no page at byte {}", self.next))),
        };
        self.header_bytes = HEADER_BYTES;
        let PageHeader { header_bytes, page_bytes, kind, values, rows } = header;
        let end = self.next.checked_add(header_bytes as u64).and_then(|end| end.checked_add(page_bytes));
        let end = end.filter(|&end| end <= self.chunk.end);
        let end = end.ok_or_else(|| damaged(&format!("the page at byte {} is too long", self.next)))?;
        let is_first = self.pages.is_empty();
        match kind {
            PageKind::Data => {
                let rows = usize::try_from(rows.unwrap_or(values)).unwrap_or(usize::MAX);
                let known = self.known_rows.checked_add(rows).filter(|&known| known <= group_rows);
                self.pages.push(PageLocation {
                    offset: self.next as i64,
                    compressed_page_size: i32::try_from(end - self.next).unwrap_or(i32::MAX),
                    first_row_index: self.known_rows as i64,
                });
                self.known_rows = known
                    .ok_or_else(|| damaged(&format!("the page at byte {} has too many rows", self.next)))?;
            }
            PageKind::Dictionary if is_first && self.next == self.chunk.start => (),
            // Whoever reads pages by their places takes what is before the first for a dictionary.
            _ => return Err(damaged(&format!("the page at byte {} is of no known kind", self.next))),
        }
        self.next = end;
        if end == self.chunk.end && self.known_rows < group_rows {
            return Err(damaged(&format!("the column at byte {} ends too early", self.chunk.start)));
        }
        Ok(())
    }

    /// The bytes of the pages that hold some of these rows, and of the dictionary, if there is one.
    pub(super) fn ranges(&self, rows: &[Range<usize>]) -> Vec<Range<u64>> {
        let mut ranges = Vec::new();
        let first = self.pages.first().map_or(self.chunk.end, |page| page.offset as u64);
        if first > self.chunk.start {
            ranges.push(self.chunk.start..first);
        }
        let mut wanted = rows.iter().peekable();
        for (index, page) in self.pages.iter().enumerate() {
            let of_page = self.rows_of(index);
            while wanted.next_if(|rows| rows.end <= of_page.start).is_some() {}
            if wanted.peek().is_some_and(|rows| rows.start < of_page.end) {
                let start = page.offset as u64;
                ranges.push(start..start + page.compressed_page_size as u64);
            }
        }
        ranges
    }

    /// Rows of the row group that a page holds.
    pub(super) fn rows_of(&self, index: usize) -> Range<usize> {
        let start = self.pages.get(index).map_or(self.known_rows, |page| page.first_row_index as usize);
        let end = self.pages.get(index + 1).map_or(self.known_rows, |page| page.first_row_index as usize);
        start..end
    }
}

/// The pages of a chunk by the file's index, if there is one and it is sound.
pub(super) fn index_of_pages(metadata: &ParquetMetaData, group: usize, leaf: usize) -> Option<ChunkPages> {
    let pages = metadata.offset_index()?.get(group)?.get(leaf)?.page_locations();
    let chunk = metadata.row_groups().get(group)?.columns().get(leaf)?;
    let group_rows = metadata.row_group(group).num_rows();
    let mut known = ChunkPages::unknown(chunk);
    let (mut at, mut row) = (known.chunk.start as i64, 0);
    for page in pages {
        let sound = page.offset >= at
            && page.compressed_page_size > 0
            && (page.first_row_index > row || (page.first_row_index == 0 && row == 0))
            && page.first_row_index < group_rows;
        at = page.offset.checked_add(page.compressed_page_size.into()).filter(|_| sound)?;
        row = page.first_row_index;
    }
    if pages.first()?.first_row_index != 0 || at > known.chunk.end as i64 {
        return None;
    }
    known.pages = pages.clone();
    known.known_rows = usize::try_from(group_rows).ok()?;
    known.next = known.chunk.end;
    Some(known)
}
