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
                {(hidden > 0).then(|| tf!(" · {hidden} more columns are not shown", hidden = hidden))}
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
        <Dialog open=open title=tf!("First rows of {name}", name = name)>
            <p class="text-base-content/70 pb-3 text-xs">{about}</p>
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
                Cell::Null => view! { <td class="text-base-content/70 italic">{t!("null")}</td> }.into_any(),
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
        return tf!(
            "columns begin at characters {a}, {header}",
            a = written(&dialect.column_starts),
            header = header
        );
    }
    let delimiter = match dialect.delimiter.as_str() {
        "\t" => "tab".to_owned(),
        other => format!("“{other}”"),
    };
    let mut text = tf!("separated by {delimiter}, ", delimiter = delimiter);
    text += if dialect.header { t!("first row names the columns") } else { t!("no header row") };
    if dialect.skipped_lines > 0 {
        text += &tf!(", {a} lines skipped", a = dialect.skipped_lines);
    }
    if dialect.decimal == "," {
        text += t!(", decimal comma");
    }
    if let Some(order) = dialect.date_order {
        text += match order {
            DateOrder::DayMonthYear => t!(", dates day first"),
            DateOrder::MonthDayYear => t!(", dates month first"),
            DateOrder::YearMonthDay => t!(", dates year first"),
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
