//! A place for what memory cannot hold while a query runs.
//!
//! Owns: the [`SpillStore`] trait, the space of a store as queries share it ([`SpillSpace`]), and how
//! batches become bytes ([`encode`], [`decode`]). Touches: Arrow's IPC format. What is written, and when,
//! is decided in [`stage`](crate::stage); files of the browser implement the trait in the worker, files of
//! the system in [`file`].

mod block;
pub mod file;
mod space;

use std::fmt;
use std::ops::Range;

use futures::future::BoxFuture;

pub(crate) use block::{decode, encode, unshare};
pub(crate) use space::{SpillLease, SpillSpace};

/// One file without a name that grows as it is written, for one engine. Tasks call it from any thread; it must not block
/// them, so whoever does the work sits elsewhere and answers. Requests are carried out in the order in
/// which they were made, which is when a method is called, not when its future is polled.
pub trait SpillStore: fmt::Debug + Send + Sync {
    /// Writes bytes from `offset` on. It goes on when the future is dropped.
    ///
    /// # Errors
    /// When the storage is full, fails, or is not there.
    fn write(&self, offset: u64, bytes: Vec<u8>) -> BoxFuture<'static, Result<(), SpillError>>;

    /// Reads bytes that have been written.
    ///
    /// # Errors
    /// When they cannot be had.
    fn read(&self, range: Range<u64>) -> BoxFuture<'static, Result<Vec<u8>, SpillError>>;

    /// Gives all space back, because nothing that was written is wanted any more.
    fn clear(&self);
}

/// Why something could not be put aside or had back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpillError {
    /// There is no storage, so the budget is all that a query can have.
    #[error("there is no storage beside it: {reason}")]
    Missing {
        /// What the system or the browser said.
        reason: String,
    },
    /// The storage takes no more.
    #[error("the storage for what does not fit into memory is full")]
    Full,
    /// Anything else, in the words of the system or the browser.
    #[error("the storage for what does not fit into memory failed: {reason}")]
    Failed {
        /// What it said.
        reason: String,
    },
}
