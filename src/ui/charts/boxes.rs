//! Box plots: where the values of each name lie.
//!
//! Boxes are those of Tukey (Exploratory Data Analysis, 1977): from the lower to the upper quartile, with the median,
//! and whiskers to the last values within 1.5 times the box's length. Quartiles are interpolated as in Hyndman and
//! Fan (1996), definition 7.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    ANY_CLASS, ChartKind, ColumnClass, Figure, Needs, SeriesStyle, Side, SideQuery, Source, Split, Values,
    choice::MAX_SERIES,
    stack::TotalOrder,
    value_text::{number_text, time_text},
};

/// Boxes beside each other.
pub const BOX: ChartKind = ChartKind {
    name: "box",
    label: "Box",
    icon: "M7 3v4M5 7h4v9H5zM5 11h4M7 16v5M17 5v4M15 9h4v7h-4zM15 12h4M17 16v4",
    needs: Needs {
        x: ANY_CLASS,
        values: Values::Some,
        one_value: true,
        split: Split::Series,
        size: false,
        prefers_names: true,
    },
    stackable: false,
    stacked_by_default: false,
    y_from_zero: false,
    interval: None,
    fitness: |_: ColumnClass| 0,
    follows_x: false,
    figure,
    side: Some(side),
    series,
};

/// Most places on the axis; boxes beyond are too thin to be read.
const MAX_PLACES: usize = 200;

/// Most values beyond the whiskers that are drawn of one box, those farthest out.
const MAX_OUTLIERS: usize = 50;

/// Whiskers reach this many lengths of the box beyond it.
pub const FENCE: f64 = 1.5;

/// Boxes of several series over the same places.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxes {
    /// Names of the places.
    pub labels: Vec<String>,
    /// What stands there, as the engine counts it: times, numbers or places of names.
    pub positions: Vec<f64>,
    /// The series.
    pub groups: Vec<BoxGroup>,
    /// Rows of which no box knows.
    pub rows_left_out: u64,
}

/// The boxes of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxGroup {
    /// Name in the legend.
    pub name: String,
    /// For each place its box, if it has values.
    pub boxes: Vec<Option<FiveNumbers>>,
    /// Places and values beyond the whiskers.
    pub outliers: Vec<(usize, f64)>,
}

/// Ends of whiskers and box, and the median: rising.
pub type FiveNumbers = [f64; 5];

fn series(_: &SeriesStyle) -> Value {
    json!({
        "type": "boxplot",
        "boxWidth": [4, 48],
        "itemStyle": { "borderWidth": 1.5 },
        "emphasis": { "focus": "series" },
    })
}

fn figure(source: &Source<'_>) -> Figure {
    let page = source.page;
    let xs = page.groups.iter().flat_map(|group| &group.x).map(|&x| TotalOrder(x));
    let mut positions: Vec<f64> =
        xs.collect::<std::collections::BTreeSet<_>>().into_iter().map(|x| x.0).collect();
    let mut rows_left_out = page.rows_left_out;
    if let Some(&last) = positions.get(MAX_PLACES - 1)
        && positions.len() > MAX_PLACES
    {
        let beyond = |group: &&f64| **group > last;
        rows_left_out += page.groups.iter().map(|g| g.x.iter().filter(beyond).count() as u64).sum::<u64>();
        positions.truncate(MAX_PLACES);
    }
    let places: BTreeMap<TotalOrder, usize> =
        positions.iter().enumerate().map(|(place, &x)| (TotalOrder(x), place)).collect();
    let place = |x: f64| places.get(&TotalOrder(x)).copied();
    let groups = if source.summed.is_some() {
        summed_groups(source, positions.len(), place)
    } else {
        page.groups.iter().map(|group| counted_group(group, positions.len(), place)).collect()
    };
    let label = |&x: &f64| match &page.x_labels {
        Some(labels) => labels.get(x as usize).cloned().unwrap_or_default(),
        None if page.x_is_time => time_text(x),
        None => number_text(x),
    };
    Figure::Boxes(Boxes { labels: positions.iter().map(label).collect(), positions, groups, rows_left_out })
}

fn counted_group(
    group: &millrace_protocol::SeriesGroup,
    count: usize,
    place: impl Fn(f64) -> Option<usize>,
) -> BoxGroup {
    let mut values = vec![Vec::new(); count];
    for (&x, y) in group.x.iter().zip(&group.y) {
        if let (Some(place), Some(y)) = (place(x), y) {
            values[place].push(*y);
        }
    }
    let mut outliers = Vec::new();
    let boxes = values.into_iter().enumerate().map(|(place, mut values)| {
        values.sort_by(f64::total_cmp);
        let (five, beyond) = five_numbers(&values)?;
        outliers.extend(beyond.into_iter().map(|value| (place, value)));
        Some(five)
    });
    let boxes = boxes.collect();
    BoxGroup { name: group.name.clone(), boxes, outliers }
}

