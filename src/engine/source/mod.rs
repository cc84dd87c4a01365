//! Where bytes come from.
//!
//! Owns: the [`Source`] trait, [`Slot`]s (the bounded memory that bytes are read into) and the
//! planning of splits. Touches: nothing of the browser; blobs implement [`Source`] in the worker,
//! std files in [`file`].

pub mod file;
mod memory;
mod ranges;
mod slot;
mod split;

pub use memory::MemorySource;
pub use ranges::RangeReads;
pub use slot::{Slot, SlotPool};
pub use split::{SplitPlan, spread_order, stretch_splits};

use std::ops::Range;

use futures::future::LocalBoxFuture;

pub use crate::coding::PackedFile;

/// A file that can be read in any order. Lives on the coordinator, and so need not be `Send`: only
/// the slots that it fills travel to the pool.
pub trait Source {
    /// Name of the file, for messages.
    fn name(&self) -> &str;

    /// Length in bytes when it was added.
    fn len_bytes(&self) -> u64;

    /// When it was changed last, in milliseconds since 1970-01-01 UTC, if that is known.
    fn modified_millis(&self) -> Option<i64> {
        None
    }

    /// Fills the slot with exactly the bytes of `range` and calls [`Slot::set_len`].
    ///
    /// The slot is given away for the time of the read and not borrowed, because a reader thread
    /// may still write into it after the future has been dropped by a cancelled query: an
    /// implementation keeps the slot until its reader has answered.
    ///
    /// # Errors
    /// When the file cannot be read, or ends before `range` does because it has changed.
    fn read(&self, range: Range<u64>, slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>>;

    /// As [`Source::read`], by somebody who will probably read on from about the end of `range` up to
    /// `on_to`: what it costs to open a part of the file then need not be paid again.
    ///
    /// # Errors
    /// As [`Source::read`].
    fn read_on(
        &self,
        range: Range<u64>,
        on_to: u64,
        slot: Slot,
    ) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        let _ = on_to;
        self.read(range, slot)
    }

    /// What is known beforehand of how its bytes are compressed.
    fn packing(&self) -> Packing {
        Packing::Unknown
    }

    /// Compares the file with what it was when it was added.
    ///
    /// # Errors
    /// [`SourceError::Changed`] when it is another.
    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>>;
}

/// How bytes are compressed.
#[derive(Clone, Debug)]
pub enum Packing {
    /// Not known, or not at all: they tell.
    Unknown,
    /// Deflate without a header, as in a ZIP archive.
    Deflate {
        /// CRC-32 of what they decompress to.
        crc32: u32,
        /// Its length in bytes.
        len_bytes: u64,
    },
    /// As a part of an archive that is compressed as a whole.
    Within(PackedFile),
}

/// Why bytes could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The file is not what it was when it was added.
    #[error("{file} changed or was deleted while it was read")]
    Changed {
        /// Name of the file.
        file: String,
    },
    /// Anything else, in the words of the system or the browser.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// Name of the file.
        file: String,
        /// What the system said.
        reason: String,
    },
}
