//! Tables of a recipe: made of files that the page has, else asked for.

use leptos::prelude::*;
use millrace_protocol::{ErrorInfo, ErrorKind};
use millrace_recipe::{FileRef, Recipe, Source, find};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

use super::{Recipes, module::RecipesModule, refused};
use crate::{engine_client::file_ref, sample};

/// Ending of recipes as files.
pub const ENDING: &str = ".millrace.json";

impl Recipes {
    /// Files that a person gave: those that the work needs stand for its tables, recipes are opened, and the
    /// others become tables.
    pub fn take_files(self, files: Vec<File>) {
        let (recipes, files): (Vec<File>, Vec<File>) =
            files.into_iter().partition(|file| file.name().ends_with(ENDING));
        if let Some(file) = recipes.into_iter().last() {
            self.open_file(file);
        }
        let needed = self.tables.needed.get_untracked();
        let is_needed = |file: &File| {
            let name = file.name();
            needed.iter().flat_map(|source| &source.files).any(|wanted| wanted.name == name)
        };
        let (wanted, others): (Vec<File>, Vec<File>) = files.into_iter().partition(is_needed);
        if !wanted.is_empty() {
            wanted.iter().for_each(|file| self.client.hold(file));
            self.bring(untrack(|| self.current()).sources);
        }
        if !others.is_empty() {
            self.actions.add_files(others);
        }
    }

    /// Takes a handle of a file that was given, by which it can be opened on the next visit.
    pub fn take_handle(self, file: FileRef, handle: JsValue) {
        self.handles.update_value(|handles| {
            handles.retain(|(other, _)| *other != file);
            handles.push((file, handle));
        });
        self.keep_soon();
    }

    /// Lets a person choose files. False when the browser gives no handles, and the old way is to be gone.
    pub async fn pick(self) -> bool {
        let picked = async {
            let module = RecipesModule::load().await?;
            if !module.can_pick() {
                return Ok(None);
            }
            let handles = module.pick().await?;
            let files = module.files_of(&handles).await?;
            Ok::<_, JsValue>(Some((handles, files)))
        };
        // Whatever the browser has against it, there is the old way.
        let Ok(Some((handles, files))) = picked.await else { return false };
        if handles.len() == files.len() {
            for (file, handle) in files.iter().zip(handles) {
                self.take_handle(file_ref(file), handle);
            }
        }
        self.take_files(files);
        true
    }

    /// Asks once more for permission to read the files whose handles are known.
    pub fn ask_again(self) {
        let handles: Vec<JsValue> = self.handles_of(&self.tables.needed.get_untracked());
        spawn_local(async move {
            match async { RecipesModule::load().await?.files_of(&handles).await }.await {
                Ok(files) => {
                    files.iter().for_each(|file| self.client.hold(file));
                    self.bring(untrack(|| self.current()).sources);
                }
                Err(reason) => self.fail("Opening files again", refused(&reason)),
            }
        });
    }

    /// Whether the browser could open a needed file if it were allowed to.
    pub fn can_ask_again(self) -> bool {
        !self.handles_of(&self.tables.needed.get()).is_empty()
    }

    /// Leaves out a table whose files are not to be had.
    pub fn forget_needed(self, table: &str) {
        self.tables.needed.update(|needed| needed.retain(|source| source.table != table));
    }

    /// Handles of the files of tables.
    pub(super) fn handles_of(self, sources: &[Source]) -> Vec<JsValue> {
        let is_of = |file: &FileRef| sources.iter().any(|source| source.files.contains(file));
        self.handles.with_value(|handles| {
            handles.iter().filter(|(file, _)| is_of(file)).map(|(_, handle)| handle.clone()).collect()
        })
    }

    /// Gives the page these tables, and no others. Of several wishes the last one counts.
    pub(super) fn bring(self, sources: Vec<Source>) {
        self.wanted.set_value(Some(sources));
        if self.bringing.get_value() {
            return;
        }
        self.bringing.set_value(true);
        spawn_local(async move {
            while let Some(sources) = self.wanted.try_update_value(Option::take).flatten() {
                self.make(sources).await;
            }
            self.bringing.set_value(false);
            self.settle();
        });
    }

