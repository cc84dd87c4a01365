//! The first rows of a table, in a dialog.

use leptos::prelude::*;
use millrace_protocol::{Cell, TableInfo};

use crate::{
    icons::{self, Icon, is_number},
    panels::dialog::Dialog,
};

/// Columns that a preview draws at most; a table of thousands would make the page wait.
const COLUMNS_SHOWN: usize = 60;
/// Characters of a cell that a preview draws at most.
const CHARACTERS_SHOWN: usize = 160;

/// The first rows, how the text was understood, and the files.
#[component]
pub fn Preview(table: TableInfo, open: RwSignal<bool>) -> impl IntoView {
    let hidden = table.columns.len().saturating_sub(COLUMNS_SHOWN);
    let numeric: Vec<bool> = table.columns.iter().map(|column| is_number(&column.type_name)).collect();
    let dialect = table.dialect.as_ref().map(|dialect| {
        let delimiter = match dialect.delimiter.as_str() {
            "\t" => "tab".to_owned(),
            other => format!("“{other}”"),
        };
        let header = if dialect.header { "first row names the columns" } else { "no header row" };
        format!("separated by {delimiter}, {header}")
    });
    let rows = table.preview.iter().map(|row| {
        let cells = row.iter().take(COLUMNS_SHOWN).zip(&numeric).map(|(cell, numeric)| {
            let class = if *numeric { "text-right figures" } else { "" };
            match cell {
                Cell::Null => view! { <td class="text-base-content/40 italic">"null"</td> }.into_any(),
                cell => view! { <td class=class>{text(cell)}</td> }.into_any(),
            }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <Dialog open=open title=format!("First rows of {}", table.name)>
            <p class="text-base-content/60 pb-3 text-xs">
                {table.files.join(", ")}
                {dialect.map(|dialect| format!(" · {dialect}"))}
                {(hidden > 0).then(|| format!(" · {hidden} more columns are not shown"))}
            </p>
            <div class="border-base-300 rounded-field max-h-[60vh] overflow-auto border">
                <table class="table-pin-rows table-xs table whitespace-nowrap">
                    <thead>
                        <tr>
                            {table.columns.iter().take(COLUMNS_SHOWN).map(|column| view! {
                                <th>
                                    <span class="inline-flex items-center gap-1.5 font-medium" title=column.type_name.clone()>
                                        <Icon path=icons::of_type(&column.type_name) class="size-3"/>
                                        {column.name.clone()}
                                    </span>
                                </th>
                            }).collect_view()}
                        </tr>
                    </thead>
                    <tbody class="font-mono">{rows}</tbody>
                </table>
            </div>
        </Dialog>
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Text(value) => match value.char_indices().nth(CHARACTERS_SHOWN) {
            Some((end, _)) => format!("{}…", &value[..end]),
            None => value.clone(),
        },
    }
}
