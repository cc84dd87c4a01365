//! Kind, axes and colour of the chart, to be changed.

use leptos::prelude::*;

use super::{chart_drawing::ChartDrawing, chart_options::ChartOptions, chart_state::ChartState};
use crate::charts::{CHARTS, ChartChoice, ColumnClass, Split, TIME_PARTS, Values};

/// Columns that are offered; a list of thousands helps nobody.
const OFFERED_COLUMNS: usize = 200;

/// Columns that have a button of their own.
const OFFERED_BUTTONS: usize = 6;

/// In front of the index of a part of the time of the horizontal axis, where columns and parts are offered.
const PART_PREFIX: &str = "part ";

/// A choice that follows the state.
pub type Chosen = Memo<Option<ChartChoice>>;

/// Shown while there is a chart.
#[component]
pub fn ChartControls(state: ChartState, drawing: ChartDrawing) -> impl IntoView {
    let choice: Chosen = Memo::new(move |_| state.choice.get().and_then(Result::ok));
    let kinds = CHARTS.iter().map(move |kind| {
        let is_on = move || choice.with(|choice| choice.as_ref().is_some_and(|c| c.kind == kind.name));
        let is_possible = Memo::new(move |_| {
            let possible = |c: &ChartChoice| state.columns.with(|all| c.clone().with_kind(kind, all).is_some());
            choice.with(|choice| choice.as_ref().is_some_and(possible))
        });
        view! {
            <button
                type="button"
                class="btn btn-xs join-item gap-1"
                class:btn-primary=is_on
                class:btn-soft=is_on
                aria-pressed=move || is_on().to_string()
                disabled=move || !is_on() && !is_possible.get()
                title=move || if is_possible.get() { crate::texts::of_chart(kind.label) } else { t!("The result has no columns that it could draw") }
                data-chart-kind=kind.name
                on:click=move |_| change(state, choice, |c, all| c.with_kind(kind, all))
            >
                <svg viewBox="0 0 24 24" class="size-3.5" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
                    <path d=kind.icon/>
                </svg>
                <span class="hidden sm:inline">{crate::texts::of_chart(kind.label)}</span>
            </button>
        }
    });
    let needs = move || choice.with(|choice| choice.as_ref().map(|c| c.kind().needs));
    let splits_rows = move || needs().is_some_and(|needs| needs.split == Split::Rows);
    let has_values = move || needs().is_some_and(|needs| needs.values != Values::None);
    let has_size = move || needs().is_some_and(|needs| needs.size);
    view! {
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 text-xs" role="group" aria-label=t!("Chart settings")>
            <div class="join flex-wrap" role="group" aria-label=t!("Kind of chart")>{kinds.collect_view()}</div>
            <label class="flex items-center gap-1.5">
                <span class="opacity-70">"x"</span>
                <select
                    class="select select-xs w-auto max-w-40"
                    aria-label=t!("Horizontal axis")
                    on:change=move |event| {
                        if let Ok(x) = event_target_value(&event).parse() {
                            change(state, choice, |c, all| Some(c.with_x(x, all)));
                        }
                    }
                >
                    {move || options(state, |_| true, choice.with(|c| c.as_ref().map(|c| c.x)))}
                </select>
                <Show when=move || splits_rows() && x_is_time(state, choice)>{parts_of_x(state, choice)}</Show>
            </label>
            <Show when=has_values>
                <div class="flex flex-wrap items-center gap-1.5" role="group" aria-label=t!("Values")>
                    <span class="opacity-70">{move || if splits_rows() { "value" } else { "y" }}</span>
                    {move || heights(state, choice)}
                </div>
            </Show>
            <Show when=splits_rows fallback=move || color(state, choice)>{rows_of_grid(state, choice)}</Show>
            <Show when=has_size>
                <label class="flex items-center gap-1.5">
                    <span class="opacity-70">{t!("size")}</span>
                    <select
                        class="select select-xs w-auto max-w-40"
                        aria-label=t!("Size of points")
                        on:change=move |event| {
                            let size = event_target_value(&event).parse().ok();
                            change(state, choice, |c, _| Some(ChartChoice { size, ..c }));
                        }
                    >
                        {none(move || choice.with(|c| c.as_ref().is_some_and(|c| c.size.is_none())))}
                        {move || options(state, |class| class == ColumnClass::Number, choice.with(|c| c.as_ref().and_then(|c| c.size)))}
                    </select>
                </label>
            </Show>
            <ChartOptions state=state choice=choice drawing=drawing/>
        </div>
    }
}

/// Takes what comes of the choice, if anything does.
pub fn change(
    state: ChartState,
    choice: Chosen,
    change: impl FnOnce(ChartChoice, &[millrace_protocol::ColumnInfo]) -> Option<ChartChoice>,
) {
    let changed = choice.get_untracked().and_then(|c| state.columns.with_untracked(|all| change(c, all)));
    if let Some(changed) = changed {
        state.choose(changed);
    }
}

fn x_is_time(state: ChartState, choice: Chosen) -> bool {
    let x = choice.with(|choice| choice.as_ref().map(|c| c.x as usize));
    x.is_some_and(|x| state.columns.with(|all| all.get(x).is_some_and(|x| ColumnClass::of(x).is_time())))
}

