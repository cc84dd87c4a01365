//! Tables that get another name, or are made of newer files. Queries over them stay.

use leptos::prelude::*;
use millrace_recipe::{Recipe, Source, free_name, renamed_uses};
use serde_json::Value;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::{Recipes, module::RecipesModule, refused};
use crate::engine_client::file_ref;

impl Recipes {
    /// Gives a table another name, also in the queries that use it. A name that is taken gets a number.
    pub fn rename_table(self, before: &str, wish: &str) {
        let wish = wish.trim();
        if wish.is_empty() || wish == before {
            return;
        }
        self.record();
        let mut recipe = untrack(|| self.current());
        let others = recipe.sources.iter().map(|source| source.table.as_str()).filter(|name| *name != before);
        let queries = recipe.queries.iter().map(|query| query.name.as_str());
        let name = free_name(others.chain(queries), wish);
        rename(&mut recipe, before, &name);
        self.history.update_value(|history| _ = history.record(recipe.clone()));
        self.apply(Some(recipe));
    }

    /// Makes a table of other files, as of a newer version of its own. What was said about it stays.
    pub fn replace_files(self, table: &str, files: Vec<File>) {
        let Some(source) = self.source(table).filter(|_| !files.is_empty()) else { return };
        self.record();
        spawn_local(async move { self.renew(source, files).await });
    }

    /// Whether the browser can read the files of a table anew from where they are.
    pub fn can_reload(self, table: &str) -> bool {
        self.source(table)
            .is_some_and(|source| self.handles_of(std::slice::from_ref(&source)).len() == source.files.len())
    }

    /// Reads the files of a table anew from where they are.
    pub fn reload(self, table: &str) {
        let Some(source) = self.source(table) else { return };
        let handles = self.handles_of(std::slice::from_ref(&source));
        spawn_local(async move {
            match async { RecipesModule::load().await?.files_of(&handles).await }.await {
                Ok(files) if files.len() == handles.len() => {
                    for (file, handle) in files.iter().zip(handles) {
                        self.take_handle(file_ref(file), handle);
                    }
                    self.renew(source, files).await;
                }
                Ok(_) => {}
                Err(reason) => self.fail("Reading the files anew", refused(&reason)),
            }
        });
    }

    fn source(self, table: &str) -> Option<Source> {
        let list = self.tables.list.get_untracked();
        self.client.sources(&list).into_iter().find(|source| source.table == table)
    }

    async fn renew(self, source: Source, files: Vec<File>) {
        files.iter().for_each(|file| self.client.hold(file));
        let name = source.table.clone();
        if let Err(error) = self.client.restore(&source, files).await {
            self.tables.failures.update(|failures| failures.push((name, error)));
        }
    }
}

fn rename(recipe: &mut Recipe, before: &str, name: &str) {
    for source in recipe.sources.iter_mut().filter(|source| source.table == before) {
        name.clone_into(&mut source.table);
    }
    for query in &mut recipe.queries {
        query.sql = renamed_uses(&query.sql, before, name);
        if query.builder.get("table").and_then(Value::as_str) == Some(before) {
            query.builder["table"] = name.into();
        }
    }
}
