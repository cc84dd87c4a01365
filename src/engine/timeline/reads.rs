//! Reads, from a task's wish to the filled slot.

use std::sync::Arc;

use millrace_protocol::ReadSpan;

use super::recording::Inner;
use super::{Recording, Work};

/// Reads that are kept of a job. A scan of 160 GB has no more.
const MOST_READS: usize = 20_000;

/// A read that was answered, in the clock's time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub(super) work: Option<Work>,
    pub(super) start_micros: u64,
    pub(super) end_micros: u64,
    pub(super) bytes: u64,
}

/// The reads of a job.
#[derive(Debug)]
pub(super) struct Reads {
    kept: Vec<Read>,
    /// Each so many reads one is kept.
    stride: u32,
    seen: u32,
}

impl Default for Reads {
    fn default() -> Self {
        Self { kept: Vec::new(), stride: 1, seen: 0 }
    }
}

impl Reads {
    pub(super) fn push(&mut self, read: Read) {
        if self.seen.is_multiple_of(self.stride) {
            self.kept.push(read);
        }
        self.seen = self.seen.wrapping_add(1);
        if self.kept.len() > MOST_READS {
            self.kept = every_second(&self.kept);
            self.stride = self.stride.saturating_mul(2);
        }
    }

    /// At most so many reads, in the order of their wishes, and of how many each is one. Times are
    /// relative to `origin_micros`, and end at `end_micros`.
    pub(super) fn told(&self, most: usize, origin_micros: u64, end_micros: u64) -> (Vec<ReadSpan>, u32) {
        let (mut kept, mut stride) = (self.kept.clone(), self.stride);
        while kept.len() > most.max(1) {
            kept = every_second(&kept);
            stride = stride.saturating_mul(2);
        }
        kept.retain(|read| read.start_micros <= end_micros);
        kept.sort_by_key(|read| read.start_micros);
        let mut lane_ends: Vec<u64> = Vec::new();
        let told = kept.into_iter().map(|read| {
            let end = read.end_micros.min(end_micros);
            let lane = lane_ends.iter().position(|&taken_until| taken_until <= read.start_micros);
            let lane = lane.unwrap_or_else(|| {
                lane_ends.push(0);
                lane_ends.len() - 1
            });
            lane_ends[lane] = end;
            ReadSpan {
                lane: u32::try_from(lane).unwrap_or(u32::MAX),
                stage: read.work.and_then(|work| work.stage),
                task: read.work.and_then(|work| work.task),
                start_micros: read.start_micros.saturating_sub(origin_micros),
                end_micros: end.saturating_sub(origin_micros),
                bytes: read.bytes,
            }
        });
        (told.collect(), stride)
    }
}

fn every_second(reads: &[Read]) -> Vec<Read> {
    reads.iter().step_by(2).copied().collect()
}

/// A wish that is not yet granted.
#[derive(Debug)]
pub(crate) struct ReadMark(Option<(Arc<Inner>, Option<Work>, u64)>);

impl ReadMark {
    /// Nothing is recorded.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// A wish of this moment, for the task that the current thread works on.
    pub(super) fn now(recording: &Recording) -> Self {
        let inner = &recording.0;
        Self(Some((Arc::clone(inner), inner.current(), inner.now())))
    }

    /// The slot is filled.
    pub(crate) fn filled(self, bytes: u64) {
        if let Some((inner, work, start_micros)) = self.0 {
            let end_micros = inner.now().max(start_micros);
            inner.add_read(Read { work, start_micros, end_micros, bytes });
        }
    }
}
