//! What concerns the page as a whole: no engine, or an engine that was replaced.

use leptos::prelude::*;

use crate::{
    engine_client::EngineClient,
    panels::error_card::ErrorCard,
    recipes::Recipes,
    state::{EngineState, EngineStatus, QueryState},
};

/// Cards above everything else; nothing while all is well.
#[component]
pub fn Notices() -> impl IntoView {
    let engine = expect_context::<EngineState>();
    let client = expect_context::<EngineClient>();
    let impossible = Memo::new(move |_| match engine.status.get() {
        EngineStatus::Impossible(error) => Some(error),
        _ => None,
    });
    let query = expect_context::<QueryState>();
    // A query that was lost with the engine tells the same where the query is.
    let notice =
        Memo::new(move |_| engine.notice.get().filter(|lost| query.error.get().as_ref() != Some(lost)));
    let recipes = expect_context::<Recipes>();
    let problem = recipes.problem;
    let shown = move || {
        problem.with(Option::is_some) || impossible.with(Option::is_some) || notice.with(Option::is_some)
    };
    view! {
        <Show when=shown>
            <div class="flex flex-col gap-2 px-3 pt-3" data-panel="notices">
                {move || match impossible.get() {
                    Some(error) => view! {
                        <ErrorCard error=error subject=t!("No engine")>
                            <button class="btn btn-sm btn-primary" on:click=move |_| client.retry()>{t!("Try again")}</button>
                        </ErrorCard>
                    }.into_any(),
                    None => notice.get().map(|error| view! {
                        <ErrorCard
                            error=error
                            subject=t!("The engine was replaced")
                            on_close=move || engine.notice.set(None)
                        />
                    }).into_any(),
                }}
                {move || problem.get().map(|(subject, error)| view! {
                    <ErrorCard error=error subject=subject on_close=move || problem.set(None)/>
                })}
            </div>
        </Show>
    }
}