/// The five numbers of sorted values, and those beyond the whiskers that are farthest out.
pub fn five_numbers(sorted: &[f64]) -> Option<(FiveNumbers, Vec<f64>)> {
    let [q1, median, q3] = [0.25, 0.5, 0.75].map(|share| quantile(sorted, share));
    let (q1, median, q3) = (q1?, median?, q3?);
    let reach = FENCE * (q3 - q1);
    let first = sorted.partition_point(|&value| value < q1 - reach);
    let last = sorted.partition_point(|&value| value <= q3 + reach);
    let inside = sorted.get(first..last).filter(|inside| !inside.is_empty())?;
    let half = MAX_OUTLIERS / 2;
    let below = sorted[..first].iter().take(half);
    let above = sorted[last..].iter().rev().take(half);
    // Between the last value inside and the quartile there is none where a box is made of few values.
    let five = [inside[0].min(q1), q1, median, q3, inside[inside.len() - 1].max(q3)];
    Some((five, below.chain(above).copied().collect()))
}

fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    Some(sorted[low] + (sorted[high] - sorted[low]) * (place - place.floor()))
}

/// Names of the five columns that the engine computes, in the order of [`FiveNumbers`].
pub const SUMMED_COLUMNS: [&str; 5] = ["box_low", "box_q1", "box_median", "box_q3", "box_high"];

/// Boxes that the engine has computed: of each colour five series, named after their columns.
fn summed_groups(source: &Source<'_>, count: usize, place: impl Fn(f64) -> Option<usize>) -> Vec<BoxGroup> {
    let mut groups: Vec<(String, Vec<[f64; 5]>)> = Vec::new();
    for group in &source.page.groups {
        let (name, column) = group.name.rsplit_once(" · ").unwrap_or(("", &group.name));
        let Some(number) = SUMMED_COLUMNS.iter().position(|summed| *summed == column) else { continue };
        if groups.last().is_none_or(|(last, _)| last != name) {
            groups.push((name.to_owned(), vec![[f64::NAN; 5]; count]));
        }
        let Some((_, boxes)) = groups.last_mut() else { continue };
        for (&x, y) in group.x.iter().zip(&group.y) {
            if let (Some(place), Some(y)) = (place(x), y) {
                boxes[place][number] = *y;
            }
        }
    }
    let value = source.choice.y.first().map_or_else(String::new, |&y| source.name(y));
    let whole = |five: [f64; 5]| five.iter().all(|number| number.is_finite()).then_some(five);
    let groups = groups.into_iter().take(MAX_SERIES as usize).map(|(name, boxes)| BoxGroup {
        name: if name.is_empty() { value.clone() } else { name },
        boxes: boxes.into_iter().map(whole).collect(),
        outliers: Vec::new(),
    });
    groups.collect()
}

/// The boxes, from approximate quartiles. Whiskers end at the fences, which in so many rows is where the last values
/// within them are.
fn side(side: &Side<'_>) -> SideQuery {
    let value = side.choice.y.first().map_or_else(|| "NULL".to_owned(), |&y| side.number(y));
    let color = side.choice.color.map(|color| side.column(color));
    let and_color = color.as_ref().map_or_else(String::new, |color| format!(", {color} AS color"));
    let sql = format!(
        "SELECT x, greatest(low, q1 - {FENCE} * (q3 - q1)) AS box_low, q1 AS box_q1, median AS box_median, q3 AS \
         box_q3,\n  least(high, q3 + {FENCE} * (q3 - q1)) AS box_high{}\nFROM (\n  SELECT {} AS x{and_color}, min(v) AS \
         low, max(v) AS high,\n    approx_quantile(v, 0.25) AS q1, approx_quantile(v, 0.5) AS median, \
         approx_quantile(v, 0.75) AS q3\n  FROM (SELECT *, {value} AS v FROM {}) AS valued\n  WHERE v IS NOT NULL\n  \
         GROUP BY 1{}\n) AS boxes\nORDER BY x\nLIMIT {}",
        if color.is_some() { ", color" } else { "" },
        side.column(side.choice.x),
        side.result(),
        if color.is_some() { ", 2" } else { "" },
        MAX_PLACES * 100,
    );
    SideQuery { sql, y: (1..=5).collect(), color: color.map(|_| 6) }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn quartiles_are_interpolated_and_far_values_stand_apart() {
        let values: Vec<f64> = (1..=8).map(f64::from).chain([100.0]).collect();
        assert_eq!(five_numbers(&values), Some(([1.0, 3.0, 5.0, 7.0, 8.0], vec![100.0])));
        assert_eq!(five_numbers(&[1.0, 2.0]), Some(([1.0, 1.25, 1.5, 1.75, 2.0], vec![])));
        assert_eq!(five_numbers(&[7.0]), Some(([7.0; 5], vec![])));
        assert_eq!(five_numbers(&[]), None);
    }

    #[wasm_bindgen_test]
    fn outliers_are_the_farthest_of_many() {
        let mut values: Vec<f64> = (0..1000).map(|number| f64::from(number % 10)).collect();
        values.extend((0..100).map(|number| 1000.0 + f64::from(number)));
        values.sort_by(f64::total_cmp);
        let (five, beyond) = five_numbers(&values).expect("a box");
        assert_eq!(five[4], 9.0);
        assert_eq!(beyond.len(), MAX_OUTLIERS / 2);
        assert_eq!(beyond[0], 1099.0);
    }
}
