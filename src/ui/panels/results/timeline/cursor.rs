//! The place in a timeline that a person looks at: a lane and a moment, so that it stays when a newer
//! timeline comes.

use super::lanes::{Bar, Lane};

/// A lane and a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Index of the lane.
    pub lane: usize,
    /// Microseconds since the query started.
    pub at_micros: u64,
}

impl Cursor {
    /// The bar that is nearest to the moment, and no further away than `slack_micros`.
    pub fn bar(self, lanes: &[Lane], slack_micros: u64) -> Option<&Bar> {
        let bars = &lanes.get(self.lane)?.bars;
        let bar = &bars[nearest(bars, self.at_micros)?];
        (distance(bar, self.at_micros) <= slack_micros).then_some(bar)
    }

    /// The middle of that bar, so that pointing at another place of it changes nothing.
    pub fn snapped(self, lanes: &[Lane], slack_micros: u64) -> Option<Self> {
        Some(Self::on(self.lane, self.bar(lanes, slack_micros)?))
    }

    /// Where an arrow key leads from here: to the bar before or behind, to the nearest bar of the lane above
    /// or below, to the first or last bar. `None` for other keys.
    pub fn moved(from: Option<Self>, key: &str, lanes: &[Lane]) -> Option<Self> {
        if !matches!(key, "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End") {
            return None;
        }
        let Some(from) = from.filter(|from| from.lane < lanes.len()) else {
            let lane = lanes.iter().position(|lane| !lane.bars.is_empty())?;
            return Some(Self::on(lane, lanes[lane].bars.first()?));
        };
        let bars = &lanes[from.lane].bars;
        let here = nearest(bars, from.at_micros);
        let to = match key {
            "ArrowLeft" => here?.saturating_sub(1),
            "ArrowRight" => (here? + 1).min(bars.len() - 1),
            "Home" => 0,
            "End" => bars.len().checked_sub(1)?,
            _ => {
                let lane = if key == "ArrowUp" {
                    from.lane.saturating_sub(1)
                } else {
                    (from.lane + 1).min(lanes.len() - 1)
                };
                // A thread that was idle then has work before or behind.
                let bars = &lanes[lane].bars;
                let on_bar = nearest(bars, from.at_micros).map(|bar| Self::on(lane, &bars[bar]));
                return on_bar.or(Some(Self { lane, ..from }));
            }
        };
        Some(Self::on(from.lane, bars.get(to)?))
    }

    fn on(lane: usize, bar: &Bar) -> Self {
        Self { lane, at_micros: bar.start_micros.midpoint(bar.end_micros) }
    }
}

fn nearest(bars: &[Bar], at_micros: u64) -> Option<usize> {
    let behind = bars.partition_point(|bar| bar.start_micros <= at_micros);
    let before = behind.saturating_sub(1);
    let candidates = before..bars.len().min(behind + 1);
    candidates.min_by_key(|index| distance(&bars[*index], at_micros))
}

fn distance(bar: &Bar, at_micros: u64) -> u64 {
    bar.start_micros.saturating_sub(at_micros).max(at_micros.saturating_sub(bar.end_micros))
}
