//! Where rows that do not end come from.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use futures::future::LocalBoxFuture;
use millrace_protocol::BadRow;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Gives rows in micro-batches. Lives on the coordinator, as files do, and knows no clock: who asks says what
/// time it is.
pub trait StreamSource {
    /// Its name, for messages and for the status.
    fn name(&self) -> &str;

    /// Names and types of the columns.
    fn schema(&self) -> SchemaRef;

    /// Which column is the event time: one of type TIMESTAMP.
    fn event_time(&self) -> usize;

    /// The rows that are there now, about `most_rows` at most, or none. `now_millis` never goes back.
    fn poll(&mut self, now_millis: i64, most_rows: usize) -> LocalBoxFuture<'_, Result<Polled, Error>>;

    /// How far rows have been given.
    fn position(&self) -> Position;

    /// Goes to where [`StreamSource::position`] was, so that the next row is the one that came then.
    ///
    /// # Errors
    /// When the source cannot give those rows again.
    fn seek<'a>(&'a mut self, position: &'a Position) -> LocalBoxFuture<'a, Result<(), Error>>;
}

/// What a source had.
#[derive(Clone, Debug, Default)]
pub struct Polled {
    /// Rows of the source's columns.
    pub batches: Vec<RecordBatch>,
    /// Whether no row will come any more.
    pub ended: bool,
    /// What became of the source, such as a file that was cut.
    pub notices: Vec<String>,
    /// Number of records and fields that did not fit.
    pub bad_count: u64,
    /// The first of them.
    pub bad_rows: Vec<BadRow>,
}

/// How far a source has given its rows. It goes into checkpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes of a file, or rows of other sources.
    pub offset: u64,
    /// Lines of a file before that.
    pub lines: u64,
    /// What tells a file from the one that may come in its place.
    pub identity: Option<FileIdentity>,
    /// Bytes of a file that its columns were found in.
    pub sample_bytes: u64,
}

/// The first bytes of a file, by their digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileIdentity {
    /// How many they are.
    pub bytes: u64,
    /// Their digest.
    pub digest: u64,
}
