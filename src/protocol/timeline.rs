//! What the threads did for a query, and when.

use serde::{Deserialize, Serialize};

/// The work of one query, thread by thread. All times are microseconds since the query started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    /// Threads of the pool, each a lane of `spans`.
    pub threads: u32,
    /// Whether the query runs still.
    pub running: bool,
    /// From the start of the query to its end, or to this moment.
    pub elapsed_micros: u64,
    /// How long planning took, before the first stage was known.
    pub planning_micros: u64,
    /// Share of the threads' time since planning in which they did nothing for this query, 0 to 1.
    pub idle_fraction: f64,
    /// Time by kind of work, summed over all threads. Kinds that took none are left out.
    pub kinds: Vec<KindTime>,
    /// The stages in the order in which they run. When a scan had to begin again, those of the second
    /// attempt follow.
    pub stages: Vec<StageTimeline>,
    /// What the threads did. On each thread spans are in order and do not overlap.
    pub spans: Vec<Span>,
    /// Reads that have been answered, in the order in which they were wished for.
    pub reads: Vec<ReadSpan>,
    /// With 0, `spans` has every span that was recorded. Otherwise spans of one stage and kind that began
    /// within so many microseconds on one thread are put together, their durations added up.
    pub grain_micros: u64,
    /// With 1, `reads` has every read; with n, each n-th.
    pub reads_stride: u32,
}

/// A stage and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageTimeline {
    /// The attempt to which it belongs, counted from 1. There is a second when a guess about quotes
    /// proved wrong.
    pub attempt: u32,
    /// What it does, in words: `scan events, filter, partial aggregate`.
    pub name: String,
    /// Its operators, as an indented tree.
    pub operators: Vec<String>,
    /// Number of tasks.
    pub tasks: u32,
    /// Tasks that have ended.
    pub tasks_done: u32,
    /// Rows that these gave to the next stage.
    pub rows: u64,
    /// Bytes read from files for it, look-ahead included.
    pub bytes_read: u64,
    /// Time of all threads together, without snapshots.
    pub busy_micros: u64,
    /// When its first task began, if one has, without snapshots.
    pub first_start_micros: Option<u64>,
    /// When its newest work ended, if there was any, without snapshots.
    pub last_end_micros: Option<u64>,
}

/// Time of one kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KindTime {
    /// The kind.
    pub kind: SpanKind,
    /// Time of all threads together.
    pub busy_micros: u64,
}

/// Work of one thread without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    /// Index of the thread.
    pub thread: u32,
    /// Index of the stage in [`Timeline::stages`]; verification belongs to none.
    pub stage: Option<u32>,
    /// Number of the task in its stage; absent for work that is no task's or of several.
    pub task: Option<u32>,
    /// What was done.
    pub kind: SpanKind,
    /// When it began.
    pub start_micros: u64,
    /// When it ended.
    pub end_micros: u64,
    /// How many spans this one stands for.
    pub pieces: u32,
}

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// Bytes of a split become columns.
    Decode,
    /// The operators of a task run.
    Operate,
    /// Partial states of a stage are merged while it runs.
    Merge,
    /// Later stages run over what has come so far, for a partial result.
    Snapshot,
    /// Guesses about the starts of splits are checked, and splits read again where one was wrong.
    Verify,
    /// Compressed bytes, or those of another encoding, become text.
    Unpack,
}

impl SpanKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Decode, Self::Operate, Self::Merge, Self::Snapshot, Self::Verify, Self::Unpack];
}

/// Bytes on their way: from a task's wish to the filled slot. No thread waits meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadSpan {
    /// The lowest lane that was free when the wish came, counted from 0: as many lanes as reads were in
    /// flight at one moment.
    pub lane: u32,
    /// Index of the stage in [`Timeline::stages`]; verification belongs to none.
    pub stage: Option<u32>,
    /// Number of the task in its stage.
    pub task: Option<u32>,
    /// When the task wished for the bytes.
    pub start_micros: u64,
    /// When they were there.
    pub end_micros: u64,
    /// How many bytes.
    pub bytes: u64,
}
