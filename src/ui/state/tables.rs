//! The tables that queries can name.

use leptos::prelude::{RwSignal, With};
use millrace_protocol::{AddProgress, CacheInfo, CommandId, ErrorInfo, TableInfo};
use millrace_recipe::Source;

/// Tables made of the user's files.
#[derive(Clone, Copy)]
pub struct Tables {
    /// In the order in which they were added.
    pub list: RwSignal<Vec<TableInfo>>,
    /// The columns that the engine keeps in memory.
    pub cache: RwSignal<CacheInfo>,
    /// Names of the files that are being looked at right now.
    pub adding: RwSignal<Vec<String>>,
    /// How far those that take long are, by the command that adds them.
    pub adding_progress: RwSignal<Vec<(CommandId, AddProgress)>>,
    /// Share of the sample that has been made, while it is being made.
    pub sample: RwSignal<Option<f64>>,
    /// Names of tables that came together and have the same columns, so that they may be meant as one.
    pub alike: RwSignal<Vec<Vec<String>>>,
    /// Tables of a recipe whose files the page does not have.
    pub needed: RwSignal<Vec<Source>>,
    /// Names of tables that the work has and that are not there yet: what is chosen of them must stay.
    pub expected: RwSignal<Vec<String>>,
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
            adding_progress: RwSignal::new(Vec::new()),
            sample: RwSignal::new(None),
            alike: RwSignal::new(Vec::new()),
            needed: RwSignal::new(Vec::new()),
            expected: RwSignal::new(Vec::new()),
            failures: RwSignal::new(Vec::new()),
        }
    }

    /// The table of this name.
    pub fn get(self, name: &str) -> Option<TableInfo> {
        self.list.with(|list| list.iter().find(|table| table.name == name).cloned())
    }
}

/// The names of tables with the same columns and format, where there are several of a kind.
pub fn alike(tables: &[TableInfo]) -> Vec<Vec<String>> {
    let mut kinds: Vec<(&TableInfo, Vec<String>)> = Vec::new();
    for table in tables {
        let of_kind = |(first, _): &&mut (&TableInfo, _)| {
            first.columns == table.columns && first.format == table.format
        };
        match kinds.iter_mut().find(of_kind) {
            Some((_, names)) => names.push(table.name.clone()),
            None => kinds.push((table, vec![table.name.clone()])),
        }
    }
    kinds.into_iter().map(|(_, names)| names).filter(|names| names.len() > 1).collect()
}

/// What tables of these names are called together: what their names have in common, without numbers at its end.
pub fn common_name(names: &[String]) -> String {
    let Some((first, rest)) = names.split_first() else { return String::new() };
    let common = |length: usize, name: &String| {
        let same = first.chars().zip(name.chars()).take_while(|(a, b)| a == b);
        length.min(same.map(|(letter, _)| letter.len_utf8()).sum())
    };
    let length = rest.iter().fold(first.len(), common);
    let name = first[..length].trim_end_matches(|letter: char| letter.is_numeric() || letter == '_');
    if name.is_empty() { first.clone() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::common_name;

    #[wasm_bindgen_test]
    fn names_have_something_in_common() {
        for (names, together) in [
            (&["sales_2024", "sales_2025"][..], "sales"),
            (&["log_01", "log_02", "log_10"], "log"),
            (&["a", "b"], "a"),
            (&["übung_1", "überblick"], "üb"),
            (&["t_1", "t_1_2"], "t"),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(common_name(&names), together);
        }
    }
}
