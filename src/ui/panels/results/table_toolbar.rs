//! Above the table: its size, how exact it is, and the way to save it.

use leptos::prelude::*;

use super::{coverage::Coverage, table_state::TableState};
use crate::{
    actions::Actions,
    format,
    icons::{self, Icon},
    output::{FILE_FORMATS, TEXT_FORMATS, Target},
    state::{Estimating, QueryState, Saving},
};

/// Size, coverage and download of the result.
#[component]
pub fn TableToolbar(state: TableState) -> impl IntoView {
    let query: QueryState = expect_context();
    let actions: Actions = expect_context();
    let saving: Saving = expect_context();
    let estimating: Estimating = expect_context();
    let idle = move || saving.busy.with(Option::is_none) && !state.columns.with(Vec::is_empty);
    let formats = TEXT_FORMATS.iter().map(move |format| {
        let (words, icon) = match format.target {
            Target::Clipboard(_) => (format.name, icons::COPY),
            Target::File { .. } => (format.name, icons::DROP),
        };
        view! {
            <button
                type="button"
                class="quiet-button uppercase disabled:opacity-40"
                disabled=move || !idle()
                on:click=move |_| actions.take_along(format)
                title=crate::texts::text(format.label)
                aria-label=crate::texts::text(format.label)
                data-take-along=format.name
            >
                <Icon path=icon class="size-3.5"/>
                {move || if saving.busy.get() == Some(format.name) { "…" } else { words }}
            </button>
        }
    });
    let files = FILE_FORMATS.iter().map(move |format| {
        view! {
            <button
                type="button"
                class="quiet-button disabled:opacity-40"
                disabled=move || !idle()
                on:click=move |_| actions.save(format)
                title=move || match estimating.shown.get() {
                    true => tf!("{a}: the values so far, not the estimates", a = crate::texts::text(format.label)),
                    false => crate::texts::text(format.label).to_owned(),
                }
                data-download=format.name
            >
                <Icon path=icons::DROP class="size-3.5"/>
                {move || if saving.busy.get() == Some(format.name) { "…" } else { format.short }}
            </button>
        }
    });
    let size = move || {
        let (rows, columns) = (state.row_count.get(), state.columns.with(Vec::len));
        let (a, b) = (format::count(rows), format::count(columns as u64));
        match (rows, columns) {
            (1, 1) => tf!("{a} row · {b} column", a = a, b = b),
            (1, _) => tf!("{a} row · {b} columns", a = a, b = b),
            (_, 1) => tf!("{a} rows · {b} column", a = a, b = b),
            _ => tf!("{a} rows · {b} columns", a = a, b = b),
        }
    };
    view! {
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 sm:px-4">
            <h3 class="text-sm font-medium tabular-nums" data-rows=move || query.result.with(Option::is_some).then(|| state.row_count.get().to_string())>
                {size}
            </h3>
            <Coverage/>
            <Show when=move || state.sorting.get()>
                <span class="loading loading-spinner loading-xs opacity-75" aria-label=t!("Sorting")></span>
            </Show>
            {move || saving.told.get().map(|told| {
                let (words, colour) = match told {
                    Ok(words) => (words, "text-base-content/70"),
                    Err(words) => (words, "text-error"),
                };
                view! { <span class=format!("text-xs {colour}") role="status" data-part="taken-along">{words}</span> }
            })}
            <div class="ml-auto flex flex-wrap items-center">
            {formats.collect_view()}
            {files.collect_view()}
            <Show when=move || saving.export.get().is_some()>
                <button type="button" class="quiet-button text-error" on:click=move |_| actions.stop_saving() data-part="stop-saving">
                    <Icon path=icons::STOP class="size-3.5"/>
                    {t!("Stop")}
                </button>
            </Show>
            </div>
        </div>
    }
}
