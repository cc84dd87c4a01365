//! What the threads of the pool did for a job, and when: spans by thread, reads, and sums by stage.
//!
//! Owns: the recording of one job ([`Recording`]), how tasks write into it ([`Recorder`]), how it stays
//! bounded, and the names of stages. Touches: rayon for the number of the current thread, plans for their
//! operators, the protocol for what is told.
//!
//! The engine knows no clock: without one in [`crate::EngineOptions`] nothing is recorded. A span is
//! written where a task is polled; what a poll does in between, such as decoding, splits it. Each thread
//! writes into a lane of its own, so that no lock is ever waited for.

mod lane;
mod reads;
mod recorder;
mod recording;
mod stage_name;

#[cfg(test)]
mod tests;

pub(crate) use reads::ReadMark;
pub(crate) use recorder::{Recorder, Work};
pub use recording::Recording;
pub(crate) use stage_name::TableNames;

/// Tells the time to a job's recording.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// Microseconds since some moment, the same one for all threads. Never runs backwards as seen by one
    /// thread, and hardly between threads. Called from all threads of the pool.
    fn now_micros(&self) -> u64;
}
