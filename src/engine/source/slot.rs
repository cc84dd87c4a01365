//! Bounded memory for bytes on their way from a reader to a task.

use std::sync::{Arc, Mutex, PoisonError};

/// A buffer that a reader fills and a task decodes. Goes back to its pool when dropped.
#[derive(Debug)]
pub struct Slot {
    buffer: Vec<u8>,
    pool: Option<Arc<SlotPool>>,
}

/// The buffers of one engine: they are allocated once, because memory that a wasm instance has
/// taken is never given back to the system.
#[derive(Debug)]
pub struct SlotPool {
    slot_bytes: usize,
    free: Mutex<Vec<Vec<u8>>>,
}

impl SlotPool {
    /// A pool whose slots hold `slot_bytes` each. Slots are allocated when first wanted.
    pub fn new(slot_bytes: usize) -> Arc<Self> {
        Arc::new(Self { slot_bytes, free: Mutex::new(Vec::new()) })
    }

    /// Takes a slot that holds at least `bytes`. How many are out at one time is bounded by the
    /// number of tasks that the scheduler keeps in flight. A wish larger than the pool's slots (a
    /// very long record) gets a buffer of its own that is freed after use.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Slot {
        if bytes > self.slot_bytes {
            return Slot { buffer: Vec::with_capacity(bytes), pool: None };
        }
        let kept = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffer = kept.unwrap_or_else(|| Vec::with_capacity(self.slot_bytes));
        buffer.clear();
        Slot { buffer, pool: Some(Arc::clone(self)) }
    }
}

impl Slot {
    /// Where a reader in another thread writes.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.buffer.as_mut_ptr()
    }

    /// How many bytes fit.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Says how many bytes a reader wrote.
    ///
    /// # Safety
    /// The first `len` bytes behind [`Slot::as_mut_ptr`] are written, and `len` is not more than
    /// [`Slot::capacity`].
    pub unsafe fn set_len(&mut self, len: usize) {
        debug_assert!(len <= self.buffer.capacity());
        // SAFETY: the caller's promise.
        unsafe { self.buffer.set_len(len) }
    }

    /// The buffer itself, for readers in the same thread.
    pub fn buffer_mut(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// The bytes read.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            let buffer = std::mem::take(&mut self.buffer);
            pool.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}
