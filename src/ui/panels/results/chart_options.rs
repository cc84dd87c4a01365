//! What may be changed of a chart besides its kind and columns: only what the kind at hand can use is shown.

use leptos::prelude::*;

use super::{
    chart_controls::{Chosen, change},
    chart_drawing::ChartDrawing,
    chart_state::ChartState,
};
use crate::charts::{
    ChartChoice, ChartLook, ColumnClass, Combine, DEFAULT_BINS, NameOrder, Split, UNITS, Values,
};

/// How many names or series may stand for themselves.
const TOPS: &[u32] = &[3, 5, 8, 10, 20, 50];

/// How many bins may be wanted.
const BINS: &[u32] = &[10, 20, DEFAULT_BINS, 50, 100, 200];

/// Which of the settings a choice can use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Usable {
    stack: bool,
    panels: bool,
    names: bool,
    top: bool,
    x_log: bool,
    y_log: bool,
    bins: bool,
    combine: bool,
}

/// Settings, selection and zoom.
#[component]
pub fn ChartOptions(state: ChartState, choice: Chosen, drawing: ChartDrawing) -> impl IntoView {
    let usable = Memo::new(move |_| {
        choice.with(|choice| {
            choice.as_ref().map(|choice| state.columns.with(|all| usable(choice, all))).unwrap_or_default()
        })
    });
    let look = move || choice.with(|choice| choice.as_ref().map(|c| c.look.clone()).unwrap_or_default());
    let edit = move |edit: &dyn Fn(&mut ChartLook)| {
        change(state, choice, |mut c, _| {
            edit(&mut c.look);
            Some(c)
        });
    };
    let number = |event: &web_sys::Event| event_target_value(event).parse::<u32>().ok();
    view! {
        <Check label=t!("stacked") when=move || usable.get().stack is_on=move || look().stacked set=move |on| edit(&|look| look.stacked = on)/>
        <Check label="100 %" when=move || usable.get().stack is_on=move || look().normalised set=move |on| edit(&|look| look.normalised = on)/>
        <Check label=t!("panels") when=move || usable.get().panels is_on=move || look().panels set=move |on| edit(&|look| look.panels = on)/>
        <Check label=t!("log x") when=move || usable.get().x_log is_on=move || look().x_log set=move |on| edit(&|look| look.x_log = on)/>
        <Check label=t!("log y") when=move || usable.get().y_log is_on=move || look().y_log set=move |on| edit(&|look| look.y_log = on)/>
        <Show when=move || usable.get().names>
            <Choice
                label=t!("Order of names")
                text="order"
                options=NameOrder::ALL.iter().map(|(_, label)| (*label).to_owned()).collect()
                selected=move || NameOrder::ALL.iter().position(|(order, _)| *order == look().order)
                set=move |index| edit(&|look| look.order = NameOrder::ALL.get(index).map(|(order, _)| *order).unwrap_or_default())
            />
        </Show>
        <Show when=move || usable.get().top>
            <Choice
                label=t!("Largest that stand for themselves")
                text="top"
                options=std::iter::once("all".to_owned()).chain(TOPS.iter().map(u32::to_string)).collect()
                selected=move || Some(look().top.and_then(|top| TOPS.iter().position(|&t| t == top)).map_or(0, |place| place + 1))
                set=move |index| edit(&|look| look.top = index.checked_sub(1).and_then(|index| TOPS.get(index).copied()))
            />
        </Show>
        <Show when=move || usable.get().bins>
            <label class="flex items-center gap-1.5">
                <span class="opacity-70">{t!("bins")}</span>
                <select
                    class="select select-xs w-auto"
                    aria-label=t!("Bins")
                    on:change=move |event| {
                        let bins = number(&event).unwrap_or(DEFAULT_BINS);
                        edit(&|look| look.bins = bins);
                    }
                >
                    {BINS.iter().map(|&bins| view! {
                        <option value=bins.to_string() selected=move || look().bins == bins>{bins}</option>
                    }).collect_view()}
                </select>
            </label>
        </Show>
        <Show when=move || usable.get().combine>
            <Choice
                label=t!("Several values of a cell")
                text="of a cell"
                options=Combine::ALL.iter().map(|(_, label)| (*label).to_owned()).collect()
                selected=move || Combine::ALL.iter().position(|(combine, _)| *combine == look().combine)
                set=move |index| edit(&|look| look.combine = Combine::ALL.get(index).map(|(combine, _)| *combine).unwrap_or_default())
            />
        </Show>
        <Choice
            label=t!("Unit of the values")
            text="unit"
            options=std::iter::once("by name".to_owned()).chain(UNITS.iter().map(|unit| unit.label.to_owned())).collect()
            selected=move || {
                let unit = look().unit;
                Some(UNITS.iter().position(|u| Some(u.name) == unit.as_deref()).map_or(0, |place| place + 1))
            }
            set=move |index| edit(&|look| {
                look.unit = index.checked_sub(1).and_then(|index| UNITS.get(index)).map(|unit| unit.name.to_owned());
            })
        />
        <button
            type="button"
            class="quiet-button aria-pressed:text-primary aria-pressed:bg-primary/10"
            aria-pressed=move || drawing.selecting.get().to_string()
            title=t!("Drag over the chart to select; Ctrl and the wheel zoom")
            on:click=move |_| drawing.selecting.update(|selecting| *selecting = !*selecting)
            data-part="select"
        >
            {t!("Select")}
        </button>
        <Show when=move || drawing.zoomed.get()>
            <button type="button" class="quiet-button" on:click=move |_| drawing.unzoom() data-part="unzoom">{t!("Show all")}</button>
        </Show>
        <Show when=move || state.is_chosen()>
            <button type="button" class="quiet-button" title=t!("Draw what is drawn by default") on:click=move |_| state.reset() data-part="reset-chart">
                {t!("Reset")}
            </button>
        </Show>
    }
}

