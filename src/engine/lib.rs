//! The engine: bytes in, results out.
//!
//! Owns: tables, planning, stages and tasks, results. Touches: DataFusion and Arrow; the protocol
//! crate for what the page is told. It knows no browser and no clock, keeps no globals, and reads
//! bytes only through [`source::Source`], so all of it is tested natively.
//!
//! Start reading at [`job`](Job): one running query, from its text to its exact result.

mod add_blocks;
pub mod aggregate;
mod bad_export;
mod cache;
mod coding;
mod engine;
mod error;
mod estimate;
mod files;
pub mod format;
mod job;
pub mod output;
mod pool;
mod sniff;
mod sniff_blocks;
pub mod source;
pub mod spill;
mod sql;
mod stage;
pub mod stream;
mod text_time;
mod timeline;
mod top_rows;
mod warm_up;
pub mod window;

pub use engine::{Engine, EngineOptions, TableRequest, table_name};
pub use error::Error;
pub use format::log::preview_pattern;
pub use job::{Finished, Job, JobHandle, PartialResult};
pub use pool::Pool;
pub use timeline::{Clock, Recording};
