//! The tabs of queries.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    actions::Actions,
    commands::Keys,
    icons::{self, Icon},
    state::{Tab, TabId, Tabs},
};

/// One tab for each query, and a button for a new one. Tabs are dragged to another place, and renamed by a
/// double click or F2.
#[component]
pub fn TabBar() -> impl IntoView {
    let tabs = expect_context::<Tabs>();
    let actions = expect_context::<Actions>();
    let dragged = RwSignal::new(None::<TabId>);
    let ids = Memo::new(move |_| tabs.list.with(|list| list.iter().map(|tab| tab.id).collect::<Vec<_>>()));
    view! {
        <div class="border-base-300 flex h-9 shrink-0 items-stretch border-b" data-panel="tabs">
            <div class="flex min-w-0 items-stretch overflow-x-auto" role="tablist" aria-label=t!("Queries")>
                <For each=move || ids.get() key=|id| *id let:id>
                    <QueryTab id=id dragged=dragged/>
                </For>
            </div>
            <button
                class="icon-button m-0.5"
                aria-label=t!("New query")
                title=tf!("New query ({a})", a = Keys::alt("t").words().join("+"))
                data-part="new-tab"
                on:click=move |_| actions.new_tab()
            >
                <Icon path=icons::PLUS/>
            </button>
            <button
                class="quiet-button my-1 mr-1 ml-auto shrink-0"
                title=tf!("Charts of several queries ({a})", a = Keys::alt("b").words().join("+"))
                data-part="show-board"
                on:click=move |_| actions.show_board(true)
            >
                <Icon path=icons::BOARD class="size-3.5"/>
                <span class="hidden sm:inline">{t!("Dashboard")}</span>
            </button>
        </div>
    }
}

#[component]
fn QueryTab(id: TabId, dragged: RwSignal<Option<TabId>>) -> impl IntoView {
    let tabs = expect_context::<Tabs>();
    let actions = expect_context::<Actions>();
    let renaming = RwSignal::new(false);
    let element = NodeRef::<html::Div>::new();
    let is_open = Memo::new(move |_| tabs.open.get() == id);
    let runs = Memo::new(move |_| tabs.running.with(|running| running.contains(&id)));
    let name = Memo::new(move |_| {
        let of_tab = |list: &Vec<Tab>| list.iter().find(|tab| tab.id == id).map(|tab| tab.name.clone());
        tabs.list.with(of_tab).unwrap_or_default()
    });
    Effect::new(move || {
        if let (true, Some(element)) = (is_open.get(), element.get()) {
            element.scroll_into_view_with_bool(false);
        }
    });
    let dropped = move |event: ev::DragEvent| {
        let Some(moved) = dragged.get_untracked() else { return };
        event.prevent_default();
        let to = tabs.list.with_untracked(|list| list.iter().position(|tab| tab.id == id));
        if let Some(to) = to.filter(|_| moved != id) {
            actions.move_tab(moved, to);
        }
    };
    let pressed = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "F2" => {
            event.prevent_default();
            renaming.set(true);
        }
        "Delete" => actions.close_tab(id),
        "ArrowRight" => actions.step_tab(1),
        "ArrowLeft" => actions.step_tab(-1),
        _ => {}
    };
    view! {
        <div
            node_ref=element
            class="border-base-300 group flex min-w-24 max-w-56 shrink-0 items-center border-r pr-1"
            class:bg-base-200=move || !is_open.get()
            class:text-primary=is_open
            data-tab=id.to_string()
            draggable=move || (!renaming.get()).to_string()
            on:dragstart=move |event| {
                dragged.set(Some(id));
                if let Some(transfer) = event.data_transfer() {
                    transfer.set_effect_allowed("move");
                    // Firefox drags only what carries something.
                    let _ = transfer.set_data("text/plain", &name.get_untracked());
                }
            }
            on:dragend=move |_| dragged.set(None)
            on:dragover=move |event| {
                if dragged.with_untracked(Option::is_some) {
                    event.prevent_default();
                }
            }
            on:drop=dropped
            on:auxclick=move |event: ev::MouseEvent| {
                if event.button() == 1 {
                    event.prevent_default();
                    actions.close_tab(id);
                }
            }
        >
            <Show
                when=move || renaming.get()
                fallback=move || view! {
                    <button
                        class="flex h-full min-w-0 grow cursor-pointer items-center gap-1.5 pl-3 pr-1 text-xs font-medium"
                        role="tab"
                        aria-selected=move || is_open.get().to_string()
                        tabindex=move || if is_open.get() { "0" } else { "-1" }
                        title=move || tf!("{a} — double click to rename", a = name.get())
                        on:click=move |_| actions.open_tab(id)
                        on:dblclick=move |_| renaming.set(true)
                        on:keydown=pressed
                    >
                        <Show when=move || runs.get()>
                            <span class="loading loading-spinner size-3" aria-label=t!("runs")></span>
                        </Show>
                        <span class="truncate">{name}</span>
                    </button>
                }
            >
                <NameField id=id name=name.get_untracked() open=renaming/>
            </Show>
            <button
                class="icon-button size-6 opacity-75 group-hover:opacity-100 focus-visible:opacity-100"
                aria-label=move || tf!("Close {a}", a = name.get())
                title=t!("Close (can be undone)")
                data-part="close-tab"
                on:click=move |_| actions.close_tab(id)
            >
                <Icon path=icons::CLOSE class="size-3"/>
            </button>
        </div>
    }
}

/// The name as it is written anew: Enter and leaving take it, Escape does not.
#[component]
fn NameField(id: TabId, name: String, open: RwSignal<bool>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let input = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(input) = input.get() {
            // Without the focus a click into the field does the same.
            let _ = input.focus();
            input.select();
        }
    });
    let take = move || {
        // Leaving comes after Enter and Escape as well, when the field is gone.
        if open.try_get_untracked() == Some(true) {
            let written = input.get_untracked().map(|input| input.value()).unwrap_or_default();
            open.set(false);
            actions.rename_tab(id, &written);
        }
    };
    let pressed = move |event: ev::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => take(),
            "Escape" => open.set(false),
            _ => return,
        }
        event.prevent_default();
        // Keys go on working from the tab.
        let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
        drop(field.map(|field| field.blur()));
    };
    view! {
        <input
            node_ref=input
            class="input input-xs mx-1 w-36"
            aria-label=t!("Name of the query")
            autocomplete="off"
            spellcheck="false"
            maxlength="60"
            prop:value=name
            on:keydown=pressed
            on:blur=move |_| take()
        />
    }
}
