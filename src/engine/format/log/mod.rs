//! Logs: lines of known layouts, whose parts become typed columns.
//!
//! Owns: the table [`LOGS`], one file for each log format; patterns that users give; the scan of lines, the times that logs
//! write, and decoding of projected columns. Touches: Arrow and the contract in [`crate::format`].
//!
//! A record is a line, or a line and those behind it that begin no record themselves, as the lines of
//! a stack trace: then the message holds them all. Every line shows by itself whether a record starts
//! there, so that neighbouring splits agree on every start without a guess. Blank lines stand between
//! records. A line that is of another layout is a row all the same: its text is in the column
//! `unparsed`, which is null in all others, its other columns are null, and it is counted and listed.
//! Where a format writes `-` for nothing, the value is null. Times without a time zone are taken as UTC.

mod access;
mod apache_error;
mod application;
mod column;
mod cursor;
mod decode;
mod fixed;
mod layout;
mod logfmt;
mod nginx_error;
mod pattern;
mod sniff;
mod syslog;
mod syslog_5424;
#[cfg(test)]
mod tests;
mod time;
mod w3c;

use std::fmt::Debug;
use std::sync::Arc;

pub(super) use layout::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
pub use pattern::preview_pattern;
pub(super) use sniff::{lines_of, looked_at, sniff_layout};

use super::lines::{byte_order_mark_len, name_ending};
use crate::format::{Format, FormatError, Sample, Sniffed};

/// All log formats, in the order in which they are asked: those that take fewer lines first.
pub static LOGS: &[&dyn Log] = &[
    &w3c::W3c,
    &syslog_5424::Syslog5424,
    &access::Access,
    &nginx_error::NginxError,
    &apache_error::ApacheError,
    &syslog::Syslog,
    &application::Application,
    &logfmt::Logfmt,
];

/// A way to write logs.
pub trait Log: Debug + Send + Sync {
    /// What it is called, as a person would.
    fn name(&self) -> &'static str;

    /// How lines like these are laid out, when most of them are of this format. The first text is the
    /// start of the file, the others are whole lines from further on.
    fn layout(&self, file_name: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>>;

    /// What the user should know of a file in this format.
    fn warning(&self, _modified_millis: Option<i64>, _texts: &[&[u8]]) -> Option<String> {
        None
    }
}

/// Logs of any format in [`LOGS`].
#[derive(Clone, Copy, Debug)]
pub struct Logs;

impl Format for Logs {
    fn name(&self) -> &'static str {
        "log"
    }

    /// By content, unless the name says that it is something else.
    fn claims(&self, file_name: &str, head: &[u8]) -> bool {
        let head = &head[byte_order_mark_len(head)..];
        !matches!(name_ending(file_name).as_str(), "csv" | "tsv" | "tab" | "psv")
            && LOGS.iter().any(|log| log.layout(file_name, &[looked_at(head)]).is_some())
    }

    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        sniff::sniff(sample)
    }
}
