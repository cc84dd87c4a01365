//! A modal dialog on the browser's own element, which brings focus handling and Escape.

use leptos::{ev, html, prelude::*};

use crate::icons::{self, Icon};

/// Shows its children above the page until `open` is false.
#[component]
pub fn Dialog(
    /// Set to false when the user closes it.
    open: RwSignal<bool>,
    /// Heading.
    title: String,
    /// Contents.
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(element) = element.get()
            && !element.open()
        {
            // Fails only for an element that is not in the page, which is then not seen anyway.
            let _ = element.show_modal();
        }
    });
    let label = title.clone();
    view! {
        <dialog
            node_ref=element
            class="modal"
            aria-label=label
            on:close=move |_| open.set(false)
            on:click=move |event: ev::MouseEvent| {
                // A click on the backdrop has the dialog itself as its target.
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            <div class="modal-box max-w-5xl p-5">
                <div class="flex items-start justify-between gap-4 pb-1">
                    <h2 class="text-base font-semibold">{title}</h2>
                    <button class="icon-button -mt-1 -mr-2" aria-label=t!("Close") on:click=move |_| open.set(false)>
                        <Icon path=icons::CLOSE/>
                    </button>
                </div>
                {children()}
            </div>
        </dialog>
    }
}
