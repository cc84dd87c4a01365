//! What the engine keeps between queries.

use serde::{Deserialize, Serialize};

/// The decoded columns that are kept in memory, so that further queries need not read their files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheInfo {
    /// Memory that they take.
    pub bytes: u64,
    /// Memory that they may take.
    pub limit_bytes: u64,
    /// By table and column.
    pub columns: Vec<CachedColumn>,
}

/// A column of which something is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CachedColumn {
    /// The table's name as in [`crate::TableInfo::name`].
    pub table: String,
    /// The column's name.
    pub column: String,
    /// Memory that it takes.
    pub bytes: u64,
    /// Share of the table's splits of which it is kept, 0 to 1.
    pub fraction: f64,
}
