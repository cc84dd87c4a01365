//! The first rows of a table, in a dialog.

use leptos::prelude::*;
use millrace_protocol::{Cell, DateOrder, Dialect, TableInfo};

use super::{
    fixed_width::written,
    reading::{Reading, ReadingForm, TypePicker, is_fixed_width},
    table_files::TableFiles,
};
use crate::{
    icons::{self, Icon, is_number},
    panels::dialog::Dialog,
};

/// Columns that a preview draws at most; a table of thousands would make the page wait.
const COLUMNS_SHOWN: usize = 60;
/// Characters of a cell that a preview draws at most.
const CHARACTERS_SHOWN: usize = 160;

/// The first rows, how the file was understood, and what can be said about it instead.
#[component]
pub fn Preview(name: String, table: Memo<Option<TableInfo>>, open: RwSignal<bool>) -> impl IntoView {
    let reading = Reading::of(expect_context(), name.clone());
    let about = move || {
        table.with(|table| {
            let table = table.as_ref()?;
            let hidden = table.columns.len().saturating_sub(COLUMNS_SHOWN);
            let dialect = table.dialect.as_ref().map(|dialect| format!(" · {}", dialect_text(dialect)));
            Some(view! {
                {table.files.join(", ")}
                {table.compression.as_ref().map(|compression| format!(" · {compression}"))}
                {table.encoding.as_ref().map(|encoding| format!(" · {encoding}"))}
                {dialect}
                {(hidden > 0).then(|| format!(" · {hidden} more columns are not shown"))}
            })
        })
    };
    let typed = Memo::new(move |_| table.with(|table| table.as_ref().is_some_and(has_types)));
    let head = move || {
        let columns =
            table.with(|table| table.as_ref().map(|table| table.columns.clone()).unwrap_or_default());
        columns.into_iter().take(COLUMNS_SHOWN).map(|column| {
            let picker = typed.get().then(|| view! { <TypePicker reading=reading column=column.clone()/> });
            view! {
                <th class="align-top">
                    <span class="inline-flex items-center gap-1.5 font-medium" title=column.type_name.clone()>
                        <Icon path=icons::of_type(&column.type_name) class="size-3"/>
                        {column.name.clone()}
                    </span>
                    {picker}
                </th>
            }
        }).collect_view()
    };
    let rows = move || table.with(|table| table.as_ref().map(rows_of));
    view! {
        <Dialog open=open title=format!("First rows of {name}")>
            <p class="text-base-content/60 pb-3 text-xs">{about}</p>
            <TableFiles name=name.clone()/>
            <ReadingForm reading=reading table=table/>
            <div class="border-base-300 rounded-field max-h-[60vh] overflow-auto border">
                <table class="table-pin-rows table-xs table whitespace-nowrap">
                    <thead><tr>{head}</tr></thead>
                    <tbody class="font-mono">{rows}</tbody>
                </table>
            </div>
        </Dialog>
    }
}

fn rows_of(table: &TableInfo) -> impl IntoView + use<> {
    let numeric: Vec<bool> = table.columns.iter().map(|column| is_number(&column.type_name)).collect();
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
    rows.collect_view()
}

/// Whether another type can be said for its columns: where values are written without one.
fn has_types(table: &TableInfo) -> bool {
    table.dialect.is_some() || table.format == "log by pattern"
}

fn dialect_text(dialect: &Dialect) -> String {
    if is_fixed_width(dialect) {
        let header = if dialect.header { "first line names the columns" } else { "no header" };
        return format!("columns begin at characters {}, {header}", written(&dialect.column_starts));
    }
    let delimiter = match dialect.delimiter.as_str() {
        "\t" => "tab".to_owned(),
        other => format!("“{other}”"),
    };
    let mut text = format!("separated by {delimiter}, ");
    text += if dialect.header { "first row names the columns" } else { "no header row" };
    if dialect.skipped_lines > 0 {
        text += &format!(", {} lines skipped", dialect.skipped_lines);
    }
    if dialect.decimal == "," {
        text += ", decimal comma";
    }
    if let Some(order) = dialect.date_order {
        text += match order {
            DateOrder::DayMonthYear => ", dates day first",
            DateOrder::MonthDayYear => ", dates month first",
            DateOrder::YearMonthDay => ", dates year first",
        };
    }
    text
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
