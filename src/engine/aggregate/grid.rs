//! Grids on a number line, of which each is a refinement of the next.
//!
//! A level divides the line into cells of one width, one of which begins at 0. Each width is a
//! multiple of the one before, so cells of a fine level lie wholly inside cells of a coarse one. That
//! is what makes counts by cell exact after any merge: a value gets to the same coarse cell whether it
//! is put there, or into a fine cell that is made coarser later.

use arrow::datatypes::TimeUnit;

use super::numbers::Line;

/// The levels of a line, and the widths of bins that can be made of their cells.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) levels: Levels,
    /// In units of the line, or, for numbers with a fraction, in cells.
    round_widths: Vec<i64>,
}

/// The cells of each level.
#[derive(Debug)]
pub(super) enum Levels {
    /// Level `k` has cells of the width 10^k.
    Fractions(Decimals),
    /// Level `k` has cells of the `k`-th width, in units of the line.
    Whole(Vec<i64>),
}

impl Grid {
    pub(super) fn new(line: Line) -> Self {
        let round_widths = round_numbers(1).collect();
        match line {
            Line::Fractions => Self { levels: Levels::Fractions(Decimals::new()), round_widths },
            Line::Whole | Line::Days => {
                Self { levels: Levels::Whole(powers_of_ten(1).collect()), round_widths }
            }
            Line::Instants(unit) => Self::of_time(match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            }),
        }
    }

    /// Seconds, minutes, hours and days of so many units, tenths of seconds and so on, and ten days
    /// and so on.
    fn of_time(second: i64) -> Self {
        let (minute, hour, day) = (60 * second, 3_600 * second, 86_400 * second);
        let below_second = |width: &i64| *width < second;
        let mut widths: Vec<i64> = powers_of_ten(1).take_while(below_second).collect();
        widths.extend([second, minute, hour]);
        widths.extend(powers_of_ten(day));
        let mut round_widths: Vec<i64> = round_numbers(1).take_while(below_second).collect();
        round_widths.extend([1, 2, 5, 10, 15, 20, 30].map(|count| count * second));
        round_widths.extend([1, 2, 5, 10, 15, 20, 30].map(|count| count * minute));
        round_widths.extend([1, 2, 3, 4, 6, 8, 12].map(|count| count * hour));
        round_widths.extend(round_numbers(day));
        Self { levels: Levels::Whole(widths), round_widths }
    }

    /// The finest level.
    pub(super) fn first_level(&self) -> i32 {
        match self.levels {
            Levels::Fractions(_) => Decimals::FIRST,
            Levels::Whole(_) => 0,
        }
    }

    /// The coarsest level.
    pub(super) fn last_level(&self) -> i32 {
        match &self.levels {
            Levels::Fractions(_) => Decimals::LAST,
            Levels::Whole(widths) => widths.len() as i32 - 1,
        }
    }

    /// The index of the cell of level `to` in which a cell of the level `from`, as fine or finer, lies.
    pub(super) fn coarser(&self, index: i64, from: i32, to: i32) -> i64 {
        index.div_euclid(match &self.levels {
            // No index has more than 18 digits.
            Levels::Fractions(_) => 10_i64.pow((to - from).clamp(0, 18) as u32),
            Levels::Whole(widths) => widths[to as usize] / widths[from as usize],
        })
    }

    /// How many cells of this level make up bins of round widths, from the narrowest to the widest.
    pub(super) fn round_bins(&self, level: i32) -> impl Iterator<Item = i64> {
        let cell = match &self.levels {
            Levels::Fractions(_) => 1,
            Levels::Whole(widths) => widths[level as usize],
        };
        let widths = self.round_widths.iter().filter(move |width| *width % cell == 0);
        widths.map(move |width| width / cell)
    }
}

/// `unit`, 10, 100 … times as much, as far as there is room.
fn powers_of_ten(unit: i64) -> impl Iterator<Item = i64> {
    (0..19).map_while(move |exponent| unit.checked_mul(10_i64.pow(exponent)))
}

