//! The SQL editor.
//!
//! Owns: the editor's element, its marks, and when the text is checked.
//! Touches: `www/npm/editor.js` through [`code_mirror`], `QueryState`, [`crate::actions`].

mod code_mirror;
mod history;
mod status_line;

use std::rc::Rc;

use leptos::{ev, html, prelude::*};
use millrace_protocol::ErrorInfo;
use wasm_bindgen_futures::spawn_local;

use crate::{
    actions::Actions,
    browser,
    state::{EngineState, EngineStatus, QueryState, Tables, Tabs},
};
use code_mirror::{CodeMirror, Hooks};
use history::HistoryMenu;
use status_line::StatusLine;

/// How long the text must rest before it is checked.
const CHECK_AFTER_MILLIS: i32 = 280;

/// The editor with its line of messages.
#[component]
pub fn EditorPanel() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let actions = expect_context::<Actions>();
    let holder = NodeRef::<html::Div>::new();
    let editor = RwSignal::new_local(None::<Rc<CodeMirror>>);

    Effect::new(move || {
        let Some(holder) = holder.get() else { return };
        spawn_local(async move {
            let hooks = Hooks::new(
                move |text: String| {
                    if query.sql.with_untracked(|sql| *sql != text) {
                        query.sql.set(text);
                    }
                },
                move || actions.run(),
                move || actions.cancel(),
            );
            let created = CodeMirror::create(&holder, &query.sql.get_untracked(), hooks).await;
            match created {
                Ok(created) => drop(editor.try_set(Some(Rc::new(created)))),
                // The plain text field stays, which works as well.
                Err(reason) => web_sys::console::warn_2(&"millrace: no SQL editor".into(), &reason),
            }
        });
    });
    keep_in_step(editor);
    check_while_typing();

    let typed = move |event| query.sql.set(event_target_value(&event));
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            actions.run();
        } else if event.key() == "Escape" {
            actions.cancel();
        }
    };
    view! {
        <section class="flex min-h-0 min-w-0 grow flex-col" aria-label=t!("SQL editor") data-panel="editor">
            <div class="relative min-h-0 grow">
                <div node_ref=holder class="absolute inset-0" data-part="editor"></div>
                <Show when=move || editor.with(Option::is_none)>
                    <textarea
                        class="absolute inset-0 size-full resize-none bg-transparent px-10 py-2.5 font-mono text-[0.8125rem] leading-[1.6] outline-none"
                        aria-label=t!("SQL")
                        spellcheck="false"
                        prop:value=move || query.sql.get()
                        on:input=typed
                        on:keydown=keys
                    ></textarea>
                </Show>
                <div class="absolute top-1.5 right-2">
                    <HistoryMenu/>
                </div>
            </div>
            <StatusLine/>
        </section>
    }
}

/// Gives the editor what the rest of the page changes: text, names, marks.
fn keep_in_step(editor: RwSignal<Option<Rc<CodeMirror>>, LocalStorage>) {
    let query = expect_context::<QueryState>();
    let tables = expect_context::<Tables>();
    let engine = expect_context::<EngineState>();
    let actions = expect_context::<Actions>();
    let with_editor = move |act: &dyn Fn(&CodeMirror)| {
        editor.with(|editor| {
            if let Some(editor) = editor {
                act(editor);
            }
        });
    };
    let tabs = expect_context::<Tabs>();
    Effect::new(move || {
        let (tab, sql) = (tabs.open.get(), query.sql.get());
        with_editor(&|editor| editor.show(tab, &sql));
    });
    Effect::new(move || {
        let tables = tables.list.get();
        let functions = engine.functions.get();
        let queries = tabs.other_results();
        with_editor(&|editor| editor.set_schema(&tables, &queries, &functions));
    });
    Effect::new(move || {
        let errors: Vec<ErrorInfo> = query.marked_error().into_iter().collect();
        with_editor(&|editor| editor.set_errors(&errors));
    });
    Effect::new(move || {
        let Some(name) = actions.inserted.get() else { return };
        with_editor(&|editor| editor.insert_name(&name));
        actions.inserted.set(None);
    });
}

/// Asks the engine about the text whenever it has rested, or the tables have changed.
fn check_while_typing() {
    let query = expect_context::<QueryState>();
    let tables = expect_context::<Tables>();
    let engine = expect_context::<EngineState>();
    let actions = expect_context::<Actions>();
    let latest = StoredValue::new(0_u32);
    Effect::new(move || {
        let sql = query.sql.get();
        let ready = matches!(engine.status.get(), EngineStatus::Ready { .. });
        let has_tables = tables.list.with(|list| !list.is_empty());
        latest.update_value(|latest| *latest = latest.wrapping_add(1));
        let turn = latest.get_value();
        query.check_error.set(None);
        if !ready || !has_tables || sql.trim().is_empty() {
            return;
        }
        spawn_local(async move {
            browser::sleep(CHECK_AFTER_MILLIS).await;
            if latest.try_get_value() != Some(turn) {
                return;
            }
            // A check that the engine could not answer says nothing about the text.
            let Ok(found) = actions.check(sql).await else { return };
            if latest.try_get_value() == Some(turn) {
                query.check_error.set(found);
            }
        });
    });
}
