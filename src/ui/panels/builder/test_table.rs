//! A table for the tests of the builder, of which only names and types of columns matter.

use millrace_protocol::{ColumnInfo, TableInfo};

/// A table called `name` with columns of the given names and types.
pub(super) fn table(name: &str, columns: &[(&str, &str)]) -> TableInfo {
    let columns = columns.iter().map(|(name, t)| ColumnInfo { name: (*name).into(), type_name: (*t).into() });
    TableInfo {
        name: name.into(),
        format: "csv".into(),
        files: Vec::new(),
        bytes: 0,
        rows_estimate: 0,
        columns: columns.collect(),
        dialect: None,
        compression: None,
        encoding: None,
        file: 0,
        part: 0,
        preview: Vec::new(),
        warnings: Vec::new(),
    }
}
