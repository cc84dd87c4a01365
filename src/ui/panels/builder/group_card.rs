//! Columns whose equal values make a group.

use leptos::prelude::*;

use super::{
    builder_state::BuilderState,
    pickers::{AddButton, NamePicker, RemoveButton},
    query::{CALENDAR_UNITS, Group},
};
use crate::charts::ColumnClass;

/// One row for each grouping column.
#[component]
pub fn GroupCard(state: BuilderState) -> impl IntoView {
    let count = Memo::new(move |_| state.choices.with(|choices| choices.groups.len()));
    let add = move || {
        let used: Vec<String> = state.choices.with_untracked(|choices| {
            let windowed = choices.window.iter().map(|window| &window.column);
            choices.groups.iter().map(|group| &group.column).chain(windowed).cloned().collect()
        });
        let names = untrack(|| state.column_names(|class| class != ColumnClass::Number))
            .into_iter()
            .chain(untrack(|| state.column_names(|_| true)));
        let Some(column) = names.into_iter().find(|name| !used.contains(name)) else { return };
        let group = new_group(state, column);
        state.change(|choices| {
            choices.groups.push(group);
            choices.count_if_nothing_else();
        });
    };
    view! {
        <For each=move || 0..count.get() key=|index| *index let:index>
            <GroupRow state=state index=index/>
        </For>
        <AddButton label=t!("column") on_add=add/>
    }
}

#[component]
fn GroupRow(state: BuilderState, index: usize) -> impl IntoView {
    let group = Memo::new(move |_| state.choices.with(|choices| choices.groups.get(index).cloned()));
    let column =
        Memo::new(move |_| group.with(|group| group.as_ref().map(|g| g.column.clone()).unwrap_or_default()));
    let is_time = Memo::new(move |_| state.class(&column.get()).is_some_and(ColumnClass::is_time));
    let change = move |change: &dyn Fn(&mut Group)| {
        state.change_outputs(|choices| {
            if let Some(group) = choices.groups.get_mut(index) {
                change(group);
            }
        });
    };
    let units = move || {
        let chosen = group.with(|group| group.as_ref().and_then(|g| g.unit));
        let offered = CALENDAR_UNITS.iter().map(|unit| {
            let selected = chosen == Some(*unit);
            view! { <option value=*unit selected=selected>{tf!("per {unit}", unit = unit)}</option> }
        });
        offered.collect_view()
    };
    view! {
        <div class="join" data-builder="group">
            <NamePicker
                label=t!("Column to group by")
                names=Signal::derive(move || state.column_names(|_| true))
                chosen=column
                on_choose=move |name| {
                    let fresh = new_group(state, name);
                    change(&|group| *group = fresh.clone());
                }
            />
            <Show when=move || is_time.get()>
                <select
                    class="select select-xs join-item w-auto"
                    aria-label=t!("Unit of a time group")
                    on:change=move |event| {
                        let chosen = event_target_value(&event);
                        let unit = CALENDAR_UNITS.iter().copied().find(|unit| *unit == chosen);
                        change(&|group| group.unit = unit);
                    }
                >
                    <option value="" selected=move || group.with(|g| g.as_ref().is_some_and(|g| g.unit.is_none()))>
                        {t!("each moment")}
                    </option>
                    {units}
                </select>
            </Show>
            <RemoveButton
                label=t!("Do not group by this").to_owned()
                on_remove=move || state.change_outputs(|choices| drop(choices.groups.remove(index)))
            />
        </div>
    }
}

fn new_group(state: BuilderState, column: String) -> Group {
    let class = untrack(|| state.class(&column));
    let unit = match class {
        Some(ColumnClass::Timestamp) => Some("minute"),
        Some(ColumnClass::Date) => Some("month"),
        _ => None,
    };
    Group { column, unit }
}
