//! Above the table: its size, how exact it is, and the way to save it.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{chart_view::reason, coverage::Coverage, table_state::TableState};
use crate::{
    browser,
    engine_client::EngineClient,
    format,
    icons::{self, Icon},
    state::{Estimating, QueryState},
};

/// Size, coverage and download of the result.
#[component]
pub fn TableToolbar(state: TableState) -> impl IntoView {
    let query: QueryState = expect_context();
    let client: EngineClient = expect_context();
    let estimating: Estimating = expect_context();
    let saving = RwSignal::new(false);
    let save = move |_| {
        let Some(id) = query.id.get_untracked() else { return };
        if saving.get_untracked() {
            return;
        }
        saving.set(true);
        let order = state.order.get_untracked();
        spawn_local(async move {
            let failure = match client.export(id, order).await {
                Ok(file) => browser::download(&file, "millrace-result.csv").err().map(|e| reason(&e)),
                Err(error) => Some(error.message),
            };
            drop(state.problem.try_set(failure.map(|why| format!("The CSV file could not be saved: {why}"))));
            let _ = saving.try_set(false);
        });
    };
    let size = move || {
        let (rows, columns) = (state.row_count.get(), state.columns.with(Vec::len));
        let s = |count: u64| if count == 1 { "" } else { "s" };
        format!(
            "{} row{} · {} column{}",
            format::count(rows),
            s(rows),
            format::count(columns as u64),
            s(columns as u64)
        )
    };
    view! {
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 sm:px-4">
            <h3 class="text-sm font-medium tabular-nums" data-rows=move || query.result.with(Option::is_some).then(|| state.row_count.get().to_string())>
                {size}
            </h3>
            <Coverage/>
            <Show when=move || state.sorting.get()>
                <span class="loading loading-spinner loading-xs opacity-60" aria-label="Sorting"></span>
            </Show>
            <button
                type="button"
                class="quiet-button ml-auto disabled:opacity-40"
                disabled=move || saving.get() || state.columns.with(Vec::is_empty)
                on:click=save
                title=move || match estimating.shown.get() {
                    true => "Save all rows, in the order shown, as a CSV file: the values so far, not the estimates",
                    false => "Save all rows, in the order shown, as a CSV file",
                }
                data-download="csv"
            >
                <Icon path=icons::DROP class="size-3.5"/>
                {move || if saving.get() { "Writing…" } else { "CSV" }}
            </button>
        </div>
    }
}
