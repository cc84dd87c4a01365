//! What one thread did.

use millrace_protocol::SpanKind;

use super::Work;

/// Work of a thread without a break, in the clock's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LaneSpan {
    pub(super) work: Work,
    pub(super) start_micros: u64,
    pub(super) end_micros: u64,
    /// Recorded spans that this one stands for.
    pub(super) pieces: u32,
}

/// The spans of one thread, in order and without overlap.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// What the thread does at this moment, and since when.
    open: Option<(Work, u64)>,
    spans: Vec<LaneSpan>,
    grain_micros: u64,
}

/// Two polls of one task that follow each other so closely are one span.
const JOIN_MICROS: u64 = 5;

/// The least grain: shorter than anything that can be seen.
const FIRST_GRAIN_MICROS: u64 = 64;

impl Lane {
    /// The thread turns to other work, or to none. Gives what it did before.
    pub(super) fn turn_to(&mut self, work: Option<Work>, now_micros: u64, most_spans: usize) -> Option<Work> {
        let before = self.open.take();
        // A clock that hangs back a little must not make spans overlap.
        let earliest = self.spans.last().map_or(0, |last| last.end_micros);
        let now_micros = now_micros.max(before.map_or(earliest, |(_, start)| start));
        if let Some((work, start_micros)) = before {
            self.push(LaneSpan { work, start_micros, end_micros: now_micros, pieces: 1 }, most_spans);
        }
        self.open = work.map(|work| (work, now_micros));
        before.map(|(work, _)| work)
    }

    /// What the thread does at this moment.
    pub(super) fn current(&self) -> Option<Work> {
        self.open.map(|(work, _)| work)
    }

    /// Spans that have ended, and the open one as if it ended now.
    pub(super) fn spans(&self, now_micros: u64) -> Vec<LaneSpan> {
        let mut spans = self.spans.clone();
        if let Some((work, start_micros)) = self.open {
            let end_micros = now_micros.max(start_micros);
            spans.push(LaneSpan { work, start_micros, end_micros, pieces: 1 });
        }
        spans
    }

    /// With 0, spans are as they were recorded; see [`coarsen`].
    pub(super) fn grain_micros(&self) -> u64 {
        self.grain_micros
    }

    fn push(&mut self, span: LaneSpan, most_spans: usize) {
        if let Some(last) = self.spans.last_mut()
            && last.work == span.work
            && span.start_micros - last.end_micros <= JOIN_MICROS
        {
            last.end_micros = span.end_micros;
            return;
        }
        self.spans.push(span);
        if self.spans.len() > most_spans {
            self.spans = coarsen(&self.spans, self.grain_micros);
            // Half of the room must become free, or this would be done again and again.
            while self.spans.len() > most_spans / 2 && self.grain_micros < u64::MAX / 2 {
                self.grain_micros = coarser(self.grain_micros);
                self.spans = coarsen(&self.spans, self.grain_micros);
            }
        }
    }
}

/// The next coarser grain.
pub(super) fn coarser(grain_micros: u64) -> u64 {
    grain_micros.saturating_mul(2).max(FIRST_GRAIN_MICROS)
}

/// Puts spans of the same stage and kind together that began within the same `grain_micros`, one behind
/// the other from where the first of them began. What the thread did and how long it took stays as it
/// was; only the gaps between them move.
pub(super) fn coarsen(spans: &[LaneSpan], grain_micros: u64) -> Vec<LaneSpan> {
    if grain_micros == 0 {
        return spans.to_vec();
    }
    let mut coarse: Vec<LaneSpan> = Vec::new();
    for cell in spans.chunk_by(|a, b| a.start_micros / grain_micros == b.start_micros / grain_micros) {
        let first = coarse.len();
        let mut at_micros = cell[0].start_micros;
        for span in cell {
            let together = coarse[first..].iter_mut().find(|other| other.work.is_like(span.work));
            match together {
                Some(other) => {
                    other.end_micros += span.end_micros - span.start_micros;
                    other.pieces = other.pieces.saturating_add(span.pieces);
                    if other.work.task != span.work.task {
                        other.work.task = None;
                    }
                }
                None => coarse.push(*span),
            }
        }
        for span in &mut coarse[first..] {
            let length = span.end_micros - span.start_micros;
            span.start_micros = at_micros;
            at_micros += length;
            span.end_micros = at_micros;
        }
    }
    coarse
}

/// Whether a kind of work belongs to the exact run of its stage.
pub(super) fn is_of_stage(kind: SpanKind) -> bool {
    !matches!(kind, SpanKind::Snapshot | SpanKind::Verify)
}
