//! A benchmark that anybody can run: how fast the engine is on this machine, in this browser.
//!
//! Owns: the dialog, the steps ([`run`]) and what they found ([`report`]). Touches: the engine client and the
//! sample's generator. Its table is never listed, and gone when the dialog is.

mod report;
mod run;

use futures::{channel::oneshot, future};
use leptos::prelude::*;
use millrace_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen_futures::spawn_local;

use self::{
    report::{HEADINGS, Report},
    run::{QUERIES, Step},
};
use crate::{
    browser,
    engine_client::EngineClient,
    format,
    icons::{self, Icon},
    panels::dialog::Dialog,
    state::{EngineState, EngineStatus, QueryState},
};

/// Steps of a whole run: making the data, and each query twice.
const STEPS: f64 = 1.0 + 2.0 * QUERIES.len() as f64;

/// The benchmark's dialog. Closing it ends what runs.
#[component]
pub fn BenchmarkDialog(open: RwSignal<bool>) -> impl IntoView {
    let client = expect_context::<EngineClient>();
    let engine = expect_context::<EngineState>();
    let query = expect_context::<QueryState>();
    let step = RwSignal::new(None::<Step>);
    let report = RwSignal::new(Report::default());
    let error = RwSignal::new(None::<ErrorInfo>);
    // Dropping the sender ends the run, also when the dialog is closed.
    let running = StoredValue::new_local(None::<oneshot::Sender<()>>);
    let start = move |_| {
        let (cancel, cancelled) = oneshot::channel();
        running.set_value(Some(cancel));
        report.set(Report::default());
        error.set(None);
        step.set(Some(Step::Making(0.0)));
        spawn_local(async move {
            let work = run::run(
                client,
                move |now| _ = step.try_set(Some(now)),
                move |bytes| _ = report.try_update(|report| report.bytes = bytes),
                move |measured| _ = report.try_update(|report| report.measurements.push(measured)),
            );
            if let future::Either::Left((Err(failed), _)) = future::select(Box::pin(work), cancelled).await
                && failed.kind != ErrorKind::Cancelled
            {
                drop(error.try_set(Some(failed)));
            }
            let _ = step.try_set(None);
        });
    };
    let is_running = Memo::new(move |_| step.with(Option::is_some));
    let is_done = Memo::new(move |_| {
        !is_running.get() && report.with(|report| report.measurements.len() == 2 * QUERIES.len())
    });
    let is_free =
        Memo::new(move |_| matches!(engine.status.get(), EngineStatus::Ready { .. }) && !query.running.get());
    let share = move || step.get().map_or(0.0, done_share);
    view! {
        <Dialog open=open title=t!("Benchmark").to_owned()>
            <p class="text-base-content/70 max-w-prose pt-1 pb-4">
                {tf!("Makes {a} events, about {b} of CSV, in this tab, and asks two questions of them, each twice: over the file, and over the columns that the first run kept in memory. Nothing is sent anywhere, and the data are gone afterwards.", a = format::count(u64::from(run::rows())), b = // A row has 77 bytes on average.
                    format::bytes(u64::from(run::rows()) * 77))}
            </p>
            <div class="flex flex-wrap items-center gap-3">
                <Show
                    when=move || is_running.get()
                    fallback=move || view! {
                        <button class="btn btn-primary btn-sm" data-part="benchmark-start" disabled=move || !is_free.get() on:click=start>
                            <Icon path=icons::RUN class="size-3.5"/>
                            {move || if is_done.get() { t!("Run again") } else { t!("Run") }}
                        </button>
                    }
                >
                    <button class="btn btn-sm" data-part="benchmark-cancel" on:click=move |_| running.set_value(None)>
                        <Icon path=icons::STOP class="size-3.5"/>
                        {t!("Cancel")}
                    </button>
                </Show>
                <span class="text-base-content/70 figures text-xs" role="status" data-part="benchmark-step">
                    {move || match step.get() {
                        Some(step) => words(step),
                        None if query.running.get() => t!("A query is running; the benchmark waits for its end.").to_owned(),
                        None if !is_free.get() => t!("The engine is not ready yet.").to_owned(),
                        None => String::new(),
                    }}
                </span>
                <Show when=move || is_done.get()>
                    <CopyButton report=report/>
                </Show>
            </div>
            <div class="bg-primary/15 mt-3 h-[3px] overflow-hidden" class:invisible=move || !is_running.get()>
                <div
                    class="bg-primary h-full origin-left transition-transform duration-150 ease-linear"
                    role="progressbar"
                    aria-label=t!("Share of the benchmark that is done")
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || format!("{:.0}", share() * 100.0)
                    style:transform=move || format!("scaleX({:.4})", share())
                ></div>
            </div>
            <ReportTable report=report/>
            {move || error.get().map(|error| view! {
                <p class="text-error pt-3" role="alert">{error.message} " " {error.hint}</p>
            })}
        </Dialog>
    }
}

