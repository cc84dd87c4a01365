//! What a person made, as a whole: taken back and made again, kept for the next visit, shared.
//!
//! Owns: the recipe of the page as it is ([`Recipes::current`]), its steps, and how another state of it becomes
//! the page's. What a recipe is stands in the crate `millrace-recipe`.
//! Touches: tabs, tables and their files through [`crate::actions`] and the engine client; storage, links and
//! handles of files through `www/npm/recipes.js`.
//!
//! Nobody reports changes: the recipe is put together anew whenever a signal that it depends on changes, and
//! what differs after a short rest is a step. So a change that somebody adds later can be taken back as well.

mod keeping;
pub mod module;
mod sharing;
mod sources;
mod tables;

use leptos::prelude::*;
use millrace_protocol::{ErrorInfo, ErrorKind};
use millrace_recipe::{History, Recipe, Source};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::{
    actions::Actions,
    browser,
    engine_client::EngineClient,
    state::{BoardState, QueryState, Tables, Tabs},
};
use module::Handle;

/// How long nothing must change until what changed is a step.
const REST_MILLIS: i32 = 400;

/// Work as a whole. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Recipes {
    /// What can be taken back, in a few words.
    pub to_undo: RwSignal<Option<String>>,
    /// What can be made again, in a few words.
    pub to_redo: RwSignal<Option<String>>,
    /// Why something could not be kept or opened, until dismissed: what, and why.
    pub problem: RwSignal<Option<(&'static str, ErrorInfo)>>,
    /// Counts what was kept or removed, for those who list it.
    pub kept: RwSignal<u32>,
    history: StoredValue<History>,
    /// Counts changes, to see when they rest.
    changes: StoredValue<u32>,
    /// Counts wishes to keep the work, of which the last one counts.
    keeps: StoredValue<u32>,
    /// Name of the work in the store.
    id: StoredValue<String>,
    /// Sources that the page shall have, and whether somebody is at it.
    wanted: StoredValue<Option<Vec<Source>>>,
    bringing: StoredValue<bool>,
    /// Handles of files, as far as the browser gave them.
    handles: StoredValue<Vec<Handle>, LocalStorage>,
    /// Whether a failure to keep the work was told.
    told: StoredValue<bool>,
    actions: Actions,
    client: EngineClient,
    query: QueryState,
    tables: Tables,
    tabs: Tabs,
    board: BoardState,
}

impl Recipes {
    /// Follows the work of the page, and opens what its address holds.
    pub fn new(actions: Actions, client: EngineClient) -> Self {
        let recipes = Self {
            to_undo: RwSignal::new(None),
            to_redo: RwSignal::new(None),
            problem: RwSignal::new(None),
            kept: RwSignal::new(0),
            history: StoredValue::new(History::default()),
            changes: StoredValue::new(0),
            keeps: StoredValue::new(0),
            id: StoredValue::new(keeping::fresh_id()),
            wanted: StoredValue::new(None),
            bringing: StoredValue::new(false),
            handles: StoredValue::new_local(Vec::new()),
            told: StoredValue::new(false),
            actions,
            client,
            query: expect_context(),
            tables: expect_context(),
            tabs: expect_context(),
            board: expect_context(),
        };
        // What the page begins with is no step.
        let begun = untrack(|| recipes.current());
        recipes.history.update_value(|history| history.settle(begun));
        recipes.follow();
        actions.before_loss.set_value(Some(Callback::new(move |()| recipes.record())));
        recipes.open_address();
        recipes
    }

    /// The work as it is now. Follows it.
    pub fn current(self) -> Recipe {
        let mut sources = self.tables.list.with(|tables| self.client.sources(tables));
        let needed = self.tables.needed.get();
        sources.extend(needed.into_iter().filter(|needed| {
            // A table that was made meanwhile is what the name means now.
            self.tables.list.with_untracked(|list| list.iter().all(|table| table.name != needed.table))
        }));
        let queries = self.tabs.queries(self.query);
        let board = self.board.board.get().of_queries(|id| queries.iter().any(|query| query.id == id));
        Recipe { sources, queries, open: self.tabs.open.get(), board }
    }

