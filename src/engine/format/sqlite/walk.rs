//! The way from the root of a tree to its leaves, level by level.

use std::ops::Range;

use bytes::Bytes;

use super::header::Database;
use super::page::Page;
use crate::format::FormatError;
use crate::format::blocks::damaged;

/// Bytes of pages that are read at a time.
const READ_BYTES: u32 = 4 << 20;

/// A tree on the way down.
pub(super) struct Walk {
    level: Vec<u32>,
    /// How many pages of the level have been read.
    read: usize,
    below: Vec<u32>,
    /// The pages that are being read.
    asked: Range<usize>,
    /// Whether the level has leaves; unknown before its first page is there.
    has_leaves: Option<bool>,
}

impl Walk {
    pub(super) fn new(root: u32) -> Self {
        Self { level: vec![root], read: 0, below: Vec::new(), asked: 0..0, has_leaves: None }
    }

    /// What has to be read next; nothing behind the last leaf.
    ///
    /// # Errors
    /// When pages are not in the file.
    pub(super) fn wanted(&mut self, database: &Database) -> Result<Vec<Range<u64>>, FormatError> {
        if self.read == self.level.len() && self.has_leaves == Some(false) {
            (self.level, self.below, self.read) = (std::mem::take(&mut self.below), Vec::new(), 0);
            self.has_leaves = None;
        }
        // Of a new level one page says whether it is the last one.
        let most = if self.has_leaves.is_none() { 1 } else { (READ_BYTES / database.page_bytes).max(1) };
        self.asked = self.read..self.level.len().min(self.read + most as usize);
        runs(database, &self.level[self.asked.clone()])
    }

    /// Takes what was wanted, and gives the leaves among it with their numbers. `pages_left` is how many pages trees
    /// may still have.
    ///
    /// # Errors
    /// When a page is none of a table, or the tree has more pages than there are.
    pub(super) fn take(
        &mut self,
        database: &Database,
        bytes: Vec<Bytes>,
        pages_left: &mut u64,
    ) -> Result<Vec<(u32, Bytes)>, FormatError> {
        let asked = &self.level[self.asked.clone()];
        let pages = pages_of_runs(database, asked, &bytes)?;
        let circle = || damaged("its pages lead in a circle");
        *pages_left = pages_left.checked_sub(pages.len() as u64).ok_or_else(circle)?;
        self.read = self.asked.end;
        for (number, bytes) in &pages {
            let page = Page::parse(database, *number, bytes)?;
            if *self.has_leaves.get_or_insert(page.is_leaf) != page.is_leaf {
                return Err(damaged("a tree has leaves at several depths"));
            }
            if !page.is_leaf {
                self.below.extend(page.children());
                if self.below.len() as u64 > u64::from(database.pages) {
                    return Err(circle());
                }
            }
        }
        Ok(if self.has_leaves == Some(true) { pages } else { Vec::new() })
    }
}

/// Where pages are, neighbours in one range.
pub(super) fn runs(database: &Database, pages: &[u32]) -> Result<Vec<Range<u64>>, FormatError> {
    neighbours(pages).map(|run| database.range(run[0], run.len() as u32)).collect()
}

/// The pages whose runs were read.
pub(super) fn pages_of_runs(
    database: &Database,
    pages: &[u32],
    runs: &[Bytes],
) -> Result<Vec<(u32, Bytes)>, FormatError> {
    let mut found = Vec::with_capacity(pages.len());
    let page_bytes = database.page_bytes as usize;
    for (run, bytes) in neighbours(pages).zip(runs) {
        if bytes.len() != run.len() * page_bytes {
            return Err(damaged("it ended while it was read"));
        }
        let page = |(index, &number): (usize, &u32)| {
            (number, bytes.slice(index * page_bytes..(index + 1) * page_bytes))
        };
        found.extend(run.iter().enumerate().map(page));
    }
    Ok(found)
}

fn neighbours(pages: &[u32]) -> impl Iterator<Item = &[u32]> {
    pages.chunk_by(|a, b| a.checked_add(1) == Some(*b))
}
