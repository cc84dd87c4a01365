//! The tables that queries can name.

use leptos::prelude::{RwSignal, With};
use millrace_protocol::{CacheInfo, ErrorInfo, TableInfo};

/// Tables made of the user's files.
#[derive(Clone, Copy)]
pub struct Tables {
    /// In the order in which they were added.
    pub list: RwSignal<Vec<TableInfo>>,
    /// The columns that the engine keeps in memory.
    pub cache: RwSignal<CacheInfo>,
    /// Names of the files that are being looked at right now.
    pub adding: RwSignal<Vec<String>>,
    /// Share of the sample that has been made, while it is being made.
    pub sample: RwSignal<Option<f64>>,
    /// Why files could not be added, until dismissed: file names and reason.
    pub failures: RwSignal<Vec<(String, ErrorInfo)>>,
}

impl Tables {
    /// No tables.
    pub fn new() -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            cache: RwSignal::new(CacheInfo::default()),
            adding: RwSignal::new(Vec::new()),
            sample: RwSignal::new(None),
            failures: RwSignal::new(Vec::new()),
        }
    }

    /// The table of this name.
    pub fn get(self, name: &str) -> Option<TableInfo> {
        self.list.with(|list| list.iter().find(|table| table.name == name).cloned())
    }
}
