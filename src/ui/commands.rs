//! Everything that a person can do on the page as a whole, in one table: the menu, the palette, the keys and
//! their list are made of it.
//!
//! Owns: [`COMMANDS`], keys and who hears them. Touches: state, [`crate::actions`] and [`crate::recipes`].
//!
//! A new command is an entry of the table.

mod keys;
mod table;

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

pub use keys::Keys;
pub use table::COMMANDS;

use crate::{
    actions::Actions,
    browser,
    recipes::Recipes,
    state::{BoardState, Dialogs, QueryState, StreamState, Tables, Tabs, Theme},
    texts::Spoken,
};

/// Something that a person can do.
pub struct Command {
    /// Name in code and tests.
    pub name: &'static str,
    /// What people read. Follows the page.
    pub label: fn(Page) -> String,
    /// Its icon.
    pub icon: &'static str,
    /// Keys that do it; the first is shown.
    pub keys: &'static [Keys],
    /// Whether the menu has it.
    pub in_menu: bool,
    /// Whether it can be done now. Follows the page.
    pub is_possible: fn(Page) -> bool,
    /// Does it.
    pub run: fn(Page),
}

/// What commands act on. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Page {
    /// What a person does.
    pub actions: Actions,
    /// Work as a whole.
    pub recipes: Recipes,
    /// The tabs.
    pub tabs: Tabs,
    /// The query on screen.
    pub query: QueryState,
    /// The tables.
    pub tables: Tables,
    /// The dialog that starts streams.
    pub stream: StreamState,
    /// Light or dark.
    pub theme: Theme,
    /// Dialogs of the page.
    pub dialogs: Dialogs,
    /// The dashboard.
    pub board: BoardState,
    /// The language.
    pub spoken: Spoken,
}

impl Page {
    /// The page of the context.
    pub fn of_context() -> Self {
        Self {
            actions: expect_context(),
            recipes: expect_context(),
            tabs: expect_context(),
            query: expect_context(),
            tables: expect_context(),
            stream: expect_context(),
            theme: expect_context(),
            dialogs: expect_context(),
            board: expect_context(),
            spoken: expect_context(),
        }
    }
}

/// Runs commands for their keys wherever the focus is, unless something nearer to it took the key.
pub fn listen(page: Page) {
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented() || event.is_composing() || browser::has_open_dialog() {
            return;
        }
        let is_writing = is_text_field(&event);
        let is_meant = |command: &&Command| {
            command.keys.iter().any(|keys| keys.fit(&event) && (keys.while_writing || !is_writing))
        };
        let Some(command) = COMMANDS.iter().find(is_meant) else { return };
        // What cannot be done now leaves the key to the browser, as Escape.
        if untrack(|| (command.is_possible)(page)) {
            event.prevent_default();
            (command.run)(page);
        }
    });
    on_cleanup(move || listener.remove());
}

/// Whether the key goes to something that text is written into, which takes steps back by itself.
fn is_text_field(event: &KeyboardEvent) -> bool {
    let Some(target) = event.target() else { return false };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return !matches!(input.type_().as_str(), "checkbox" | "radio" | "button" | "range" | "file");
    }
    target.dyn_ref::<HtmlElement>().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "TEXTAREA" | "SELECT") || element.is_content_editable()
    })
}
