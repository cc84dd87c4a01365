//! Values that are not of the type their column has: how many of each column, and which type would hold them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use arrow::datatypes::DataType;
use millrace_protocol::{BadRow, ColumnMisfits};

use crate::format::{BadRecords, misfit_value, parse_iso_timestamp};
use crate::output::column_type_name;
use crate::sql::Table;

/// Counted by table and column.
#[derive(Debug, Default)]
pub(crate) struct Misfits(Mutex<BTreeMap<(usize, usize), Count>>);

#[derive(Clone, Copy, Debug)]
struct Count {
    values: u64,
    /// Whether all that are listed would fit the next wider type that is not text.
    fit_wider: bool,
}

impl Misfits {
    /// Takes what is bad in a column of a split into account.
    pub(super) fn add(&self, table: &Table, column: usize, bad: &BadRecords) {
        let data_type = table.schema.field(column).data_type();
        if bad.count == 0 || *data_type == DataType::Utf8View {
            return;
        }
        let fits = |text: &str| match data_type {
            DataType::Int64 => text.parse::<f64>().is_ok(),
            DataType::Date32 => parse_iso_timestamp(text.as_bytes()).is_some(),
            _ => false,
        };
        let fit_wider = bad.listed.iter().all(|bad| misfit_value(&bad.reason).is_some_and(fits));
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((table.id, column)).or_insert(Count { values: 0, fit_wider: true });
        count.values += bad.count;
        count.fit_wider &= fit_wider;
    }

    /// What was counted of a table, which has this name; `listed` are its first bad rows.
    pub(crate) fn of_table(&self, table: &Table, name: &str, listed: &[BadRow]) -> Vec<ColumnMisfits> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_column = |(&(_, column), count): (&(usize, usize), &Count)| {
            let field = table.schema.field(column);
            let prefix = format!("column {}: '", field.name());
            let wider = match (count.fit_wider, field.data_type()) {
                (true, DataType::Int64) => "DOUBLE",
                (true, DataType::Date32) => "TIMESTAMP",
                _ => "VARCHAR",
            };
            ColumnMisfits {
                table: name.to_owned(),
                column: field.name().clone(),
                type_name: column_type_name(field.data_type()),
                count: count.values,
                first: listed.iter().find(|bad| bad.reason.starts_with(&prefix)).cloned(),
                wider_type: wider.to_owned(),
            }
        };
        counts.range((table.id, 0)..(table.id + 1, 0)).map(of_column).collect()
    }
}
