//! Rows that did not fit their table, or no window.

use std::collections::BTreeSet;

use leptos::prelude::*;
use millrace_protocol::{ColumnMisfits, ErrorInfo};
use wasm_bindgen_futures::spawn_local;

use crate::{
    actions::Actions,
    browser,
    engine_client::EngineClient,
    format,
    icons::{self, Icon},
    panels::{dialog::Dialog, error_card::ErrorCard},
    state::{QueryState, Tables},
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
                    0 => t!("Notes").to_owned(),
                    1 => t!("1 bad row").to_owned(),
                    total => tf!("{a} bad rows", a = format::count(total)),
                }}
            </button>
        </Show>
        <Show when=move || open.get()>
            <Dialog open=open title=t!("Rows that do not fit").to_owned()>
                <p class="text-base-content/70 pb-3 text-xs">
                    {move || {
                        let listed = query.bad_rows.with(Vec::len) as u64;
                        if listed < total.get() {
                            tf!("The first {a} of {b}.", a = format::count(listed), b = format::count(total.get()))
                        } else {
                            String::new()
                        }
                    }}
                    {t!(" They are part of the result as far as they could be read.")}
                </p>
                <Misfits open=open/>
                <div class="border-base-300 rounded-field max-h-[60vh] overflow-auto border">
                    <table class="table-pin-rows table-xs table">
                        <thead>
                            <tr><th>{t!("File")}</th><th class="text-right">{t!("Line")}</th><th>{t!("Reason")}</th><th>{t!("Text")}</th></tr>
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

/// The columns with values that are not of their type, each with a type that holds them; and all that is bad, to be
/// downloaded.
#[component]
fn Misfits(open: RwSignal<bool>) -> impl IntoView {
    let (query, actions) = (expect_context::<QueryState>(), expect_context::<Actions>());
    let (client, known) = (expect_context::<EngineClient>(), expect_context::<Tables>());
    let failed = RwSignal::new(None::<ErrorInfo>);
    let writing = RwSignal::new(false);
    let tables = move || {
        let files: BTreeSet<String> =
            query.bad_rows.with(|rows| rows.iter().map(|row| row.file.clone()).collect());
        known.list.with(|list| {
            let bad = list.iter().filter(|table| table.files.iter().any(|file| files.contains(file)));
            bad.map(|table| table.name.clone()).collect::<Vec<_>>()
        })
    };
    let download = move |table: String| {
        writing.set(true);
        failed.set(None);
        spawn_local(async move {
            let outcome = client.export_bad_rows(table.clone()).await;
            let _ = writing.try_set(false);
            match outcome {
                Ok(file) => drop(browser::download(&file, &format!("{table}-bad-rows.csv"))),
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    };
    view! {
        <ul class="flex flex-col gap-1 pb-3 text-sm empty:hidden">
            {move || query.misfits.get().into_iter().map(|misfit| {
                let ColumnMisfits { table, column, type_name, count, first, wider_type } = misfit;
                let place = first.map(|bad| tf!(", the first on line {a}", a = format::count(bad.line)));
                let said = tf!("{a} of {column} {b} no {type_name}{c}.", a = if count == 1 { t!("A value").to_owned() } else { tf!("{a} values", a = format::count(count)) }, column = column, b = if count == 1 { t!("is") } else { t!("are") }, type_name = type_name, c = place.unwrap_or_default());
                let button = tf!("Read {column} as {wider_type}", column = column, wider_type = wider_type);
                let named = column.clone();
                view! {
                    <li class="flex flex-wrap items-center gap-3" data-misfit=named>
                        {said}
                        <button class="btn btn-xs" on:click=move |_| {
                            open.set(false);
                            actions.retype(table.clone(), column.clone(), wider_type.clone());
                        }>{button}</button>
                    </li>
                }
            }).collect_view()}
        </ul>
        <div class="flex flex-wrap items-center gap-3 pb-3">
            {move || tables().into_iter().map(|table| {
                let label = tf!("Download all bad rows of {table}", table = table);
                view! {
                    <button class="btn btn-xs" prop:disabled=move || writing.get() data-download="bad-rows" on:click=move |_| download(table.clone())>
                        {label}
                    </button>
                }
            }).collect_view()}
            <Show when=move || writing.get()><span class="loading loading-spinner loading-xs"></span></Show>
        </div>
        {move || failed.get().map(|error| view! { <div class="pb-3"><ErrorCard error=error compact=true/></div> })}
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
                title=t!("Their event time is NULL, so they are in no window.")
            >
                <Icon path=icons::WARNING class="size-3.5"/>
                {move || match total.get() {
                    1 => t!("1 row without time").to_owned(),
                    total => tf!("{a} rows without time", a = format::count(total)),
                }}
            </span>
        </Show>
    }
}
