//! All rows of a tree, for whoever finds out about them when a file is opened.

use std::ops::Range;

use bytes::Bytes;

use super::header::Database;
use super::overflow::Chains;
use super::page::Page;
use super::walk::Walk;
use crate::format::FormatError;

/// Is told what is in a tree.
pub(super) trait Visitor {
    /// How much of a record is needed, as far as its first bytes tell.
    ///
    /// # Errors
    /// When the record makes no sense.
    fn needed_bytes(&self, record: &[u8]) -> Result<usize, FormatError>;

    /// A row, with as much of its record.
    ///
    /// # Errors
    /// As above.
    fn row(&mut self, rowid: i64, record: &[u8]) -> Result<(), FormatError>;

    /// A leaf, in the order of the table.
    fn leaf(&mut self, leaf: Leaf);
}

/// What a leaf has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) page: u32,
    pub(super) rows: usize,
    /// Bytes of its page and of the pages on which its rows go on.
    pub(super) bytes: u64,
    pub(super) first_rowid: i64,
    pub(super) last_rowid: i64,
}

/// A tree that is being gone over.
pub(super) struct Scan {
    walk: Walk,
    chains: Chains,
    is_in_chains: bool,
}

impl Scan {
    pub(super) fn new(root: u32) -> Self {
        Self { walk: Walk::new(root), chains: Chains::default(), is_in_chains: false }
    }

    /// Takes the bytes that were wanted, with none at first, and says which are next; none at the end. `pages_left`
    /// is how many pages trees may still have.
    ///
    /// # Errors
    /// When pages or rows are not as they should be.
    pub(super) fn step(
        &mut self,
        database: &Database,
        bytes: Vec<Bytes>,
        pages_left: &mut u64,
        visitor: &mut dyn Visitor,
    ) -> Result<Vec<Range<u64>>, FormatError> {
        if self.is_in_chains {
            self.chains.take(database, bytes, |record| visitor.needed_bytes(record))?;
        } else if !bytes.is_empty() {
            for (number, bytes) in self.walk.take(database, bytes, pages_left)? {
                self.leaf(database, number, &bytes, visitor)?;
            }
        }
        let wanted = self.chains.wanted(database)?;
        self.is_in_chains = !wanted.is_empty();
        if self.is_in_chains {
            return Ok(wanted);
        }
        for (rowid, record) in self.chains.finish() {
            visitor.row(rowid, &record)?;
        }
        self.walk.wanted(database)
    }

    fn leaf(
        &mut self,
        database: &Database,
        number: u32,
        bytes: &[u8],
        visitor: &mut dyn Visitor,
    ) -> Result<(), FormatError> {
        let page = Page::parse(database, number, bytes)?;
        let mut leaf = Leaf {
            page: number,
            rows: page.cells(),
            bytes: database.page_bytes.into(),
            first_rowid: i64::MAX,
            last_rowid: i64::MIN,
        };
        for index in 0..page.cells() {
            let cell = page.row(database, index)?;
            leaf.bytes += (cell.len_bytes - cell.local.len()) as u64;
            leaf.first_rowid = leaf.first_rowid.min(cell.rowid);
            leaf.last_rowid = leaf.last_rowid.max(cell.rowid);
            if !self.chains.add(cell.rowid, &cell, |record| visitor.needed_bytes(record))? {
                visitor.row(cell.rowid, cell.local)?;
            }
        }
        visitor.leaf(leaf);
        Ok(())
    }
}
