//! Worker to page.

use serde::{Deserialize, Serialize};

use crate::{
    BadRow, CacheInfo, CheckpointInfo, ColumnMisfits, CommandId, ErrorInfo, PatternPreview, ResultInfo,
    RowPage, SeriesPage, StreamStatus, TableInfo, Timeline,
};

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Event {
    /// The engine is on its way. Sent by the worker's entry script.
    Boot {
        /// What is being done.
        stage: BootStage,
        /// Compressed bytes that have arrived.
        loaded_bytes: u64,
        /// Compressed bytes of the whole engine.
        total_bytes: u64,
    },
    /// The engine needs a worker: a `MessagePort` comes along as `port`, and the page gives it to the worker
    /// that it starts. Sent by the worker's entry script.
    Spawn {
        /// Its number, unique within one engine worker's life.
        worker: u32,
        /// What it runs: `{kind}.worker.js` beside the engine's own script.
        kind: WorkerKind,
        /// Name of the thread, for people who look at the browser's tools.
        name: String,
        /// The origin that it connects to, which the user allowed; of connections only.
        to: Option<String>,
    },
    /// A worker is needed no more. Sent by the worker's entry script.
    End {
        /// Its number.
        worker: u32,
    },
    /// The engine takes commands.
    Ready {
        /// Threads of the pool.
        threads: u32,
        /// Version of the engine.
        version: String,
        /// Names of SQL functions, for completion.
        functions: Vec<String>,
    },
    /// Answers `AddFiles` and `SetOptions`.
    TablesAdded {
        /// The command's id.
        id: CommandId,
        /// The new tables, in the order of the files.
        tables: Vec<TableInfo>,
    },
    /// How far `AddFiles` is, about five times a second where it takes longer.
    Adding {
        /// The command's id.
        id: CommandId,
        /// How far it is.
        progress: AddProgress,
    },
    /// Answers `PreviewPattern`.
    PatternPreviewed {
        /// The command's id.
        id: CommandId,
        /// What the pattern makes of the first lines.
        preview: PatternPreview,
    },
    /// Answers `Cached` and `ClearCache`.
    Cached {
        /// The command's id.
        id: CommandId,
        /// What is kept now.
        cache: CacheInfo,
    },
    /// Answers `RemoveTable`.
    TableRemoved {
        /// The command's id.
        id: CommandId,
    },
    /// Answers `Check`.
    Checked {
        /// The command's id.
        id: CommandId,
        /// What is wrong with the text; absent when it can be run.
        error: Option<ErrorInfo>,
    },
    /// How far a query is.
    Progress {
        /// The query's id.
        id: CommandId,
        /// Counters so far.
        progress: Progress,
    },
    /// A newer partial result is there to be read.
    Snapshot {
        /// The query's id.
        id: CommandId,
        /// The partial result.
        result: ResultInfo,
    },
    /// The exact result is there to be read.
    Done {
        /// The query's id.
        id: CommandId,
        /// The exact result.
        result: ResultInfo,
        /// Counters of the whole run.
        stats: QueryStats,
        /// The first bad rows by file and line, and behind them the keys that no column stands for; at
        /// most 1000.
        bad_rows: Vec<BadRow>,
        /// The columns with values that are not of their type, and the type that would hold them.
        #[serde(default)]
        misfits: Vec<ColumnMisfits>,
        /// The columns that are kept in memory now.
        cache: CacheInfo,
    },
    /// How a stream is.
    StreamStatus {
        /// The stream's id.
        id: CommandId,
        /// Counters, watermark, sources.
        status: StreamStatus,
    },
    /// A stream has ended. Its last result can be read.
    StreamEnded {
        /// The stream's id.
        id: CommandId,
        /// The last result.
        result: ResultInfo,
        /// How it was in the end.
        status: StreamStatus,
    },
    /// Answers `LateRows`.
    LateRows {
        /// The command's id.
        id: CommandId,
        /// The rows that are kept.
        result: ResultInfo,
    },
    /// Answers `Checkpoint`.
    Checkpointed {
        /// The command's id.
        id: CommandId,
        /// The checkpoint.
        checkpoint: CheckpointInfo,
    },
    /// Answers `DropCheckpoint`.
    CheckpointDropped {
        /// The command's id.
        id: CommandId,
    },
    /// Answers `Rows`.
    Rows {
        /// The command's id.
        id: CommandId,
        /// The rows.
        page: RowPage,
    },
    /// Answers `Series`.
    Series {
        /// The command's id.
        id: CommandId,
        /// The series.
        page: SeriesPage,
    },
    /// Answers `Timeline`.
    Timeline {
        /// The command's id.
        id: CommandId,
        /// What the threads did; absent when no such query is known.
        timeline: Option<Timeline>,
    },
    /// A piece of an export; its bytes travel beside the message.
    Exported {
        /// The command's id.
        id: CommandId,
        /// Whether this is the last piece.
        last: bool,
    },
    /// A command failed. The engine lives on.
    Failed {
        /// The command's id.
        id: CommandId,
        /// Why.
        error: ErrorInfo,
    },
    /// The engine is lost; the page starts another.
    Fatal {
        /// Why.
        error: ErrorInfo,
    },
}

