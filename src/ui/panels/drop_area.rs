//! The whole window as a place to drop files.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, FileList, HtmlInputElement};

use crate::{
    actions::Actions,
    icons::{self, Icon},
};

/// Takes files that are dropped anywhere, and says so while they hover.
#[component]
pub fn DropArea() -> impl IntoView {
    let actions = expect_context::<Actions>();
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
                actions.add_files(files_of(event.data_transfer().and_then(|transfer| transfer.files())));
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
                        <p class="text-lg font-semibold">"Drop to add as tables"</p>
                        <p class="text-base-content/70">"Any size. Files are read where they are."</p>
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
    let actions = expect_context::<Actions>();
    let input = NodeRef::<leptos::html::Input>::new();
    let open = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let picked = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        let files = files_of(input.files());
        // Without this the same file could not be picked twice in a row.
        input.set_value("");
        actions.add_files(files);
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

fn files_of(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}
