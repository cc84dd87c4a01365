//! A chart told in words.

use millrace_protocol::SeriesPage;

use super::{
    Estimated, Figure, Source,
    boxes::Boxes,
    estimated::{estimated_group, estimated_of},
    heatmap::Grid,
    value_text::{number_text, time_text},
};
use crate::format;

/// Series that are named one by one.
const NAMED_SERIES: usize = 5;

/// What a chart shows, in a few sentences, for people who cannot see it: values so far, or `estimated`
/// final ones.
pub fn summary(source: &Source<'_>, figure: &Figure, estimated: bool) -> String {
    let choice = source.choice;
    let name = |index: u32| source.name(index);
    let values = choice.y.iter().map(|&y| name(y)).collect::<Vec<_>>().join(", ");
    let mut text = match figure {
        _ if values.is_empty() => format!("{} of {}", choice.kind().label, name(choice.x)),
        Figure::Grid(_) => format!("{} of {values}", choice.kind().label),
        _ => format!("{} chart of {values} by {}", choice.kind().label, name(choice.x)),
    };
    if let Figure::Grid(_) = figure {
        let axis = |part: Option<super::TimePart>, column: Option<u32>| {
            part.map(|part| part.name().to_owned()).or(column.map(name)).unwrap_or_default()
        };
        text += &format!(
            " by {} and {}",
            axis(choice.look.x_part, Some(choice.x)),
            axis(choice.look.y_part, choice.color)
        );
    } else if let Some(color) = choice.color {
        text += &format!(", coloured by {}", name(color));
    }
    text += ". ";
    if figure.points() == 0 {
        return text + "It has no points yet.";
    }
    let names = figure.names();
    if names.len() > 1 {
        text += &format!("{} series: {}", names.len(), names[..names.len().min(NAMED_SERIES)].join(", "));
        text += if names.len() > NAMED_SERIES { " and others. " } else { ". " };
    }
    text += &match figure {
        Figure::Series(series) => of_series(source, &series.page, estimated),
        Figure::Boxes(boxes) => of_boxes(source, boxes),
        Figure::Grid(grid) => of_grid(grid),
    };
    if figure.rows_left_out() > 0 {
        text += &format!("{} rows are not drawn. ", format::count(figure.rows_left_out()));
    }
    let page = source.page;
    if estimated && choice.kind().interval.is_some() {
        text += &estimated_summary(page);
    }
    text + &if page.result.fraction < 1.0 {
        format!("Partial: covers {} of the data.", format::percent(page.result.fraction))
    } else {
        "Exact.".to_owned()
    }
}

fn of_series(source: &Source<'_>, page: &SeriesPage, estimated: bool) -> String {
    let values: Vec<f64> = page
        .groups
        .iter()
        .map(|group| if estimated { estimated_group(group).joined() } else { group.clone() })
        .flat_map(|group| group.y)
        .flatten()
        .collect();
    let xs = || page.groups.iter().flat_map(|group| &group.x).copied();
    let mut text = format!("{} points", format::count(values.len() as u64));
    let (first, last) = (xs().fold(f64::INFINITY, f64::min), xs().fold(f64::NEG_INFINITY, f64::max));
    match &page.x_labels {
        Some(labels) => text += &format!(" for {} values of {}", labels.len(), source.name(source.choice.x)),
        None if page.x_is_time => text += &format!(" from {} to {} UTC", time_text(first), time_text(last)),
        None => text += &format!(" from {} to {}", number_text(first), number_text(last)),
    }
    text + &between(values.into_iter())
}

fn of_boxes(source: &Source<'_>, boxes: &Boxes) -> String {
    let fives = || boxes.groups.iter().flat_map(|group| &group.boxes).flatten();
    let count = format::count(fives().count() as u64);
    let mut text =
        format!("{count} boxes for {} values of {}", boxes.labels.len(), source.name(source.choice.x));
    let medians = || fives().map(|five| five[2]);
    let (low, high) = (medians().fold(f64::INFINITY, f64::min), medians().fold(f64::NEG_INFINITY, f64::max));
    text += &format!(", medians between {} and {}", number_text(low), number_text(high));
    text + &between(fives().flatten().copied())
}

