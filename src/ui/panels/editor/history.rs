//! Queries that were run, to take one back.

use leptos::{ev, prelude::*};

use crate::{
    icons::{self, Icon},
    state::QueryState,
};

/// A button that lists the texts that were run; a click puts one back.
#[component]
pub fn HistoryMenu() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let open = RwSignal::new(false);
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            open.set(false);
        }
    });
    on_cleanup(move || escape.remove());
    view! {
        <Show when=move || query.history.with(|history| !history.is_empty())>
            <button
                class="icon-button"
                aria-label=t!("Queries you ran")
                title=t!("Queries you ran")
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon path=icons::HISTORY/>
            </button>
        </Show>
        <Show when=move || open.get()>
            <div class="fixed inset-0 z-20" on:click=move |_| open.set(false)></div>
            <ul class="panel appear absolute top-9 right-0 z-30 max-h-72 w-80 max-w-[80vw] overflow-y-auto p-1 shadow-xl">
                <For each=move || query.history.get() key=Clone::clone let:text>
                    {
                        let chosen = text.clone();
                        view! {
                            <li>
                                <button
                                    class="hover:bg-base-content/6 rounded-field w-full cursor-pointer px-2 py-1.5 text-left"
                                    title=text.clone()
                                    on:click=move |_| {
                                        query.sql.set(chosen.clone());
                                        open.set(false);
                                    }
                                >
                                    <span class="line-clamp-2 font-mono text-xs break-all">{text.clone()}</span>
                                </button>
                            </li>
                        }
                    }
                </For>
            </ul>
        </Show>
    }
}
