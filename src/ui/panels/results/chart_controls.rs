//! Kind, axes and colour of the chart, to be changed.

use leptos::prelude::*;

use super::chart_state::ChartState;
use crate::charts::{CHARTS, ChartChoice, ColumnClass};

/// Columns that are offered; a list of thousands helps nobody.
const OFFERED_COLUMNS: usize = 200;

/// Columns that have a button of their own.
const OFFERED_BUTTONS: usize = 6;

/// Shown while there is a chart.
#[component]
pub fn ChartControls(state: ChartState) -> impl IntoView {
    let choice = Memo::new(move |_| state.choice.get().and_then(Result::ok));
    let change = move |change: &dyn Fn(ChartChoice) -> ChartChoice| {
        if let Some(choice) = choice.get_untracked() {
            state.choose(change(choice));
        }
    };
    let kinds = CHARTS.iter().map(move |kind| {
        let is_on = move || choice.with(|choice| choice.as_ref().is_some_and(|c| c.kind == kind.name));
        view! {
            <button
                type="button"
                class="btn btn-xs join-item gap-1"
                class:btn-primary=is_on
                class:btn-soft=is_on
                aria-pressed=move || is_on().to_string()
                data-chart-kind=kind.name
                on:click=move |_| change(&|choice| choice.with_kind(kind))
            >
                <svg viewBox="0 0 24 24" class="size-3.5" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
                    <path d=kind.icon/>
                </svg>
                {kind.label}
            </button>
        }
    });
    let can_stack = move || {
        choice.with(|choice| {
            choice.as_ref().is_some_and(|c| c.kind().stackable && (c.color.is_some() || c.y.len() > 1))
        })
    };
    let x_changed = move |event: web_sys::Event| {
        if let Ok(x) = event_target_value(&event).parse() {
            let columns = state.columns.get_untracked();
            change(&|choice| choice.with_x(x, &columns));
        }
    };
    let color_changed = move |event: web_sys::Event| {
        let color = event_target_value(&event).parse().ok();
        change(&|choice| ChartChoice { color, ..choice });
    };
    view! {
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 text-xs" role="group" aria-label="Chart settings">
            <div class="join" role="group" aria-label="Kind of chart">{kinds.collect_view()}</div>
            <label class="flex items-center gap-1.5">
                <span class="opacity-70">"x"</span>
                <select class="select select-xs w-auto max-w-40" aria-label="Horizontal axis" on:change=x_changed>
                    {move || options(state, |_| true, choice.with(|c| c.as_ref().map(|c| c.x)))}
                </select>
            </label>
            <div class="flex flex-wrap items-center gap-1.5" role="group" aria-label="Values">
                <span class="opacity-70">"y"</span>
                {move || heights(state, choice)}
            </div>
            <label class="flex items-center gap-1.5">
                <span class="opacity-70">"colour"</span>
                <select class="select select-xs w-auto max-w-40" aria-label="Colour" on:change=color_changed>
                    <option value="" selected=move || choice.with(|c| c.as_ref().is_some_and(|c| c.color.is_none()))>
                        "–"
                    </option>
                    {move || {
                        options(
                            state,
                            |class| matches!(class, ColumnClass::Text | ColumnClass::Boolean),
                            choice.with(|c| c.as_ref().and_then(|c| c.color)),
                        )
                    }}
                </select>
            </label>
            <Show when=can_stack>
                <label class="flex items-center gap-1.5 cursor-pointer">
                    <input
                        type="checkbox"
                        class="checkbox checkbox-xs"
                        prop:checked=move || choice.with(|c| c.as_ref().is_some_and(|c| c.stacked))
                        on:change=move |event| {
                            let stacked = event_target_checked(&event);
                            change(&|choice| ChartChoice { stacked, ..choice });
                        }
                    />
                    "stacked"
                </label>
            </Show>
        </div>
    }
}

/// Buttons for the first columns and the chosen ones, and a list for the others.
fn heights(state: ChartState, choice: Memo<Option<ChartChoice>>) -> impl IntoView {
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
    let toggle = move |index: u32| {
        if let Some(choice) = choice.get_untracked() {
            state.choose(choice.with_y_toggled(index));
        }
    };
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
                aria-label="More values"
                on:change=move |event| {
                    if let Ok(index) = event_target_value(&event).parse() {
                        toggle(index);
                    }
                }
            >
                <option value="" selected=true>"more"</option>
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
