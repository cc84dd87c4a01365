//! Which columns a chart shows and how: the default, and what a person may change.

use millrace_protocol::{ColumnInfo, SeriesRequest};

use super::{CHARTS, ChartKind, ColumnClass};

/// Most series that are drawn; more cannot be told apart.
pub const MAX_SERIES: u32 = 12;

/// What a chart shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartChoice {
    /// Kind of chart, by [`ChartKind::name`].
    pub kind: &'static str,
    /// Column index of the horizontal axis.
    pub x: u32,
    /// Column indices of values, at least one.
    pub y: Vec<u32>,
    /// Column index whose values split the rows into series.
    pub color: Option<u32>,
    /// Whether series are put on top of each other, where the kind can.
    pub stacked: bool,
}

/// Why there is no chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoChart {
    /// The result has no row.
    Empty,
    /// One row is better read than drawn.
    SingleRow,
    /// No column can be a height.
    NothingNumeric,
    /// One numeric column alone has nothing to be drawn over.
    OnlyOneColumn,
}

impl NoChart {
    /// What a person can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty => "No rows, so there is nothing to draw.",
            Self::SingleRow => "One row is easier read than drawn.",
            Self::NothingNumeric => {
                "No column holds numbers. Add an aggregate such as count(*) to the query to draw a chart."
            }
            Self::OnlyOneColumn => {
                "One column of numbers alone has no horizontal axis. Select a time, a name or a second \
                 number beside it."
            }
        }
    }
}

/// The chart that most people would choose for these columns.
///
/// Time goes to the right, with the first text as colour; else text does, in the order of the query,
/// with a second text as colour; else the first number does.
pub fn default_choice(columns: &[ColumnInfo], row_count: u64) -> Result<ChartChoice, NoChart> {
    match row_count {
        0 => return Err(NoChart::Empty),
        1 => return Err(NoChart::SingleRow),
        _ => {}
    }
    let classes: Vec<ColumnClass> = columns.iter().map(ColumnClass::of).collect();
    let numbers = indices(&classes, |class| class == ColumnClass::Number);
    let texts = indices(&classes, |class| matches!(class, ColumnClass::Text | ColumnClass::Boolean));
    let times = indices(&classes, ColumnClass::is_time);
    if numbers.is_empty() {
        return Err(NoChart::NothingNumeric);
    }
    let measure = |besides: Option<u32>| {
        let fitting = || numbers.iter().copied().filter(|&number| Some(number) != besides);
        fitting().find(|&number| ColumnClass::is_measure(&columns[number as usize])).or(fitting().next())
    };
    let window_start = times.iter().copied().find(|&index| columns[index as usize].name == "window_start");
    let (x, color, y) = if let Some(time) = window_start.or(times.first().copied()) {
        (time, texts.first().copied(), measure(None))
    } else if let Some(&text) = texts.first() {
        (text, texts.get(1).copied(), measure(None))
    } else {
        (numbers[0], None, measure(Some(numbers[0])))
    };
    let y = y.ok_or(NoChart::OnlyOneColumn)?;
    let kind = best_kind(classes[x as usize]);
    Ok(ChartChoice { kind: kind.name, x, y: vec![y], color, stacked: kind.stacked_by_default })
}

/// The kind that suits a horizontal axis of this class best; the earlier one of the table at a tie.
pub fn best_kind(x: ColumnClass) -> &'static ChartKind {
    CHARTS.iter().rev().max_by_key(|kind| (kind.fitness)(x)).unwrap_or(&CHARTS[0])
}

impl ChartChoice {
    /// The kind of chart.
    pub fn kind(&self) -> &'static ChartKind {
        CHARTS.iter().find(|kind| kind.name == self.kind).unwrap_or(&CHARTS[0])
    }

    /// The same columns drawn as another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: &'static ChartKind) -> Self {
        self.kind = kind.name;
        self.stacked = kind.stacked_by_default;
        self
    }

    /// The same chart over another horizontal axis. Heights stay, but a column is not drawn over itself.
    #[must_use]
    pub fn with_x(mut self, x: u32, columns: &[ColumnInfo]) -> Self {
        let old_class = columns.get(self.x as usize).map(ColumnClass::of);
        let new_class = columns.get(x as usize).map(ColumnClass::of);
        let old_x = std::mem::replace(&mut self.x, x);
        if self.color == Some(x) {
            self.color = None;
        }
        self.y.retain(|&y| y != x);
        if self.y.is_empty() {
            let numbers =
                indices(columns, |column| ColumnClass::of(&column) == ColumnClass::Number).into_iter();
            let spare = numbers.filter(|&index| index != x).min_by_key(|&index| index != old_x);
            self.y = vec![spare.unwrap_or(x)];
        }
        if let Some(class) = new_class.filter(|&class| Some(class) != old_class) {
            return self.with_kind(best_kind(class));
        }
        self
    }

    /// The same chart with a height more, or less when it is there already. The last one stays.
    #[must_use]
    pub fn with_y_toggled(mut self, y: u32) -> Self {
        match self.y.iter().position(|&there| there == y) {
            Some(place) if self.y.len() > 1 => {
                self.y.remove(place);
            }
            Some(_) => {}
            None => self.y.push(y),
        }
        self
    }

    /// What to ask the engine for.
    ///
    /// `max_points` is a limit for each series.
    pub fn request(&self, max_points: u32) -> SeriesRequest {
        SeriesRequest { x: self.x, y: self.y.clone(), color: self.color, max_points, max_series: MAX_SERIES }
    }
}

