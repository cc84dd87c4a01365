//! Delimited text: CSV, TSV and their relatives.
//!
//! Owns: sniffing of dialect and types, the structural index, and decoding of projected columns.
//! Touches: Arrow and the contract in [`crate::format`].
//!
//! Records and fields are what the `csv` crate makes of them (module `machine`). A record starts at its
//! first byte that ends no line: blank lines stand between records and belong to none, so that
//! neighbouring splits agree on every start. An empty field is null; a field of two quotes is an
//! empty string as `VARCHAR` and null in other types.

mod bad;
mod block;
mod column;
mod decode;
mod dialect;
mod field;
mod guess;
mod header;
mod index;
mod machine;
mod sniff;
mod syntax;
#[cfg(test)]
mod tests;

use crate::format::{Format, FormatError, Sample, Sniffed};

/// Comma-separated values and other delimited text.
#[derive(Clone, Copy, Debug)]
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    /// Takes everything, and so must stand last among the formats: sniffing says what a file that
    /// is not text seems to be.
    fn claims(&self, _file_name: &str, _head: &[u8]) -> bool {
        true
    }

    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        sniff::sniff(sample)
    }
}
