//! The chart as a table, for people who cannot see it or want its numbers.

use leptos::prelude::*;

use super::chart_state::ChartState;
use crate::{charts::ChartTable, format};

/// Rows that are shown; the file has all of them.
const SHOWN_ROWS: usize = 200;

/// A table that is made when it is opened.
#[component]
pub fn TableOfChart(state: ChartState) -> impl IntoView {
    let open = RwSignal::new(false);
    let table = move || {
        open.get().then(|| {
            let table = state.with_figure(ChartTable::of)?;
            let left_out = table.rows.len().saturating_sub(SHOWN_ROWS);
            let head = table.header.into_iter().map(|name| view! { <th scope="col" class="font-medium">{name}</th> });
            let rows = table.rows.into_iter().take(SHOWN_ROWS).map(|row| {
                let cells = row.into_iter().enumerate().map(|(column, cell)| match column {
                    0 => view! { <th scope="row" class="font-normal">{cell.shown()}</th> }.into_any(),
                    _ => view! { <td class="figures">{cell.shown()}</td> }.into_any(),
                });
                view! { <tr>{cells.collect_view()}</tr> }
            });
            Some(view! {
                <div class="mt-2 max-h-72 overflow-auto" tabindex="0" role="region" aria-label=t!("The chart as a table") data-part="chart-table">
                    <table class="table table-xs">
                        <thead><tr>{head.collect_view()}</tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
                {(left_out > 0).then(|| view! {
                    <p class="mt-1 text-xs opacity-70">
                        {tf!("{a} more rows are in the file, by CSV above.", a = format::count(left_out as u64))}
                    </p>
                })}
            })
        })
    };
    view! {
        <details
            class="mt-2 text-xs"
            on:toggle=move |event| {
                use wasm_bindgen::JsCast;
                let details = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                open.set(details.is_some_and(|details| details.has_attribute("open")));
            }
        >
            <summary class="cursor-pointer opacity-70">{t!("As a table")}</summary>
            {table}
        </details>
    }
}
