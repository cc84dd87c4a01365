//! Order and number of the rows.

use leptos::prelude::*;

use super::{builder_state::BuilderState, sql};

/// Columns that are offered to sort by.
const OFFERED: usize = 500;

/// Sort column, direction and limit.
#[component]
pub fn OrderCard(state: BuilderState) -> impl IntoView {
    let sort = Memo::new(move |_| state.choices.with(|choices| choices.sort.clone()));
    let names = move || {
        state.choices.with(|choices| {
            state.table.with(|table| {
                let outputs = table.as_ref().map(|table| sql::outputs(choices, table)).unwrap_or_default();
                outputs.into_iter().map(|output| output.name).collect::<Vec<_>>()
            })
        })
    };
    let options = move || {
        let chosen = sort.get().map(|(name, _)| name);
        let offered = names().into_iter().take(OFFERED);
        offered
            .map(|name| {
                let selected = chosen.as_ref() == Some(&name);
                view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
            })
            .collect_view()
    };
    let choose = move |event: web_sys::Event| {
        let name = event_target_value(&event);
        let known = untrack(names).contains(&name);
        state.change(|choices| {
            let descending = choices.sort.as_ref().is_some_and(|(_, descending)| *descending);
            choices.sort = known.then_some((name, descending));
        });
    };
    let turn = move |_| {
        state.change(|choices| {
            if let Some((_, descending)) = &mut choices.sort {
                *descending = !*descending;
            }
        });
    };
    let limited = move |event: web_sys::Event| {
        let limit = event_target_value(&event).trim().parse().ok();
        state.change(|choices| choices.limit = limit);
    };
    view! {
        <div class="join">
            <select class="select select-xs join-item w-auto max-w-44" aria-label=t!("Sort by") on:change=choose>
                <option value="" selected=move || sort.get().is_none()>{t!("as it comes")}</option>
                {options}
            </select>
            <button
                type="button"
                class="btn btn-xs join-item border-base-content/20 bg-transparent font-normal"
                disabled=move || sort.get().is_none()
                on:click=turn
            >
                {move || match sort.get() {
                    Some((_, true)) => t!("largest first ↓"),
                    _ => t!("smallest first ↑"),
                }}
            </button>
        </div>
        <label class="flex items-center gap-2 text-xs">
            <span class="opacity-70">{t!("first")}</span>
            <input
                type="number"
                min="1"
                class="input input-xs w-20"
                placeholder=t!("all")
                aria-label=t!("Most rows")
                prop:value=move || state.choices.with(|c| c.limit.map(|limit| limit.to_string()).unwrap_or_default())
                on:change=limited
            />
            <span class="opacity-70">{t!("rows")}</span>
        </label>
    }
}
