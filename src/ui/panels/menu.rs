//! The menu at the end of the line at the top: what is not needed every day.

use leptos::prelude::*;

use crate::{
    commands::{COMMANDS, Command, Page},
    icons::{self, Icon},
    panels::{about::AboutDialog, benchmark::BenchmarkDialog, shortcuts::KeyCaps},
};

/// Id that joins the button and what it opens.
const ID: &str = "header-menu";

/// A button and a list of entries, which the browser itself opens, closes and takes the Escape key for.
#[component]
pub fn Menu() -> impl IntoView {
    let page = Page::of_context();
    let (benchmark, about) = (page.dialogs.benchmark, page.dialogs.about);
    let entries = COMMANDS.iter().filter(|command| command.in_menu);
    view! {
        <button class="icon-button" aria-label=t!("Menu") title=t!("Menu") data-part="menu" popovertarget=ID>
            <Icon path=icons::MENU/>
        </button>
        <div
            id=ID
            popover="auto"
            class="panel inset-auto top-13 right-3 m-0 max-h-[calc(100dvh-4rem)] w-72 overflow-y-auto p-1.5 shadow-lg"
            data-part="menu-list"
        >
            {entries.map(|command| view! { <Entry command=command page=page/> }).collect_view()}
        </div>
        <Show when=move || benchmark.get()>
            <BenchmarkDialog open=benchmark/>
        </Show>
        <Show when=move || about.get()>
            <AboutDialog open=about/>
        </Show>
    }
}

/// One entry; choosing it closes the menu.
#[component]
fn Entry(command: &'static Command, page: Page) -> impl IntoView {
    view! {
        <button
            class="quiet-button w-full px-2.5 py-2 text-left text-sm disabled:cursor-default disabled:opacity-40"
            popovertarget=ID
            popovertargetaction="hide"
            data-menu=command.name
            disabled=move || !(command.is_possible)(page)
            on:click=move |_| (command.run)(page)
        >
            <Icon path=command.icon class="size-4 shrink-0"/>
            <span class="min-w-0 grow truncate">{move || (command.label)(page)}</span>
            {command.keys.first().map(|keys| view! { <KeyCaps keys=*keys/> })}
        </button>
    }
}