/// The part of the time that is the horizontal axis of a heatmap.
fn parts_of_x(state: ChartState, choice: Chosen) -> impl IntoView {
    let selected = move || choice.with(|choice| choice.as_ref().and_then(|c| c.look.x_part));
    view! {
        <select
            class="select select-xs w-auto"
            aria-label=t!("Part of the time")
            on:change=move |event| {
                let part = event_target_value(&event).parse::<usize>().ok().and_then(|part| TIME_PARTS.get(part).copied());
                change(state, choice, |mut c, _| {
                    c.look.x_part = part;
                    Some(c)
                });
            }
        >
            {none(move || selected().is_none())}
            {TIME_PARTS.iter().enumerate().map(|(index, &part)| view! {
                <option value=index.to_string() selected=move || selected() == Some(part)>{part.name()}</option>
            }).collect_view()}
        </select>
    }
}

/// The vertical axis of a heatmap: a column, or a part of the time of the horizontal one.
fn rows_of_grid(state: ChartState, choice: Chosen) -> impl IntoView {
    let changed = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        change(state, choice, |mut c, _| {
            let part = value.strip_prefix(PART_PREFIX).and_then(|part| part.parse::<usize>().ok());
            c.look.y_part = part.and_then(|part| TIME_PARTS.get(part).copied());
            c.color = value.parse().ok();
            (c.look.y_part.is_some() || c.color.is_some()).then_some(c)
        });
    };
    let selected = move || choice.with(|c| c.as_ref().and_then(|c| c.look.y_part));
    view! {
        <label class="flex items-center gap-1.5">
            <span class="opacity-70">"y"</span>
            <select class="select select-xs w-auto max-w-40" aria-label=t!("Vertical axis") on:change=changed>
                {move || x_is_time(state, choice).then(|| TIME_PARTS.iter().enumerate().map(|(index, &part)| view! {
                    <option value=format!("{PART_PREFIX}{index}") selected=move || selected() == Some(part)>{part.name()}</option>
                }).collect_view())}
                {move || {
                    let color = choice.with(|c| c.as_ref().and_then(|c| c.color));
                    options(state, |class| !class.is_time(), color)
                }}
            </select>
        </label>
    }
}

fn color(state: ChartState, choice: Chosen) -> impl IntoView {
    let changed = move |event: web_sys::Event| {
        let color = event_target_value(&event).parse().ok();
        change(state, choice, |c, _| Some(ChartChoice { color, ..c }));
    };
    view! {
        <label class="flex items-center gap-1.5">
            <span class="opacity-70">{t!("colour")}</span>
            <select class="select select-xs w-auto max-w-40" aria-label=t!("Colour") on:change=changed>
                {none(move || choice.with(|c| c.as_ref().is_some_and(|c| c.color.is_none())))}
                {move || {
                    options(
                        state,
                        |class| matches!(class, ColumnClass::Text | ColumnClass::Boolean),
                        choice.with(|c| c.as_ref().and_then(|c| c.color)),
                    )
                }}
            </select>
        </label>
    }
}

/// The option to choose nothing.
fn none(selected: impl Fn() -> bool + Send + 'static) -> impl IntoView {
    view! { <option value="" selected=selected>"–"</option> }
}

/// Buttons for the first columns and the chosen ones, and a list for the others.
fn heights(state: ChartState, choice: Chosen) -> impl IntoView {
    let columns = state.columns.get();
    let (x, chosen) = choice.with(|choice| {
        choice.as_ref().map_or((None, Vec::new()), |choice| (Some(choice.x), choice.y.clone()))
    });
    let numbers = (0_u32..)
        .zip(columns)
        .filter(|(index, column)| Some(*index) != x && ColumnClass::of(column) == ColumnClass::Number);
    let mut buttons = Vec::new();
    let mut others = Vec::new();
    for (index, column) in numbers.take(OFFERED_COLUMNS) {
        if buttons.len() < OFFERED_BUTTONS || chosen.contains(&index) {
            buttons.push((index, column.name, chosen.contains(&index)));
        } else {
            others.push((index, column.name));
        }
    }
    let toggle = move |index: u32| change(state, choice, |c, _| Some(c.with_y_toggled(index)));
    let buttons = buttons.into_iter().map(|(index, name, is_on)| {
        let class = if is_on { "btn-primary" } else { "btn-ghost" };
        view! {
            <button
                type="button"
                class=format!("btn btn-xs max-w-40 font-normal {class}")
                aria-pressed=is_on.to_string()
                on:click=move |_| toggle(index)
            >
                <span class="truncate">{name}</span>
            </button>
        }
    });
    let more = (!others.is_empty()).then(|| {
        let options =
            others.into_iter().map(|(index, name)| view! { <option value=index.to_string()>{name}</option> });
        view! {
            <select
                class="select select-xs w-auto max-w-32"
                aria-label=t!("More values")
                on:change=move |event| {
                    if let Ok(index) = event_target_value(&event).parse() {
                        toggle(index);
                    }
                }
            >
                <option value="" selected=true>{t!("more")}</option>
                {options.collect_view()}
            </select>
        }
    });
    view! {
        {buttons.collect_view()}
        {more}
    }
}

fn options(state: ChartState, wanted: fn(ColumnClass) -> bool, selected: Option<u32>) -> impl IntoView {
    let columns = state.columns.get();
    let wanted = columns.into_iter().enumerate().filter(move |(_, column)| wanted(ColumnClass::of(column)));
    wanted
        .take(OFFERED_COLUMNS)
        .map(|(index, column)| {
            let index = index as u32;
            view! { <option value=index.to_string() selected=selected == Some(index)>{column.name}</option> }
        })
        .collect_view()
}
