//! How much of the tables is kept in memory, and the way to give it back.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{engine_client::EngineClient, format, state::Tables};

/// One line below the tables; nothing while nothing is kept.
#[component]
pub fn KeptColumns() -> impl IntoView {
    let tables = expect_context::<Tables>();
    let client = expect_context::<EngineClient>();
    let clear = move |_| {
        spawn_local(async move {
            // Without an engine nothing is kept any more, and the page says that the engine was lost.
            if client.cached(true).await.is_err() {
                tables.cache.set(Default::default());
            }
        });
    };
    view! {
        <Show when=move || { tables.cache.with(|cache| cache.bytes > 0) }>
            <div
                class="text-base-content/60 border-base-content/10 flex shrink-0 items-center justify-between gap-2 border-t py-1 pr-2 pl-4 text-xs"
                data-kept-columns
            >
                <span
                    class="figures truncate"
                    title=move || tables.cache.with(|cache| format!(
                        "Columns that queries have read stay in memory, up to {}, so that the next query need not read the file again.",
                        format::bytes(cache.limit_bytes)
                    ))
                >
                    {move || tables.cache.with(|cache| {
                        let noun = if cache.columns.len() == 1 { "column" } else { "columns" };
                        format!("{} {noun} in memory · {}", cache.columns.len(), format::bytes(cache.bytes))
                    })}
                </span>
                <button class="quiet-button" on:click=clear>"Forget"</button>
            </div>
        </Show>
    }
}
