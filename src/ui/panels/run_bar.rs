//! Run and cancel, and how far the query is.

use leptos::prelude::*;
use millrace_protocol::{Progress, QueryStats};

use crate::{
    actions::Actions,
    format,
    icons::{self, Icon},
    panels::bad_rows::{BadRowsButton, RowsWithoutTime},
    state::{EngineState, EngineStatus, Estimating, QueryState, StreamState},
};

/// Before this much of a run an estimate of the rest is noise.
const ESTIMATE_AFTER_MILLIS: f64 = 400.0;

/// The bar between editor and result. Its height never changes.
#[component]
pub fn RunBar() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let engine = expect_context::<EngineState>();
    let actions = expect_context::<Actions>();
    let stream = expect_context::<StreamState>();
    let is_stream = Memo::new(move |_| stream.id.with(Option::is_some));
    let share = Memo::new(move |_| query.progress.with(|progress| progress.as_ref().map_or(0.0, fraction)));
    let waiting = move || query.running.get() && !matches!(engine.status.get(), EngineStatus::Ready { .. });
    let words = move || {
        if waiting() {
            return t!("waiting for the engine").to_owned();
        }
        if is_stream.get() {
            return if query.running.get() { t!("a stream runs") } else { t!("the stream has ended") }
                .to_owned();
        }
        if query.running.get() {
            return query.progress.with(|progress| match progress {
                Some(progress) => progress_text(progress),
                None => t!("starting").to_owned(),
            });
        }
        match query.stats.get() {
            Some(stats) => stats_text(&stats),
            None if query.cancelled.get() => {
                query.progress.with(|progress| cancelled_text(progress.as_ref()))
            }
            None => String::new(),
        }
    };
    // Told to screen readers: beginning and end, not every percent.
    let announced = Memo::new(move |_| match (query.running.get(), query.stats.get()) {
        (true, _) => t!("The query runs").to_owned(),
        (false, Some(stats)) => tf!("Done: {a}", a = stats_text(&stats)),
        (false, None) => String::new(),
    });
    view! {
        <div class="border-base-300 relative flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-t px-2.5 py-1.5 sm:h-11 sm:flex-nowrap" data-panel="run-bar">
            <Show
                when=move || query.running.get()
                fallback=move || view! {
                    <button
                        class="btn btn-primary btn-sm w-24"
                        data-part="run"
                        disabled=move || query.sql.with(|sql| sql.trim().is_empty())
                        title=t!("Ctrl+Enter")
                        on:click=move |_| actions.run()
                    >
                        <Icon path=icons::RUN class="size-3.5"/>
                        {t!("Run")}
                    </button>
                }
            >
                <button
                    class="btn btn-sm w-24"
                    data-part="cancel"
                    title=t!("Esc")
                    on:click=move |_| {
                        actions.cancel();
                    }
                >
                    <Icon path=icons::STOP class="size-3.5"/>
                    {t!("Cancel")}
                </button>
            </Show>
            <span class="order-last flex h-6 min-w-0 basis-full items-center gap-2 text-xs sm:order-none sm:grow sm:basis-0">
                <Label/>
                <span
                    class="text-base-content/70 figures min-w-0 truncate"
                    data-part="run-status"
                    title=words
                >
                    {words}
                </span>
            </span>
            <span class="sr-only" role="status">{announced}</span>
            <EstimateToggle/>
            <BadRowsButton/>
            <RowsWithoutTime/>
            <span class="text-base-content/70 text-2xs hidden shrink-0 items-center gap-1 lg:inline-flex">
                <Show
                    when=move || query.running.get() && !is_stream.get()
                    fallback=|| view! { <kbd class="key">{t!("Ctrl")}</kbd> <kbd class="key">{t!("Enter")}</kbd> }
                >
                    <kbd class="key">{t!("Esc")}</kbd>
                </Show>
            </span>
            <Show when=move || query.running.get() && !is_stream.get()>
                <div
                    class="bg-primary/15 absolute inset-x-0 -bottom-px h-[3px] overflow-hidden"
                    role="progressbar"
                    aria-label=t!("Share of the input that was read")
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || format!("{:.0}", share.get() * 100.0)
                >
                    <div
                        class="bg-primary h-full origin-left transition-transform duration-150 ease-linear"
                        style:transform=move || format!("scaleX({:.4})", share.get())
                    ></div>
                </div>
            </Show>
        </div>
    }
}

/// Whether the result on screen is partial or exact.
#[component]
fn Label() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let stream = expect_context::<StreamState>();
    let label = Memo::new(move |_| {
        if stream.id.with(Option::is_some) {
            return None;
        }
        let fraction = query.result.with(|result| result.as_ref().map(|result| result.fraction))?;
        let current = !query.running.get() || query.id.get() == query.running_id.get();
        (current && query.error.with(Option::is_none)).then(|| match fraction >= 1.0 {
            true => (t!("exact").to_owned(), "text-success bg-success/12"),
            false => (tf!("covers {a}", a = format::percent(fraction)), "text-accent bg-accent/12"),
        })
    });
    move || {
        label.get().map(|(text, colour)| {
            view! {
                <span
                    class=format!("rounded-selector figures shrink-0 px-1.5 py-0.5 font-medium {colour}")
                    data-part="coverage"
                >
                    {text}
                </span>
            }
        })
    }
}

