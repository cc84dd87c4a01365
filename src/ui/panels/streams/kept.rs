//! Streams of earlier visits, which can go on.

use leptos::prelude::*;
use millrace_protocol::{StreamSourceKind, StreamSpec};
use wasm_bindgen_futures::spawn_local;

use crate::{
    actions::Actions,
    engine_client::EngineClient,
    format,
    icons::{self, Icon},
    streams_js::{KeptStream, StreamsModule},
};

/// What is kept, with buttons to go on and to remove; nothing when nothing is.
#[component]
pub fn KeptStreams() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let client = expect_context::<EngineClient>();
    let kept = RwSignal::new_local(Vec::<KeptStream>::new());
    let problem = RwSignal::new(None::<String>);
    let read = move || {
        spawn_local(async move {
            // A browser that keeps nothing has nothing to go on with.
            if let Ok(found) = async { StreamsModule::load().await?.kept().await }.await {
                let _ = kept.try_set(found);
            }
        });
    };
    read();
    let remove = move |name: String| {
        spawn_local(async move {
            match client.drop_checkpoint(name.clone()).await {
                Ok(()) => {
                    // What stays here is offered again, and can be removed again.
                    let _ = async { StreamsModule::load().await?.drop(&name).await }.await;
                    read();
                }
                Err(error) => _ = problem.try_set(Some(error.message)),
            }
        });
    };
    view! {
        <Show when=move || kept.with(|kept| !kept.is_empty())>
            <section class="border-base-300 mb-4 rounded-field border p-3" data-part="kept-streams">
                <h3 class="text-xs font-medium">{t!("Go on where a stream was stopped")}</h3>
                <ul class="mt-2 flex max-h-40 flex-col gap-1 overflow-y-auto">
                    {move || kept.get().into_iter().map(|stream| {
                        let name = stream.name();
                        let words = words(&stream);
                        let go_on = stream.clone();
                        view! {
                            <li class="flex items-center gap-2 text-xs">
                                <span class="min-w-0 grow truncate" title=words.clone()>{words.clone()}</span>
                                <button class="btn btn-xs" data-part="go-on" on:click=move |_| actions.resume_kept(go_on.clone())>
                                    <Icon path=icons::RUN class="size-3"/>
                                    {t!("Go on")}
                                </button>
                                <button
                                    class="icon-button hover:text-error size-7"
                                    aria-label=tf!("Remove what is kept of {words}", words = words)
                                    on:click=move |_| remove(name.clone())
                                >
                                    <Icon path=icons::REMOVE class="size-3.5"/>
                                </button>
                            </li>
                        }
                    }).collect_view()}
                </ul>
                <p class="text-error pt-1 text-xs empty:hidden" role="alert">{move || problem.get()}</p>
            </section>
        </Show>
    }
}

/// `app.log · 3 min ago · SELECT …`.
fn words(kept: &KeptStream) -> String {
    let spec = serde_json::from_str::<StreamSpec>(&kept.spec()).ok();
    let source = spec.as_ref().and_then(|spec| spec.sources.first());
    let source = match source.map(|source| &source.kind) {
        Some(StreamSourceKind::File { name } | StreamSourceKind::Folder { name, .. }) => name.clone(),
        Some(StreamSourceKind::Generator { .. }) => t!("generated rows").to_owned(),
        Some(StreamSourceKind::Socket { url } | StreamSourceKind::Events { url }) => url.clone(),
        None => t!("a stream").to_owned(),
    };
    let ago = format::duration((js_sys::Date::now() - kept.millis()).max(0.0));
    let sql = spec.map(|spec| spec.sql.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
    tf!("{source} · started {ago} ago · {sql}", source = source, ago = ago, sql = sql)
}
