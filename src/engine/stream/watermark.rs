//! How far event time has come: the watermark.
//!
//! Each source has one: its highest event time less a delay, by which its rows may be out of order. That of
//! the query is the least of them (Akidau et al., "The Dataflow Model", 2015). A source that has been silent
//! for long, or has ended, is left out. Times are in microseconds, and all of it only goes forward.

use serde::{Deserialize, Serialize};

/// The watermark of a query before any is known.
const NONE: i64 = i64::MIN;
/// That of a query whose sources have all ended.
pub(super) const END: i64 = i64::MAX;

/// The watermarks of all sources of a query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Watermarks {
    sources: Vec<SourceTime>,
    idle_after_millis: Option<i64>,
    current: i64,
}

/// What is known of a source.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SourceTime {
    delay_micros: i64,
    /// The highest event time.
    pub(super) highest: Option<i64>,
    /// When rows came last, by the time that was passed in; not kept in checkpoints, as the time between is
    /// no silence of the source.
    #[serde(skip)]
    active_millis: Option<i64>,
    pub(super) idle: bool,
    pub(super) ended: bool,
}

impl Watermarks {
    /// For sources with these delays in milliseconds.
    pub(super) fn new(delays_millis: impl Iterator<Item = i64>, idle_after_millis: Option<i64>) -> Self {
        let source = |delay: i64| SourceTime {
            delay_micros: delay.saturating_mul(1000),
            highest: None,
            active_millis: None,
            idle: false,
            ended: false,
        };
        Self { sources: delays_millis.map(source).collect(), idle_after_millis, current: NONE }
    }

    pub(super) fn sources(&self) -> &[SourceTime] {
        &self.sources
    }

    /// Rows with event times up to `highest` came from a source, or rows without any.
    pub(super) fn observe(&mut self, source: usize, highest: Option<i64>, now_millis: i64) {
        let Some(source) = self.sources.get_mut(source) else { return };
        source.highest = source.highest.max(highest);
        source.active_millis = Some(now_millis);
        source.idle = false;
    }

    /// A source gives no more rows.
    pub(super) fn end(&mut self, source: usize) {
        if let Some(source) = self.sources.get_mut(source) {
            source.ended = true;
        }
    }

    /// Goes on with what is known now.
    pub(super) fn advance(&mut self, now_millis: i64) {
        for source in &mut self.sources {
            let active = *source.active_millis.get_or_insert(now_millis);
            source.idle |=
                self.idle_after_millis.is_some_and(|after| now_millis.saturating_sub(active) >= after);
        }
        if self.sources.iter().all(|source| source.ended) {
            self.current = END;
            return;
        }
        let of = |source: &SourceTime| {
            source.highest.map_or(NONE, |highest| highest.saturating_sub(source.delay_micros))
        };
        // When only idle ones are left, nobody says how far time has come.
        let waited_for = self.sources.iter().filter(|source| !source.idle && !source.ended);
        if let Some(least) = waited_for.map(of).min() {
            self.current = self.current.max(least);
        }
    }

    /// The watermark, once there is one.
    pub(super) fn current(&self) -> Option<i64> {
        (self.current != NONE).then_some(self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What happens to sources, and the watermark in milliseconds behind it.
    enum Event {
        Rows(usize, i64),
        Silence,
        End(usize),
    }

    #[test]
    fn the_slowest_source_that_is_not_idle_counts() {
        use Event::{End, Rows, Silence};
        let mut watermarks = Watermarks::new([10, 0].into_iter(), Some(100));
        let cases = [
            (0, Rows(0, 50), None),
            (10, Rows(1, 20), Some(20)),
            (20, Rows(1, 90), Some(40)),
            // The first source comes too late with its rows.
            (30, Rows(0, 15), Some(40)),
            (40, Rows(0, 70), Some(60)),
            (130, Rows(1, 95), Some(60)),
            // The first source is idle, and then it is not.
            (140, Silence, Some(95)),
            (150, Rows(0, 80), Some(95)),
            (160, Rows(0, 120), Some(95)),
            (170, Rows(1, 200), Some(110)),
            // All are idle.
            (500, Silence, Some(110)),
            (510, End(0), Some(110)),
            (520, Rows(1, 300), Some(300)),
            (530, End(1), None),
        ];
        for (now, event, expected) in cases {
            match event {
                Rows(source, time) => watermarks.observe(source, Some(time * 1000), now),
                Silence => {}
                End(source) => watermarks.end(source),
            }
            watermarks.advance(now);
            let expected = if now == 530 { Some(END) } else { expected.map(|millis: i64| millis * 1000) };
            assert_eq!(watermarks.current(), expected, "at {now}");
        }
    }
}