fn indices<T: Clone>(items: &[T], wanted: impl Fn(T) -> bool) -> Vec<u32> {
    (0u32..).zip(items).filter(|(_, item)| wanted((*item).clone())).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn columns(of: &[(&str, &str)]) -> Vec<ColumnInfo> {
        of.iter().map(|(name, t)| ColumnInfo { name: (*name).into(), type_name: (*t).into() }).collect()
    }

    fn choice(of: &[(&str, &str)]) -> (&'static str, u32, Vec<u32>, Option<u32>) {
        let choice = default_choice(&columns(of), 10).expect("a chart");
        (choice.kind, choice.x, choice.y, choice.color)
    }

    #[wasm_bindgen_test]
    fn time_is_drawn_as_lines_coloured_by_text() {
        let of = [("region", "VARCHAR"), ("minute", "TIMESTAMP"), ("count", "BIGINT"), ("avg", "DOUBLE")];
        assert_eq!(choice(&of), ("line", 1, vec![2], Some(0)));
    }

    #[wasm_bindgen_test]
    fn window_start_goes_before_other_times() {
        let of = [("window_end", "TIMESTAMP"), ("window_start", "TIMESTAMP"), ("n", "BIGINT")];
        assert_eq!(choice(&of), ("line", 1, vec![2], None));
    }

    #[wasm_bindgen_test]
    fn the_end_of_a_window_is_no_height() {
        let of = [
            ("window_start", "TIMESTAMP"),
            ("window_end", "TIMESTAMP"),
            ("item", "VARCHAR"),
            ("count", "BIGINT"),
            ("avg", "DOUBLE"),
        ];
        assert_eq!(choice(&of), ("line", 0, vec![3], Some(2)));
        assert_eq!(default_choice(&columns(&of[..3]), 9), Err(NoChart::NothingNumeric));
    }

    #[wasm_bindgen_test]
    fn text_and_numbers_are_bars_with_the_second_text_as_colour() {
        let of = [("category", "VARCHAR"), ("count", "BIGINT")];
        assert_eq!(choice(&of), ("bar", 0, vec![1], None));
        let of = [("category", "VARCHAR"), ("region", "VARCHAR"), ("count", "BIGINT")];
        assert_eq!(choice(&of), ("bar", 0, vec![2], Some(1)));
    }

    #[wasm_bindgen_test]
    fn numbers_alone_are_a_line_over_the_first() {
        assert_eq!(choice(&[("a", "BIGINT"), ("b", "DOUBLE")]), ("line", 0, vec![1], None));
    }

    #[wasm_bindgen_test]
    fn keys_are_drawn_only_when_nothing_else_is_there() {
        let of = [("ts", "TIMESTAMP"), ("user_id", "BIGINT"), ("price", "DOUBLE")];
        assert_eq!(choice(&of), ("line", 0, vec![2], None));
        assert_eq!(choice(&of[..2]), ("line", 0, vec![1], None));
    }

    #[wasm_bindgen_test]
    fn what_cannot_be_drawn_says_why() {
        let two = columns(&[("category", "VARCHAR"), ("count", "BIGINT")]);
        assert_eq!(default_choice(&two, 0), Err(NoChart::Empty));
        assert_eq!(default_choice(&two, 1), Err(NoChart::SingleRow));
        assert_eq!(default_choice(&two[..1], 5), Err(NoChart::NothingNumeric));
        assert_eq!(default_choice(&two[1..], 5), Err(NoChart::OnlyOneColumn));
        assert_eq!(default_choice(&[], 5), Err(NoChart::NothingNumeric));
    }

    #[wasm_bindgen_test]
    fn another_axis_never_draws_a_column_over_itself() {
        let of = columns(&[("a", "BIGINT"), ("b", "BIGINT"), ("name", "VARCHAR")]);
        let start = default_choice(&of, 9).expect("a chart");
        assert_eq!((start.x, start.y.as_slice()), (2, [0].as_slice()));
        let over_a = start.with_x(0, &of);
        assert_eq!((over_a.kind, over_a.x, over_a.y.as_slice()), ("line", 0, [1].as_slice()));
        let over_b = over_a.with_x(1, &of);
        assert_eq!((over_b.x, over_b.y.as_slice()), (1, [0].as_slice()));
    }

    #[wasm_bindgen_test]
    fn the_last_height_stays() {
        let of = columns(&[("name", "VARCHAR"), ("a", "BIGINT"), ("b", "BIGINT")]);
        let start = default_choice(&of, 9).expect("a chart");
        let both = start.with_y_toggled(2);
        assert_eq!(both.y, [1, 2]);
        assert_eq!(both.with_y_toggled(1).with_y_toggled(2).y, [2]);
    }
}