    async fn make(self, sources: Vec<Source>) {
        let tables = self.tables;
        let is_wanted = |name: &str| sources.iter().any(|source| source.table == name);
        let gone: Vec<String> = tables.list.with_untracked(|list| {
            let gone = list.iter().map(|table| &table.name).filter(|name| !is_wanted(name));
            gone.cloned().collect()
        });
        // What is asked for already need not be asked for while others are looked at.
        tables.needed.update(|needed| needed.retain(|old| is_wanted(&old.table)));
        for name in gone {
            if let Err(error) = self.client.remove_table(name.clone()).await {
                tables.failures.update(|failures| failures.push((name, error)));
            }
        }
        let mut needed = Vec::new();
        for source in &sources {
            if !self.make_one(source).await {
                needed.push(source.clone());
            }
        }
        let place = |name: &str| sources.iter().position(|source| source.table == name);
        tables.list.update(|list| list.sort_by_key(|table| place(&table.name)));
        if tables.needed.with_untracked(|old| *old != needed) {
            tables.needed.set(needed);
        }
    }

    /// Whether the table is there as it is wanted, after it was made if need be.
    async fn make_one(self, source: &Source) -> bool {
        let now = self.tables.list.with_untracked(|list| self.client.sources(list));
        let there = now.iter().find(|other| other.table == source.table);
        let same_files = there.filter(|there| there.files == source.files && there.part == source.part);
        if let Some(there) = same_files {
            if there.options != source.options {
                let options = source.options.clone();
                if let Err(error) = self.client.set_options(source.table.clone(), options).await {
                    self.tables.failures.update(|failures| failures.push((source.table.clone(), error)));
                }
            }
            return true;
        }
        let is_sample = source.files.iter().any(|file| file.name == sample::FILE);
        let found = self.files_of(source);
        let changed = found.as_ref().and_then(|found| found.iter().find(|(_, is_same)| !is_same));
        let changed = changed.map(|(file, _)| file.name());
        let files: Vec<File> = match found {
            Some(found) => found.into_iter().map(|(file, _)| file).collect(),
            None if is_sample => match self.actions.make_sample().await {
                Some(file) => vec![file],
                None => return false,
            },
            None => return false,
        };
        let name = source.table.clone();
        self.tables.adding.update(|adding| adding.push(name.clone()));
        let made = self.client.restore(source, files).await;
        self.tables.adding.update(|adding| {
            if let Some(place) = adding.iter().position(|other| *other == name) {
                adding.remove(place);
            }
        });
        match made {
            Ok(()) => {
                if let Some(file) = changed {
                    let message = tf!("{file} has another size than when this work was made.", file = file);
                    let told = ErrorInfo::new(ErrorKind::FileChanged, message).with_hint(
                        "Its table was made all the same. Run the queries again to see what it has now.",
                    );
                    self.tables.failures.update(|failures| failures.push((name, told)));
                }
                true
            }
            Err(error) => {
                self.tables.failures.update(|failures| failures.push((name, error)));
                false
            }
        }
    }

    /// The files of a table among those that the page holds, if all are there, and whether each has the size that
    /// it had.
    fn files_of(self, source: &Source) -> Option<Vec<(File, bool)>> {
        let held = self.client.held();
        let offered: Vec<FileRef> = held.iter().map(file_ref).collect();
        let file = |wanted: &FileRef| {
            let found = find(wanted, &offered)?;
            Some((held.get(found.place)?.clone(), found.is_same))
        };
        source.files.iter().map(file).collect()
    }

    /// Opens a recipe that was chosen, whatever the file is called.
    pub fn open_files(self, files: Vec<File>) {
        if let Some(file) = files.into_iter().last() {
            self.open_file(file);
        }
    }

    fn open_file(self, file: File) {
        spawn_local(async move {
            let blob: &Blob = &file;
            let text = wasm_bindgen_futures::JsFuture::from(blob.text()).await;
            let text = text.map(|text| text.as_string().unwrap_or_default());
            match text.map(|text| Recipe::of_text(&text)) {
                Ok(Ok(recipe)) => self.open_as_new(recipe),
                Ok(Err(unreadable)) => {
                    self.fail("Opening the recipe", super::sharing::unreadable(&unreadable))
                }
                Err(reason) => self.fail("Opening the recipe", refused(&reason)),
            }
        });
    }
}
