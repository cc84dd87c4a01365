//! What the threads did for the page's query: a table of its stages, and a drawing of lanes over time.
//!
//! Owns: [`TimelineView`]. `lanes`, `cursor` and `words` know no browser; `canvas` draws what they decide.
//! Touches: the engine client, which is asked again and again while the query runs and the view is open,
//! and only then.

mod canvas;
mod cursor;
mod drawing;
mod lanes;
mod stage_table;
mod state;
mod words;

#[cfg(test)]
mod tests;

use leptos::prelude::*;

use self::{drawing::Drawing, stage_table::StageTable, state::TimelineState, words::summary};
use crate::icons::{self, Icon};

/// A line that opens the timeline of the page's newest query; hidden before there is one.
#[component]
pub fn TimelineView() -> impl IntoView {
    let state = TimelineState::new();
    let has_query = move || state.query.get().is_some();
    let in_short = Memo::new(move |_| {
        let shown = state.shown.get().filter(|_| state.open.get());
        shown.map_or_else(|| "What each thread did, and when".to_owned(), |shown| summary(&shown.timeline))
    });
    view! {
        <section
            class="panel shrink-0"
            class:hidden=move || !has_query()
            aria-label="Timeline"
            data-panel="timeline"
        >
            <h3>
                <button
                    type="button"
                    class="hover:bg-base-content/4 rounded-box flex w-full cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-left sm:px-4"
                    aria-expanded=move || state.open.get().to_string()
                    data-part="timeline-toggle"
                    on:click=move |_| state.open.update(|open| *open = !*open)
                >
                    <span class="inline-flex items-center gap-2 text-sm font-medium">
                        <span class=move || if state.open.get() { "transition-transform" } else { "-rotate-90 transition-transform" }>
                            <Icon path=icons::DOWN class="size-3.5"/>
                        </span>
                        "Timeline"
                    </span>
                    <span class="figures text-xs opacity-70" data-part="timeline-summary">{in_short}</span>
                </button>
            </h3>
            <Show when=move || state.open.get()>
                <div class="border-base-300 border-t">
                    <Show
                        when=move || state.shown.with(Option::is_some)
                        fallback=move || view! {
                            <p class="p-4 text-center text-sm opacity-75" role="status">
                                {move || if state.missing.get() {
                                    "There is no timeline of this query any more. Run it again."
                                } else {
                                    "Waiting for the engine…"
                                }}
                            </p>
                        }
                    >
                        <StageTable state=state/>
                        <Drawing state=state/>
                    </Show>
                </div>
            </Show>
        </section>
    }
}
