//! How much of the data a result covers.

use leptos::prelude::*;

use crate::{format, state::QueryState};

/// Says of the newest result whether it is exact or partial, and how partial.
#[component]
pub fn Coverage() -> impl IntoView {
    let query: QueryState = expect_context();
    let fraction = Memo::new(move |_| query.result.with(|result| result.as_ref().map(|r| r.fraction)));
    let stopped = Memo::new(move |_| !query.running.get());
    view! {
        {move || {
            fraction
                .get()
                .map(|fraction| {
                    if fraction >= 1.0 {
                        view! {
                            <span class="badge badge-sm badge-success badge-soft" data-coverage="exact">
                                "exact"
                            </span>
                        }
                            .into_any()
                    } else {
                        let title = if stopped.get() {
                            "The query ended before it had read everything."
                        } else {
                            "The query is still running; the numbers will change."
                        };
                        view! {
                            <span
                                class="badge badge-sm badge-warning badge-soft tabular-nums whitespace-nowrap"
                                data-coverage="partial"
                                title=title
                            >
                                {format!("partial: covers {} of the data", format::percent(fraction))}
                            </span>
                        }
                            .into_any()
                    }
                })
        }}
    }
}
