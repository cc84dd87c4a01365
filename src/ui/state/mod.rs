//! What the page knows, as signals.
//!
//! Owns: one `Copy` struct of signals for each concern, put into Leptos' context by [`provide`] and
//! read with `expect_context`.
//! Touches: the protocol's types. No messages are posted here; [`crate::actions`] joins state and
//! engine.

pub mod board;
pub mod charting;
pub mod dialogs;
pub mod engine;
pub mod estimating;
pub mod query;
pub mod saving;
pub mod stream;
pub mod tables;
pub mod tabs;
pub mod theme;

use leptos::prelude::provide_context;

pub use board::BoardState;
pub use charting::Charting;
pub use dialogs::Dialogs;
pub use engine::{EngineState, EngineStatus};
pub use estimating::Estimating;
pub use query::QueryState;
pub use saving::Saving;
pub use stream::StreamState;
pub use tables::{Tables, alike, common_name};
pub use tabs::{Aside, Tab, TabId, Tabs};
pub use theme::Theme;

/// Creates all state and puts it into the context of the current owner.
pub fn provide() {
    provide_context(BoardState::new());
    provide_context(Charting::new());
    provide_context(EngineState::new());
    provide_context(Tables::new());
    let query = QueryState::new();
    provide_context(query);
    provide_context(Tabs::new());
    provide_context(Saving::new());
    provide_context(Dialogs::new());
    provide_context(Estimating::new(query));
    provide_context(StreamState::new());
    provide_context(Theme::new());
}
