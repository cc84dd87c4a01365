//! How much of the tables is kept in memory and on disk, the choice of the latter, and the way to give it
//! back.

use leptos::prelude::*;
use millrace_protocol::{CacheInfo, DiskCacheInfo};
use wasm_bindgen_futures::spawn_local;

use crate::{disk_cache, engine_client::EngineClient, format, state::Tables};

/// A line or two below the tables; nothing while nothing is kept nor wanted on disk.
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
        <Show when=move || tables.cache.with(is_shown)>
            <div
                class="text-base-content/70 border-base-content/10 shrink-0 border-t py-1 pr-2 pl-4 text-xs"
                data-kept-columns
            >
                <div class="flex items-center justify-between gap-2">
                    <span
                        class="figures truncate"
                        title=move || tables.cache.with(|cache| tf!("Columns that queries have read stay in memory, up to {a}, so that the next query need not read the file again.", a = format::bytes(cache.limit_bytes)))
                    >
                        {move || tables.cache.with(kept_text)}
                    </span>
                    <button class="quiet-button" on:click=clear>{t!("Forget")}</button>
                </div>
                <Show when=move || tables.cache.with(|cache| cache.disk.is_some())>
                    <DiskChoice/>
                </Show>
            </div>
        </Show>
    }
}

/// Switches keeping on disk on and off, and says why it ended by itself.
#[component]
fn DiskChoice() -> impl IntoView {
    let tables = expect_context::<Tables>();
    let client = expect_context::<EngineClient>();
    let of_disk =
        move |of: fn(&DiskCacheInfo) -> bool| tables.cache.with(|cache| cache.disk.as_ref().is_some_and(of));
    let failure = move || tables.cache.with(|cache| cache.disk.as_ref()?.failure.clone());
    let choose = move |wanted| {
        let disk_bytes = disk_cache::choose(wanted);
        // Without an engine nobody keeps anything; the next one starts with the choice.
        spawn_local(async move { drop(client.set_cache(disk_bytes).await) });
    };
    view! {
        <label
            class="quiet-button -ml-2"
            title=t!("Columns that find no room in memory go to private files of this browser, which are deleted when the tab is closed.")
            data-part="keep-on-disk"
        >
            <input
                type="checkbox"
                class="toggle toggle-xs toggle-primary"
                prop:checked=move || of_disk(|disk| disk.limit_bytes > 0)
                prop:disabled=move || of_disk(|disk| disk.failure.is_some())
                on:change=move |event| choose(event_target_checked(&event))
            />
            {t!("Keep more on disk")}
        </label>
        {move || failure().map(|failure| view! {
            <p class="text-warning pb-1" role="status">{tf!("Columns are no longer kept on disk: {failure}.", failure = failure)}</p>
        })}
    }
}

fn is_shown(cache: &CacheInfo) -> bool {
    let of_disk = |disk: &DiskCacheInfo| disk.bytes > 0 || disk.limit_bytes > 0 || disk.failure.is_some();
    cache.bytes > 0 || cache.disk.as_ref().is_some_and(of_disk)
}

/// `3 columns · 80 MB in memory · 640 MB on disk`.
fn kept_text(cache: &CacheInfo) -> String {
    let noun = if cache.columns.len() == 1 { t!("column") } else { t!("columns") };
    let mut text = tf!(
        "{a} {noun} · {b} in memory",
        a = cache.columns.len(),
        noun = noun,
        b = format::bytes(cache.bytes)
    );
    let on_disk = cache.disk.as_ref().map_or(0, |disk| disk.bytes);
    if on_disk > 0 {
        text += &tf!(" · {a} on disk", a = format::bytes(on_disk));
    }
    text
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_is_kept_is_told_by_place() {
        let cache = CacheInfo { bytes: 2_000_000, ..CacheInfo::default() };
        assert!(is_shown(&cache) && !kept_text(&cache).contains("disk"));
        let disk = DiskCacheInfo { bytes: 5_000_000, ..DiskCacheInfo::default() };
        let cache = CacheInfo { disk: Some(disk), ..CacheInfo::default() };
        assert!(is_shown(&cache) && kept_text(&cache).contains(" in memory · "));
        assert!(!is_shown(&CacheInfo { disk: Some(DiskCacheInfo::default()), ..CacheInfo::default() }));
    }
}
