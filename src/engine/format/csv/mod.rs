//! Delimited text: CSV, TSV and their relatives.
//!
//! Owns: sniffing of dialect and types, the structural index, and decoding of projected columns.
//! Touches: Arrow and the contract in [`crate::format`].
//!
//! Records and fields are what the `csv` crate makes of them (module `machine`). A record starts at its
//! first byte that ends no line: blank lines stand between records and belong to none, so that
//! neighbouring splits agree on every start. So do comments, where the syntax has some. An empty field is null; a field of two quotes is an
//! empty string as `VARCHAR` and null in other types.

mod bad;
mod block;
mod column;
mod columns;
mod decode;
mod dialect;
mod field;
mod guess;
mod header;
mod index;
mod machine;
mod preamble;
mod sniff;
mod syntax;
#[cfg(test)]
mod tests;
mod wishes;

use super::lines::{byte_order_mark_len, name_ending};
use crate::format::{Format, FormatError, Sample, Sniffed};

/// Comma-separated values and other delimited text.
#[derive(Clone, Copy, Debug)]
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    /// By its name; or when its records have fields, and clearly the same number of them. Lines of a
    /// log are never taken for records.
    fn claims(&self, file_name: &str, head: &[u8]) -> bool {
        match name_ending(file_name).as_str() {
            "csv" | "tsv" | "tab" | "psv" => true,
            "log" => false,
            _ => dialect::is_delimited(&head[byte_order_mark_len(head)..]),
        }
    }

    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        sniff::sniff(sample)
    }
}
