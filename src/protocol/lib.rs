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
//! 5. **Timeline.** [`Command::Timeline`] asks what the threads do for a query, while it runs or later.
//!
//! # Guarantees
//!
//! - Every command carries an id that the page chose; every event that it causes repeats the id.
//! - Commands are answered while a query runs: the worker's event loop is never blocked by one.
//! - Snapshot numbers of a query rise; the covered fraction never falls, except after
//!   [`Progress::restarted`], when a scan had to begin again. The last result is exact.
//! - After [`Event::Done`] or [`Event::Failed`] of a query no event of that query follows.
//! - An event that repeats no id (`Boot`, `Spawn`, `End`, `Ready`, `Fatal`) concerns the engine as a whole. After
//!   [`Event::Fatal`] the worker is of no more use and the page replaces it.

mod cache;
mod command;
mod error;
mod estimate;
mod event;
mod options;
mod result;
mod table;
mod timeline;

pub use cache::{CacheInfo, CachedColumn, DiskCacheInfo};
pub use command::{Command, FaultKind, FileMeta, StartOptions};
pub use error::{ErrorInfo, ErrorKind, Position};
pub use estimate::{ColumnEstimates, Estimate};
pub use event::{BootStage, Event, Progress, QueryStats, WorkerKind};
pub use options::{BadRowPolicy, DateOrder, TableOptions};
pub use result::{
    BadRow, Cell, ColumnInfo, ColumnMisfits, ResultInfo, RowOrder, RowPage, SeriesGroup, SeriesPage,
    SeriesRequest,
};
pub use table::{Dialect, TableInfo};
pub use timeline::{KindTime, ReadSpan, Span, SpanKind, StageTimeline, Timeline};

/// Identifies a command; chosen by the page, unique within one engine worker's life.
pub type CommandId = u32;
