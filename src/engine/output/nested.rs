//! Structs, lists and maps as JSON, which the page and other programs can read again.

use std::fmt::Write;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;

use super::cell::{Value, number_name, value};

/// The value of a row as JSON, or nothing when its type is not nested.
///
/// Instants, dates and decimals are strings as in [`super::cell::cell`], and so are numbers that are not finite.
/// Keys of maps are strings.
pub(super) fn json(array: &dyn Array, row: usize) -> Option<String> {
    is_nested(array.data_type()).then(|| {
        let mut out = String::new();
        write_value(&mut out, array, row);
        out
    })
}

fn is_nested(data_type: &DataType) -> bool {
    match data_type {
        DataType::Map(..) => true,
        DataType::Struct(_) => true,
        other => other.is_list() && !matches!(other, DataType::ListView(_) | DataType::LargeListView(_)),
    }
}

fn write_value(out: &mut String, array: &dyn Array, row: usize) {
    if array.is_null(row) {
        out.push_str("null");
        return;
    }
    match array.data_type() {
        DataType::Struct(fields) => {
            out.push('{');
            for (index, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                write_key(out, index, field.name());
                write_value(out, column, row);
            }
            out.push('}');
        }
        DataType::List(_) => write_items(out, &array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => write_items(out, &array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => write_items(out, &array.as_fixed_size_list().value(row)),
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            out.push('{');
            for entry in 0..entries.len() {
                let mut key = String::new();
                write_value(&mut key, entries.column(0), entry);
                write_key(out, entry, key.trim_matches('"'));
                write_value(out, entries.column(1), entry);
            }
            out.push('}');
        }
        _ => write_plain(out, array, row),
    }
}

fn write_items(out: &mut String, items: &dyn Array) {
    out.push('[');
    for item in 0..items.len() {
        if item > 0 {
            out.push(',');
        }
        write_value(out, items, item);
    }
    out.push(']');
}

fn write_key(out: &mut String, index: usize, name: &str) {
    if index > 0 {
        out.push(',');
    }
    write_text(out, name);
    out.push(':');
}

fn write_plain(out: &mut String, array: &dyn Array, row: usize) {
    // Writing to a string cannot fail.
    let _ = match value(array, row) {
        Value::Null => write!(out, "null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::Number(value) => match number_name(value) {
            Some(name) => write!(out, "\"{name}\""),
            None => write!(out, "{value}"),
        },
        Value::Text(text) => {
            write_text(out, &text);
            Ok(())
        }
    };
}

fn write_text(out: &mut String, text: &str) {
    // A string always has a form in JSON.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, ListArray, StringViewArray, StructArray};
    use arrow::datatypes::{Field, Int64Type};

    use super::json;

    #[test]
    fn nested_values_are_json() {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1), None]),
            None,
            Some(vec![]),
        ]);
        assert_eq!(json(&lists, 0).as_deref(), Some("[1,null]"));
        assert_eq!(json(&lists, 1).as_deref(), Some("null"));
        assert_eq!(json(&lists, 2).as_deref(), Some("[]"));
        let texts: ArrayRef = Arc::new(StringViewArray::from(vec!["a \"b\", c\n", "漢"]));
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![0.5, f64::NAN]));
        let field =
            |name: &str, array: &ArrayRef| Arc::new(Field::new(name, array.data_type().clone(), true));
        let rows = StructArray::from(vec![
            (field("x", &texts), texts.clone()),
            (field("y", &numbers), numbers.clone()),
        ]);
        assert_eq!(json(&rows, 0).as_deref(), Some(r#"{"x":"a \"b\", c\n","y":0.5}"#));
        assert_eq!(json(&rows, 1).as_deref(), Some(r#"{"x":"漢","y":"NaN"}"#));
        assert_eq!(json(&texts, 0), None);
    }
}
