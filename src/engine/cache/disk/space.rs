//! The space of the store: which ranges of it are in use.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::spill::SpillStore;

/// Hands out ranges of one store. What is given back is handed out again, first fit; when nothing is left
/// in use, the store is emptied.
#[derive(Debug)]
pub(super) struct Space {
    pub(super) store: Arc<dyn SpillStore>,
    ranges: Mutex<Ranges>,
}

#[derive(Debug, Default)]
struct Ranges {
    /// Start and end of what is free below `end`; no two of them touch.
    free: BTreeMap<u64, u64>,
    end: u64,
    used_bytes: u64,
}

/// A range of the store, in use until this is dropped: by an entry of the index, by a write under way, or
/// by whoever is about to read it. The store carries out requests in order, so that a range may be handed
/// out again while requests for it are under way, but not before they are made.
#[derive(Debug)]
pub(crate) struct Extent {
    space: Arc<Space>,
    pub(super) range: Range<u64>,
}

impl Extent {
    pub(super) fn bytes(&self) -> u64 {
        self.range.end - self.range.start
    }
}

impl Space {
    pub(super) fn new(store: Arc<dyn SpillStore>) -> Arc<Self> {
        Arc::new(Self { store, ranges: Mutex::default() })
    }

    /// A range of so many bytes below `limit_bytes`, if there is one.
    pub(super) fn take(self: &Arc<Self>, bytes: u64, limit_bytes: u64) -> Option<Extent> {
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let start = ranges.take(bytes, limit_bytes)?;
        ranges.used_bytes += bytes;
        Some(Extent { space: Arc::clone(self), range: start..start + bytes })
    }
}

impl Drop for Extent {
    fn drop(&mut self) {
        let mut ranges = self.space.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        ranges.used_bytes -= self.bytes();
        if ranges.used_bytes > 0 {
            ranges.give_back(self.range.clone());
        } else {
            *ranges = Ranges::default();
            // Under the lock, so that nobody writes before it.
            self.space.store.clear();
        }
    }
}

impl Ranges {
    fn take(&mut self, bytes: u64, limit_bytes: u64) -> Option<u64> {
        let fits = |(start, end): (&u64, &u64)| {
            (end - start >= bytes && start + bytes <= limit_bytes).then_some((*start, *end))
        };
        if let Some((start, end)) = self.free.iter().find_map(fits) {
            self.free.remove(&start);
            if start + bytes < end {
                self.free.insert(start + bytes, end);
            }
            return Some(start);
        }
        let start = self.end;
        self.end = start.checked_add(bytes).filter(|end| *end <= limit_bytes)?;
        Some(start)
    }

    fn give_back(&mut self, range: Range<u64>) {
        let Range { mut start, mut end } = range;
        if let Some((&before, _)) = self.free.range(..start).next_back().filter(|(_, until)| **until == start)
        {
            self.free.remove(&before);
            start = before;
        }
        if let Some(until) = self.free.remove(&end) {
            end = until;
        }
        if end == self.end {
            self.end = start;
        } else {
            self.free.insert(start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_handed_out_again() {
        let mut ranges = Ranges::default();
        assert_eq!([10, 20, 30, 40].map(|bytes| ranges.take(bytes, 100)), [0, 10, 30, 60].map(Some));
        assert_eq!(ranges.take(1, 100), None);
        ranges.give_back(10..30);
        assert_eq!((ranges.take(5, 100), ranges.take(16, 100)), (Some(10), None));
        ranges.give_back(30..60);
        assert_eq!(ranges.take(45, 100), Some(15));
        // What lies at the end is no gap.
        ranges.give_back(60..100);
        ranges.give_back(15..60);
        assert_eq!((ranges.end, ranges.free.len()), (15, 0));
        // With a limit that has become less.
        assert_eq!(ranges.take(10, 20), None);
        assert_eq!((ranges.take(5, 20), ranges.end), (Some(15), 20));
    }
}
