//! Work as a link or a file, and what is in it.

use leptos::prelude::*;
use millrace_protocol::ErrorInfo;
use wasm_bindgen_futures::spawn_local;

use crate::{
    browser, format,
    panels::{dialog::Dialog, error_card::ErrorCard},
    recipes::Recipes,
    state::Dialogs,
};

/// Links that are longer are cut by some programs.
const LONG_LINK: usize = 8_000;

/// Shown while `Dialogs::share` is.
#[component]
pub fn ShareDialog() -> impl IntoView {
    let open = expect_context::<Dialogs>().share;
    view! {
        <Show when=move || open.get()>
            <Dialog open=open title=t!("Share this work").to_owned()>
                <Share/>
            </Dialog>
        </Show>
    }
}

#[component]
fn Share() -> impl IntoView {
    let recipes = expect_context::<Recipes>();
    let link = RwSignal::new(None::<Result<String, ErrorInfo>>);
    let copied = RwSignal::new(None::<bool>);
    spawn_local(async move {
        let made = recipes.link().await;
        // The dialog may have been closed meanwhile.
        drop(link.try_set(Some(made)));
    });
    let copy = move |text: String| {
        spawn_local(async move {
            let done = browser::try_copy(&text).await.is_ok();
            let _ = copied.try_set(Some(done));
        });
    };
    let words = move || match copied.get() {
        Some(true) => t!("Copied"),
        Some(false) => t!("Copy it from the field"),
        None => t!("Copy the link"),
    };
    let recipe = untrack(|| recipes.current());
    let files = recipe.sources.iter().map(|source| source.files.len()).sum::<usize>();
    let holds = tf!(
        "It holds {a} with the names and settings of {b}, and no data: whoever opens it needs the files as well. Servers do not see it, since it stands behind the # of the address.",
        a = counted(recipe.queries.len(), "query", "queries"),
        b = counted(files, "file", "files")
    );
    view! {
        <div class="flex max-w-2xl flex-col gap-3 pt-1 text-sm" data-panel="share">
            <p class="text-base-content/75">{holds}</p>
            {move || link.get().map(|made| match made {
                Ok(text) => {
                    let length = text.len();
                    let shown = text.clone();
                    view! {
                        <div class="flex gap-2">
                            <input class="input input-sm grow font-mono text-xs" readonly aria-label=t!("Link") prop:value=shown data-part="link"/>
                            <button class="btn btn-sm btn-primary" data-part="copy-link" on:click=move |_| copy(text.clone())>
                                {words}
                            </button>
                        </div>
                        {(length > LONG_LINK).then(|| view! {
                            <p class="text-warning text-xs">
                                {tf!("The link has {a} characters. Some programs cut such links: a file is safer.", a = format::count(length as u64))}
                            </p>
                        })}
                    }.into_any()
                }
                Err(error) => view! { <ErrorCard error=error compact=true/> }.into_any(),
            })}
            <div>
                <button class="btn btn-sm" on:click=move |_| recipes.save_file()>{t!("Save recipe as a file")}</button>
            </div>
        </div>
    }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
