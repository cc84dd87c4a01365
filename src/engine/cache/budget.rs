//! The memory that queries may take, in which the cache gives way.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool, MemoryReservation, human_readable_size};

use super::ColumnCache;

/// First come, first served, up to the budget. Kept columns are given up before a query is refused.
#[derive(Debug)]
pub(crate) struct BudgetPool(pub(crate) Arc<ColumnCache>);

impl BudgetPool {
    /// Gives up kept columns until what is reserved fits beside them. Says whether it fits.
    fn make_room(&self, state_bytes: usize) -> bool {
        let cache = &self.0;
        let excess = (state_bytes + cache.kept_bytes()).saturating_sub(cache.budget_bytes);
        if excess > 0 {
            cache.release(excess);
        }
        state_bytes <= cache.budget_bytes
    }
}

impl MemoryPool for BudgetPool {
    fn name(&self) -> &str {
        "budget"
    }

    fn grow(&self, _: &MemoryReservation, additional: usize) {
        let state_bytes = self.0.state_bytes.fetch_add(additional, Ordering::Relaxed) + additional;
        self.make_room(state_bytes);
    }

    fn shrink(&self, _: &MemoryReservation, shrink: usize) {
        self.0.state_bytes.fetch_sub(shrink, Ordering::Relaxed);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let state_bytes = self.0.state_bytes.fetch_add(additional, Ordering::Relaxed) + additional;
        if self.make_room(state_bytes) {
            return Ok(());
        }
        self.0.state_bytes.fetch_sub(additional, Ordering::Relaxed);
        let free = self.0.budget_bytes.saturating_sub(state_bytes - additional);
        Err(resources_datafusion_err!(
            "{} more for {}, which has {}; {} of {} are free",
            human_readable_size(additional),
            reservation.consumer().name(),
            human_readable_size(reservation.size()),
            human_readable_size(free),
            human_readable_size(self.0.budget_bytes)
        ))
    }

    fn reserved(&self) -> usize {
        self.0.state_bytes.load(Ordering::Relaxed)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.0.budget_bytes)
    }
}

impl fmt::Display for BudgetPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "budget of {}", human_readable_size(self.0.budget_bytes))
    }
}
