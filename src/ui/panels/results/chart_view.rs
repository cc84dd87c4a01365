//! The chart: settings, drawing, and what there is to say about it.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};

use super::{
    chart_controls::ChartControls,
    chart_drawing::{ChartDrawing, Selecting},
    chart_keys::{ChartKeys, KEYS_HELP},
    chart_menu::ChartMenu,
    chart_pick::{self, PickBar},
    chart_state::ChartState,
    chart_table::TableOfChart,
    coverage::Coverage,
    figures::Figures,
};
use crate::{
    charts::{ChartChoice, Estimated, Figure, Interval, NoChart, Source, estimated_of, summary},
    format,
    state::{Charting, Estimating, Theme},
};

/// Height of a row of panels, beyond which a chart grows.
const PANEL_PX: usize = 170;

/// The chart of the newest result, or a hint why there is none.
#[component]
pub fn ChartView() -> impl IntoView {
    let state = ChartState::new();
    let theme: Theme = expect_context();
    let estimating: Estimating = expect_context();
    let element: NodeRef<html::Div> = NodeRef::new();
    let problem = RwSignal::new(None::<String>);
    let charting: Charting = expect_context();
    let drawing = ChartDrawing::new(state, theme, estimating, element, problem, Selecting::AtTheEnd);
    let take = Callback::new(move |()| chart_pick::apply(state, drawing, charting));
    let keys = ChartKeys::new(state, drawing, take);

    let has_chart = Memo::new(move |_| matches!(state.choice.get(), Some(Ok(_))));
    let no_chart = Memo::new(move |_| state.choice.get().and_then(Result::err));
    let estimated_of_page =
        move |source: &Source<'_>| source.page.result.fraction < 1.0 && estimating.shown.get();
    let in_words = Memo::new(move |_| {
        let words = state.with_figure(|source, figure| summary(source, figure, estimated_of_page(source)));
        words.unwrap_or_default()
    });
    let notes = Memo::new(move |_| state.with_figure(notes).unwrap_or_default());
    let estimated = Memo::new(move |_| {
        state.with_figure(|source, _| {
            let drawn = estimated_of_page(source) && source.choice.kind().interval.is_some();
            drawn.then(|| estimated_note(source.choice, estimated_of(source.page), source.page.groups.len()))
        })?
    });
    let failure = move || problem.get().or_else(|| state.failure());
    let height = move || match drawing.panel_rows.get() {
        1 => String::new(),
        rows => format!("{}px", (rows * PANEL_PX).max(320)),
    };
    view! {
        <section class="panel shrink-0 p-3" aria-label=t!("Chart") data-panel="chart">
            <div class="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2" class:hidden=move || !has_chart.get()>
                <ChartControls state=state drawing=drawing/>
                <div class="ml-auto flex flex-wrap items-center gap-2">
                    <Coverage/>
                    <ChartMenu state=state drawing=drawing problem=problem/>
                </div>
            </div>
            <figure class="relative m-0" class:hidden=move || !has_chart.get()>
                <div
                    node_ref=element
                    class="h-64 w-full sm:h-80"
                    style:height=height
                    role="application"
                    tabindex="0"
                    aria-roledescription=t!("chart")
                    aria-label=move || in_words.get()
                    aria-description=crate::texts::text(KEYS_HELP)
                    data-chart="canvas"
                    on:keydown=move |event| keys.press(&event)
                    on:blur=move |_| keys.leave()
                ></div>
                <p class="sr-only" role="status" data-part="told">{move || keys.told.get()}</p>
                <PickBar state=state drawing=drawing/>
                <figcaption class="mt-1 text-xs opacity-70 empty:hidden">
                    {move || notes.get().into_iter().map(|note| view! { <span class="block" data-part="note">{note}</span> }).collect_view()}
                    {move || estimated.get().map(|note| view! { <span class="block" data-part="estimated-note">{note}</span> })}
                </figcaption>
                <TableOfChart state=state/>
            </figure>
            {move || failure().map(|text| view! { <p class="text-sm text-error" role="alert">{text}</p> })}
            {move || no_chart.get().map(|why| view! { <NoChartHint why/> })}
        </section>
    }
}

