//! Queries over streams that do not end.
//!
//! Owns: sources that give micro-batches ([`StreamSource`] and its kinds), watermarks, what is kept of a
//! stream, when windows close, late rows, output modes, checkpoints. Touches: planning (`sql`), the stages
//! that a plan is cut into and their exchanges (`stage`), windows in plans (`window`), the pool, and the
//! memory budget. It knows no clock: the time is passed in.
//!
//! A query runs by the plan that it would have over a file. The stages that scan run over each micro-batch as
//! they do over a split, and their output is the state: partial aggregates by window and key, which merge.
//! A result is what the later stages give over the state, as a snapshot is; over that of the windows which
//! have just closed, it is final, and their state is dropped. What this means exactly is in `docs/STREAMS.md`.

mod checkpoint;
mod emit;
mod event_time;
mod folder;
mod follow;
mod generator;
mod growing;
mod late;
mod lookup;
mod options;
mod plan;
mod push;
mod push_arrow;
mod query;
mod reading;
mod records;
mod refusal;
mod rolling;
mod run;
mod scope;
mod source;
mod start;
mod state;
mod status;
mod table;
mod too_large;
mod watermark;

pub use event_time::EventTime;
pub use folder::{FolderOrder, GrowingFolder, WatchedFolder};
pub use follow::FollowedFile;
pub use generator::{Generator, GeneratorOptions};
pub use growing::{GrowingFile, GrowingPath};
pub use options::{OutputMode, StreamInput, StreamOptions};
pub use push::{Full, PushHandle, PushSource};
pub use push_arrow::ArrowPushSource;
pub use query::{Step, StreamQuery};
pub use rolling::RollingResult;
pub use source::{FileIdentity, FilePosition, FolderPosition, Polled, Position, StreamSource};
pub use status::{SourceStatus, StreamStatus};
pub(crate) use table::StreamScanExec;
