//! A failure as a card: what, whose, what next, details on demand.

use leptos::prelude::*;
use millrace_protocol::{ErrorInfo, ErrorKind};

use crate::{
    error_text,
    icons::{self, Icon},
};

/// Long messages of our own mistakes are details; the first line is enough for a person.
const LINE_SHOWN: usize = 220;

/// A failure with everything a person needs to go on.
#[component]
pub fn ErrorCard(
    /// The failure.
    error: ErrorInfo,
    /// What failed, such as a file's name.
    #[prop(optional, into)]
    subject: String,
    /// Whether there is little room.
    #[prop(optional)]
    compact: bool,
    /// Called when the user closes the card; without it the card cannot be closed.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    /// Buttons below the text.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let calm = matches!(error.kind, ErrorKind::Cancelled | ErrorKind::Unsupported);
    let colour = if calm { "text-info border-l-info" } else { "text-error border-l-error" };
    let room = if compact { "gap-2 p-2 text-xs" } else { "gap-3 p-3 text-sm" };
    // A message often names its file already.
    let subject = if error.message.contains(&subject) { String::new() } else { subject };
    let icon = if calm { icons::WARNING } else { icons::ERROR };
    let advice = error_text::advice(&error);
    let place =
        error.position.map(|position| tf!("line {a}, column {b}", a = position.line, b = position.column));
    let (shown, details) = split(&error.message);
    view! {
        <div
            class=format!("bg-base-100 border-base-300 rounded-box appear flex border border-l-4 {room} {colour}")
            role="alert"
            data-part="error"
            data-kind=kind_name(error.kind)
        >
            <span class="mt-0.5 shrink-0">
                <Icon path=icon class=if compact { "size-4" } else { "size-5" }/>
            </span>
            <div class="text-base-content min-w-0 grow">
                <p class="flex flex-wrap items-baseline gap-x-2">
                    <span class="font-semibold">{error_text::title(error.kind)}</span>
                    <span class="text-base-content/70 text-xs">
                        {error_text::whose(error.kind)} {place.map(|place| format!(" · {place}"))}
                    </span>
                </p>
                <p class="mt-1 break-words">
                    {(!subject.is_empty()).then(|| view! { <span class="font-medium">{subject} ": "</span> })}
                    {shown}
                </p>
                <p class="text-base-content/75 mt-1 break-words">{with_code(&advice)}</p>
                {details.map(|details| view! {
                    <details class="mt-2 text-xs">
                        <summary class="text-base-content/70 cursor-pointer">{t!("Details")}</summary>
                        <pre class="bg-base-200 rounded-field mt-1 max-h-48 overflow-auto p-2 whitespace-pre-wrap">{details}</pre>
                    </details>
                })}
                {children.map(|children| view! { <div class="mt-2.5 flex flex-wrap gap-2">{children()}</div> })}
            </div>
            {on_close.map(|close| view! {
                <button class="icon-button -mt-1 -mr-1" aria-label=t!("Dismiss") on:click=move |_| close.run(())>
                    <Icon path=icons::CLOSE/>
                </button>
            })}
        </div>
    }
}

/// The kind as scripts know it.
pub fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Sql => "sql",
        ErrorKind::Data => "data",
        ErrorKind::File => "file",
        ErrorKind::FileChanged => "file_changed",
        ErrorKind::Memory => "memory",
        ErrorKind::Storage => "storage",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Browser => "browser",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Internal => "internal",
    }
}

/// Text with what stands between backquotes set as code.
pub fn with_code(text: &str) -> impl IntoView + use<> {
    let pieces = text.split('`').enumerate().map(|(index, piece)| {
        if index % 2 == 1 {
            view! { <code class="bg-base-content/8 rounded-sm px-1 font-mono text-[0.9em]">{piece.to_owned()}</code> }
                .into_any()
        } else {
            view! { {piece.to_owned()} }.into_any()
        }
    });
    pieces.collect_view()
}

fn split(message: &str) -> (impl IntoView + use<>, Option<String>) {
    let first = message.lines().next().unwrap_or_default();
    let end = first.char_indices().nth(LINE_SHOWN).map_or(first.len(), |(index, _)| index);
    let cut = end < message.trim_end().len();
    let shown = if end < first.len() { format!("{}…", &first[..end]) } else { first.to_owned() };
    (with_code(&shown).into_any(), cut.then(|| message.to_owned()))
}
