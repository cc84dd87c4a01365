//! Which columns a chart shows and how: the default, and what a person may change.

use millrace_protocol::{ColumnInfo, SeriesRequest};

use super::{CHARTS, ChartKind, ChartLook, ColumnClass, Combine, Split, TimePart, Values};

/// Most series that are drawn; more cannot be told apart.
pub const MAX_SERIES: u32 = 12;

/// Most series that are asked for when what is beyond the largest ones is added up.
const SERIES_TO_ADD: u32 = 240;

/// What a chart shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartChoice {
    /// Kind of chart, by [`ChartKind::name`].
    pub kind: &'static str,
    /// Column index of the horizontal axis, or of what is counted.
    pub x: u32,
    /// Column indices of values, as many as the kind takes.
    pub y: Vec<u32>,
    /// Column index whose values split the rows into series, or into the rows of a heatmap.
    pub color: Option<u32>,
    /// Column index of the sizes of points.
    pub size: Option<u32>,
    /// Everything else.
    pub look: ChartLook,
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
}

impl NoChart {
    /// What a person can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty => t!("No rows, so there is nothing to draw."),
            Self::SingleRow => t!("One row is easier read than drawn."),
            Self::NothingNumeric => {
                t!("No column holds numbers. Add an aggregate such as count(*) to the query to draw a chart.")
            }
        }
    }
}

/// The chart that most people would choose for these columns.
///
/// Time goes to the right, with the first text as colour; else text does, in the order of the query,
/// with a second text as colour; else the first number does, and a number alone is counted.
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
    } else if numbers.len() > 1 {
        (numbers[0], None, measure(Some(numbers[0])))
    } else {
        (numbers[0], None, None)
    };
    let kind = if y.is_none() { &super::histogram::HISTOGRAM } else { best_kind(classes[x as usize]) };
    let choice = ChartChoice {
        kind: kind.name,
        x,
        y: y.into_iter().collect(),
        color,
        size: None,
        look: ChartLook { stacked: kind.stacked_by_default, ..ChartLook::default() },
    };
    Ok(choice)
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

    /// Whether each column is there and of a class that the kind takes at its place.
    pub fn is_drawable(&self, columns: &[ColumnInfo]) -> bool {
        let class = |index: u32| columns.get(index as usize).map(ColumnClass::of);
        let needs = &self.kind().needs;
        let values = match needs.values {
            Values::None => self.y.is_empty(),
            Values::Some => !self.y.is_empty(),
            Values::Any => true,
        };
        let rows = needs.split != Split::Rows || self.color.is_some() || self.look.y_part.is_some();
        let times = self.look.x_part.is_none() && self.look.y_part.is_none()
            || class(self.x).is_some_and(ColumnClass::is_time);
        values
            && rows
            && times
            && class(self.x).is_some_and(|class| needs.x.contains(&class))
            && self.y.iter().all(|&y| class(y) == Some(ColumnClass::Number))
            && self.color.is_none_or(|color| class(color).is_some())
            && self.size.is_none_or(|size| class(size) == Some(ColumnClass::Number))
    }

    /// The same columns drawn as another kind, as far as it takes them; `None` when there are no columns that
    /// it could draw.
    pub fn with_kind(mut self, kind: &'static ChartKind, columns: &[ColumnInfo]) -> Option<Self> {
        let class = |index: u32| columns.get(index as usize).map(ColumnClass::of);
        let of = |wanted: &[ColumnClass]| indices(columns, |c| wanted.contains(&ColumnClass::of(&c)));
        self.kind = kind.name;
        self.look.stacked = kind.stacked_by_default;
        self.look.normalised &= kind.stackable;
        if !class(self.x).is_some_and(|class| kind.needs.x.contains(&class)) {
            let fitting = of(kind.needs.x);
            let measure = |&&x: &&u32| columns.get(x as usize).is_some_and(ColumnClass::is_measure);
            self.x = *fitting.iter().find(measure).or(fitting.first())?;
            self.y.retain(|&y| y != self.x);
        }
        let is_name = |class| matches!(class, ColumnClass::Text | ColumnClass::Boolean);
        if kind.needs.prefers_names && !class(self.x).is_some_and(is_name) {
            let names = of(&[ColumnClass::Text, ColumnClass::Boolean]);
            if let Some(name) =
                self.color.take_if(|color| class(*color).is_some_and(is_name)).or(names.first().copied())
            {
                self.x = name;
            }
        }
        match kind.needs.values {
            // What is counted is rather the values than their times.
            Values::None => {
                if let Some(&value) = self.y.first() {
                    self.x = value;
                }
                self.y.clear();
            }
            Values::Some if self.y.is_empty() => {
                // What was counted becomes the values, over what most people would choose.
                let usual = default_choice(columns, 2).ok().map(|usual| (usual.x, usual.color));
                let fits = |x| class(x).is_some_and(|class| kind.needs.x.contains(&class));
                if let Some((x, color)) = usual.filter(|&(x, _)| x != self.x && fits(x))
                    && class(self.x) == Some(ColumnClass::Number)
                {
                    self.y = vec![std::mem::replace(&mut self.x, x)];
                    self.color = self.color.or(color);
                }
            }
            Values::Some | Values::Any => {}
        }
        if kind.needs.values == Values::Some && self.y.is_empty() {
            let numbers = of(&[ColumnClass::Number]).into_iter();
            self.y = vec![numbers.min_by_key(|&number| number == self.x)?];
        }
        if kind.needs.one_value {
            self.y.truncate(1);
        }
        if !kind.needs.size {
            self.size = None;
        }
        let is_time = class(self.x).is_some_and(ColumnClass::is_time);
        if kind.needs.split == Split::Rows {
            self.look.combine = combine_of(&self.y, columns);
            if self.color.is_none() {
                let names = of(&[ColumnClass::Text, ColumnClass::Boolean]);
                self.color = names.into_iter().find(|&name| name != self.x);
            }
            if is_time {
                self.look.x_part = Some(TimePart::Hour);
                self.look.y_part = self.color.is_none().then_some(TimePart::Weekday);
            } else if self.color.is_none() {
                // Two names that cannot be had may be two parts of one time.
                self.x = *of(&[ColumnClass::Timestamp, ColumnClass::Date]).first()?;
                self.look.x_part = Some(TimePart::Hour);
                self.look.y_part = Some(TimePart::Weekday);
            }
        } else {
            self.look.x_part = None;
            self.look.y_part = None;
            self.color = self.color.filter(|&color| class(color).is_some_and(is_name));
        }
        self.is_drawable(columns).then_some(self)
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
        if self.y.is_empty() && self.kind().needs.values == Values::Some {
            let numbers =
                indices(columns, |column| ColumnClass::of(&column) == ColumnClass::Number).into_iter();
            let spare = numbers.filter(|&index| index != x).min_by_key(|&index| index != old_x);
            self.y = vec![spare.unwrap_or(x)];
        }
        let Some(class) = new_class.filter(|&class| Some(class) != old_class) else { return self };
        let kind = self.kind();
        if !kind.needs.x.contains(&class) || kind.follows_x && best_kind(class).name != kind.name {
            let as_before = self.clone();
            return self.with_kind(best_kind(class), columns).unwrap_or(as_before);
        }
        if kind.needs.split == Split::Rows {
            self.look.x_part = class.is_time().then_some(TimePart::Hour);
            if !class.is_time() {
                self.look.y_part = None;
            }
            let as_before = self.clone();
            return self.with_kind(kind, columns).unwrap_or(as_before);
        }
        self
    }

    /// The same chart with a height more, or less when it is there already. The last one stays where the kind
    /// needs one.
    #[must_use]
    pub fn with_y_toggled(mut self, y: u32) -> Self {
        match self.y.iter().position(|&there| there == y) {
            Some(place) if self.y.len() > 1 || self.kind().needs.values == Values::Any => {
                self.y.remove(place);
            }
            Some(_) => {}
            None if self.kind().needs.one_value => self.y = vec![y],
            None => self.y.push(y),
        }
        self
    }

    /// What to ask the engine for.
    ///
    /// `max_points` is a limit for each series, and `carrier` a column of numbers for kinds that only count.
    pub fn request(&self, max_points: u32, carrier: Option<u32>) -> SeriesRequest {
        let mut y = self.y.clone();
        y.extend(self.size);
        if y.is_empty() {
            y.extend(carrier);
        }
        let splits = self.color.is_some() || y.len() > 1;
        let adds = self.kind().needs.split == Split::Rows || self.look.top.is_some() || self.size.is_some();
        let max_series = if splits && adds { SERIES_TO_ADD } else { MAX_SERIES };
        SeriesRequest { x: self.x, y, color: self.color, max_points, max_series }
    }
}

