//! What is told of a running stream.

use super::Position;

/// A running stream at one moment. Times are in milliseconds, event times since 1970-01-01 UTC.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamStatus {
    /// Rows that have come.
    pub rows_in: u64,
    /// Rows of the result that have been given.
    pub rows_out: u64,
    /// Rows that came too late for all of their windows.
    pub late_rows: u64,
    /// Rows without an event time.
    pub rows_without_time: u64,
    /// Records and fields that did not fit.
    pub bad_rows: u64,
    /// How far event time has come; nothing before every source that is not idle has given rows. When all
    /// have ended it is behind all times: [`i64::MAX`] microseconds.
    pub watermark_millis: Option<i64>,
    /// How far the watermark stands behind the time of the last step.
    pub lag_millis: Option<i64>,
    /// Windows that rows have come for and that have not closed. Parts of a session that have not been merged
    /// count for themselves.
    pub open_windows: u64,
    /// Rows of the state: partial aggregates by window and key, or rows that wait for their window.
    pub state_rows: u64,
    /// Bytes that they take.
    pub state_bytes: u64,
    /// The sources, in the order in which they were given.
    pub sources: Vec<SourceStatus>,
    /// What became of sources, the latest last; only the last ones are kept.
    pub notices: Vec<String>,
    /// How many notices there were in all, of which `notices` has the last ones.
    pub notice_count: u64,
}

/// A source at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceStatus {
    /// Its name.
    pub name: String,
    /// Rows that have come.
    pub rows: u64,
    /// Its highest event time, in milliseconds.
    pub highest_millis: Option<i64>,
    /// Whether it has been silent for so long that nobody waits for it.
    pub idle: bool,
    /// Whether it has ended.
    pub ended: bool,
    /// How far it has given its rows.
    pub position: Position,
}
