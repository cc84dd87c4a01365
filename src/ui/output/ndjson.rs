//! One JSON object a line.

use millrace_protocol::{Cell, ColumnInfo};
use serde_json::Value;

use super::{Target, TextFormat};

/// One JSON object a line.
pub const NDJSON: TextFormat = TextFormat {
    name: "ndjson",
    label: n!("Save as JSON lines"),
    target: Target::File { ending: "ndjson", media_type: "application/x-ndjson" },
    head: |_| String::new(),
    row: |columns: &[ColumnInfo], cells: &[Cell], text: &mut String| {
        let field = |(column, cell): (&ColumnInfo, &Cell)| {
            format!("{}:{}", Value::from(column.name.as_str()), value(column, cell))
        };
        let fields: Vec<String> = columns.iter().zip(cells).map(field).collect();
        *text += &format!("{{{}}}\n", fields.join(","));
    },
};

/// A value of JSON. Numbers that JSON does not know are null.
fn value(column: &ColumnInfo, cell: &Cell) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Number(value) => Value::from(*value).to_string(),
        // Structs and lists come as JSON already.
        Cell::Text(text) if is_nested(&column.type_name) && serde_json::from_str::<Value>(text).is_ok() => {
            text.clone()
        }
        Cell::Text(text) => Value::from(text.as_str()).to_string(),
    }
}

fn is_nested(type_name: &str) -> bool {
    ["STRUCT", "LIST", "MAP"].iter().any(|name| type_name.starts_with(name)) || type_name.ends_with("[]")
}
