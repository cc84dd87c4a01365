//! Rows that did not fit their table, or no window.

use leptos::prelude::*;

use crate::{
    format,
    icons::{self, Icon},
    panels::dialog::Dialog,
    state::QueryState,
};

/// How many rows met trouble; opens the list.
#[component]
pub fn BadRowsButton() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let open = RwSignal::new(false);
    let total = Memo::new(move |_| match query.stats.get() {
        Some(stats) => stats.bad_rows,
        None => query.progress.with(|progress| progress.as_ref().map_or(0, |progress| progress.bad_rows)),
    });
    let listed = move || query.bad_rows.with(|rows| !rows.is_empty());
    view! {
        <Show when=move || { total.get() > 0 || listed() }>
            <button
                class="text-warning bg-warning/10 enabled:hover:bg-warning/20 rounded-selector figures inline-flex shrink-0 items-center gap-1.5 px-1.5 py-0.5 text-xs font-medium enabled:cursor-pointer"
                data-part="bad-rows"
                disabled=move || !listed()
                on:click=move |_| open.set(true)
            >
                <Icon path=icons::WARNING class="size-3.5"/>
                {move || match total.get() {
                    // Keys without a column are listed and make no row bad.
                    0 => "Notes".to_owned(),
                    1 => "1 bad row".to_owned(),
                    total => format!("{} bad rows", format::count(total)),
                }}
            </button>
        </Show>
        <Show when=move || open.get()>
            <Dialog open=open title="Rows that do not fit".to_owned()>
                <p class="text-base-content/70 pb-3 text-xs">
                    {move || {
                        let listed = query.bad_rows.with(Vec::len) as u64;
                        if listed < total.get() {
                            format!("The first {} of {}.", format::count(listed), format::count(total.get()))
                        } else {
                            String::new()
                        }
                    }}
                    " They are part of the result as far as they could be read."
                </p>
                <div class="border-base-300 rounded-field max-h-[60vh] overflow-auto border">
                    <table class="table-pin-rows table-xs table">
                        <thead>
                            <tr><th>"File"</th><th class="text-right">"Line"</th><th>"Reason"</th><th>"Text"</th></tr>
                        </thead>
                        <tbody>
                            {move || query.bad_rows.with(|rows| rows.iter().map(|row| view! {
                                <tr class="align-top">
                                    <td class="whitespace-nowrap">{row.file.clone()}</td>
                                    <td class="figures text-right">{format::count(row.line)}</td>
                                    <td>{row.reason.clone()}</td>
                                    <td class="font-mono break-all">{row.text.clone()}</td>
                                </tr>
                            }).collect_view())}
                        </tbody>
                    </table>
                </div>
            </Dialog>
        </Show>
    }
}

/// How many rows are in no window, because their event time is NULL.
#[component]
pub fn RowsWithoutTime() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let total = Memo::new(move |_| query.stats.get().map_or(0, |stats| stats.rows_without_time));
    view! {
        <Show when=move || { total.get() > 0 }>
            <span
                class="text-warning bg-warning/10 rounded-selector figures inline-flex shrink-0 items-center gap-1.5 px-1.5 py-0.5 text-xs font-medium"
                data-part="rows-without-time"
                title="Their event time is NULL, so they are in no window."
            >
                <Icon path=icons::WARNING class="size-3.5"/>
                {move || match total.get() {
                    1 => "1 row without time".to_owned(),
                    total => format!("{} rows without time", format::count(total)),
                }}
            </span>
        </Show>
    }
}
