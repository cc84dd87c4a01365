//! Small controls that several cards use.

use leptos::prelude::*;

/// Columns that a list offers; nobody scrolls through thousands.
const OFFERED: usize = 500;

/// A list of names, one of them chosen.
#[component]
pub fn NamePicker(
    /// What the list chooses, for those who cannot see where it stands.
    label: &'static str,
    /// Names that can be chosen.
    #[prop(into)]
    names: Signal<Vec<String>>,
    /// The chosen one.
    #[prop(into)]
    chosen: Signal<String>,
    /// A person chose.
    on_choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let options = move || {
        let chosen = chosen.get();
        let names = names.get();
        let offered = names.into_iter().take(OFFERED);
        offered
            .map(|name| {
                let selected = name == chosen;
                view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
            })
            .collect_view()
    };
    view! {
        <select
            class="select select-xs join-item w-auto max-w-32"
            aria-label=label
            on:change=move |event| on_choose(event_target_value(&event))
        >
            {options}
        </select>
    }
}

/// A button that takes its row away.
#[component]
pub fn RemoveButton(label: String, on_remove: impl Fn() + 'static) -> impl IntoView {
    view! {
        <button
            type="button"
            class="btn btn-xs btn-square join-item border-base-content/20 bg-transparent font-normal text-base-content/70 hover:text-base-content"
            aria-label=label.clone()
            title=label
            on:click=move |_| on_remove()
        >
            "×"
        </button>
    }
}

/// A button that adds a row.
#[component]
pub fn AddButton(label: &'static str, on_add: impl Fn() + 'static) -> impl IntoView {
    view! {
        <button type="button" class="quiet-button border border-dashed border-base-content/20" on:click=move |_| on_add()>
            <span aria-hidden="true">"+"</span>
            {label}
        </button>
    }
}
