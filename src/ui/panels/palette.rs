//! The list of all commands, to be found by writing.

use leptos::{ev, html, prelude::*};

use crate::{
    commands::{COMMANDS, Page},
    icons::{self, Icon},
    panels::shortcuts::KeyCaps,
};

/// Shown while `Dialogs::palette` is.
#[component]
pub fn Palette() -> impl IntoView {
    let page = Page::of_context();
    view! {
        <Show when=move || page.dialogs.palette.get()>
            <PaletteDialog page=page/>
        </Show>
    }
}

/// What can be chosen: a command by its place in the table, or a tab to go to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Choice {
    Command(usize),
    Tab(u32),
}

#[component]
fn PaletteDialog(page: Page) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let written = RwSignal::new(String::new());
    let place = RwSignal::new(0_usize);
    let open = page.dialogs.palette;
    Effect::new(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            // Fails only for an element that is not in the page, which is then not seen anyway.
            let _ = dialog.show_modal();
        }
    });
    let found = Memo::new(move |_| written.with(|written| found(page, written)));
    let choose = move |choice: Choice| {
        // First closed, because a command may open a dialog of its own.
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        open.set(false);
        match choice {
            Choice::Command(index) => COMMANDS.get(index).into_iter().for_each(|command| (command.run)(page)),
            Choice::Tab(id) => {
                page.actions.show_board(false);
                page.actions.open_tab(id);
            }
        }
    };
    let pressed = move |event: ev::KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" => place.update(|place| *place = (*place + 1) % count.max(1)),
            "ArrowUp" => place.update(|place| *place = (*place + count.max(1) - 1) % count.max(1)),
            "Enter" => {
                let chosen = found.with_untracked(|found| found.get(place.get_untracked()).copied());
                chosen.into_iter().for_each(|(choice, _)| choose(choice));
            }
            _ => return,
        }
        event.prevent_default();
    };
    let entries = move || {
        let labels = found.get().into_iter().enumerate();
        let entry = |(index, (choice, icon)): (usize, (Choice, &'static str))| {
            let keys = match choice {
                Choice::Command(index) => COMMANDS.get(index).and_then(|command| command.keys.first()),
                Choice::Tab(_) => None,
            };
            let name = match choice {
                Choice::Command(index) => COMMANDS.get(index).map(|command| command.name),
                Choice::Tab(_) => Some("tab"),
            };
            let is_chosen = move || place.get() == index;
            let element = NodeRef::<html::Li>::new();
            Effect::new(move || {
                if let (true, Some(element)) = (is_chosen(), element.get()) {
                    element.scroll_into_view_with_bool(false);
                }
            });
            view! {
                <li
                    node_ref=element
                    id=format!("palette-{index}")
                    class="rounded-field aria-selected:bg-primary/12 flex cursor-pointer items-center gap-2.5 px-2.5 py-2 text-sm"
                    role="option"
                    aria-selected=move || is_chosen().to_string()
                    data-command=name
                    on:mousemove=move |_| {
                        if !is_chosen() {
                            place.set(index);
                        }
                    }
                    on:click=move |_| choose(choice)
                >
                    <span class="text-base-content/70 shrink-0"><Icon path=icon/></span>
                    <span class="min-w-0 grow truncate">{label(page, choice)}</span>
                    {keys.map(|keys| view! { <KeyCaps keys=*keys/> })}
                </li>
            }
        };
        labels.map(entry).collect_view()
    };
    view! {
        <dialog
            node_ref=dialog
            class="modal modal-top"
            aria-label=t!("All commands")
            data-panel="palette"
            on:close=move |_| open.set(false)
            on:click=move |event: ev::MouseEvent| {
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            <div class="modal-box mx-auto mt-[10vh] w-[min(36rem,calc(100vw-1.5rem))] rounded-box p-1.5">
                <label class="border-base-300 flex items-center gap-2.5 border-b px-2.5 pb-1.5">
                    <Icon path=icons::SEARCH class="size-4 opacity-75"/>
                    <input
                        class="h-9 grow bg-transparent text-sm outline-none"
                        type="text"
                        placeholder=t!("What do you want to do?")
                        aria-label=t!("What do you want to do?")
                        role="combobox"
                        aria-expanded="true"
                        aria-controls="palette-list"
                        aria-activedescendant=move || format!("palette-{}", place.get())
                        autocomplete="off"
                        spellcheck="false"
                        autofocus
                        prop:value=written
                        on:input=move |event| {
                            written.set(event_target_value(&event));
                            place.set(0);
                        }
                        on:keydown=pressed
                    />
                </label>
                <ul id="palette-list" class="max-h-[55vh] overflow-y-auto pt-1.5" role="listbox" aria-label=t!("Commands")>
                    {entries}
                </ul>
                <Show when=move || found.with(Vec::is_empty)>
                    <p class="text-base-content/70 px-2.5 py-3 text-sm">{t!("Nothing is called that.")}</p>
                </Show>
            </div>
        </dialog>
    }
}

/// What can be done now and has all of the words, with icons.
fn found(page: Page, written: &str) -> Vec<(Choice, &'static str)> {
    let words: Vec<String> = written.split_whitespace().map(str::to_lowercase).collect();
    let fits = |choice: Choice| {
        let label = label(page, choice).to_lowercase();
        words.iter().all(|word| label.contains(word.as_str()))
    };
    let commands = COMMANDS.iter().enumerate().filter(|(_, command)| {
        // It is what is open.
        command.name != "palette" && (command.is_possible)(page)
    });
    let commands = commands.map(|(index, command)| (Choice::Command(index), command.icon));
    let open = page.tabs.open.get();
    let others = page.tabs.list.get().into_iter().filter(move |tab| tab.id != open);
    let tabs = others.map(|tab| (Choice::Tab(tab.id), icons::CODE));
    commands.chain(tabs).filter(|(choice, _)| fits(*choice)).collect()
}

fn label(page: Page, choice: Choice) -> String {
    match choice {
        Choice::Command(index) => COMMANDS.get(index).map(|c| (c.label)(page)).unwrap_or_default(),
        Choice::Tab(id) => tf!("Go to the query “{a}”", a = page.tabs.name(id).unwrap_or_default()),
    }
}
