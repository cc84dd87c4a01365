//! What was selected in the chart: as conditions, and what to do with them.

use leptos::prelude::*;

use super::{chart_drawing::ChartDrawing, chart_state::ChartState};
use crate::{
    actions::Actions,
    charts::{Condition, Figure, Picked, Source, condition_text},
    icons::{self, Icon},
    state::{Charting, QueryState},
};

/// Parts of a selection that its ends are rounded to: a pixel says no more.
const ROUNDED_PARTS: f64 = 500.0;

/// Conditions for a selection along the horizontal axis, or along both: least and greatest place of each, in turn.
/// Axes of names and bins count their places.
pub fn conditions(source: &Source<'_>, figure: &Figure, ends: &[f64]) -> Vec<Condition> {
    let (&[left, right, ..], choice) = (ends, source.choice) else { return Vec::new() };
    let x = |picked| Condition::new(source.columns.get(choice.x as usize)?, picked);
    let conditions = match figure {
        Figure::Series(series) => {
            if let Some(bins) = series.bins {
                let (first, last) = places(left, right, bins.count);
                vec![x(Picked::Range { low: bins.edge(first), high: Some(bins.edge(last + 1)) })]
            } else if let Some(labels) = &series.page.x_labels {
                let (first, last) = places(left, right, labels.len());
                vec![x(Picked::Names(labels.get(first..=last).unwrap_or_default().to_vec()))]
            } else if let &[_, _, below, above] = ends {
                let y = match choice.y.as_slice() {
                    [y] => source.columns.get(*y as usize),
                    _ => None,
                };
                vec![x(rounded(left, right)), y.and_then(|y| Condition::new(y, rounded(below, above)))]
            } else {
                let mut positions: Vec<f64> =
                    series.page.groups.iter().flat_map(|group| &group.x).copied().collect();
                positions.sort_by(f64::total_cmp);
                positions.dedup();
                let first = positions.partition_point(|&position| position < left);
                let behind = positions.partition_point(|&position| position <= right);
                vec![range(&positions, first, behind).and_then(x)]
            }
        }
        Figure::Boxes(boxes) => {
            let (first, last) = places(left, right, boxes.labels.len());
            vec![along(source, &boxes.labels, &boxes.positions, first, last).and_then(x)]
        }
        Figure::Grid(grid) => {
            let (first, last) = places(left, right, grid.x.len());
            let across = match choice.look.x_part {
                Some(part) => Some(Picked::Part(part, (first..=last).collect())),
                None => along(source, &grid.x, &grid.positions, first, last),
            };
            let up = match ends {
                &[_, _, below, above] if !grid.y.is_empty() => {
                    let (low, high) = places(below, above, grid.y.len());
                    let last = grid.y.len() - 1;
                    let is_all = low == 0 && high == last;
                    match (choice.look.y_part, choice.color) {
                        _ if is_all => None,
                        // The first of a part stands at the top.
                        (Some(part), _) => x(Picked::Part(part, (last - high..=last - low).collect())),
                        (None, Some(color)) => source.columns.get(color as usize).and_then(|column| {
                            Condition::new(column, Picked::Names(grid.y[low..=high].to_vec()))
                        }),
                        (None, None) => None,
                    }
                }
                _ => None,
            };
            let is_all = first == 0 && last + 1 == grid.x.len() && up.is_some();
            vec![across.filter(|_| !is_all).and_then(x), up]
        }
    };
    conditions.into_iter().flatten().collect()
}

/// Names where the axis has names, and a range of what stands there otherwise.
fn along(
    source: &Source<'_>,
    labels: &[String],
    positions: &[f64],
    first: usize,
    last: usize,
) -> Option<Picked> {
    if source.page.x_labels.is_some() {
        return Some(Picked::Names(labels.get(first..=last)?.to_vec()));
    }
    range(positions, first, last + 1)
}

/// From one of the rising positions up to another, which is not selected any more: so what lies between positions,
/// as the rest of an hour does, belongs to the one before.
fn range(positions: &[f64], first: usize, behind: usize) -> Option<Picked> {
    let low = *positions.get(first).filter(|_| first < behind)?;
    Some(Picked::Range { low, high: positions.get(behind).copied() })
}

