//! A result of one row, in large figures.

use leptos::prelude::*;
use millrace_protocol::{Cell, ColumnInfo, RowPage};

use super::{cell_text, coverage::Coverage, latest::latest, page_cache::FinalValue};
use crate::{
    charts::{ABOUT, ColumnClass, NoChart, estimate_half_text, estimate_value_text, number_text},
    engine_client::EngineClient,
    format,
    state::{Estimating, QueryState},
};

/// Columns that are shown; the table has all.
const MAX_FIGURES: usize = 8;

/// Name and value of each column of the only row.
#[component]
pub fn Figures(
    /// Whether figures stand alone, without words on them.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let query: QueryState = expect_context();
    let client: EngineClient = expect_context();
    let estimating: Estimating = expect_context();
    let question = Memo::new(move |_| {
        let number = query.result.with(|result| result.as_ref().map(|r| r.number))?;
        Some((query.id.get()?, number))
    });
    let answered = latest(question, move |(id, _)| client.rows(id, None, 0, 1));
    let figures = move || {
        let estimated = estimating.shown.get();
        answered.with(|answered| {
            let Some((_, Ok(page))) = answered else { return Vec::new() };
            let row = page.rows.first().map(Vec::as_slice).unwrap_or_default();
            let cells = page.result.columns.iter().zip(row).take(MAX_FIGURES);
            let figure =
                |(index, (column, cell))| figure(column, cell, estimated.then(|| final_of(page, index)));
            cells.enumerate().map(figure).collect::<Vec<_>>()
        })
    };
    view! {
        <div class="flex flex-wrap items-start gap-x-10 gap-y-4" data-chart="figures">
            {move || {
                figures()
                    .into_iter()
                    .map(|Figure { name, value, note }| {
                        view! {
                            <div class="min-w-0">
                                <div class="max-w-60 truncate text-xs opacity-70" title=name.clone()>{name.clone()}</div>
                                <div class="max-w-96 truncate text-3xl font-semibold tabular-nums">{value}</div>
                                <div class="text-xs tabular-nums opacity-70 empty:hidden">{note}</div>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            {(!plain).then(|| view! {
                <div class="ml-auto flex items-center gap-2 self-end text-xs opacity-80">
                    <span>{NoChart::SingleRow.hint()}</span>
                    <Coverage/>
                </div>
            })}
        </div>
    }
}

/// A name, its value and what there is to say about it.
struct Figure {
    name: String,
    value: String,
    note: String,
}

/// What is known of the final value of a column of the only row.
fn final_of(page: &RowPage, index: usize) -> FinalValue {
    let of_column = page.estimates.iter().find(|estimates| estimates.column as usize == index);
    of_column.map_or(FinalValue::Untold, |estimates| {
        estimates.values.first().copied().flatten().map_or(FinalValue::Unknown, FinalValue::Estimated)
    })
}

fn figure(column: &ColumnInfo, cell: &Cell, final_value: Option<FinalValue>) -> Figure {
    let name = column.name.clone();
    if let Some(FinalValue::Estimated(estimate)) = final_value {
        let note = tf!("± {a}, 95 % interval", a = estimate_half_text(&estimate));
        return Figure { name, value: format!("{ABOUT} {}", estimate_value_text(&estimate)), note };
    }
    let note = if final_value.is_some() { t!("so far, not estimated") } else { "" };
    let value = match cell {
        Cell::Number(value) => number_text(*value),
        Cell::Int(value) => {
            format!("{}{}", if *value < 0 { "-" } else { "" }, format::count(value.unsigned_abs()))
        }
        other => cell_text::shown(other, ColumnClass::of(column)).text,
    };
    Figure { name, value, note: note.to_owned() }
}
