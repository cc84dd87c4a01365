//! Pages of the trees of tables, and what their cells say.

use super::header::{Database, HEADER_BYTES, u16_at, u32_at};
use crate::format::FormatError;
use crate::format::blocks::damaged;

const INTERIOR_TABLE: u8 = 0x05;
const LEAF_TABLE: u8 = 0x0d;

/// A page of a table.
pub(super) struct Page<'a> {
    bytes: &'a [u8],
    /// Where its header is: behind that of the database on the first page.
    at: usize,
    pub(super) is_leaf: bool,
    cells: usize,
}

/// A row, or the beginning of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<'a> {
    pub(super) rowid: i64,
    /// What of the record is on the page.
    pub(super) local: &'a [u8],
    /// Length of the whole record.
    pub(super) len_bytes: usize,
    /// The page on which it goes on; 0 when it is whole.
    pub(super) overflow: u32,
}

impl<'a> Page<'a> {
    /// The page of this number.
    ///
    /// # Errors
    /// When it is none of a table.
    pub(super) fn parse(database: &Database, number: u32, bytes: &'a [u8]) -> Result<Self, FormatError> {
        let broken = || damaged(&format!("page {number} is no page of a table"));
        let bytes = bytes.get(..database.usable_bytes as usize).ok_or_else(broken)?;
        let at = if number == 1 { HEADER_BYTES } else { 0 };
        let is_leaf = match bytes.get(at) {
            Some(&LEAF_TABLE) => true,
            Some(&INTERIOR_TABLE) => false,
            _ => return Err(broken()),
        };
        let page = Self { bytes, at, is_leaf, cells: usize::from(u16_at(bytes, at + 3)) };
        if page.pointers_at() + 2 * page.cells > bytes.len() {
            return Err(broken());
        }
        Ok(page)
    }

    /// Number of rows, or of children without the last one.
    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    fn pointers_at(&self) -> usize {
        self.at + if self.is_leaf { 8 } else { 12 }
    }

    fn cell_bytes(&self, index: usize) -> &'a [u8] {
        let at = usize::from(u16_at(self.bytes, self.pointers_at() + 2 * index));
        self.bytes.get(at..).unwrap_or_default()
    }

    /// The pages below an interior one, in the order of their keys.
    pub(super) fn children(&self) -> impl Iterator<Item = u32> {
        let last = u32_at(self.bytes, self.at + 8);
        (0..self.cells).map(|index| u32_at(self.cell_bytes(index), 0)).chain(std::iter::once(last))
    }

    /// A row of a leaf.
    ///
    /// # Errors
    /// When it is not within the page.
    pub(super) fn row(&self, database: &Database, index: usize) -> Result<Cell<'a>, FormatError> {
        let broken = || damaged("a row is not within its page");
        let bytes = self.cell_bytes(index);
        let (len, first) = varint(bytes).ok_or_else(broken)?;
        let (rowid, second) = varint(&bytes[first..]).ok_or_else(broken)?;
        let rest = &bytes[first + second..];
        let len_bytes = usize::try_from(len).ok().filter(|&len| len <= i32::MAX as usize);
        let len_bytes = len_bytes.ok_or_else(|| damaged("a row is longer than rows can be"))?;
        let usable = database.usable_bytes as usize;
        let most = usable - 35;
        if len_bytes <= most {
            let local = rest.get(..len_bytes).ok_or_else(broken)?;
            return Ok(Cell { rowid, local, len_bytes, overflow: 0 });
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let filled = least + (len_bytes - least) % (usable - 4);
        let here = if filled <= most { filled } else { least };
        let (local, behind) = rest.split_at_checked(here).ok_or_else(broken)?;
        if behind.len() < 4 {
            return Err(broken());
        }
        Ok(Cell { rowid, local, len_bytes, overflow: u32_at(behind, 0) })
    }
}

/// A number of one to nine bytes, and how many it has; `None` when the bytes end in it.
#[inline]
pub(super) fn varint(bytes: &[u8]) -> Option<(i64, usize)> {
    let first = *bytes.first()?;
    if first < 0x80 {
        return Some((first.into(), 1));
    }
    let mut value = u64::from(first & 0x7f);
    for (index, &byte) in bytes.iter().enumerate().take(8).skip(1) {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value as i64, index + 1));
        }
    }
    let last = *bytes.get(8)?;
    Some(((value << 8 | u64::from(last)) as i64, 9))
}
