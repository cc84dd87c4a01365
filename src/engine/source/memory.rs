//! Bytes in memory, for tests and for warming up.

use std::ops::Range;

use futures::future::{FutureExt, LocalBoxFuture, ready};

use super::{Slot, Source, SourceError};

/// A file that is no file: reads are answered at once.
#[derive(Debug)]
pub struct MemorySource {
    name: String,
    bytes: Vec<u8>,
}

impl MemorySource {
    /// A file of this name and contents.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

impl Source for MemorySource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, range: Range<u64>, mut slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        let index = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = self.bytes.get(index(range.start)..index(range.end));
        let read = bytes.ok_or_else(|| SourceError::Changed { file: self.name.clone() }).map(|bytes| {
            let buffer = slot.buffer_mut();
            buffer.clear();
            buffer.extend_from_slice(bytes);
        });
        ready(read.map(|()| slot)).boxed_local()
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        ready(Ok(())).boxed_local()
    }
}
