//! What this page is, for those who ask.

use leptos::prelude::*;

use crate::{
    panels::dialog::Dialog,
    state::{EngineState, EngineStatus},
};

/// A few words about the project and the engine that runs.
#[component]
pub fn AboutDialog(open: RwSignal<bool>) -> impl IntoView {
    let engine = expect_context::<EngineState>();
    let version = move || match engine.status.get() {
        EngineStatus::Ready { version, threads } => {
            tf!("Version {version}, {threads} threads.", version = version, threads = threads)
        }
        _ => String::new(),
    };
    view! {
        <Dialog open=open title=t!("About Millrace").to_owned()>
            <div class="text-base-content/80 max-w-prose space-y-3 pt-1">
                <p>
                    "SQL over big CSV, JSON lines, Parquet and text files, in this tab, on all cores. The engine is Rust compiled to WebAssembly with \
                     threads and SIMD, built on Apache Arrow and DataFusion."
                </p>
                <p>
                    "Files stay where they are. The page may only connect to the site that it came from, which the \
                     browser enforces, and it works without a network once it has been loaded."
                </p>
                <p>
                    {t!("Scripts can use it too: ")} <code class="text-xs">{"await millrace.query(sql)"}</code>
                    {t!(" in the console gives rows.")}
                </p>
                <p class="text-base-content/70 figures text-xs">{version} {t!(" MIT or Apache-2.0, at your choice.")}</p>
            </div>
        </Dialog>
    }
}
