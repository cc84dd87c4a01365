//! Columns whose equal values make a group.

use leptos::prelude::*;

use super::{
    builder_state::BuilderState,
    pickers::{AddButton, NamePicker, RemoveButton},
    query::{BUCKETS, Bucket, Group},
};
use crate::charts::ColumnClass;

/// One row for each grouping column.
#[component]
pub fn GroupCard(state: BuilderState) -> impl IntoView {
    let count = Memo::new(move |_| state.choices.with(|choices| choices.groups.len()));
    let add = move || {
        let used: Vec<String> =
            state.choices.with_untracked(|choices| choices.groups.iter().map(|g| g.column.clone()).collect());
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
        <AddButton label="column" on_add=add/>
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
    let buckets = move || {
        let chosen = group.with(|group| group.as_ref().and_then(|g| g.bucket));
        let offered = BUCKETS.iter().enumerate().map(|(place, bucket)| {
            let selected = chosen == Some(*bucket);
            view! { <option value=place.to_string() selected=selected>{format!("per {}", per(*bucket))}</option> }
        });
        offered.collect_view()
    };
    view! {
        <div class="join" data-builder="group">
            <NamePicker
                label="Column to group by"
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
                    aria-label="Length of a time group"
                    on:change=move |event| {
                        let place = event_target_value(&event).parse::<usize>().ok();
                        let bucket = place.and_then(|place| BUCKETS.get(place)).copied();
                        change(&|group| group.bucket = bucket);
                    }
                >
                    <option value="" selected=move || group.with(|g| g.as_ref().is_some_and(|g| g.bucket.is_none()))>
                        "each moment"
                    </option>
                    {buckets}
                </select>
            </Show>
            <RemoveButton
                label="Do not group by this".to_owned()
                on_remove=move || state.change_outputs(|choices| drop(choices.groups.remove(index)))
            />
        </div>
    }
}

fn new_group(state: BuilderState, column: String) -> Group {
    let class = untrack(|| state.class(&column));
    let bucket = match class {
        Some(ColumnClass::Timestamp) => Some(Bucket { count: 1, unit: "minute" }),
        Some(ColumnClass::Date) => Some(Bucket { count: 1, unit: "month" }),
        _ => None,
    };
    Group { column, bucket }
}

fn per(bucket: Bucket) -> String {
    if bucket.count == 1 { bucket.unit.to_owned() } else { bucket.text() }
}
