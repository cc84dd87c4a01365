//! The page as a whole: state, engine and layout.

use leptos::{ev, prelude::*};
use wasm_bindgen_futures::spawn_local;

use crate::{
    actions::Actions,
    browser,
    engine_client::EngineClient,
    modules, page_api,
    panels::{
        drop_area::DropArea, header::Header, notices::Notices, sources::SourcesPanel, streams::StreamDialog,
        welcome::Welcome, workbench::Workbench,
    },
    state::{self, EngineState, EngineStatus, Tables},
};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    state::provide();
    let client = EngineClient::start(expect_context(), expect_context());
    provide_context(client);
    let actions = Actions::new(client);
    provide_context(actions);
    page_api::install(client);
    cancel_on_escape(actions);
    warm_up_modules();
    let tables = expect_context::<Tables>();
    let working = Memo::new(move |_| {
        actions.workbench.get()
            || tables.list.with(|list| !list.is_empty())
            || tables.failures.with(|failures| !failures.is_empty())
    });
    view! {
        <div class="flex min-h-dvh flex-col lg:h-dvh">
            <Header/>
            <Notices/>
            <main class="min-h-0 grow">
                <Show when=move || working.get() fallback=|| view! { <Welcome/> }>
                    <div class="grid h-full min-h-0 grid-cols-1 lg:grid-cols-[18rem_minmax(0,1fr)]">
                        <SourcesPanel/>
                        <Workbench/>
                    </div>
                </Show>
            </main>
        </div>
        <DropArea/>
        <StreamDialog/>
    }
}

/// How long the page is left to itself after the engine is there: somebody may have a file in hand.
const QUIET_MILLIS: i32 = 1_000;

/// Makes the editor and the charts ready when the engine is, so that neither is waited for later, nor takes time from
/// the first query.
fn warm_up_modules() {
    let status = expect_context::<EngineState>().status;
    let ready = Memo::new(move |_| matches!(status.get(), EngineStatus::Ready { .. }));
    Effect::new(move || {
        if ready.get() {
            spawn_local(async {
                let names = ["millrace/editor", "millrace/chart"];
                // Whoever needs a module meets the same failure and shows it.
                for name in names {
                    let _ = modules::load(name).await;
                }
                browser::sleep(QUIET_MILLIS).await;
                for name in names {
                    let _ = modules::warm_up(name).await;
                }
            });
        }
    });
}

/// Escape ends the query wherever the focus is, unless something nearer to it took the key.
fn cancel_on_escape(actions: Actions) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && !event.default_prevented() && !browser::has_open_dialog() {
            actions.cancel_query();
        }
    });
    on_cleanup(move || listener.remove());
}
