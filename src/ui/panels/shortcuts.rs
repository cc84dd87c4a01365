//! The list of keys.

use leptos::prelude::*;

use crate::{
    commands::{COMMANDS, Keys, Page},
    panels::dialog::Dialog,
};

/// Keys that belong to parts of the page, beside those of commands.
const OTHERS: &[(&str, &str)] = &[
    (n!("Complete a name in the SQL"), "Ctrl+Space"),
    (n!("Rename a tab, on it"), "F2"),
    (n!("Move in the rows"), n!("Arrows, Page, Home, End")),
    (n!("Sort by the column of the cell"), "S"),
    (n!("Open a cell"), "Enter"),
    (n!("Copy a cell"), "Ctrl+C"),
];

/// Shown while `Dialogs::keys` is.
#[component]
pub fn ShortcutsDialog() -> impl IntoView {
    let page = Page::of_context();
    let open = page.dialogs.keys;
    let commands = move || {
        let with_keys = COMMANDS.iter().filter(|command| !command.keys.is_empty());
        let line = |command: &'static crate::commands::Command| {
            let keys = command.keys.iter().map(|keys| view! { <KeyCaps keys=*keys/> }).collect_view();
            view! {
                <div class="flex items-center justify-between gap-4 py-1">
                    <dt>{untrack(|| (command.label)(page))}</dt>
                    <dd class="flex shrink-0 gap-3">{keys}</dd>
                </div>
            }
        };
        with_keys.map(line).collect_view()
    };
    let others = || {
        OTHERS.iter().map(|(label, keys)| {
            view! {
                <div class="flex items-center justify-between gap-4 py-1">
                    <dt>{crate::texts::text(label)}</dt>
                    <dd><kbd class="key">{*keys}</kbd></dd>
                </div>
            }
        })
    };
    view! {
        <Show when=move || open.get()>
            <Dialog open=open title=t!("Keys").to_owned()>
                <dl class="grid gap-x-10 pt-1 text-sm md:grid-cols-2" data-part="keys">
                    <div>{commands()}</div>
                    <div>{others().collect_view()}</div>
                </dl>
            </Dialog>
        </Show>
    }
}

/// Keys as they stand on a keyboard.
#[component]
pub fn KeyCaps(keys: Keys) -> impl IntoView {
    let caps = keys.words().into_iter().map(|word| view! { <kbd class="key">{word}</kbd> });
    view! { <span class="inline-flex shrink-0 items-center gap-0.5">{caps.collect_view()}</span> }
}
