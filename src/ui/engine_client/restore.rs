//! Tables as a recipe has them, and files that they can be made of again.

use leptos::prelude::{GetValue, Update};
use millrace_protocol::{ErrorInfo, Event, TableInfo};
use millrace_recipe::{FileRef, Source};
use web_sys::File;

use super::{
    EngineClient,
    inner::{KeptTable, add_command, beside, size_bytes},
    unexpected,
};

impl EngineClient {
    /// What each of these tables is made of; nothing for those without files.
    pub fn sources(self, tables: &[TableInfo]) -> Vec<Source> {
        let inner = self.inner.get_value();
        let kept = inner.files.borrow();
        let source = |table: &TableInfo| {
            let kept = kept.iter().find(|kept| kept.table == table.name)?;
            let (files, options) = (kept.files.iter().map(file_ref).collect(), kept.options.clone());
            Some(Source { table: table.name.clone(), files, part: kept.part, options })
        };
        tables.iter().filter_map(source).collect()
    }

    /// Files that the page was given, also those of no table any more.
    pub fn held(self) -> Vec<File> {
        self.inner.get_value().held.borrow().clone()
    }

    /// Takes a file without making a table of it.
    pub fn hold(self, file: &File) {
        self.inner.get_value().hold(file);
    }

    /// Makes a table of files as a recipe says.
    ///
    /// # Errors
    /// As [`Self::add_files`].
    pub async fn restore(self, source: &Source, files: Vec<File>) -> Result<(), ErrorInfo> {
        let inner = self.inner.get_value();
        let table = source.table.clone();
        let (part, options) = (source.part, source.options.clone());
        let command = |id| add_command(id, &files, Some(table.clone()), part, options.clone());
        let added = match inner.ask(command, beside(&files)).await? {
            Event::TablesAdded { tables, .. } => tables,
            other => return Err(unexpected(&other)),
        };
        {
            let mut kept = inner.files.borrow_mut();
            kept.retain(|old| old.table != table);
            kept.push(KeptTable { table: table.clone(), files, part, options });
        }
        inner.tables.list.update(|list| {
            let place = list.iter().position(|old| old.name == table).unwrap_or(list.len());
            list.retain(|old| old.name != table);
            let place = place.min(list.len());
            list.splice(place..place, added);
        });
        Ok(())
    }
}

/// What a recipe knows a file by.
pub fn file_ref(file: &File) -> FileRef {
    FileRef { name: file.name(), size_bytes: size_bytes(file) }
}
