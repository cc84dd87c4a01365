//! Work that keeps itself, and work of earlier visits.

use leptos::prelude::*;
use millrace_protocol::ErrorInfo;
use millrace_recipe::Recipe;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{
    Recipes,
    module::{Handle, KeptRecipe, RecipesModule},
    refused, sharing,
};
use crate::browser;

/// How long after a change the work is kept.
const KEEP_AFTER_MILLIS: i32 = 600;

/// Work that is kept; older work is forgotten.
const MOST_KEPT: usize = 20;

/// A name that no other work has.
pub fn fresh_id() -> String {
    format!("{:.0}-{:.0}", js_sys::Date::now(), js_sys::Math::random() * 1e9)
}

impl Recipes {
    /// Work of earlier visits, the newest first.
    ///
    /// # Errors
    /// When the browser keeps nothing.
    pub async fn recent(self) -> Result<Vec<KeptRecipe>, ErrorInfo> {
        let kept = async { RecipesModule::load().await?.kept().await };
        let kept = kept.await.map_err(|reason| refused(&reason))?;
        let id = self.id.get_value();
        Ok(kept.into_iter().filter(|kept| kept.id() != id).collect())
    }

    /// Opens work of an earlier visit, which goes on being kept as before. Has to be called for a click, since
    /// the browser may ask whether its files may be read.
    pub fn open_kept(self, kept: KeptRecipe) {
        spawn_local(async move {
            let handles = kept.handles();
            let asked: Vec<JsValue> = handles.iter().map(|(_, handle)| handle.clone()).collect();
            let files = async { RecipesModule::load().await?.files_of(&asked).await }.await;
            // Files that cannot be had are asked for by their names.
            for file in files.unwrap_or_default() {
                self.client.hold(&file);
            }
            self.handles.update_value(|known| {
                known.retain(|(file, _)| handles.iter().all(|(other, _)| other != file));
                known.extend(handles);
            });
            match Recipe::of_text(&kept.text()) {
                Ok(recipe) => {
                    self.keep_now();
                    self.id.set_value(kept.id());
                    self.open(recipe);
                }
                Err(unreadable) => self.fail(t!("Opening earlier work"), sharing::unreadable(&unreadable)),
            }
        });
    }

    /// Forgets work of an earlier visit. Its files stay where they are.
    pub fn forget_kept(self, kept: &KeptRecipe) {
        let id = kept.id();
        spawn_local(async move {
            match async { RecipesModule::load().await?.drop(&id).await }.await {
                Ok(()) => self.kept.update(|kept| *kept = kept.wrapping_add(1)),
                Err(reason) => self.fail(t!("Forgetting earlier work"), refused(&reason)),
            }
        });
    }

    /// Opens other work beside what is kept already.
    pub(super) fn open_as_new(self, recipe: Recipe) {
        self.keep_now();
        self.id.set_value(fresh_id());
        self.open(recipe);
    }

    /// Keeps the work when it has rested.
    pub(super) fn keep_soon(self) {
        let turn = self.keeps.get_value().wrapping_add(1);
        self.keeps.set_value(turn);
        spawn_local(async move {
            browser::sleep(KEEP_AFTER_MILLIS).await;
            if self.keeps.try_get_value() == Some(turn) {
                self.keep_now();
            }
        });
    }

    /// Keeps the work as it is.
    pub(super) fn keep_now(self) {
        let recipe = untrack(|| self.current());
        if recipe.is_empty() {
            return;
        }
        let id = self.id.get_value();
        let is_of = |handle: &&Handle| recipe.sources.iter().any(|source| source.files.contains(&handle.0));
        let handles: Vec<Handle> =
            self.handles.with_value(|handles| handles.iter().filter(is_of).cloned().collect());
        spawn_local(async move {
            match keep(&id, &recipe, &handles).await {
                Ok(()) => {
                    self.told.set_value(false);
                    self.kept.update(|kept| *kept = kept.wrapping_add(1));
                }
                // Once is enough: the next change would fail alike.
                Err(reason) if !self.told.get_value() => {
                    self.told.set_value(true);
                    let hint = "Save it as a file with “Save recipe as a file” in the menu, or free space for this \
                                site. In a private window nothing is kept.";
                    self.fail("Your work is not kept for the next visit", refused(&reason).with_hint(hint));
                }
                Err(_) => {}
            }
        });
    }
}

async fn keep(id: &str, recipe: &Recipe, handles: &[Handle]) -> Result<(), JsValue> {
    let module = RecipesModule::load().await?;
    module.keep(id, &recipe.title(), &recipe.text(), handles).await?;
    for old in module.kept().await?.iter().skip(MOST_KEPT) {
        module.drop(&old.id()).await?;
    }
    Ok(())
}
