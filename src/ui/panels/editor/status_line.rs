//! The line below the text: what is wrong with it, and the fix where there is one.

use leptos::prelude::*;

use crate::{
    actions::Actions,
    error_text,
    icons::{self, Icon},
    panels::error_card::with_code,
    state::QueryState,
};

/// One line of fixed height, so that the page does not jump while somebody types.
#[component]
pub fn StatusLine() -> impl IntoView {
    let query = expect_context::<QueryState>();
    let actions = expect_context::<Actions>();
    let error = Memo::new(move |_| query.marked_error());
    let message = move || {
        error.get().map(|error| {
            let text = match &error.hint {
                Some(hint) => format!("{} {hint}", error.message),
                None => error.message.clone(),
            };
            let title = text.clone();
            let fix = error_text::fix(&error).map(|fix| {
                let label = tf!("Use {fix}", fix = fix);
                view! {
                    <button class="btn btn-primary btn-xs shrink-0" data-part="fix" on:click=move |_| actions.fix(&error)>
                        {label}
                    </button>
                }
            });
            view! {
                <span class="text-error shrink-0"><Icon path=icons::ERROR class="size-3.5"/></span>
                <span class="min-w-0 truncate" title=title data-part="editor-error">{with_code(&text)}</span>
                {fix}
            }
        })
    };
    view! {
        <div class="flex h-8 shrink-0 items-center gap-2 px-3 text-xs" aria-live="polite">
            {message}
        </div>
    }
}
