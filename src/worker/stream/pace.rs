//! When a stream gives rows, tells its status and is kept.

use std::collections::VecDeque;

/// Rows are given at most so often.
const ROWS_EVERY_MILLIS: f64 = 100.0;

/// Giving them may cost one part in so many of the time.
const ROWS_SHARE: f64 = 4.0;

/// How often the page hears how the stream is.
const STATUS_EVERY_MILLIS: f64 = 250.0;

/// Rows a second are those of this time.
const RATE_MILLIS: f64 = 2_000.0;

/// The times of one stream, by the clock of [`crate::clock::now_millis`].
pub(super) struct Pace {
    rows_millis: f64,
    status_millis: f64,
    checkpoint_millis: f64,
    checkpoint_every_millis: f64,
    /// When how many rows had come.
    counts: VecDeque<(f64, u64)>,
}

impl Pace {
    pub(super) fn new(now: f64, checkpoint_every_millis: f64) -> Self {
        let checkpoint_millis = now + checkpoint_every_millis;
        let counts = VecDeque::new();
        Self { rows_millis: now, status_millis: now, checkpoint_millis, checkpoint_every_millis, counts }
    }

    pub(super) fn rows_are_due(&self, now: f64) -> bool {
        now >= self.rows_millis
    }

    /// Rows were given; it began at `began`.
    pub(super) fn rows_given(&mut self, began: f64, now: f64) {
        self.rows_millis = began + ROWS_EVERY_MILLIS.max(ROWS_SHARE * (now - began));
    }

    /// Whether the status is due, which is then told.
    pub(super) fn takes_status(&mut self, now: f64) -> bool {
        let is_due = now >= self.status_millis;
        if is_due {
            self.status_millis = now + STATUS_EVERY_MILLIS;
        }
        is_due
    }

    pub(super) fn checkpoint_is_due(&self, now: f64) -> bool {
        now >= self.checkpoint_millis
    }

    pub(super) fn checkpoint_made(&mut self, now: f64) {
        self.checkpoint_millis = now + self.checkpoint_every_millis;
    }

    /// Rows that have come in a second, now that so many have come in all.
    pub(super) fn rows_per_second(&mut self, now: f64, rows: u64) -> f64 {
        self.counts.push_back((now, rows));
        while self.counts.get(1).is_some_and(|(then, _)| now - then > RATE_MILLIS) {
            self.counts.pop_front();
        }
        match self.counts.front() {
            Some((then, before)) if now > *then => (rows - before) as f64 / (now - then) * 1000.0,
            _ => 0.0,
        }
    }
}
