//! Fields of the dialog: a label, a control, and a unit.

use leptos::prelude::*;

/// A text or a number.
#[component]
pub fn Field(
    label: &'static str,
    /// Name for tests and scripts.
    name: &'static str,
    value: RwSignal<String>,
    #[prop(optional)] unit: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(optional, into)] placeholder: Option<Signal<String>>,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    view! {
        <label class="flex min-w-0 flex-col gap-1 text-xs" class=("sm:col-span-2", wide) title=hint>
            <span class="text-base-content/70">{label}</span>
            <span class="flex items-center gap-1.5">
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    class="input input-sm w-full min-w-0"
                    data-stream-field=name
                    placeholder=move || placeholder.map(|text| text.get()).unwrap_or_default()
                    prop:value=move || value.get()
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <span class="text-base-content/70 shrink-0 empty:hidden">{unit}</span>
            </span>
        </label>
    }
}

/// One of several.
#[component]
pub fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    label: &'static str,
    /// Name for tests and scripts.
    name: &'static str,
    value: RwSignal<T>,
    /// What can be chosen, with its words.
    offered: &'static [(T, &'static str)],
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let options = move || {
        let option = |(index, (offered, words)): (usize, &(T, &'static str))| {
            let selected = value.get() == *offered;
            view! { <option value=index.to_string() selected=selected>{crate::texts::text(words)}</option> }
        };
        offered.iter().enumerate().map(option).collect_view()
    };
    let choose = move |event: web_sys::Event| {
        let index = event_target_value(&event).parse().unwrap_or(0_usize);
        if let Some((chosen, _)) = offered.get(index) {
            value.set(*chosen);
        }
    };
    view! {
        <label class="flex min-w-0 flex-col gap-1 text-xs" class=("sm:col-span-2", wide)>
            <span class="text-base-content/70">{label}</span>
            <select class="select select-sm w-full" data-stream-field=name on:change=choose>{options}</select>
        </label>
    }
}
