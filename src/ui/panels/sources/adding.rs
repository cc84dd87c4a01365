//! A file that is being looked at, and how far that is.

use leptos::prelude::*;
use millrace_protocol::AddProgress;

use crate::{format, state::Tables};

/// Says so, with a bar when it takes long: some formats are read whole before they are tables.
#[component]
pub(super) fn Adding(name: String) -> impl IntoView {
    let tables = expect_context::<Tables>();
    let of_file = name.clone();
    let progress = Memo::new(move |_| {
        tables.adding_progress.with(|all| {
            all.iter().map(|(_, progress)| progress).find(|progress| progress.file == of_file).cloned()
        })
    });
    view! {
        <div class="panel text-base-content/70 flex flex-col gap-1.5 p-3 text-xs" role="status" data-part="adding">
            <div class="flex items-center gap-2">
                <span class="loading loading-spinner loading-xs text-primary"></span>
                <span class="truncate">{t!("Looking at ")} {name}</span>
            </div>
            {move || progress.get().map(|progress| view! {
                <progress class="progress progress-primary h-1 w-full" aria-label=t!("Read so far") max="1" value=fraction(&progress)></progress>
                <span class="figures">{told(&progress)}</span>
            })}
        </div>
    }
}

fn fraction(progress: &AddProgress) -> f64 {
    progress.bytes_read as f64 / progress.bytes_total.max(1) as f64
}

fn told(progress: &AddProgress) -> String {
    let AddProgress { bytes_read, bytes_total, threads_busy, threads, .. } = progress;
    let read = match bytes_read < bytes_total {
        true => tf!("{a} of {b} read", a = format::bytes(*bytes_read), b = format::bytes(*bytes_total)),
        false => tf!("all {a} read", a = format::bytes(*bytes_total)),
    };
    tf!(
        "{read} · {threads_busy} of {threads} threads at work",
        read = read,
        threads_busy = threads_busy,
        threads = threads
    )
}
