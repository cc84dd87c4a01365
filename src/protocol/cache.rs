//! What the engine keeps between queries.

use serde::{Deserialize, Serialize};

/// The decoded columns that are kept in memory and on disk, so that further queries need not read their files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheInfo {
    /// Memory that they take.
    pub bytes: u64,
    /// Memory that they may take.
    pub limit_bytes: u64,
    /// What is kept on disk; none where there is no place for it.
    pub disk: Option<DiskCacheInfo>,
    /// By table and column.
    pub columns: Vec<CachedColumn>,
}

/// The columns that found no room in memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiskCacheInfo {
    /// Bytes that they take on disk.
    pub bytes: u64,
    /// Bytes that they may take there; with 0 none are kept on disk.
    pub limit_bytes: u64,
    /// Why none are kept there any more: writing or reading failed.
    pub failure: Option<String>,
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
    /// Bytes that it takes on disk.
    pub disk_bytes: u64,
    /// Share of the table's splits of which it is kept, in memory or on disk, 0 to 1.
    pub fraction: f64,
}