fn of_grid(grid: &Grid) -> String {
    let mut text =
        format!("{} cells in {} columns and {} rows", grid.cells.len(), grid.x.len(), grid.y.len());
    text += &between(grid.cells.iter().map(|cell| cell.2));
    let greatest = grid.cells.iter().max_by(|a, b| a.2.total_cmp(&b.2));
    if let Some((x, y)) = greatest.and_then(|cell| Some((grid.x.get(cell.0)?, grid.y.get(cell.1)?))) {
        text += &format!("The greatest is at {x} and {y}. ");
    }
    text
}

fn between(values: impl Iterator<Item = f64>) -> String {
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    format!(", values between {} and {}. ", number_text(low), number_text(high))
}

/// How much of a chart is estimated, and how well: `Estimated final values: 3 points, whose 95 % intervals
/// reach up to 12 % of the value to either side. 2 points are not estimated and show what was read so far. `
fn estimated_summary(page: &SeriesPage) -> String {
    let Estimated { points, so_far, series_so_far } = estimated_of(page);
    if points == 0 {
        return "Not estimated: the values are what was read so far. ".to_owned();
    }
    let noun = |count: usize| if count == 1 { "point" } else { "points" };
    let mut text = format!("Estimated final values: {} {}", format::count(points as u64), noun(points));
    let estimates = page.groups.iter().flat_map(|group| &group.estimates).flatten();
    let shares = estimates.map(|e| (e.high - e.value).max(e.value - e.low) / e.value.abs());
    let widest = shares.filter(|share| share.is_finite()).fold(0.0, f64::max);
    text += &format!(
        ", whose 95 % intervals reach up to {} % of the value to either side. ",
        number_text((widest * 1000.0).ceil() / 10.0)
    );
    if so_far > 0 {
        let verbs = if so_far == 1 { "is not estimated and shows" } else { "are not estimated and show" };
        text += &format!("{} {} {verbs} what was read so far. ", format::count(so_far as u64), noun(so_far));
    }
    if series_so_far > 0 {
        text += &format!("{series_so_far} of the series cannot be estimated. ");
    }
    text
}

#[cfg(test)]
mod tests {
    use millrace_protocol::{ColumnInfo, Estimate, ResultInfo, SeriesGroup};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::charts::default_choice;

    #[wasm_bindgen_test]
    fn a_summary_says_what_the_eye_would_see() {
        let columns = [("minute", "TIMESTAMP"), ("region", "VARCHAR"), ("count", "BIGINT")]
            .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() });
        let choice = default_choice(&columns, 4).expect("a chart");
        let told_of = |page: &SeriesPage, estimated: bool| {
            let source = Source { choice: &choice, columns: &columns, page, summed: None };
            summary(&source, &source.figure(), estimated)
        };
        let group = |name: &str, y| SeriesGroup {
            name: name.into(),
            x: vec![0.0, 60_000.0],
            y,
            estimates: Vec::new(),
        };
        let mut page = SeriesPage {
            result: ResultInfo { number: 1, fraction: 0.437, columns: columns.to_vec(), row_count: 4 },
            x_is_time: true,
            x_labels: None,
            groups: vec![group("EU", vec![Some(1200.0), Some(7.0)]), group("US", vec![None, Some(9.0)])],
            rows_left_out: 1234,
        };
        assert_eq!(
            told_of(&page, false),
            "Line chart of count by minute, coloured by region. 2 series: EU, US. 3 points from 1970-01-01 to \
             1970-01-01 00:01 UTC, values between 7 and 1,200. 1,234 rows are not drawn. Partial: covers 43 % \
             of the data."
        );
        page.groups[1].estimates = vec![None, None];
        page.groups[0].estimates = vec![Some(Estimate { value: 3000.0, low: 2700.0, high: 3300.0 }), None];
        let told = told_of(&page, true);
        assert!(told.contains("values between 7 and 3,000. "), "{told}");
        assert!(
            told.ends_with(
                "Estimated final values: 1 point, whose 95 % intervals reach up to 10 % of the value to \
                 either side. 2 points are not estimated and show what was read so far. Partial: covers \
                 43 % of the data."
            ),
            "{told}"
        );
        page.groups.clear();
        assert!(told_of(&page, false).ends_with("It has no points yet."));
    }
}