/// Counts add up; what has fractions is rather a mean already.
fn combine_of(y: &[u32], columns: &[ColumnInfo]) -> Combine {
    match y.first().and_then(|&y| columns.get(y as usize)) {
        None => Combine::Count,
        Some(column)
            if ["DOUBLE", "REAL", "FLOAT", "DECIMAL"].iter().any(|t| column.type_name.starts_with(t)) =>
        {
            Combine::Mean
        }
        Some(_) => Combine::Sum,
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
    fn a_number_alone_is_counted() {
        assert_eq!(choice(&[("price", "DOUBLE")]), ("histogram", 0, vec![], None));
    }

    #[wasm_bindgen_test]
    fn every_kind_takes_columns_that_suit_it_and_refuses_others() {
        let all = columns(&[
            ("at", "TIMESTAMP"),
            ("name", "VARCHAR"),
            ("a", "BIGINT"),
            ("b", "DOUBLE"),
            ("place", "VARCHAR"),
        ]);
        let start = default_choice(&all, 9).expect("a chart");
        for kind in CHARTS {
            let choice = start.clone().with_kind(kind, &all).expect(kind.name);
            assert!(choice.is_drawable(&all), "{choice:?}");
            // And back again, from whatever the kind made of the columns.
            for other in CHARTS {
                assert!(choice.clone().with_kind(other, &all).is_some(), "{} to {}", kind.name, other.name);
            }
            for x in 0..5 {
                assert!(choice.clone().with_x(x, &all).is_drawable(&all), "{} over {x}", kind.name);
            }
        }
        let numbers = columns(&[("a", "BIGINT"), ("b", "DOUBLE")]);
        let start = default_choice(&numbers, 9).expect("a chart");
        assert_eq!(start.with_kind(&super::super::heatmap::HEATMAP, &numbers), None);
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