/// Numbers in whose multiples people count, each at most twice the one before.
fn round_numbers(unit: i64) -> impl Iterator<Item = i64> {
    let first = [1, 2, 3, 4, 5, 6, 8].map(|digit| digit * unit);
    let tens = powers_of_ten(unit).flat_map(|power| {
        [10, 15, 20, 25, 30, 40, 50, 60, 80].into_iter().map_while(move |digits| power.checked_mul(digits))
    });
    first.into_iter().chain(tens)
}

/// Cells between decimal numbers, as they are written and read. The edge of a cell is the double
/// nearest to its decimal number, so 0.3 is in the cell from 0.3 to 0.4 although 0.3 / 0.1 < 3.
#[derive(Debug)]
pub(super) struct Decimals {
    /// 10^[`Self::FIRST`] and all higher ones.
    powers: Vec<f64>,
}

impl Decimals {
    /// The finest level. What is nearer to 0 is not told apart.
    const FIRST: i32 = -300;
    const LAST: i32 = 308;
    /// Doubles keep so many decimal digits, so edges of cells with no more of them differ.
    const DIGITS: i32 = 15;

    fn new() -> Self {
        let power = |exponent| format!("1e{exponent}").parse().unwrap_or(f64::INFINITY);
        Self { powers: (Self::FIRST..=Self::LAST).map(power).collect() }
    }

    fn power(&self, level: i32) -> f64 {
        self.powers[(level - Self::FIRST) as usize]
    }

    /// The finest level at which cells near a finite number can be told apart.
    pub(super) fn finest_level(&self, value: f64) -> i32 {
        let powers = self.powers.partition_point(|power| *power <= value.abs()) as i32;
        (Self::FIRST + powers - Self::DIGITS).max(Self::FIRST)
    }

    /// The cell of a finite number, at its finest level or a coarser one.
    pub(super) fn index(&self, value: f64, level: i32) -> i64 {
        let mut index = (value / self.power(level)).floor() as i64;
        // The quotient is rounded, so it may be off by a little.
        while self.edge(index, level) > value {
            index -= 1;
        }
        while self.edge(index + 1, level) <= value {
            index += 1;
        }
        index
    }

    /// Where a cell begins: the double nearest to `index` times 10^`level`.
    pub(super) fn edge(&self, index: i64, level: i32) -> f64 {
        // Powers up to 10^22 are exact, and the result of one operation on exact numbers is the
        // nearest double.
        if index.unsigned_abs() < 1 << 53 && (-22..=22).contains(&level) {
            let index = index as f64;
            return if level < 0 { index / self.power(-level) } else { index * self.power(level) };
        }
        format!("{index}e{level}").parse().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_level_lie_inside_those_of_the_next() {
        let units = [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond];
        for line in [Line::Whole, Line::Days].into_iter().chain(units.map(Line::Instants)) {
            let Grid { levels: Levels::Whole(widths), round_widths } = Grid::new(line) else {
                panic!("{line:?} is whole");
            };
            assert!(widths.windows(2).all(|pair| pair[1] % pair[0] == 0 && pair[1] > pair[0]), "{widths:?}");
            assert!(round_widths.windows(2).all(|pair| pair[1] > pair[0]), "{round_widths:?}");
        }
        let grid = Grid::new(Line::Fractions);
        let Levels::Fractions(decimals) = &grid.levels else { panic!("numbers with a fraction") };
        for value in [0.1, 0.3, 0.7, 1.1, 123.456, -0.3, -1e-5, 1e22, 5e-324, 1.7e308, -2.5e200, 0.0] {
            let finest = decimals.finest_level(value);
            let fine = decimals.index(value, finest);
            assert!(fine.abs() <= 1_000_000_000_000_000, "{value}: {fine}");
            for level in finest..=Decimals::LAST.min(finest + 20) {
                assert_eq!(
                    decimals.index(value, level),
                    grid.coarser(fine, finest, level),
                    "{value} {level}"
                );
            }
        }
    }

    #[test]
    fn decimal_numbers_begin_their_cells() {
        let decimals = Decimals::new();
        for tenths in -1000..1000 {
            let value: f64 = format!("{tenths}e-1").parse().expect("a number");
            assert_eq!(decimals.index(value, -1), tenths);
            assert_eq!(decimals.edge(tenths, -1), value);
        }
    }
}