/// Each run as a line, as it comes.
#[component]
fn ReportTable(report: RwSignal<Report>) -> impl IntoView {
    let lines = move || {
        report.with(|report| {
            let line = |(number, cells): (usize, [String; 6])| {
                let again = number % 2 == 1;
                let cell = |(column, text): (usize, String)| {
                    view! { <td class:text-right={column > 1}>{text}</td> }
                };
                view! { <tr class:opacity-80=again>{cells.into_iter().enumerate().map(cell).collect_view()}</tr> }
            };
            report.measurements.iter().map(|m| m.cells(report.bytes)).enumerate().map(line).collect_view()
        })
    };
    let heading = |(column, text): (usize, &'static str)| {
        view! { <th class:text-right={column > 1}>{text}</th> }
    };
    view! {
        <div class="overflow-x-auto" class:hidden=move || report.with(|report| report.measurements.is_empty())>
            <table class="figures table-sm mt-1 table text-xs whitespace-nowrap [&_th]:text-xs [&_th]:font-medium" data-part="benchmark-report">
                <thead><tr>{HEADINGS.into_iter().enumerate().map(heading).collect_view()}</tr></thead>
                <tbody>{lines}</tbody>
            </table>
            <p class="text-base-content/70 pt-2 text-xs">
                {move || report.with(Report::subject)}
                {t!(". Runs from memory are rated by the bytes that they spare.")}
            </p>
        </div>
    }
}

/// Puts the report into the clipboard.
#[component]
fn CopyButton(report: RwSignal<Report>) -> impl IntoView {
    let engine = expect_context::<EngineState>();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let version = match engine.status.get_untracked() {
            EngineStatus::Ready { version, .. } => tf!("Millrace {version}", version = version),
            _ => "Millrace".to_owned(),
        };
        let browser = web_sys::window().and_then(|window| window.navigator().user_agent().ok());
        let text = report.with_untracked(|report| report.markdown(&version, &browser.unwrap_or_default()));
        spawn_local(async move {
            browser::copy(&text).await;
            let _ = copied.try_set(true);
        });
    };
    view! {
        <button class="btn btn-sm ml-auto" data-part="benchmark-copy" on:click=copy>
            {move || if copied.get() { t!("Copied") } else { t!("Copy as Markdown") }}
        </button>
    }
}

fn words(step: Step) -> String {
    match step {
        Step::Making(share) => tf!("making the data · {a}", a = format::percent(share)),
        Step::Running(number, again, share) => {
            let from = if again { t!("again") } else { t!("from the file") };
            format!("{} · {from} · {}", QUERIES[number].label, format::percent(share))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
fn done_share(step: Step) -> f64 {
    match step {
        Step::Making(share) => share / STEPS,
        Step::Running(number, again, share) => {
            (1.0 + 2.0 * number as f64 + f64::from(u8::from(again)) + share) / STEPS
        }
    }
}
