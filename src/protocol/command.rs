//! Page to worker.

use serde::{Deserialize, Serialize};

use crate::{CheckpointPlan, CommandId, RowOrder, SeriesRequest, StreamAction, StreamSpec, TableOptions};

/// A request of the page. See the crate's documentation for what answers each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Command {
    /// Starts the thread pool and the readers.
    Start {
        /// Threads, readers and memory.
        options: StartOptions,
    },
    /// Makes tables of files. The `File` objects travel beside this message, in the same order.
    AddFiles {
        /// Repeated by the answer.
        id: CommandId,
        /// Name of the table; files given together then become one table. Without it each file
        /// becomes a table of its own, named after the file, and so does each file in an archive.
        table: Option<String>,
        /// One entry a file.
        files: Vec<FileMeta>,
        /// What the user says about the files; all of it is found out when absent.
        #[serde(default)]
        options: TableOptions,
    },
    /// Reads the files of a table in another way, without adding them again. Answered by `TablesAdded`.
    SetOptions {
        /// Repeated by the answer.
        id: CommandId,
        /// The table's name as in [`crate::TableInfo::name`].
        table: String,
        /// All that the user says about it.
        options: TableOptions,
    },
    /// Reads a whole table and writes everything in it that does not fit as CSV: file, line, reason, text. Answered
    /// as `Export` is.
    ExportBadRows {
        /// Repeated by the answer.
        id: CommandId,
        /// The table's name as in [`crate::TableInfo::name`].
        table: String,
    },
    /// Forgets a table. Running queries over it end with an error.
    RemoveTable {
        /// Repeated by the answer.
        id: CommandId,
        /// The table's name as in [`crate::TableInfo::name`].
        table: String,
    },
    /// Tries a pattern of lines on the beginning of a table's first file, while somebody types it. Answered by
    /// `PatternPreviewed`; what is wrong with the pattern by `Failed`, with the place.
    PreviewPattern {
        /// Repeated by the answer.
        id: CommandId,
        /// The table's name as in [`crate::TableInfo::name`].
        table: String,
        /// As in [`TableOptions::pattern`].
        pattern: String,
    },
    /// Plans without running, to mark errors while somebody types. Answered by `Checked`.
    Check {
        /// Repeated by the answer.
        id: CommandId,
        /// One SQL statement.
        sql: String,
    },
    /// Runs a query.
    Query {
        /// Repeated by all events of the query; names its result afterwards.
        id: CommandId,
        /// One SQL statement.
        sql: String,
        /// Whether snapshots are wanted while the query runs.
        snapshots: bool,
    },
    /// Ends a query or an export at once. It answers with `Failed` and `ErrorKind::Cancelled`.
    Cancel {
        /// Id of the query or the export.
        id: CommandId,
    },
    /// Runs a query over streams. Handles of the files among its sources travel beside this message, in their
    /// order.
    Stream {
        /// Repeated by all events of the stream; names its result.
        id: CommandId,
        /// The query and its sources.
        spec: StreamSpec,
        /// Where its checkpoints are kept; none are made when absent.
        checkpoint: Option<CheckpointPlan>,
    },
    /// Tells a stream what to do. One that has ended, or is not known, is left alone.
    Control {
        /// Id of the stream.
        stream: CommandId,
        /// What to do.
        action: StreamAction,
    },
    /// Makes a result of the rows of a table that came too late, as far as they are kept, to be read under this
    /// command's id until it is forgotten. Answered by `LateRows`.
    LateRows {
        /// Repeated by the answer; names the result.
        id: CommandId,
        /// Id of the stream.
        stream: CommandId,
        /// The table; the only or first one when absent.
        table: Option<String>,
    },
    /// Makes and keeps a checkpoint of a stream now. Answered by `Checkpointed`.
    Checkpoint {
        /// Repeated by the answer.
        id: CommandId,
        /// Id of the stream.
        stream: CommandId,
    },
    /// Removes the checkpoint that is kept under a name, if there is one. Answered by `CheckpointDropped`.
    DropCheckpoint {
        /// Repeated by the answer.
        id: CommandId,
        /// Name of the checkpoint.
        name: String,
    },
    /// Reads rows of a query's newest result. Answered by `Rows`.
    Rows {
        /// Repeated by the answer.
        id: CommandId,
        /// Id of the query.
        query: CommandId,
        /// Sort order for display; the query's own order when absent.
        order: Option<RowOrder>,
        /// First row, counted from 0 in that order.
        offset: u64,
        /// How many rows at most.
        count: u32,
    },
    /// Reads a query's newest result as series for a chart. Answered by `Series`.
    Series {
        /// Repeated by the answer.
        id: CommandId,
        /// Id of the query.
        query: CommandId,
        /// What to draw.
        request: SeriesRequest,
    },
    /// Writes the newest result of a query as a file. Answered by `Exported` events, the last of which
    /// says so; their bytes travel beside the message. `Cancel` ends it.
    Export {
        /// Repeated by the answers.
        id: CommandId,
        /// Id of the query.
        query: CommandId,
        /// Kind of file.
        format: ExportFormat,
        /// Sort order; the query's own order when absent.
        order: Option<RowOrder>,
    },
    /// Asks which columns are kept, in memory and on disk. Answered by `Cached`.
    Cached {
        /// Repeated by the answer.
        id: CommandId,
    },
    /// Forgets the columns kept in memory and on disk. Answered by `Cached`.
    ClearCache {
        /// Repeated by the answer.
        id: CommandId,
    },
    /// Lets kept columns take so much of the disk. With less than before, what is there is forgotten.
    /// Answered by `Cached`.
    SetCache {
        /// Repeated by the answer.
        id: CommandId,
        /// Most bytes on disk; with 0 none are kept there.
        disk_bytes: u64,
    },
    /// Asks what the threads do and did for a query, also while it runs. Answered by `Timeline`.
    Timeline {
        /// Repeated by the answer.
        id: CommandId,
        /// Id of the query: one that runs, whose result is kept, or that began last. The last when absent.
        query: Option<CommandId>,
        /// Most spans, and as many reads; what is more is put together or left out.
        max_spans: u32,
    },
    /// Gives back the memory of a query's result.
    Forget {
        /// Id of the query.
        query: CommandId,
    },
    /// Breaks the engine on purpose, so that tests can see it recover.
    Fault {
        /// Repeated by the answer, when one can still come.
        id: CommandId,
        /// What to break.
        kind: FaultKind,
    },
}

