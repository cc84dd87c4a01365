//! The file or the folder of a stream: its button, and what is found out about it at once.

use leptos::prelude::*;
use millrace_protocol::FolderOrder;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::fields::Choice;
use crate::{
    engine_client::EngineClient,
    icons::{self, Icon},
    state::stream::Draft,
    streams_js::StreamsModule,
};

/// A file is looked at as a table of this name for its columns, which nobody sees.
const LOOKED_AT: &str = "millrace_stream_preview";

const ORDERS: &[(FolderOrder, &str)] =
    &[(FolderOrder::Name, n!("by their names")), (FolderOrder::Time, n!("by the time of their last change"))];

/// The file that grows.
#[component]
pub fn FileField(draft: Draft, problem: RwSignal<Option<String>>) -> impl IntoView {
    let client = expect_context::<EngineClient>();
    let on_pick = move |handle: JsValue| spawn_local(look(client, draft, handle));
    let name = move || match (draft.handle.with(Option::is_some), draft.file.get()) {
        (true, name) => name,
        (false, name) if !name.is_empty() => {
            tf!("Choose {name} once more: following it needs lasting access.", name = name)
        }
        _ => t!("No file yet. CSV or JSON lines, with its first records.").to_owned(),
    };
    view! {
        <div class="flex flex-wrap items-center gap-3 text-xs sm:col-span-4">
            <button type="button" class="btn btn-sm" data-part="pick-file" on:click=move |_| pick(draft, problem, false, on_pick)>
                <Icon path=icons::PLUS class="size-3.5"/>
                {t!("Choose the file")}
            </button>
            <span class="min-w-0 truncate" data-part="stream-file">{name}</span>
        </div>
    }
}

/// The folder that receives files, and the order in which it is read.
#[component]
pub fn FolderField(draft: Draft, problem: RwSignal<Option<String>>) -> impl IntoView {
    let name = move || match draft.handle.with(Option::is_some) {
        true => draft.file.get(),
        false => {
            t!("No folder yet. Files of CSV or JSON lines with the same columns; the first one tells them.")
                .to_owned()
        }
    };
    view! {
        <div class="flex flex-wrap items-center gap-3 text-xs sm:col-span-2">
            <button type="button" class="btn btn-sm" data-part="pick-folder" on:click=move |_| pick(draft, problem, true, |_| ())>
                <Icon path=icons::PLUS class="size-3.5"/>
                {t!("Choose the folder")}
            </button>
            <span class="min-w-0" data-part="stream-file">{name}</span>
        </div>
        <Choice label=t!("Files that come together are read") name="order" value=draft.order offered=ORDERS wide=true/>
    }
}

/// Lets a person choose a file or a folder.
fn pick(
    draft: Draft,
    problem: RwSignal<Option<String>>,
    is_folder: bool,
    on_pick: impl FnOnce(JsValue) + 'static,
) {
    spawn_local(async move {
        let picked = async {
            let module = StreamsModule::load().await?;
            if !module.can_follow() {
                let _ = problem.try_set(Some(
                    t!("This browser gives no lasting access to files, so it cannot follow them. Chrome and Edge can.").to_owned(),
                ));
                return Ok(None);
            }
            if is_folder { module.pick_folder().await } else { module.pick_file().await }
        };
        match picked.await {
            Ok(Some(handle)) => {
                let name =
                    js_sys::Reflect::get(&handle, &"name".into()).ok().and_then(|name| name.as_string());
                let _ = draft.file.try_set(name.unwrap_or_default());
                let _ = draft.handle.try_set(Some(handle.clone()));
                let _ = draft.columns.try_set(Vec::new());
                on_pick(handle);
            }
            Ok(None) => {}
            Err(refused) => _ = problem.try_set(Some(tf!("The browser refuses: {a}.", a = words(&refused)))),
        }
    });
}

/// Finds out the columns of a file for the suggestion.
async fn look(client: EngineClient, draft: Draft, handle: JsValue) {
    let file = async {
        let get: js_sys::Function = js_sys::Reflect::get(&handle, &"getFile".into())?.dyn_into()?;
        let file = JsFuture::from(get.call0(&handle)?.dyn_into::<js_sys::Promise>()?).await?;
        file.dyn_into::<File>()
    };
    // What is wrong with the file is told when the stream starts.
    let Ok(file) = file.await else { return };
    if let Ok(table) = client.add_unlisted(file, LOOKED_AT).await {
        let _ = draft.columns.try_set(table.columns);
        drop(client.remove_table(LOOKED_AT.to_owned()).await);
    }
}

/// What a browser says when it refuses.
pub fn words(refused: &JsValue) -> String {
    let message = refused.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| refused.as_string()).unwrap_or_else(|| t!("no reason was given").to_owned())
}
