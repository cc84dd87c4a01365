//! Queries over streams: what one is made of, and what is told of it while it runs.

use serde::{Deserialize, Serialize};

use crate::BadRow;

/// Name of the column with the time at which rows arrived, where that is their event time.
pub const ARRIVAL_TIME: &str = "arrival_time";

/// A query over streams. Plain data: together with the handles of its files it can be kept, and run again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamSpec {
    /// One SQL statement, which names the streams as its tables.
    pub sql: String,
    /// Where rows come from. Several sources may give rows to one table.
    pub sources: Vec<StreamSource>,
    /// Which rows of the result are given.
    #[serde(default)]
    pub mode: StreamMode,
    /// How long, in milliseconds of event time, a window takes rows after the watermark has passed its end.
    #[serde(default)]
    pub lateness_millis: f64,
    /// A source that has been silent for so many milliseconds is not waited for; without it each is.
    #[serde(default)]
    pub idle_after_millis: Option<f64>,
}

/// Which rows of the result are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamMode {
    /// Final ones, once: those of a window when it closes.
    #[default]
    Append,
    /// Those of windows or groups that have changed.
    Update,
    /// All.
    Complete,
}

/// One source of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamSource {
    /// The table that it gives rows to.
    pub table: String,
    /// Column of the event time; the only timestamp when absent.
    #[serde(default)]
    pub event_time: Option<String>,
    /// Whether the event time is the time at which rows arrive, by the clock of the engine's worker. They get it as a
    /// column, [`ARRIVAL_TIME`].
    #[serde(default)]
    pub by_arrival: bool,
    /// By how many milliseconds rows may be out of order. By arrival they never are.
    #[serde(default)]
    pub delay_millis: f64,
    /// Where the rows come from.
    #[serde(flatten)]
    pub kind: StreamSourceKind,
}

/// Where rows of a stream come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum StreamSourceKind {
    /// A file that grows. Its handle travels beside the message; handles are in the order of sources that have one.
    File {
        /// Name of the file.
        name: String,
    },
    /// A folder that receives files of one shape. Its handle travels as that of a file.
    Folder {
        /// Name of the folder.
        name: String,
        /// In which order files that come together are read.
        #[serde(default)]
        order: FolderOrder,
    },
    /// Rows that are made up: `ts`, `key`, `value` and `number`.
    Generator {
        /// Rows of a second.
        rows_per_second: f64,
        /// How many there are; without it they do not end.
        #[serde(default)]
        rows: Option<f64>,
        /// Event time of the first row, in milliseconds since 1970-01-01 UTC.
        start_millis: f64,
        /// By how many milliseconds event times stand behind the order of the rows, at most.
        #[serde(default)]
        disorder_millis: u32,
        /// Share of the rows, 0 to 1, that stand further behind.
        #[serde(default)]
        late_share: f64,
        /// How many milliseconds further, at most.
        #[serde(default)]
        late_millis: u32,
        /// Number of different keys.
        keys: u32,
        /// The same seed gives the same rows.
        seed: u32,
    },
    /// Messages of a WebSocket: lines of JSON or CSV, or Arrow IPC.
    Socket {
        /// Its address, `ws:` or `wss:`.
        url: String,
    },
    /// Server-sent events, whose data are lines of JSON or CSV.
    Events {
        /// Their address, `http:` or `https:`.
        url: String,
    },
}

/// In which order files of a folder are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FolderOrder {
    /// By their names.
    #[default]
    Name,
    /// By the time of their last change.
    Time,
}

/// Where the checkpoints of a stream are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointPlan {
    /// Name among the checkpoints of this site.
    pub name: String,
    /// How often one is made, in milliseconds; one more is made when the stream is stopped.
    pub every_millis: f64,
    /// Whether the stream goes on from the last one that was kept under this name.
    pub resume: bool,
}

/// What a stream that runs is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum StreamAction {
    /// Takes no rows until it is resumed.
    Pause,
    /// Goes on.
    Resume,
    /// Ends. A last checkpoint is made where they are kept.
    Stop {
        /// Whether windows that are open close first, so that their rows are given as if the sources had ended.
        close_windows: bool,
    },
}

/// What a stream is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamPhase {
    /// It opens its sources.
    #[default]
    Starting,
    /// It takes rows.
    Running,
    /// It waits until it is told to go on.
    Paused,
    /// It was stopped.
    Stopped,
    /// Its sources have ended.
    Ended,
}

/// A stream at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamStatus {
    /// What it is doing.
    pub phase: StreamPhase,
    /// Milliseconds since it was started or resumed from a checkpoint.
    pub elapsed_millis: f64,
    /// Rows that have come.
    pub rows_in: u64,
    /// Rows of the result that have been given.
    pub rows_out: u64,
    /// Rows that have come in a second, over the last seconds.
    pub rows_per_second: f64,
    /// Rows that came too late for all of their windows.
    pub late_rows: u64,
    /// Rows without an event time.
    pub rows_without_time: u64,
    /// Records and fields that did not fit.
    pub bad_rows: u64,
    /// The first of them, at most 20.
    pub bad_row_list: Vec<BadRow>,
    /// How far event time has come, in milliseconds since 1970-01-01 UTC. None before every source that is
    /// waited for has given rows, and none when all have ended.
    pub watermark_millis: Option<f64>,
    /// How far the watermark stands behind the clock.
    pub lag_millis: Option<f64>,
    /// Windows that have rows and have not closed.
    pub open_windows: u64,
    /// Rows of the state.
    pub state_rows: u64,
    /// Bytes that they take.
    pub state_bytes: u64,
    /// The sources, as in the command.
    pub sources: Vec<StreamSourceStatus>,
    /// What became of sources, the latest last; only the last ones are kept.
    pub notices: Vec<String>,
    /// How many notices there were in all.
    pub notice_count: u64,
    /// The last checkpoint, where they are kept.
    pub checkpoint: Option<CheckpointInfo>,
}

/// A source at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamSourceStatus {
    /// Its name.
    pub name: String,
    /// Rows that have come.
    pub rows: u64,
    /// Its highest event time, in milliseconds since 1970-01-01 UTC.
    pub highest_millis: Option<f64>,
    /// Whether it has been silent for so long that nobody waits for it.
    pub idle: bool,
    /// Whether it has ended.
    pub ended: bool,
}

/// The last checkpoint of a stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointInfo {
    /// When it was made, in milliseconds since 1970-01-01 UTC; none yet when absent.
    pub made_millis: Option<f64>,
    /// Its length.
    pub bytes: u64,
    /// Why the one after it could not be kept.
    pub failure: Option<String>,
}
