//! Where rows that do not end come from.

use std::collections::BTreeMap;

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

    /// Which column is the event time: one of type TIMESTAMP. None when it is the time of arrival, which is added to
    /// the columns then.
    fn event_time(&self) -> Option<usize>;

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
    /// The files of a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderPosition>,
}

/// How far the files of a folder have been read. It holds all that is needed when they are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderPosition {
    /// Name of the file that the columns were found in.
    pub sample_name: String,
    /// The lines that they were found in.
    pub sample: String,
    /// The files by their names.
    pub files: BTreeMap<String, FilePosition>,
}

/// How far a file of a folder has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePosition {
    /// Bytes.
    pub offset: u64,
    /// Lines before that.
    pub lines: u64,
    /// What it begins with.
    pub identity: Option<FileIdentity>,
    /// Whether it was found to be away.
    #[serde(default)]
    pub is_gone: bool,
}

/// The first bytes of a file, by their digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileIdentity {
    /// How many they are.
    pub bytes: u64,
    /// Their digest.
    pub digest: u64,
}
