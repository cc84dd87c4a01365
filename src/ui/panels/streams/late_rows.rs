//! The rows that came too late, in a dialog and as a file.

use leptos::prelude::*;
use millrace_protocol::{Cell, CommandId, ExportFormat, RowPage};
use wasm_bindgen_futures::spawn_local;

use crate::{
    browser,
    engine_client::{EngineClient, Sink},
    format,
    icons::{self, Icon},
    panels::dialog::Dialog,
};

/// Rows that the dialog draws; the file has all that are kept.
const ROWS_SHOWN: u32 = 200;

/// The late rows of a stream as they are when the dialog opens.
#[component]
pub fn LateRows(stream: CommandId, open: RwSignal<bool>, #[prop(into)] count: Signal<u64>) -> impl IntoView {
    let client = expect_context::<EngineClient>();
    let page = RwSignal::new(None::<RowPage>);
    let late = RwSignal::new(None::<CommandId>);
    let problem = RwSignal::new(None::<String>);
    spawn_local(async move {
        let read = async {
            let (id, _) = client.late_rows(stream, None).await?;
            let _ = late.try_set(Some(id));
            client.rows(id, None, 0, ROWS_SHOWN).await
        };
        match read.await {
            Ok(read) => _ = page.try_set(Some(read)),
            Err(error) => _ = problem.try_set(Some(error.message)),
        }
    });
    on_cleanup(move || {
        if let Some(id) = late.try_get_untracked().flatten() {
            client.forget(id);
        }
    });
    let save = move |_| {
        let Some(id) = late.get_untracked() else { return };
        spawn_local(async move {
            let refused = match client.export(id, ExportFormat::Csv, None, Sink::file("text/csv")).1.await {
                Ok(file) => browser::download(&file, "millrace-late-rows.csv").is_err(),
                Err(_) => true,
            };
            if refused {
                let _ = problem.try_set(Some(t!("The file could not be saved.").to_owned()));
            }
        });
    };
    let kept = move || page.with(|page| page.as_ref().map_or(0, |page| page.result.row_count));
    view! {
        <Dialog open=open title=t!("Rows that came too late").to_owned()>
            <div class="flex flex-wrap items-center gap-3 pb-3">
                <p class="text-base-content/70 min-w-0 grow text-xs">
                    {t!("All of their windows had closed, so they are in no result. A longer delay or more allowed lateness takes them in. ")}
                    {move || {
                        let shown = kept().min(u64::from(ROWS_SHOWN));
                        let (shown, kept) = (format::count(shown), format::count(kept()));
                        let all = format::count(count.get());
                        tf!("{all} have come so far; {shown} of them are shown, and the file has {kept}.", all = all, shown = shown, kept = kept)
                    }}
                </p>
                <button class="btn btn-sm" data-download="late-rows" disabled=move || page.with(Option::is_none) on:click=save>
                    <Icon path=icons::DROP class="size-3.5"/>
                    {t!("CSV")}
                </button>
            </div>
            <p class="text-error text-xs empty:hidden" role="alert">{move || problem.get()}</p>
            <div class="border-base-300 rounded-field max-h-[60vh] overflow-auto border">
                <table class="table-pin-rows table-xs table whitespace-nowrap" data-part="late-rows">
                    {move || page.with(|page| page.as_ref().map(table))}
                </table>
            </div>
        </Dialog>
    }
}

fn table(page: &RowPage) -> impl IntoView + use<> {
    let names =
        page.result.columns.iter().map(|column| view! { <th>{column.name.clone()}</th> }).collect_view();
    let cell = |cell: &Cell| {
        let text = match cell {
            Cell::Null => "null".to_owned(),
            Cell::Bool(value) => value.to_string(),
            Cell::Int(value) => value.to_string(),
            Cell::Number(value) => value.to_string(),
            Cell::Text(value) => value.chars().take(160).collect(),
        };
        view! { <td>{text}</td> }
    };
    let rows = page.rows.iter().map(|row| view! { <tr>{row.iter().map(cell).collect_view()}</tr> });
    let rows = rows.collect_view();
    view! {
        <thead><tr>{names}</tr></thead>
        <tbody class="figures">{rows}</tbody>
    }
}