fn usable(choice: &ChartChoice, columns: &[millrace_protocol::ColumnInfo]) -> Usable {
    let kind = choice.kind();
    let class = columns.get(choice.x as usize).map_or(ColumnClass::Text, ColumnClass::of);
    let is_name = matches!(class, ColumnClass::Text | ColumnClass::Boolean);
    let several = choice.color.is_some() || choice.y.len() > 1;
    let has_series = kind.interval.is_some();
    let is_grid = kind.needs.split == Split::Rows;
    let is_stacked =
        kind.stackable && several && !choice.look.panels && (choice.look.stacked || choice.look.normalised);
    Usable {
        stack: kind.stackable && several && !choice.look.panels,
        panels: several && !is_grid && kind.name != "box",
        names: has_series && is_name,
        top: has_series && (is_name || choice.color.is_some()),
        x_log: class == ColumnClass::Number && (has_series || kind.needs.size),
        y_log: !is_grid && !is_stacked,
        bins: kind.needs.values == Values::None,
        combine: is_grid && !choice.y.is_empty(),
    }
}

/// A box to be ticked, while it is of use.
#[component]
fn Check(
    label: &'static str,
    when: impl Fn() -> bool + Send + Sync + 'static,
    is_on: impl Fn() -> bool + Copy + Send + Sync + 'static,
    set: impl Fn(bool) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <Show when=when>
            <label class="flex cursor-pointer items-center gap-1.5">
                <input
                    type="checkbox"
                    class="checkbox checkbox-xs"
                    prop:checked=is_on
                    on:change=move |event| set(event_target_checked(&event))
                />
                {label}
            </label>
        </Show>
    }
}

/// A list to choose from, by place.
#[component]
fn Choice(
    label: &'static str,
    text: &'static str,
    options: Vec<String>,
    selected: impl Fn() -> Option<usize> + Copy + Send + Sync + 'static,
    set: impl Fn(usize) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let options = options.into_iter().enumerate().map(|(index, option)| {
        view! { <option value=index.to_string() selected=move || selected() == Some(index)>{option}</option> }
    });
    view! {
        <label class="flex items-center gap-1.5">
            <span class="opacity-70">{text}</span>
            <select
                class="select select-xs w-auto max-w-32"
                aria-label=label
                on:change=move |event| {
                    if let Ok(index) = event_target_value(&event).parse() {
                        set(index);
                    }
                }
            >
                {options.collect_view()}
            </select>
        </label>
    }
}
