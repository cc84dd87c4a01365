//! Editor, builder, run bar and result, and how they share the room.

use leptos::prelude::*;

use crate::{
    actions::Actions,
    icons::{self, Icon},
    panels::{
        builder::BuilderPanel, editor::EditorPanel, error_card::ErrorCard, results::ResultPanel,
        run_bar::RunBar, streams::StreamPanel, tab_bar::TabBar,
    },
    state::QueryState,
};

/// Everything to the right of the tables.
#[component]
pub fn Workbench() -> impl IntoView {
    // On narrow screens editor and builder take turns; on wide ones both are there.
    let building = RwSignal::new(false);
    view! {
        <div class="flex min-h-0 min-w-0 flex-col gap-3 p-3 lg:overflow-y-auto lg:pl-0">
            <div class="panel flex shrink-0 flex-col overflow-hidden" data-panel="query">
                <TabBar/>
                <div class="border-base-300 flex h-9 items-center gap-1 border-b px-2 xl:hidden" role="tablist" aria-label=t!("Query")>
                    <Tab label=t!("SQL") icon=icons::CODE selected=Signal::derive(move || !building.get()) on_select=move || building.set(false)/>
                    <Tab label=t!("Builder") icon=icons::SLIDERS selected=building on_select=move || building.set(true)/>
                </div>
                <div class="flex h-72 min-h-40 resize-y overflow-hidden">
                    <div class="min-w-0 grow xl:flex" class:flex=move || !building.get() class:hidden=move || building.get()>
                        <EditorPanel/>
                    </div>
                    <div
                        class="border-base-300 min-w-0 overflow-y-auto xl:block xl:w-96 xl:shrink-0 xl:border-l"
                        class:hidden=move || !building.get()
                        class:grow=move || building.get()
                    >
                        <BuilderPanel/>
                    </div>
                </div>
                <RunBar/>
            </div>
            <RunError/>
            <StreamPanel/>
            <NoResult/>
            <ResultPanel/>
        </div>
    }
}

/// Holds the place of the result until there is one.
#[component]
fn NoResult() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let empty = Memo::new(move |_| query.result.with(Option::is_none) && query.error.with(Option::is_none));
    view! {
        <Show when=move || empty.get()>
            <div class="border-base-300 rounded-box text-base-content/70 grid min-h-56 grow place-items-center border border-dashed p-6 text-center">
                <Show
                    when=move || query.running.get()
                    fallback=|| view! {
                        <p class="flex flex-col items-center gap-3">
                            <Icon path=icons::CHART class="size-8"/>
                            <span>
                                {t!("Run the query to see a chart and a table. ")}
                                <span class="hidden whitespace-nowrap sm:inline">
                                    <kbd class="key">{t!("Ctrl")}</kbd> " " <kbd class="key">{t!("Enter")}</kbd>
                                </span>
                            </span>
                        </p>
                    }
                >
                    <p class="flex flex-col items-center gap-3" role="status">
                        <span class="loading loading-bars loading-md text-primary"></span>
                        {t!("The first numbers are on their way.")}
                    </p>
                </Show>
            </div>
        </Show>
    }
}

#[component]
fn Tab(
    label: &'static str,
    icon: &'static str,
    #[prop(into)] selected: Signal<bool>,
    #[prop(into)] on_select: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            role="tab"
            aria-selected=move || selected.get().to_string()
            class="quiet-button aria-selected:text-primary aria-selected:bg-primary/10 font-medium"
            on:click=move |_| on_select.run(())
        >
            <Icon path=icon class="size-3.5"/>
            {label}
        </button>
    }
}

/// Why the last run failed.
#[component]
fn RunError() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let actions = expect_context::<Actions>();
    move || {
        query.error.get().map(|error| {
            let fixable = error.clone();
            let fix = move || crate::error_text::fix(&fixable).filter(|_| query.error_is_current());
            let failed = error.clone();
            view! {
                <ErrorCard error=error on_close=move || query.error.set(None)>
                    {move || fix().map(|fix| {
                        let failed = failed.clone();
                        view! {
                            <button
                                class="btn btn-primary btn-sm"
                                on:click=move |_| {
                                    actions.fix(&failed);
                                    actions.run();
                                }
                            >
                                {tf!("Use {fix} and run", fix = fix)}
                            </button>
                        }
                    })}
                    <button class="btn btn-sm" on:click=move |_| actions.run()>{t!("Run again")}</button>
                </ErrorCard>
            }
        })
    }
}
