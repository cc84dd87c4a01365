//! The space of one store, shared by the queries of an engine.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::{SpillError, SpillStore};

/// Hands out the store's space from its start to its end, and gives all of it back when no query holds
/// any: queries run one after the other as a rule, so that gaps need not be looked after.
#[derive(Debug)]
pub(crate) struct SpillSpace {
    store: Arc<dyn SpillStore>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    end: u64,
    leases: usize,
}

impl SpillSpace {
    pub(crate) fn new(store: Arc<dyn SpillStore>) -> Arc<Self> {
        Arc::new(Self { store, state: Mutex::default() })
    }

    /// The right to write, until it is dropped.
    pub(crate) fn lease(self: &Arc<Self>) -> SpillLease {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).leases += 1;
        SpillLease(Arc::clone(self))
    }
}

/// What a query has written stays until this is dropped.
#[derive(Debug)]
pub(crate) struct SpillLease(Arc<SpillSpace>);

impl SpillLease {
    /// Writes bytes and says where they are.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn write(&self, bytes: Vec<u8>) -> Result<Range<u64>, SpillError> {
        let range = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            let start = state.end;
            state.end += bytes.len() as u64;
            start..state.end
        };
        self.0.store.write(range.start, bytes).await?;
        Ok(range)
    }

    /// Reads what has been written.
    ///
    /// # Errors
    /// Those of the store, and [`SpillError::Failed`] when it gives less than was asked for.
    pub(crate) async fn read(&self, range: Range<u64>) -> Result<Vec<u8>, SpillError> {
        let wanted = range.end - range.start;
        let bytes = self.0.store.read(range).await?;
        if bytes.len() as u64 != wanted {
            let reason = format!("it gave {} bytes of {wanted}", bytes.len());
            return Err(SpillError::Failed { reason });
        }
        Ok(bytes)
    }
}

impl Drop for SpillLease {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.leases -= 1;
        if state.leases == 0 && state.end > 0 {
            state.end = 0;
            // Under the lock, so that no later lease writes before it.
            self.0.store.clear();
        }
    }
}
