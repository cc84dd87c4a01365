//! One cell, whole: what the table has no room for.

use leptos::{html, prelude::*};
use millrace_protocol::Cell;
use wasm_bindgen_futures::spawn_local;

use super::{cell_text, page_cache::FinalValue, table_state::TableState};
use crate::{
    browser,
    charts::{estimate_text, interval_text},
    format,
};

/// Characters that the page lays out; a field of megabytes can still be copied.
const SHOWN_CHARS: usize = 100_000;

/// A cell that a person opened.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenCell {
    /// Name of its column.
    column: String,
    /// Its row, counted from 1.
    row: u64,
    /// Its whole text; `None` is NULL.
    text: Option<String>,
}

impl OpenCell {
    /// The cell at this place, if its row has arrived.
    pub fn of(state: TableState, row: u64, column: usize) -> Option<Self> {
        let name = state.columns.with_untracked(|columns| columns.get(column).map(|c| c.name.clone()))?;
        let cells = untrack(|| state.row(row))?;
        let cell = cells.get(column)?;
        let text = (*cell != Cell::Null).then(|| cell_text::full(cell));
        // What is opened or copied says as much as what is shown.
        let text = match untrack(|| state.final_value(row, column)) {
            Some(FinalValue::Estimated(estimate)) => Some(tf!(
                "{a} (95 % interval {b}; {c} so far)",
                a = estimate_text(&estimate),
                b = interval_text(&estimate),
                c = text.unwrap_or_default()
            )),
            Some(FinalValue::Unknown) => text.map(|text| tf!("{text} so far", text = text)),
            Some(FinalValue::Untold) | None => text,
        };
        Some(Self { column: name, row: row + 1, text })
    }

    /// Puts the text into the clipboard.
    pub fn copy(&self) {
        let text = self.text.clone().unwrap_or_default();
        spawn_local(async move { browser::copy(&text).await });
    }
}

/// Shows the open cell over the page.
#[component]
pub fn CellDialog(open: RwSignal<Option<OpenCell>>) -> impl IntoView {
    let dialog: NodeRef<html::Dialog> = NodeRef::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if open.with(Option::is_some) && !dialog.open() {
            // Fails only when the dialog is not in the page, and then nobody could see it.
            let _ = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let copied = RwSignal::new(false);
    let body = move || {
        open.get().map(|cell| {
            let length = cell.text.as_ref().map_or(0, |text| text.chars().count());
            let text = cell.text.as_ref().map(|text| text.chars().take(SHOWN_CHARS).collect::<String>());
            let place = tf!("row {a}", a = format::count(cell.row));
            view! {
                <h3 class="font-medium">{cell.column.clone()} <span class="ml-2 text-sm font-normal opacity-75">{place}</span></h3>
                <pre class="my-4 max-h-[60vh] overflow-auto rounded-field bg-base-200 p-3 text-sm whitespace-pre-wrap break-words">
                    {text.unwrap_or_else(|| "null".to_owned())}
                </pre>
                <p class="text-xs opacity-70">
                    {if length > SHOWN_CHARS {
                        tf!("The first {a} of {b} characters.", a = format::count(SHOWN_CHARS as u64), b = format::count(length as u64))
                    } else {
                        tf!("{a} characters", a = format::count(length as u64))
                    }}
                </p>
                <div class="modal-action mt-2">
                    <button type="button" class="btn btn-sm" on:click=move |_| { cell.copy(); copied.set(true); }>
                        {move || if copied.get() { t!("Copied") } else { t!("Copy") }}
                    </button>
                    <button type="button" class="btn btn-sm" on:click=move |_| close()>{t!("Close")}</button>
                </div>
            }
        })
    };
    view! {
        <dialog node_ref=dialog class="modal" on:close=move |_| { open.set(None); copied.set(false); }>
            <div class="modal-box max-w-2xl">{body}</div>
            <form method="dialog" class="modal-backdrop"><button>{t!("close")}</button></form>
        </dialog>
    }
}
