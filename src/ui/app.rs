//! The page as a whole: state, engine and layout.

use leptos::prelude::*;

use crate::{
    actions::Actions,
    engine_client::EngineClient,
    panels::{builder::BuilderPanel, results::ResultPanel},
    state,
};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    state::provide();
    let client = EngineClient::start(expect_context(), expect_context());
    provide_context(client);
    provide_context(Actions::new(client));
    view! {
        <BuilderPanel/>
        <ResultPanel/>
    }
}
