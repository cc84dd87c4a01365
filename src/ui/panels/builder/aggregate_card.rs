//! What is computed of each group.

use leptos::prelude::*;

use super::{
    builder_state::BuilderState,
    pickers::{AddButton, NamePicker, RemoveButton},
    query::{Aggregate, Function},
};

/// One row for each value.
#[component]
pub fn AggregateCard(state: BuilderState) -> impl IntoView {
    let count = Memo::new(move |_| state.choices.with(|choices| choices.aggregates.len()));
    let add = move || {
        let used = state.choices.with_untracked(|choices| choices.aggregates.clone());
        let average = untrack(|| state.column_names(|class| Function::Average.takes(class)));
        let mut offered = vec![Aggregate { function: Function::CountRows, column: String::new() }];
        offered.extend(average.into_iter().map(|column| Aggregate { function: Function::Average, column }));
        let next = offered.iter().find(|offer| !used.contains(offer)).or(offered.first());
        if let Some(next) = next.cloned() {
            state.change(|choices| choices.aggregates.push(next));
        }
    };
    view! {
        <For each=move || 0..count.get() key=|index| *index let:index>
            <AggregateRow state=state index=index/>
        </For>
        <AddButton label=t!("value") on_add=add/>
    }
}

#[component]
fn AggregateRow(state: BuilderState, index: usize) -> impl IntoView {
    let aggregate = Memo::new(move |_| state.choices.with(|choices| choices.aggregates.get(index).cloned()));
    let function = Memo::new(move |_| aggregate.with(|aggregate| aggregate.as_ref().map(|a| a.function)));
    let column = Memo::new(move |_| {
        aggregate.with(|aggregate| aggregate.as_ref().map(|a| a.column.clone()).unwrap_or_default())
    });
    let change = move |change: &dyn Fn(&mut Aggregate)| {
        state.change_outputs(|choices| {
            if let Some(aggregate) = choices.aggregates.get_mut(index) {
                change(aggregate);
            }
        });
    };
    let names = Signal::derive(move || {
        let function = function.get();
        state.column_names(|class| function.is_some_and(|function| function.takes(class)))
    });
    let choose_function = move |event: web_sys::Event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        let Some(function) = place.and_then(|place| Function::ALL.get(place)).copied() else { return };
        let fitting = untrack(|| state.column_names(|class| function.takes(class)));
        change(&|aggregate| {
            aggregate.function = function;
            if !fitting.contains(&aggregate.column) {
                aggregate.column = fitting.first().cloned().unwrap_or_default();
            }
        });
    };
    let functions = move || {
        let chosen = function.get();
        let any_number = !state.column_names(|class| Function::Sum.takes(class)).is_empty();
        let offered = Function::ALL
            .iter()
            .enumerate()
            .filter(|(_, function)| any_number || !matches!(function, Function::Sum | Function::Average));
        offered
            .map(|(place, function)| {
                let selected = chosen == Some(*function);
                view! { <option value=place.to_string() selected=selected>{function.label()}</option> }
            })
            .collect_view()
    };
    view! {
        <div class="join" data-builder="aggregate">
            <select class="select select-xs join-item w-auto" aria-label=t!("What to compute") on:change=choose_function>
                {functions}
            </select>
            <Show when=move || function.get().is_some_and(|function| function != Function::CountRows)>
                <NamePicker
                    label=t!("Of which column")
                    names=names
                    chosen=column
                    on_choose=move |name| change(&|aggregate| aggregate.column.clone_from(&name))
                />
            </Show>
            <RemoveButton
                label=t!("Do not compute this").to_owned()
                on_remove=move || state.change_outputs(|choices| drop(choices.aggregates.remove(index)))
            />
        </div>
    }
}