/// How to start the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartOptions {
    /// Threads of the pool; the worker chooses by the machine when absent.
    pub threads: Option<u32>,
    /// Length of splits; the worker chooses it when absent.
    pub split_bytes: Option<u32>,
    /// Memory that state and results of queries and kept columns may take, in bytes.
    pub memory_budget_bytes: Option<u64>,
    /// How much of it kept columns may take, in bytes; with 0 none are kept.
    pub cache_bytes: Option<u64>,
    /// How much of the disk kept columns may take, in bytes; with 0 or without, none are kept there.
    pub cache_disk_bytes: Option<u64>,
}

/// What the page knows of a file without reading it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileMeta {
    /// The file's own name, with ending, and in front of it the folders that it was found in, if any: those called
    /// `key=value` become columns.
    pub name: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub last_modified_millis: f64,
    /// Which of the files in it, counted from 0, when it is an archive; all of them without.
    #[serde(default)]
    pub part: Option<u32>,
}

/// Kinds of files that a result is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// CSV with a header.
    Csv,
    /// Parquet.
    Parquet,
    /// Arrow IPC, as a file.
    Arrow,
    /// A workbook of Excel (`.xlsx`).
    Excel,
}

/// What [`Command::Fault`] breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A panic in a task on the pool: the query fails, the engine lives on.
    TaskPanic,
    /// A trap in a pool thread: the engine is lost and replaced.
    ThreadTrap,
    /// A trap in the engine worker itself: the engine is lost and replaced.
    WorkerTrap,
}
