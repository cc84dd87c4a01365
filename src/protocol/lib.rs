//! What the page and the engine worker say to each other.
//!
//! Owns: plain serde data, one message type for each direction, and nothing else.
//! Touches: no other crate of the workspace, no browser and no engine.
//!
//! # Stages of a conversation
//!
//! 1. **Boot.** The worker's entry script reports how much of the engine has arrived
//!    ([`Event::Boot`]). The page sends [`Command::Start`]; the worker starts its thread pool and
//!    answers [`Event::Ready`]. No other command may come earlier. Threads, readers and storages are
//!    workers that the page starts where [`Event::Spawn`] asks for them, now and later, and ends on
//!    [`Event::End`] and with the engine.
//! 2. **Tables.** [`Command::AddFiles`] travels together with the browser's `File` objects, in the
//!    same order as its list. One [`Event::TablesAdded`] or [`Event::Failed`] answers it.
//! 3. **Query.** [`Command::Query`] is followed by any number of [`Event::Progress`] and
//!    [`Event::Snapshot`], then by exactly one of [`Event::Done`] or [`Event::Failed`]. A cancelled
//!    query ends in `Failed` with [`ErrorKind::Cancelled`].
//! 4. **Result.** The engine keeps the newest result of each query until [`Command::Forget`]. The
//!    page pulls what it shows: [`Command::Rows`], [`Command::Series`], [`Command::Export`].
//! 5. **Stream.** [`Command::Stream`] runs a query over streams until it is told to stop, its sources end or it
//!    fails. Handles of files travel beside it. It is followed by any number of [`Event::StreamStatus`] and
//!    [`Event::Snapshot`], at most ten of each a second, then by exactly one of [`Event::StreamEnded`] or
//!    [`Event::Failed`]. Its rows are pulled as those of a query, also afterwards. [`Command::Control`] pauses,
//!    resumes and stops it; [`Command::LateRows`] makes a result of the rows that came too late.
//!    [`Command::Checkpoint`] keeps it on disk at once, where checkpoints are kept.
//! 6. **Timeline.** [`Command::Timeline`] asks what the threads do for a query, while it runs or later.
//!
//! # Guarantees
//!
//! - Every command carries an id that the page chose; every event that it causes repeats the id.
//! - Commands are answered while a query runs: the worker's event loop is never blocked by one.
//! - Snapshot numbers of a query rise; the covered fraction never falls, except after
//!   [`Progress::restarted`], when a scan had to begin again. The last result is exact.
//! - The result of a stream holds the newest rows that were given: in the mode append in the order in which
//!   they were, in the mode update with those of a window in place of the ones before, in the mode complete
//!   those of the last time. Its fraction is 1, since what was given is exact for the rows that have come.
//! - A stream that goes on from its checkpoint has each row of a file or generator once, and the result goes on
//!   with the rows that were shown when the checkpoint was made.
//! - After [`Event::Done`] or [`Event::Failed`] of a query no event of that query follows.
//! - An event that repeats no id (`Boot`, `Spawn`, `End`, `Ready`, `Fatal`) concerns the engine as a whole. After
//!   [`Event::Fatal`] the worker is of no more use and the page replaces it.

mod cache;
mod command;
mod error;
mod estimate;
mod event;
mod options;
mod pattern;
mod result;
mod stream;
mod table;
mod timeline;

pub use cache::{CacheInfo, CachedColumn, DiskCacheInfo};
pub use command::{Command, ExportFormat, FaultKind, FileMeta, StartOptions};
pub use error::{ErrorInfo, ErrorKind, Position};
pub use estimate::{ColumnEstimates, Estimate};
pub use event::{AddProgress, BootStage, Event, Progress, QueryStats, WorkerKind};
pub use options::{BadRowPolicy, DateOrder, TableOptions};
pub use pattern::{PatternLine, PatternPreview};
pub use result::{
    BadRow, Cell, ColumnInfo, ColumnMisfits, ResultInfo, RowOrder, RowPage, SeriesGroup, SeriesPage,
    SeriesRequest,
};
pub use stream::{
    ARRIVAL_TIME, CheckpointInfo, CheckpointPlan, FolderOrder, StreamAction, StreamMode, StreamPhase,
    StreamSource, StreamSourceKind, StreamSourceStatus, StreamSpec, StreamStatus,
};
pub use table::{Dialect, TableInfo};
pub use timeline::{KindTime, ReadSpan, Span, SpanKind, StageTimeline, Timeline};

/// Identifies a command; chosen by the page, unique within one engine worker's life.
pub type CommandId = u32;
