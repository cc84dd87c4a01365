//! JSON lines: one JSON object a line.
//!
//! Owns: sniffing of columns and their types, the scan of records, and decoding of projected columns.
//! Touches: Arrow and the contract in [`crate::format`].
//!
//! Every line that holds more than space is a record, and its start is that of its line, so that
//! neighbouring splits agree on every start without a guess. A record is scanned once, checking all of
//! its bytes against the grammar of RFC 8259; what is asked for is then decoded from where the scan
//! found it. Objects become structs, arrays become lists, values of several kinds the text of their
//! JSON. Of a key that comes twice in an object the last value counts; a key that is absent is null.
//!
//! An array over many lines, with one object on each, is read likewise: brackets and commas around
//! an object count as space.

mod claim;
mod column;
mod column_type;
mod decode;
mod issues;
mod keys;
mod scan;
mod shape;
mod sniff;
#[cfg(test)]
mod tests;
mod token;
mod unescape;

use crate::format::{Format, FormatError, Sample, Sniffed};

/// Newline-delimited JSON.
#[derive(Clone, Copy, Debug)]
pub struct Ndjson;

impl Format for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn claims(&self, file_name: &str, head: &[u8]) -> bool {
        claim::claims(file_name, head)
    }

    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        sniff::sniff(sample)
    }
}
