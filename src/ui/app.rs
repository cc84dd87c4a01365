//! The page as a whole: state, engine and layout.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    actions::Actions,
    browser,
    commands::{self, Page},
    engine_client::EngineClient,
    modules, page_api,
    panels::{
        board::BoardPanel, drop_area::DropArea, header::Header, notices::Notices, palette::Palette,
        share::ShareDialog, shortcuts::ShortcutsDialog, sources::SourcesPanel, streams::StreamDialog,
        welcome::Welcome, workbench::Workbench,
    },
    recipes::Recipes,
    state::{self, BoardState, EngineState, EngineStatus, Tables},
    texts::Spoken,
};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    state::provide();
    let spoken = Spoken::new();
    provide_context(spoken);
    let client = EngineClient::start(expect_context(), expect_context());
    provide_context(client);
    let actions = Actions::new(client);
    provide_context(actions);
    let recipes = Recipes::new(actions, client);
    provide_context(recipes);
    page_api::install(client, recipes);
    commands::listen(Page::of_context());
    warm_up_modules();
    let tables = expect_context::<Tables>();
    // Files that are missing are asked for beside the dashboard.
    let asks_for_files = Memo::new(move |_| {
        tables.needed.with(|needed| !needed.is_empty())
            || tables.failures.with(|failures| !failures.is_empty())
    });
    let working = Memo::new(move |_| {
        actions.workbench.get()
            || tables.list.with(|list| !list.is_empty())
            || tables.failures.with(|failures| !failures.is_empty())
            || tables.needed.with(|needed| !needed.is_empty())
    });
    view! {
            // Texts are put together in the language of the moment, so that another one is another page.
    <For
                each=move || [spoken.language.get()]
                key=|language| *language
                children=move |_| view! { <Layout working=working asks_for_files=asks_for_files/> }
            />
        }
}

/// What stands where.
#[component]
fn Layout(working: Memo<bool>, asks_for_files: Memo<bool>) -> impl IntoView {
    let board = expect_context::<BoardState>();
    view! {
        <div class="flex min-h-dvh flex-col lg:h-dvh">
            <Header/>
            <Notices/>
            <main class="min-h-0 grow">
                <Show when=move || working.get() fallback=|| view! { <Welcome/> }>
                    // Editor and results stay as they are while the dashboard is on screen.
                    <div
                        class="grid h-full min-h-0 grid-cols-1 lg:grid-cols-[18rem_minmax(0,1fr)]"
                        class:hidden=move || board.shown.get() && !asks_for_files.get()
                    >
                        <SourcesPanel/>
                        <div class="contents" class:hidden=move || board.shown.get()><Workbench/></div>
                        <Show when=move || board.shown.get() && asks_for_files.get()><BoardPanel/></Show>
                    </div>
                    <Show when=move || board.shown.get() && !asks_for_files.get()><BoardPanel/></Show>
                </Show>
            </main>
        </div>
        <DropArea/>
        <StreamDialog/>
        <Palette/>
        <ShortcutsDialog/>
        <ShareDialog/>
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