/// What a person should know about what is not, or not exactly, drawn.
pub fn notes(source: &Source<'_>, figure: &Figure) -> Vec<String> {
    let (choice, mut notes) = (source.choice, Vec::new());
    let kind = choice.kind();
    let rows = figure.rows_left_out();
    match kind.side {
        None if rows > 0 => notes.push(tf!("{a} rows are not drawn: a chart shows up to 12 series and thins out long ones, keeping their highs and lows.", a = format::count(rows))),
        Some(_) if rows > 0 && source.summed.is_none() => {
            notes.push(tf!("{a} rows are not drawn: they have no place on the axis, or are in more series or places than can be told apart.", a = format::count(rows)));
        }
        _ => {}
    }
    if source.summed.is_some() {
        let all = format::count(source.page.result.row_count);
        notes.push(match (kind.name, figure) {
            ("scatter", _) => {
                tf!(
                    "A random sample of {a} of {all} rows.",
                    a = format::count(sampled_rows(source)),
                    all = all
                )
            }
            ("box", _) => tf!(
                "Of all {all} rows, with approximate quartiles; values beyond the whiskers are not drawn.",
                all = all
            ),
            _ => tf!("Of all {all} rows.", all = all),
        });
    }
    if let Figure::Boxes(boxes) = figure
        && boxes.groups.len() > 1
        && boxes.groups.iter().any(|group| !group.outliers.is_empty())
    {
        notes.push(t!("Values beyond the whiskers are drawn without a colour only.").to_owned());
    }
    let wants_stack = (choice.look.stacked || choice.look.normalised) && !choice.look.panels;
    if wants_stack && kind.stackable && figure.names().len() > 1 && figure.cannot_stack() {
        notes.push(
            t!("Series that were thinned out at different places are not put on top of each other.")
                .to_owned(),
        );
    }
    if let Figure::Series(series) = figure {
        let groups = || series.page.groups.iter();
        let below = |values: &mut dyn Iterator<Item = f64>| values.filter(|value| *value <= 0.0).count();
        let y =
            if choice.look.y_log { below(&mut groups().flat_map(|g| &g.y).flatten().copied()) } else { 0 };
        let has_numbers = series.page.x_labels.is_none() && !series.page.x_is_time;
        let x = if choice.look.x_log && has_numbers {
            below(&mut groups().flat_map(|g| &g.x).copied())
        } else {
            0
        };
        if x + y > 0 {
            let count = format::count((x + y) as u64);
            notes.push(tf!(
                "{count} points at zero or below have no place on a logarithmic axis.",
                count = count
            ));
        }
        if choice.size.is_some() && series.sizes.iter().any(Vec::is_empty) {
            notes.push(t!("Sizes are not drawn of points that were thinned out.").to_owned());
        }
    }
    if source.page.result.fraction < 1.0 && kind.interval.is_none() {
        notes.push(t!("The values are what was read so far.").to_owned());
    }
    notes
}

/// Rows of a sample, each of which has a point in the series of every column.
fn sampled_rows(source: &Source<'_>) -> u64 {
    let columns = source.choice.y.len() + usize::from(source.choice.size.is_some());
    let points: usize = source.page.groups.iter().map(|group| group.x.len()).sum();
    (points / columns.max(1)) as u64
}

/// What the marks of a chart of estimates mean.
fn estimated_note(choice: &ChartChoice, estimated: Estimated, series: usize) -> String {
    let Estimated { points, so_far, series_so_far } = estimated;
    if points == 0 {
        return t!("Not estimated: the values are what was read so far.").to_owned();
    }
    let stacked = choice.look.stacked && choice.kind().stackable && !choice.look.panels && series > 1;
    let (intervals, apart) = match (stacked, choice.kind().interval) {
        (true, _) => (t!("point at them for their 95 % intervals"), t!("Some")),
        (false, Some(Interval::Whisker)) => (t!("whiskers are 95 % intervals"), t!("Pale bars")),
        (false, _) => (t!("bands are 95 % intervals"), t!("Hollow points")),
    };
    let mut note = tf!("Estimated final values; {intervals}.", intervals = intervals);
    if so_far > 0 {
        note += &tf!(" {apart} are not estimated: they show what was read so far.", apart = apart);
    }
    if series_so_far > 0 {
        note += t!(" Series that cannot be estimated show what was read so far.");
    }
    note
}

#[component]
fn NoChartHint(why: NoChart) -> impl IntoView {
    match why {
        NoChart::SingleRow => view! { <Figures/> }.into_any(),
        why => view! {
            <div class="flex items-center gap-3 text-sm opacity-80">
                <svg viewBox="0 0 24 24" class="size-5 shrink-0 opacity-75" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                    <path d="M3 20h18M6 16v-4M11 16V8M16 16v-2"/>
                </svg>
                <p class="grow">{why.hint()}</p>
                <Coverage/>
            </div>
        }
        .into_any(),
    }
}

/// What a browser's refusal says.
pub fn reason(refused: &JsValue) -> String {
    match refused.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => refused.as_string().unwrap_or_else(|| t!("the browser gave no reason").to_owned()),
    }
}
