//! Intervals of equal length that a histogram counts in.

/// Steps of numbers between two powers of ten.
const STEPS: [f64; 5] = [1.0, 2.0, 2.5, 5.0, 10.0];

/// Steps of times, in milliseconds: what clocks and calendars count in. Longer ones are whole days.
const TIME_STEPS: [f64; 19] = [
    1.0,
    10.0,
    100.0,
    1_000.0,
    5_000.0,
    15_000.0,
    30_000.0,
    60_000.0,
    300_000.0,
    900_000.0,
    1_800_000.0,
    3_600_000.0,
    10_800_000.0,
    21_600_000.0,
    43_200_000.0,
    86_400_000.0,
    604_800_000.0,
    2_592_000_000.0,
    31_536_000_000.0,
];

/// Most intervals, however many are wanted.
pub const MAX_BINS: u32 = 200;

/// Intervals beside each other; each has its lower end and not its upper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// Lower end of the first one.
    pub low: f64,
    /// Length of each.
    pub width: f64,
    /// How many there are.
    pub count: usize,
    /// Whether ends are milliseconds since 1970-01-01 UTC.
    pub is_time: bool,
}

impl Bins {
    /// About `wanted` intervals that hold all values from `least` to `greatest`, with ends that people count
    /// in. `whole` numbers have no interval shorter than one of them.
    pub fn over(least: f64, greatest: f64, wanted: u32, is_time: bool, whole: bool) -> Self {
        let wanted = f64::from(wanted.clamp(1, MAX_BINS));
        let span = greatest - least;
        let mut width = if span > 0.0 { nice_step(span / wanted, is_time) } else { 1.0 };
        if whole {
            width = width.max(1.0).round();
        }
        let low = (least / width).floor() * width;
        let count = ((greatest - low) / width).floor() as usize + 1;
        Self { low, width, count: count.clamp(1, 2 * MAX_BINS as usize), is_time }
    }

    /// The interval that holds a value; the nearest one of values outside.
    pub fn of(&self, value: f64) -> usize {
        // The cast saturates at zero.
        (((value - self.low) / self.width).floor() as usize).min(self.count - 1)
    }

    /// Lower end of an interval; that of the one behind the last is the end of all.
    pub fn edge(&self, index: usize) -> f64 {
        // Steps such as 0.1 have no exact double, and their multiples would show it.
        let edge = self.low + self.width * index as f64;
        let digits = (self.width.log10().floor() - 3.0).clamp(-300.0, 0.0);
        let unit = 10_f64.powi(-digits as i32);
        if unit.is_finite() && edge.abs() < 1e15 / unit { (edge * unit).round() / unit } else { edge }
    }
}

/// The least step that people count in and that is not shorter than `length`.
pub fn nice_step(length: f64, is_time: bool) -> f64 {
    if is_time && let Some(step) = TIME_STEPS.iter().copied().find(|&step| step >= length) {
        return step;
    }
    let power = 10_f64.powf(length.log10().floor());
    STEPS.iter().map(|step| step * power).find(|&step| step >= length * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn intervals_are_round_and_hold_all_values() {
        for (least, greatest, wanted, whole) in [
            (0.0, 99.0, 10, true),
            (0.013, 0.987, 20, false),
            (-17.0, 17.0, 7, false),
            (5.0, 5.0, 30, false),
            (1e9, 1e9 + 3.0, 30, true),
            (-1e300, 1e300, 12, false),
        ] {
            let bins = Bins::over(least, greatest, wanted, false, whole);
            assert!(bins.edge(0) <= least, "{bins:?}");
            assert!(bins.low + bins.width * bins.count as f64 > greatest, "{bins:?}");
            assert!(bins.count <= 2 * wanted as usize + 2, "{bins:?}");
            assert_eq!((bins.of(least), bins.of(greatest)), (0, bins.count - 1));
        }
        let tenths = Bins::over(0.0, 0.99, 10, false, false);
        assert_eq!((tenths.width, tenths.edge(3), tenths.count), (0.1, 0.3, 10));
    }

    #[wasm_bindgen_test]
    fn times_are_counted_as_clocks_do() {
        let day = Bins::over(0.0, 86_399_999.0, 24, true, true);
        assert_eq!((day.width, day.count), (3_600_000.0, 24));
        let decades = Bins::over(0.0, 3e12, 10, true, true);
        assert!(decades.width >= 3e11, "{decades:?}");
    }
}
