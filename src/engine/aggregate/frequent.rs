//! The most frequent values of a multiset, in bounded room.
//!
//! Two summaries together. Misra–Gries (Finding repeated elements, 1982), merged as in Agarwal,
//! Cormode, Huang, Phillips, Wei, Yi: Mergeable summaries (PODS 2012), holds candidates: every value
//! that makes up enough of the rows is among them, whatever the order. Its counts do depend on the
//! order, and so does which rare values are left. Hence candidates are counted by a Count-Min sketch,
//! which does not, and only those above twice the share that makes a candidate certain are told.

use std::cmp::Reverse;

use datafusion::common::HashMap;
use datafusion::error::Result;

use super::bytes::{Saved, push_count, push_value};
use super::count_min::CountMin;

/// How many values can be told apart: with more than `2 * capacity` different ones, only those that
/// make up more than `1 / capacity` of the rows are told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capacity(pub(super) usize);

impl Capacity {
    /// Values that stay when there are more. One that makes up more than 1 / (2 capacity) of the rows
    /// is then among them.
    fn candidates(self) -> usize {
        2 * self.0
    }

    /// Values that are held until the rarest are dropped, so that dropping them is rare.
    fn held(self) -> usize {
        2 * self.candidates()
    }

    /// With this width, one row of Count-Min counts a value too high by 1 / (2 capacity) of all rows
    /// with a probability of 1/4 at most, all four with 1/256.
    fn count_min_width(self) -> usize {
        8 * self.0
    }
}

/// Values and how often they came.
#[derive(Debug, Default)]
pub(super) struct Frequent {
    rows: u64,
    counts: HashMap<Box<[u8]>, Count>,
    value_bytes: usize,
    /// There once values have been dropped.
    counters: Option<CountMin>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// The count of Misra–Gries: never too high. Exact while nothing has been dropped.
    votes: u64,
    /// What the counters have not been told yet.
    uncounted: u64,
}

impl Frequent {
    /// Counts a value.
    pub(super) fn add(&mut self, capacity: Capacity, value: &[u8], times: u64) {
        self.rows += times;
        self.count(capacity, value, Count { votes: times, uncounted: times });
    }

    fn count(&mut self, capacity: Capacity, value: &[u8], more: Count) {
        let count = match self.counts.get_mut(value) {
            Some(count) => count,
            None => {
                self.value_bytes += value.len();
                self.counts.entry(value.into()).or_default()
            }
        };
        count.votes += more.votes;
        count.uncounted += more.uncounted;
        if self.counts.len() > capacity.held() {
            self.drop_rarest(capacity);
        }
    }

    /// The `most` values that came most often and how often, the most frequent first and equally
    /// frequent ones in the order of their bytes; `None` when there were no values.
    ///
    /// Exact up to `2 * capacity` different values. With more of them, all that make up more than
    /// `1 / capacity` of the rows are told, with counts that are never too low.
    pub(super) fn top(&mut self, capacity: Capacity, most: usize) -> Option<Vec<(&[u8], u64)>> {
        if self.rows == 0 {
            return None;
        }
        let mut found: Vec<(&[u8], u64)> = if self.is_exact(capacity) {
            self.counts.iter().map(|(value, count)| (&**value, count.votes)).collect()
        } else {
            self.tell_counters(capacity);
            let counters = self.counters.as_ref()?;
            let least = u128::from(self.rows);
            let estimates = self.counts.keys().map(|value| (&**value, counters.estimate(value)));
            estimates.filter(|(_, count)| u128::from(*count) * capacity.0 as u128 > least).collect()
        };
        let order = |a: &(&[u8], u64), b: &(&[u8], u64)| (Reverse(a.1), a.0).cmp(&(Reverse(b.1), b.0));
        if found.len() > most {
            found.select_nth_unstable_by(most, order);
            found.truncate(most);
        }
        found.sort_unstable_by(order);
        Some(found)
    }

    /// Adds what [`Self::save`] gave.
    ///
    /// # Errors
    /// When the bytes are damaged.
    pub(super) fn merge(&mut self, capacity: Capacity, saved: &[u8]) -> Result<()> {
        let mut saved = Saved(saved);
        let is_exact = saved.count()? == 0;
        self.rows += saved.count()?;
        for _ in 0..saved.count()? {
            let value = saved.value()?;
            let votes = saved.count()?;
            self.count(capacity, value, Count { votes, uncounted: if is_exact { votes } else { 0 } });
        }
        if !is_exact {
            self.counters(capacity).merge(&mut saved)?;
        }
        Ok(())
    }

    /// The state as bytes; nothing for no values.
    pub(super) fn save(&mut self, capacity: Capacity) -> Vec<u8> {
        let mut out = Vec::new();
        if self.rows == 0 {
            return out;
        }
        if !self.is_exact(capacity) {
            self.drop_rarest(capacity);
        }
        push_count(&mut out, u64::from(self.counters.is_some()));
        push_count(&mut out, self.rows);
        push_count(&mut out, self.counts.len() as u64);
        for (value, count) in &self.counts {
            push_value(&mut out, value);
            push_count(&mut out, count.votes);
        }
        if let Some(counters) = &self.counters {
            counters.save(&mut out);
        }
        out
    }

    pub(super) fn heap_bytes(&self) -> usize {
        // A slot of the hash table takes its entry and a byte.
        let slot_bytes = size_of::<(Box<[u8]>, Count)>() + 1;
        let counters_bytes = self.counters.as_ref().map_or(0, CountMin::heap_bytes);
        self.counts.capacity() * slot_bytes + self.value_bytes + counters_bytes
    }

    /// Whether this is still every value with its count. It is decided by the number of different
    /// values alone, so that parts of the same rows decide the same.
    fn is_exact(&self, capacity: Capacity) -> bool {
        self.counters.is_none() && self.counts.len() <= capacity.candidates()
    }

    fn counters(&mut self, capacity: Capacity) -> &mut CountMin {
        self.counters.get_or_insert_with(|| CountMin::new(capacity.count_min_width()))
    }

    fn tell_counters(&mut self, capacity: Capacity) {
        let width = capacity.count_min_width();
        let counters = self.counters.get_or_insert_with(|| CountMin::new(width));
        for (value, count) in self.counts.iter_mut().filter(|(_, count)| count.uncounted > 0) {
            counters.add(value, count.uncounted);
            count.uncounted = 0;
        }
    }

    /// The step of Misra–Gries: the count of the first value that must go is taken from all values.
    /// Each time, that many rows of each of more than `candidates` values are forgotten, so all in
    /// all no value loses more than a share of 1 / `candidates` of the rows.
    fn drop_rarest(&mut self, capacity: Capacity) {
        self.tell_counters(capacity);
        if self.counts.len() <= capacity.candidates() {
            return;
        }
        let mut votes: Vec<Reverse<u64>> = self.counts.values().map(|count| Reverse(count.votes)).collect();
        let (_, Reverse(lost), _) = votes.select_nth_unstable(capacity.candidates());
        let lost = *lost;
        let value_bytes = &mut self.value_bytes;
        self.counts.retain(|value, count| {
            count.votes = count.votes.saturating_sub(lost);
            if count.votes == 0 {
                *value_bytes -= value.len();
            }
            count.votes > 0
        });
    }
}
