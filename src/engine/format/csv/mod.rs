//! Delimited text: CSV, TSV and their relatives.
//!
//! Owns: sniffing of dialect and types, the structural index, and decoding of projected columns.
//! Touches: Arrow and the contract in [`crate::format`].
//!
//! Records and fields are what the `csv` crate makes of them ([`machine`]). A record starts at its
//! first byte that ends no line: blank lines stand between records and belong to none, so that
//! neighbouring splits agree on every start. An empty field is null; a field of two quotes is an
//! empty string as `VARCHAR` and null in other types.

mod bad;
mod block;
mod column;
mod decode;
mod field;
mod guess;
mod index;
mod machine;
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

    fn claims(&self, _file_name: &str, _head: &[u8]) -> bool {
        true
    }

    fn sniff(&self, _sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        Err(FormatError { message: "delimited text cannot be read yet".to_owned(), hint: None })
    }
}
