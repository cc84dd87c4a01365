//! The name of a table and the files that it is made of, which can be changed while queries stay.

use leptos::prelude::*;

use crate::{browser, recipes::Recipes};

/// A field for the name, and buttons to read the files anew or to take others.
#[component]
pub(super) fn TableFiles(name: String) -> impl IntoView {
    let recipes = expect_context::<Recipes>();
    let can_reload = recipes.can_reload(&name);
    let (renamed, reloaded, replaced) = (name.clone(), name.clone(), name.clone());
    view! {
        <div class="flex flex-wrap items-center gap-2 pb-3 text-xs" data-part="table-files">
            <label class="flex items-center gap-2">
                <span class="text-base-content/70">{t!("Name in queries")}</span>
                <input
                    class="input input-xs w-48"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=name
                    on:change=move |event| recipes.rename_table(&renamed, &event_target_value(&event))
                />
            </label>
            <Show when=move || can_reload>
                <button
                    class="btn btn-xs"
                    title=t!("Read the files as they are now")
                    on:click={
                        let table = reloaded.clone();
                        move |_| recipes.reload(&table)
                    }
                >
                    {t!("Reload")}
                </button>
            </Show>
            <button
                class="btn btn-xs"
                title=t!("Choose a newer version; queries and what was said about the table stay")
                on:click=move |_| {
                    let table = replaced.clone();
                    browser::choose_files("", true, move |files| recipes.replace_files(&table, files));
                }
            >
                {t!("Replace by other files…")}
            </button>
        </div>
    }
}
