//! Conditions that rows must meet.

use leptos::prelude::*;

use super::{
    builder_state::BuilderState,
    pickers::{AddButton, NamePicker, RemoveButton},
    query::{Filter, Operator},
    sql,
};
use crate::charts::ColumnClass;

/// One row for each condition.
#[component]
pub fn FilterCard(state: BuilderState) -> impl IntoView {
    let count = Memo::new(move |_| state.choices.with(|choices| choices.filters.len()));
    let add = move || {
        let Some(column) = untrack(|| state.column_names(|_| true)).into_iter().next() else { return };
        let filter = new_filter(state, column);
        state.change(|choices| choices.filters.push(filter));
    };
    view! {
        <For each=move || 0..count.get() key=|index| *index let:index>
            <FilterRow state=state index=index/>
        </For>
        <AddButton label=t!("condition") on_add=add/>
    }
}

#[component]
fn FilterRow(state: BuilderState, index: usize) -> impl IntoView {
    let filter = Memo::new(move |_| state.choices.with(|choices| choices.filters.get(index).cloned()));
    let column = Memo::new(move |_| {
        filter.with(|filter| filter.as_ref().map(|f| f.column.clone()).unwrap_or_default())
    });
    let class = Memo::new(move |_| state.class(&column.get()).unwrap_or(ColumnClass::Text));
    let operator = Memo::new(move |_| filter.with(|filter| filter.as_ref().map(|f| f.operator)));
    let values = Memo::new(move |_| operator.get().map_or(0, Operator::value_count));
    let change = move |change: &dyn Fn(&mut Filter)| {
        state.change(|choices| {
            if let Some(filter) = choices.filters.get_mut(index) {
                change(filter);
            }
        });
    };
    let operators = move || {
        let chosen = operator.get();
        let offered = Operator::offered(class.get()).iter().enumerate();
        offered
            .map(|(place, operator)| {
                let selected = chosen == Some(*operator);
                view! { <option value=place.to_string() selected=selected>{operator.label()}</option> }
            })
            .collect_view()
    };
    let choose_operator = move |event: web_sys::Event| {
        let offered = Operator::offered(class.get_untracked());
        if let Some(operator) =
            event_target_value(&event).parse().ok().and_then(|place: usize| offered.get(place))
        {
            change(&|filter| filter.operator = *operator);
        }
    };
    let is_incomplete = Memo::new(move |_| {
        filter.with(|filter| {
            let table = state.table.get();
            filter.as_ref().zip(table.as_ref()).is_some_and(|(f, table)| sql::condition(f, table).is_none())
        })
    });
    view! {
        <div class="join max-w-full flex-wrap gap-y-1" data-builder="filter">
            <NamePicker
                label=t!("Column to compare")
                names=Signal::derive(move || state.column_names(|_| true))
                chosen=column
                on_choose=move |name| {
                    let fresh = new_filter(state, name);
                    change(&|filter| *filter = fresh.clone());
                }
            />
            <select class="select select-xs join-item w-auto" aria-label=t!("Comparison") on:change=choose_operator>
                {operators}
            </select>
            <For each=move || 0..values.get() key=|place| *place let:place>
                <input
                    type="text"
                    class="input input-xs join-item w-24"
                    class:w-34=move || class.get() == ColumnClass::Timestamp
                    class:input-warning=move || is_incomplete.get()
                    aria-invalid=move || is_incomplete.get().to_string()
                    aria-label=if place == 0 { t!("Value") } else { t!("Up to") }
                    placeholder=move || placeholder(class.get(), operator.get(), place)
                    prop:value=move || filter.with(|f| f.as_ref().map(|f| f.values[place].clone()).unwrap_or_default())
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        change(&|filter| filter.values[place].clone_from(&typed));
                    }
                />
            </For>
            <RemoveButton
                label=t!("Remove the condition").to_owned()
                on_remove=move || state.change(|choices| drop(choices.filters.remove(index)))
            />
        </div>
        <Show when=move || is_incomplete.get()>
            <span class="text-xs opacity-75">{t!("not applied yet")}</span>
        </Show>
    }
}

fn new_filter(state: BuilderState, column: String) -> Filter {
    let class = untrack(|| state.class(&column)).unwrap_or(ColumnClass::Text);
    let operator = Operator::offered(class).first().copied().unwrap_or(Operator::IsNotNull);
    Filter { column, operator, values: Default::default() }
}

fn placeholder(class: ColumnClass, operator: Option<Operator>, place: usize) -> &'static str {
    match (class, operator, place) {
        (_, Some(Operator::OneOf), _) => "a, b, c",
        (ColumnClass::Number, ..) => "number",
        (ColumnClass::Date, ..) => "2026-12-31",
        (ColumnClass::Timestamp, ..) => "2026-12-31 23:59",
        _ => "value",
    }
}