/// Steps of loading the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootStage {
    /// Bytes arrive and are compiled as they do.
    Download,
    /// The last functions are compiled and the module is instantiated.
    Compile,
}

/// What the workers of an engine do, beside its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerKind {
    /// A thread of the pool: computes.
    Pool,
    /// Reads files into the engine's memory.
    Reader,
    /// Writes what memory does not hold to a private file, and reads it back.
    Spill,
    /// Keeps checkpoints of streams in private files.
    Checkpoint,
    /// Connects to an address that the user allowed.
    Connection,
}

/// How far the making of tables is. Most formats read little of a file; SQLite, workbooks, Avro and archives are read
/// whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddProgress {
    /// Name of the first of the files.
    pub file: String,
    /// Bytes that were read of the files.
    pub bytes_read: u64,
    /// Length of the files.
    pub bytes_total: u64,
    /// Threads that are computing right now.
    pub threads_busy: u32,
    /// Threads of the pool.
    pub threads: u32,
}

/// Counters of a running query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Bytes of the files that tasks have finished, whether they read them or found their columns kept.
    pub bytes_done: u64,
    /// Bytes that were read from files.
    pub bytes_read: u64,
    /// Bytes of the files that the whole query covers.
    pub bytes_total: u64,
    /// Records read so far.
    pub rows_read: u64,
    /// Bad rows met so far.
    pub bad_rows: u64,
    /// Bytes that were put aside because memory did not hold them.
    pub spilled_bytes: u64,
    /// Rows that are in no window, since their event time is NULL; known at the end.
    pub rows_without_time: u64,
    /// Splits finished.
    pub splits_done: u32,
    /// Splits of the whole query.
    pub splits_total: u32,
    /// Threads that are computing right now.
    pub threads_busy: u32,
    /// Milliseconds since the query started.
    pub elapsed_millis: f64,
    /// What the query is doing, in a word or two.
    pub phase: String,
    /// Whether a guess about quotes proved wrong and the scan began again.
    pub restarted: bool,
}

/// Counters of a finished query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryStats {
    /// Bytes read from files: fewer than they have when columns were kept in memory.
    pub bytes_read: u64,
    /// Records read from files.
    pub rows_read: u64,
    /// Bad rows met, of which the first are listed.
    pub bad_rows: u64,
    /// Rows that are in no window, since their event time is NULL.
    pub rows_without_time: u64,
    /// Bytes that were put aside because memory did not hold them.
    pub spilled_bytes: u64,
    /// Milliseconds from the command to the exact result.
    pub elapsed_millis: f64,
    /// Threads of the pool.
    pub threads: u32,
    /// Snapshots that were sent.
    pub snapshots: u32,
    /// The most threads that were seen computing at one moment.
    pub threads_busy_max: u32,
}
