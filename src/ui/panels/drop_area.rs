//! The whole window as a place to drop files.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DataTransfer, DragEvent, File, FileList, HtmlInputElement};

use crate::{
    browser,
    engine_client::file_ref,
    icons::{self, Icon},
    panels::dropped::{entries_of, files_of_entries, has_folder},
    recipes::{Recipes, refused},
};

/// Takes files that are dropped anywhere, and says so while they hover.
#[component]
pub fn DropArea() -> impl IntoView {
    let recipes = expect_context::<Recipes>();
    let hovering = RwSignal::new(false);
    // The browser sends `dragover` several times a second while files hover and stops when they are
    // gone, without `dragleave` in some cases; so the overlay needs both.
    let listeners = [
        window_event_listener(ev::dragover, move |event: DragEvent| {
            if has_files(&event) {
                event.prevent_default();
                if let Some(transfer) = event.data_transfer() {
                    transfer.set_drop_effect("copy");
                }
                hovering.set(true);
            }
        }),
        window_event_listener(ev::dragleave, move |event: DragEvent| {
            if event.related_target().is_none() {
                hovering.set(false);
            }
        }),
        window_event_listener(ev::drop, move |event: DragEvent| {
            hovering.set(false);
            if has_files(&event) {
                event.prevent_default();
                let Some(transfer) = event.data_transfer() else { return };
                let entries = entries_of(&transfer);
                if has_folder(&entries) {
                    take_folders(recipes, entries);
                    return;
                }
                take_handles(recipes, &transfer);
                recipes.take_files(files_of(transfer.files()));
            }
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    view! {
        <Show when=move || hovering.get()>
            <div class="bg-base-200/85 appear pointer-events-none fixed inset-0 z-50 grid place-items-center p-6">
                <div class="border-primary text-primary rounded-box grid size-full place-items-center border-2 border-dashed">
                    <div class="flex flex-col items-center gap-3 text-center">
                        <Icon path=icons::DROP class="size-10"/>
                        <p class="text-lg font-semibold">{t!("Drop to add as tables")}</p>
                        <p class="text-base-content/70">{t!("Files or folders, of any size. They are read where they are.")}</p>
                    </div>
                </div>
            </div>
        </Show>
    }
}

/// A button that opens the browser's file picker.
#[component]
pub fn PickButton(
    /// Classes of the button.
    class: &'static str,
    /// What the button says.
    children: Children,
) -> impl IntoView {
    let recipes = expect_context::<Recipes>();
    let input = NodeRef::<leptos::html::Input>::new();
    let click = move || {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let open = move |_| {
        if !browser::gives_handles() {
            click();
            return;
        }
        spawn_local(async move {
            if !recipes.pick().await {
                click();
            }
        });
    };
    let picked = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        let files = files_of(input.files());
        // Without this the same file could not be picked twice in a row.
        input.set_value("");
        recipes.take_files(files);
    };
    view! {
        <button type="button" class=class on:click=open>{children()}</button>
        <input
            node_ref=input
            type="file"
            multiple
            class="hidden"
            tabindex="-1"
            aria-hidden="true"
            data-part="file-input"
            on:change=picked
        />
    }
}

fn has_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

/// Takes the files of folders. Handles of them are not kept: they are dropped again on the next visit.
fn take_folders(recipes: Recipes, entries: Vec<JsValue>) {
    spawn_local(async move {
        match files_of_entries(entries).await {
            Ok(files) => recipes.take_files(files),
            Err(reason) => recipes.fail("Reading the folder", refused(&reason)),
        }
    });
}

/// Asks the browser for handles of what was dropped, by which it can be opened on the next visit. That has to be
/// asked for at once, and comes later; a browser that gives none is no failure.
fn take_handles(recipes: Recipes, transfer: &DataTransfer) {
    let items = transfer.items();
    let asked = (0..items.length()).filter_map(|index| {
        let item = items.get(index)?;
        let ask = js_sys::Reflect::get(&item, &"getAsFileSystemHandle".into()).ok()?;
        let promise = ask.dyn_into::<js_sys::Function>().ok()?.call0(&item).ok()?;
        promise.dyn_into::<js_sys::Promise>().ok()
    });
    for promise in asked.collect::<Vec<_>>() {
        spawn_local(async move {
            let taken = async {
                let handle = JsFuture::from(promise).await?;
                let ask = js_sys::Reflect::get(&handle, &"getFile".into())?.dyn_into::<js_sys::Function>()?;
                let file = JsFuture::from(ask.call0(&handle)?.dyn_into::<js_sys::Promise>()?).await?;
                recipes.take_handle(file_ref(&file.dyn_into::<File>()?), handle);
                Ok::<_, JsValue>(())
            };
            // Folders have no file, and what is made by scripts has no handle.
            let _ = taken.await;
        });
    }
}

fn files_of(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}
