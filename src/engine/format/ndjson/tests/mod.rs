//! Tests of JSON lines.

mod bad_input;
mod grammar;
mod sniffing;
mod splits;
mod values;

use super::Ndjson;
use crate::format::testing::{cells, read_as, whole};
use crate::format::{Decoded, Format, FormatError, Sniffed};

/// Sniffs and decodes all columns.
fn read(text: &str) -> (Sniffed, Decoded) {
    read_as(&Ndjson, text.as_bytes())
}

/// All cells as text, null as `∅`.
fn rows(text: &str) -> Vec<Vec<String>> {
    cells(&read(text).1)
}

fn refusal(text: &str) -> FormatError {
    match Ndjson.sniff(&whole(text.as_bytes())) {
        Ok(found) => panic!("{text} has columns {:?}", found.schema),
        Err(error) => error,
    }
}