/// Switches between values so far and estimated final ones, where there is a choice.
#[component]
fn EstimateToggle() -> impl IntoView {
    let estimating = expect_context::<Estimating>();
    view! {
        <Show when=move || estimating.possible.get()>
            <label
                class="quiet-button appear ml-auto shrink-0 whitespace-nowrap sm:ml-0"
                title=t!("Show what counts, sums and averages will be when everything is read, as far as the part read so far can tell, each with the interval that holds the exact value in 95 of 100 cases. Off: the values counted so far.")
                data-part="estimate"
            >
                <input
                    type="checkbox"
                    class="toggle toggle-xs toggle-primary"
                    prop:checked=move || estimating.wanted.get()
                    on:change=move |event| estimating.choose(event_target_checked(&event))
                />
                {t!("Estimate final values")}
            </label>
        </Show>
    }
}

/// `412 MB of 957 MB · 43 % · 6.9 M rows/s · 0.8 s left · 2 threads`.
fn progress_text(progress: &Progress) -> String {
    let mut parts = Vec::new();
    let share = fraction(progress);
    if progress.bytes_total > 0 {
        parts.push(tf!(
            "{a} of {b}",
            a = format::bytes(progress.bytes_done),
            b = format::bytes(progress.bytes_total)
        ));
        parts.push(format::percent(share));
    }
    if share >= 1.0 && !progress.phase.is_empty() {
        parts.push(progress.phase.clone());
    }
    if progress.elapsed_millis >= ESTIMATE_AFTER_MILLIS && share < 1.0 {
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        let rows_per_second = progress.rows_read as f64 / progress.elapsed_millis * 1000.0;
        parts.push(tf!("{a} rows/s", a = format::short(rows_per_second)));
        if share > 0.02 {
            let left_millis = progress.elapsed_millis * (1.0 - share) / share;
            parts.push(tf!("{a} left", a = format::duration(left_millis.max(100.0))));
        }
    }
    if progress.threads_busy > 0 {
        let noun = if progress.threads_busy == 1 { t!("thread") } else { t!("threads") };
        parts.push(tf!("{a} {noun} busy", a = progress.threads_busy, noun = noun));
    }
    if progress.restarted {
        parts.push(t!("began again, because a quote spans splits").to_owned());
    }
    parts.join(" · ")
}

/// `13,000,000 rows · 957 MB in 1.9 s`.
fn stats_text(stats: &QueryStats) -> String {
    let time = format::duration(stats.elapsed_millis);
    if stats.rows_read == 0 && stats.bytes_read == 0 {
        return tf!("in {time}", time = time);
    }
    let noun = if stats.rows_read == 1 { t!("row") } else { t!("rows") };
    let mut text = format!("{} {noun} ", format::count(stats.rows_read));
    text += &match stats.bytes_read {
        0 => tf!("from memory in {time}", time = time),
        bytes => tf!("· {a} in {time}", a = format::bytes(bytes), time = time),
    };
    if stats.spilled_bytes > 0 {
        text += &tf!(" · {a} put aside on disk meanwhile", a = format::bytes(stats.spilled_bytes));
    }
    text
}

/// `cancelled after 412 MB of 957 MB`.
fn cancelled_text(progress: Option<&Progress>) -> String {
    match progress {
        Some(Progress { bytes_done, bytes_total, .. }) if *bytes_total > 0 => {
            tf!("cancelled after {a} of {b}", a = format::bytes(*bytes_done), b = format::bytes(*bytes_total))
        }
        _ => t!("cancelled").to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of a bar")]
fn fraction(progress: &Progress) -> f64 {
    if progress.bytes_total == 0 {
        return 0.0;
    }
    (progress.bytes_done as f64 / progress.bytes_total as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn progress_says_rate_and_time_left() {
        let progress = Progress {
            bytes_done: 412_000_000,
            bytes_total: 957_000_000,
            rows_read: 5_600_000,
            threads_busy: 2,
            elapsed_millis: 800.0,
            ..Progress::default()
        };
        assert_eq!(
            progress_text(&progress),
            "412 MB of 957 MB · 43 % · 7.00 M rows/s · 1.1 s left · 2 threads busy"
        );
    }

    #[wasm_bindgen_test]
    fn early_progress_makes_no_promise() {
        let progress =
            Progress { bytes_done: 1, bytes_total: 100, elapsed_millis: 20.0, ..Progress::default() };
        assert_eq!(progress_text(&progress), "1 B of 100 B · 1 %");
    }

    #[wasm_bindgen_test]
    fn end_says_what_was_read() {
        let stats = QueryStats {
            bytes_read: 957_000_000,
            rows_read: 13_000_000,
            elapsed_millis: 1_900.0,
            ..QueryStats::default()
        };
        assert_eq!(stats_text(&stats), "13,000,000 rows · 957 MB in 1.9 s");
        let again = QueryStats { bytes_read: 0, ..stats };
        assert_eq!(stats_text(&again), "13,000,000 rows from memory in 1.9 s");
        let spilled = QueryStats { spilled_bytes: 89_000_000, ..again };
        assert_eq!(
            stats_text(&spilled),
            "13,000,000 rows from memory in 1.9 s · 89.0 MB put aside on disk meanwhile"
        );
        assert_eq!(stats_text(&QueryStats { elapsed_millis: 3.0, ..QueryStats::default() }), "in 3 ms");
    }
}
