//! Parquet.
//!
//! Owns: what is found out about a file from its footer, which pages hold the rows that are wanted, and their
//! decoding, column by column, by the `parquet` crate. Touches: Arrow and the contract in
//! [`crate::format::blocks`].
//!
//! A block is a row group, or some of its rows when it is larger than a task should hold. Of a block only the column
//! chunks that are needed are read, and of these only the pages with rows that are wanted: from the file's page index,
//! or else by going from page header to page header. Pages of lists in files without an index do not say how many
//! rows they have: their chunks are read whole, and their row groups are not divided.
//!
//! Floating point columns have no [`Bounds`](crate::format::Bounds): NaN is greater than all numbers to SQL, and
//! statistics leave it out.

mod bounds;
mod chunk;
mod decode;
mod file;
mod open;
mod page_header;
mod pages;
#[cfg(test)]
mod tests;

use super::blocks::{BlockFile, BlockFormat, BlockTable, Steps};

/// Apache Parquet.
#[derive(Clone, Copy, Debug)]
pub struct Parquet;

impl BlockFormat for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    /// By its first bytes, also those of a file with an encrypted footer, which is then refused as such.
    fn claims(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(b"PAR1") || head.starts_with(b"PARE")
    }

    fn open(&self, file: &BlockFile) -> Box<dyn Steps<Vec<BlockTable>>> {
        Box::new(open::Opening::new(file))
    }
}
