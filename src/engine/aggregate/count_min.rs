//! Count-Min: how often each of many values came, never too low, in a fixed number of counters.
//!
//! Cormode, Muthukrishnan: An improved data stream summary: the Count-Min sketch and its
//! applications, J. Algorithms 55, 2005. It is linear: counters of parts add up to the counters of
//! the whole, so an estimate depends on the values alone.

use datafusion::error::Result;

use super::bytes::{Saved, push_count};
use super::hash::hash;

/// Rows of counters. One row overestimates by more than `2 n / width` for at most half the values,
/// all four for a sixteenth of them; with wider rows far fewer.
const DEPTH: usize = 4;

/// The counters.
#[derive(Debug)]
pub(super) struct CountMin {
    width: usize,
    counters: Vec<u64>,
}

impl CountMin {
    /// Counters of which a value reaches one in `width`, four times.
    pub(super) fn new(width: usize) -> Self {
        Self { width, counters: vec![0; width * DEPTH] }
    }

    /// Counts a value.
    pub(super) fn add(&mut self, value: &[u8], times: u64) {
        for place in places(value, self.width) {
            self.counters[place] += times;
        }
    }

    /// How often the value came, or more.
    pub(super) fn estimate(&self, value: &[u8]) -> u64 {
        places(value, self.width).map(|place| self.counters[place]).min().unwrap_or(0)
    }

    /// Adds the counters that [`Self::save`] wrote.
    ///
    /// # Errors
    /// When bytes are missing.
    pub(super) fn merge(&mut self, saved: &mut Saved<'_>) -> Result<()> {
        for counter in &mut self.counters {
            *counter += saved.count()?;
        }
        Ok(())
    }

    /// Appends all counters.
    pub(super) fn save(&self, out: &mut Vec<u8>) {
        self.counters.iter().for_each(|counter| push_count(out, *counter));
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.counters.len() * size_of::<u64>()
    }
}

/// A counter of each row.
fn places(value: &[u8], width: usize) -> impl Iterator<Item = usize> {
    (0..DEPTH).map(move |row| {
        let hash = hash(row as u64, value);
        // The upper half of a product scales the hash to the width without the bias of a remainder.
        let place = (u128::from(hash) * width as u128) >> 64;
        row * width + place as usize
    })
}
