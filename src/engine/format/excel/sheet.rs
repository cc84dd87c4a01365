//! Which cells of a sheet are a table.

use std::collections::BTreeMap;

use arrow::array::ArrayRef;
use arrow::datatypes::Field;

use super::cell::{Cells, Value};
use super::column::column;
use crate::format::names::unique_names;

/// Rows among which the header is looked for.
const SEARCHED_ROWS: usize = 50;
/// A row with this share of the cells of the widest one can be the header: titles above have fewer.
const HEADER_SHARE: f64 = 0.6;

/// Columns of a sheet: its rows with cells, below the header if there is one. `None` when it has no cells.
///
/// The header is the first row that is nearly as wide as the sheet, if it has texts only, none of them twice, and
/// another row follows.
pub(super) fn table(cells: Cells, warnings: &mut Vec<String>) -> Option<(Vec<Field>, Vec<ArrayRef>)> {
    let mut rows: BTreeMap<u32, Vec<(u32, Value)>> = BTreeMap::new();
    for (row, column, value) in cells.0 {
        rows.entry(row).or_default().push((column, value));
    }
    let widest = rows.values().take(SEARCHED_ROWS).map(Vec::len).max()?;
    let is_wide = |row: &Vec<(u32, Value)>| row.len() as f64 >= widest as f64 * HEADER_SHARE;
    let first = rows.iter().find(|(_, row)| is_wide(row)).map(|(number, _)| *number)?;
    let above = rows.range(..first).count();
    let mut rows = rows.split_off(&first);
    if above > 0 {
        warnings.push(format!("The first {above} rows are narrower than the table and were left out."));
    }
    let header = rows.get(&first).filter(|row| rows.len() > 1 && is_header(row));
    let titles: BTreeMap<u32, String> = header
        .into_iter()
        .flatten()
        .filter_map(|(column, value)| match value {
            Value::Text(text) => Some((*column, text.clone())),
            _ => None,
        })
        .collect();
    if !titles.is_empty() {
        rows.remove(&first);
    }
    let count = rows.len();
    let mut columns: BTreeMap<u32, Vec<Option<Value>>> =
        titles.keys().map(|&column| (column, vec![None; count])).collect();
    for (number, row) in rows.into_values().enumerate() {
        for (column, value) in row {
            columns.entry(column).or_insert_with(|| vec![None; count])[number] = Some(value);
        }
    }
    let given: Vec<String> =
        columns.keys().map(|column| titles.get(column).cloned().unwrap_or_default()).collect();
    // Without a header names are made, which is nothing to warn of.
    let mut changed = Vec::new();
    let names = unique_names(&given, columns.len(), &mut changed);
    if !titles.is_empty() {
        warnings.append(&mut changed);
    }
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (name, values) in names.into_iter().zip(columns.into_values()) {
        let array = column(values);
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    Some((fields, arrays))
}

fn is_header(row: &[(u32, Value)]) -> bool {
    let texts: Option<Vec<&str>> = row
        .iter()
        .map(|(_, value)| match value {
            Value::Text(text) => Some(text.trim()),
            _ => None,
        })
        .collect();
    texts.is_some_and(|mut texts| {
        let count = texts.len();
        texts.sort_unstable();
        texts.dedup();
        texts.len() == count
    })
}
