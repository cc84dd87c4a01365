//! A file in memory.

use std::ops::Range;

use futures::future::{FutureExt, LocalBoxFuture};
use millrace_engine::source::{Slot, Source, SourceError};

/// Bytes that answer reads at once.
pub struct MemorySource {
    name: String,
    bytes: Vec<u8>,
}

impl MemorySource {
    /// A file of this name and text.
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: format!("{name}.csv"), bytes: text.as_bytes().to_vec() }
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
        let range = usize::try_from(range.start).expect("small")..usize::try_from(range.end).expect("small");
        slot.buffer_mut().clear();
        slot.buffer_mut().extend_from_slice(&self.bytes[range]);
        futures::future::ready(Ok(slot)).boxed_local()
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        futures::future::ready(Ok(())).boxed_local()
    }
}
