//! Rows that go on on other pages: chains of pages, each of which names the next.

use std::ops::Range;

use bytes::Bytes;

use super::header::{Database, u32_at};
use super::page::Cell;
use crate::format::FormatError;
use crate::format::blocks::damaged;

/// Pages of a chain that are read at a time at most. They are neighbours mostly, and then one read gives many.
const MOST_RUN_PAGES: u32 = 1 << 10;

/// Records that are being put together.
#[derive(Default)]
pub(super) struct Chains {
    open: Vec<Chain>,
    closed: Vec<(i64, Vec<u8>)>,
    /// Pages that were read; more than there are lead in a circle.
    pages: u64,
}

struct Chain {
    /// What whoever put it here calls it.
    id: i64,
    record: Vec<u8>,
    wanted_bytes: usize,
    len_bytes: usize,
    next: u32,
    /// Pages that are read at once.
    run: u32,
}

impl Chains {
    /// Puts a record here if more of it is needed than its page has. `needed` tells of the first bytes of a record
    /// how many have to be there; what is said of more of them may be more.
    ///
    /// # Errors
    /// When the record makes no sense.
    pub(super) fn add(
        &mut self,
        id: i64,
        cell: &Cell<'_>,
        needed: impl Fn(&[u8]) -> Result<usize, FormatError>,
    ) -> Result<bool, FormatError> {
        let wanted_bytes = needed(cell.local)?.min(cell.len_bytes);
        if cell.overflow == 0 || wanted_bytes <= cell.local.len() {
            return Ok(false);
        }
        let (record, len_bytes, next) = (cell.local.to_vec(), cell.len_bytes, cell.overflow);
        self.open.push(Chain { id, record, wanted_bytes, len_bytes, next, run: 1 });
        Ok(true)
    }

    /// What has to be read next; nothing when all records are there.
    ///
    /// # Errors
    /// When a chain leads out of the file or in a circle.
    pub(super) fn wanted(&mut self, database: &Database) -> Result<Vec<Range<u64>>, FormatError> {
        let body = database.usable_bytes as usize - 4;
        let mut ranges = Vec::with_capacity(self.open.len());
        for chain in &mut self.open {
            let pages = (chain.wanted_bytes - chain.record.len()).div_ceil(body);
            let behind = database.pages.saturating_sub(chain.next.saturating_sub(1)).max(1);
            let pages = u32::try_from(pages).unwrap_or(u32::MAX).min(chain.run).min(behind);
            ranges.push(database.range(chain.next, pages)?);
        }
        Ok(ranges)
    }

    /// Takes what was wanted.
    ///
    /// # Errors
    /// When a record ends too early, or its chain leads in a circle.
    pub(super) fn take(
        &mut self,
        database: &Database,
        bytes: Vec<Bytes>,
        needed: impl Fn(&[u8]) -> Result<usize, FormatError>,
    ) -> Result<(), FormatError> {
        let mut open = Vec::new();
        for (mut chain, run) in std::mem::take(&mut self.open).into_iter().zip(bytes) {
            self.pages += chain.take(database, &run)?;
            if self.pages > u64::from(database.pages) {
                return Err(damaged("its pages lead in a circle"));
            }
            if chain.record.len() >= chain.wanted_bytes {
                chain.wanted_bytes = needed(&chain.record)?.min(chain.len_bytes);
            }
            if chain.record.len() >= chain.wanted_bytes {
                self.closed.push((chain.id, chain.record));
            } else {
                open.push(chain);
            }
        }
        self.open = open;
        Ok(())
    }

    /// The records, by what they are called, and begins anew.
    pub(super) fn finish(&mut self) -> Vec<(i64, Vec<u8>)> {
        let mut closed = std::mem::take(&mut self.closed);
        closed.sort_by_key(|(id, _)| *id);
        closed
    }
}

impl Chain {
    /// Takes the pages of a run as far as they follow each other; says how many.
    fn take(&mut self, database: &Database, run: &[u8]) -> Result<u64, FormatError> {
        let first = self.next;
        let mut pages = 0;
        for page in run.chunks_exact(database.page_bytes as usize) {
            if self.next != first + pages || self.record.len() >= self.wanted_bytes {
                break;
            }
            let body = &page[4..database.usable_bytes as usize];
            let rest = self.len_bytes - self.record.len();
            self.record.extend_from_slice(&body[..rest.min(body.len())]);
            self.next = u32_at(page, 0);
            pages += 1;
        }
        if pages == 0 || self.next == 0 && self.record.len() < self.wanted_bytes {
            return Err(damaged("a row ends too early"));
        }
        let is_whole = pages as usize == run.len() / database.page_bytes as usize;
        self.run =
            if is_whole && self.next == first + pages { (self.run * 4).min(MOST_RUN_PAGES) } else { 1 };
        Ok(pages.into())
    }
}