/// The selected places of an axis that has so many.
fn places(left: f64, right: f64, count: usize) -> (usize, usize) {
    let last = count.saturating_sub(1);
    // The casts saturate at zero.
    let (left, right) = (left.min(right).round() as usize, left.max(right).round() as usize);
    (left.min(last), right.min(last))
}

fn rounded(left: f64, right: f64) -> Picked {
    let power = ((right - left).abs() / ROUNDED_PARTS).log10().floor();
    let round = |value: f64| {
        let unit = 10_f64.powf(-power);
        if unit.is_finite() { (value * unit).round() / unit } else { value }
    };
    Picked::Range { low: round(left.min(right)), high: Some(round(left.max(right))) }
}

/// Says what is selected and offers to filter by it, or to look at it alone.
#[component]
pub fn PickBar(state: ChartState, drawing: ChartDrawing) -> impl IntoView {
    let charting: Charting = expect_context();
    let query: QueryState = expect_context();
    let actions: Actions = expect_context();
    let picked = Memo::new(move |_| drawing.picked.get().map(|ends| selected(state, &ends)));
    let filter = move |_| apply(state, drawing, charting);
    let unfiltered = Memo::new(move |_| {
        let sql = query.result_sql.get();
        charting.unfiltered(&sql)
    });
    view! {
        {move || picked.get().filter(|conditions| !conditions.is_empty()).map(|conditions| view! {
            <div class="mt-2 flex flex-wrap items-center gap-2 text-xs" role="group" aria-label=t!("Selection") data-part="selection">
                <span class="min-w-0 truncate">{condition_text(&conditions)}</span>
                <button type="button" class="btn btn-primary btn-xs" on:click=filter data-part="filter-selection">
                    {t!("Filter the query")}
                </button>
                <button type="button" class="btn btn-xs" on:click=move |_| drawing.zoom_to_selection()>{t!("Zoom in")}</button>
                <button type="button" class="icon-button size-6" aria-label=t!("Select nothing") on:click=move |_| drawing.clear()>
                    <Icon path=icons::CLOSE class="size-3.5"/>
                </button>
            </div>
        })}
        {move || unfiltered.get().map(|from| view! {
            <p class="mt-2 flex items-center gap-2 text-xs opacity-80" data-part="filtered">
                {t!("Filtered by a selection.")}
                <button
                    type="button"
                    class="link cursor-pointer"
                    on:click=move |_| {
                        query.sql.set(from.clone());
                        actions.run();
                    }
                >
                    {t!("Back to all rows")}
                </button>
            </p>
        })}
    }
}

fn selected(state: ChartState, ends: &[f64]) -> Vec<Condition> {
    state.with_figure(|source, figure| conditions(source, figure, ends)).unwrap_or_default()
}

/// Filters the query by the selection, if there is one.
pub fn apply(state: ChartState, drawing: ChartDrawing, charting: Charting) {
    let Some(ends) = drawing.picked.get_untracked() else { return };
    let conditions = state.with_figure_untracked(|source, figure| conditions(source, figure, &ends));
    if let Some(conditions) = conditions.filter(|conditions| !conditions.is_empty()) {
        drawing.clear();
        charting.picked.set(Some(conditions));
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_range_ends_where_the_next_position_begins() {
        let hours = [0.0, 10.0, 20.0, 30.0];
        assert_eq!(range(&hours, 1, 3), Some(Picked::Range { low: 10.0, high: Some(30.0) }));
        assert_eq!(range(&hours, 2, 4), Some(Picked::Range { low: 20.0, high: None }));
        assert_eq!(range(&hours, 2, 2), None);
    }

    #[wasm_bindgen_test]
    fn ends_are_no_finer_than_pixels() {
        assert_eq!(rounded(1.234_567, 101.9), Picked::Range { low: 1.2, high: Some(101.9) });
        assert_eq!(rounded(0.5, 0.5), Picked::Range { low: 0.5, high: Some(0.5) });
        assert_eq!(places(-0.4, 2.6, 3), (0, 2));
    }
}