    /// Takes the last step back.
    pub fn undo(self) {
        self.record();
        let before = self.history.try_update_value(History::undo).flatten();
        self.apply(before);
    }

    /// Makes the step again that was taken back last.
    pub fn redo(self) {
        self.record();
        let after = self.history.try_update_value(History::redo).flatten();
        self.apply(after);
    }

    /// Makes a recipe the page's work, beside which the work before is a step to go back to.
    pub fn open(self, recipe: Recipe) {
        self.record();
        // Queries of other work have nothing to do with those that have the same ids here.
        let mut recipe = recipe;
        let new_ids: Vec<(u32, u32)> =
            recipe.queries.iter().map(|query| (query.id, self.tabs.fresh("").id)).collect();
        // An id that no query has stays one that none has.
        let new_of = |id: u32| new_ids.iter().find(|(old, _)| *old == id).map_or(0, |(_, new)| *new);
        recipe.queries.iter_mut().for_each(|query| query.id = new_of(query.id));
        recipe.open = new_of(recipe.open);
        recipe.board.renumber(new_of);
        self.history.update_value(|history| _ = history.record(recipe.clone()));
        self.actions.open_workbench();
        let shown = recipe.board.shown;
        self.apply(Some(recipe));
        self.actions.show_board(shown);
    }

    /// Leaves the work, which is kept, and begins anew.
    pub fn begin_anew(self) {
        self.record();
        self.keep_now();
        self.id.set_value(keeping::fresh_id());
        self.history.update_value(|history| _ = history.record(Recipe::default()));
        self.apply(Some(Recipe::default()));
        self.actions.show_board(false);
        self.actions.close_workbench();
    }

    fn follow(self) {
        Effect::new(move || {
            self.current();
            let turn = self.changes.get_value().wrapping_add(1);
            self.changes.set_value(turn);
            spawn_local(async move {
                browser::sleep(REST_MILLIS).await;
                if self.changes.try_get_value() == Some(turn) {
                    self.record();
                }
            });
        });
    }

    /// Makes a step of what changed since the last one.
    fn record(self) {
        // What is on its way to another state is no step.
        if self.bringing.get_value() {
            return;
        }
        let now = untrack(|| self.current());
        let is_step = self.history.try_update_value(|history| history.record(now)).unwrap_or_default();
        if is_step {
            self.tell_steps();
            self.keep_soon();
        }
    }

    fn apply(self, recipe: Option<Recipe>) {
        if let Some(recipe) = recipe {
            let names = recipe.sources.iter().map(|source| source.table.clone()).collect();
            self.tables.expected.set(names);
            self.actions.put_queries(recipe.queries, recipe.open);
            self.actions.put_board(recipe.board);
            self.bring(recipe.sources);
            self.tell_steps();
        }
    }

    /// Takes the work as it has become on its way to another state.
    fn settle(self) {
        let needed = self
            .tables
            .needed
            .with_untracked(|needed| needed.iter().map(|source| source.table.clone()).collect::<Vec<_>>());
        self.tables.expected.set(needed);
        let now = untrack(|| self.current());
        self.history.update_value(|history| history.settle(now));
        self.tell_steps();
        self.keep_soon();
    }

    fn tell_steps(self) {
        let (undo, redo) = self.history.with_value(|history| (history.to_undo(), history.to_redo()));
        self.to_undo.set(undo);
        self.to_redo.set(redo);
    }

    /// Shows what could not be done.
    pub fn fail(self, what: &'static str, error: ErrorInfo) {
        self.problem.set(Some((what, error)));
    }
}

/// What the browser refused, in words.
pub fn refused(reason: &JsValue) -> ErrorInfo {
    let field = |name: &str| js_sys::Reflect::get(reason, &name.into()).ok()?.as_string();
    let message = field("message").filter(|text| !text.is_empty()).or_else(|| field("name"));
    let text = message.or_else(|| reason.as_string()).unwrap_or_else(|| t!("it gave no reason").to_owned());
    ErrorInfo::new(ErrorKind::Browser, tf!("The browser refused: {a}.", a = text.trim_end_matches('.')))
}
