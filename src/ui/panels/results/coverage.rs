//! How much of the data a result covers.

use leptos::prelude::*;

use crate::{
    format,
    state::{Estimating, QueryState, StreamState},
};

/// What the mark of an estimate means.
const ESTIMATED: &str =
    n!("Values with ≈ are estimates of what the whole input will give, each with its 95 % \
                         interval. The others are what was read so far.");

/// Says of the newest result whether it is exact, partial and how partial, or estimated and from how much.
#[component]
pub fn Coverage() -> impl IntoView {
    let query: QueryState = expect_context();
    let estimating: Estimating = expect_context();
    let fraction = Memo::new(move |_| query.result.with(|result| result.as_ref().map(|r| r.fraction)));
    let stream: StreamState = expect_context();
    let is_stream = Memo::new(move |_| stream.id.get().is_some_and(|id| query.id.get() == Some(id)));
    let stopped = Memo::new(move |_| !query.running.get());
    view! {
        {move || {
            fraction
                .get()
                .map(|fraction| {
                    if is_stream.get() {
                        let words = if stopped.get() { t!("as it was given") } else { t!("live") };
                        view! {
                            <span
                                class="badge badge-sm badge-info badge-soft whitespace-nowrap"
                                data-coverage="stream"
                                title=t!("The newest rows of a stream: 100,000 at most in the modes append and update.")
                            >
                                {words}
                            </span>
                        }
                            .into_any()
                    } else if fraction >= 1.0 {
                        view! {
                            <span class="badge badge-sm badge-success badge-soft" data-coverage="exact">
                                {t!("exact")}
                            </span>
                        }
                            .into_any()
                    } else {
                        let title = match (stopped.get(), estimating.shown.get()) {
                            (true, false) => t!("The query ended before it had read everything."),
                            (false, false) => t!("The query is still running; the numbers will change."),
                            (_, true) => crate::texts::text(ESTIMATED),
                        };
                        let share = format::percent(fraction);
                        let words = if estimating.shown.get() {
                            tf!("estimated from {share} of the data", share = share)
                        } else {
                            tf!("partial: covers {share} of the data", share = share)
                        };
                        view! {
                            <span
                                class="badge badge-sm badge-warning badge-soft tabular-nums whitespace-nowrap"
                                data-coverage="partial"
                                title=title
                            >
                                {words}
                            </span>
                        }
                            .into_any()
                    }
                })
        }}
    }
}
