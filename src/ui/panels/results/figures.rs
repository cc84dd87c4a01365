//! A result of one row, in large figures.

use leptos::prelude::*;
use millrace_protocol::{Cell, ColumnInfo};

use super::{cell_text, coverage::Coverage, latest::latest};
use crate::{
    charts::{ColumnClass, NoChart, number_text},
    engine_client::EngineClient,
    format,
    state::QueryState,
};

/// Columns that are shown; the table has all.
const MAX_FIGURES: usize = 8;

/// Name and value of each column of the only row.
#[component]
pub fn Figures() -> impl IntoView {
    let query: QueryState = expect_context();
    let client: EngineClient = expect_context();
    let question = Memo::new(move |_| {
        let number = query.result.with(|result| result.as_ref().map(|r| r.number))?;
        Some((query.id.get()?, number))
    });
    let answered = latest(question, move |(id, _)| client.rows(id, None, 0, 1));
    let figures = move || {
        answered.with(|answered| {
            let Some((_, Ok(page))) = answered else { return Vec::new() };
            let row = page.rows.first().map(Vec::as_slice).unwrap_or_default();
            page.result.columns.iter().zip(row).take(MAX_FIGURES).map(figure).collect()
        })
    };
    view! {
        <div class="flex flex-wrap items-end gap-x-10 gap-y-4" data-chart="figures">
            {move || {
                figures()
                    .into_iter()
                    .map(|(name, value)| {
                        view! {
                            <div class="min-w-0">
                                <div class="max-w-60 truncate text-xs opacity-70" title=name.clone()>{name.clone()}</div>
                                <div class="max-w-96 truncate text-3xl font-semibold tabular-nums">{value}</div>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <div class="ml-auto flex items-center gap-2 text-xs opacity-80">
                <span>{NoChart::SingleRow.hint()}</span>
                <Coverage/>
            </div>
        </div>
    }
}

fn figure((column, cell): (&ColumnInfo, &Cell)) -> (String, String) {
    let value = match cell {
        Cell::Number(value) => number_text(*value),
        Cell::Int(value) => {
            format!("{}{}", if *value < 0 { "-" } else { "" }, format::count(value.unsigned_abs()))
        }
        other => cell_text::shown(other, ColumnClass::of(column)).text,
    };
    (column.name.clone(), value)
}
