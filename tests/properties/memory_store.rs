//! A store for kept columns that is as fast as memory.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use futures::future::{BoxFuture, FutureExt, ready};
use millrace_engine::spill::{SpillError, SpillStore};

/// What was written, from its first byte on.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Vec<u8>>);

impl SpillStore for MemoryStore {
    fn write(&self, offset: u64, written: Vec<u8>) -> BoxFuture<'static, Result<(), SpillError>> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(offset).expect("a small store");
        let end = start + written.len();
        let len_bytes = bytes.len().max(end);
        bytes.resize(len_bytes, 0);
        bytes[start..end].copy_from_slice(&written);
        ready(Ok(())).boxed()
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'static, Result<Vec<u8>, SpillError>> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = |place: u64| usize::try_from(place).expect("a small store");
        let found = bytes.get(place(range.start)..place(range.end)).map(<[u8]>::to_vec);
        let short = || SpillError::Failed { reason: "nothing was written there".to_owned() };
        ready(found.ok_or_else(short)).boxed()
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
