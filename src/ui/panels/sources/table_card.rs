//! One table of the list.

use leptos::prelude::*;
use millrace_protocol::TableInfo;

use super::{column_list::ColumnList, preview::Preview};
use crate::{
    actions::Actions,
    browser, format,
    icons::{self, Icon},
    panels::{profile::Profile, streams::follow_table},
    state::{StreamState, Tables},
};

/// Name, size and warnings of a table, with its columns and first rows on demand.
#[component]
pub fn TableCard(name: String) -> impl IntoView {
    let tables = expect_context::<Tables>();
    let actions = expect_context::<Actions>();
    let stream = expect_context::<StreamState>();
    let key = name.clone();
    let table =
        Memo::new(move |_| tables.list.with(|list| list.iter().find(|table| table.name == key).cloned()));
    // On narrow screens the list stands above the query and should leave room for it.
    let open = RwSignal::new(browser::media("(min-width: 64rem)").is_none_or(|wide| wide.matches()));
    let preview = RwSignal::new(false);
    let profile = RwSignal::new(false);
    let removed = name.clone();
    let inserted = name.clone();
    let labelled = name.clone();
    let shown = name.clone();
    view! {
        <article class="panel appear" data-table=name.clone()>
            <header class="flex items-center gap-0.5 p-1.5 pb-0">
                <button
                    class="icon-button size-7"
                    aria-expanded=move || open.get().to_string()
                    aria-label=tf!("Columns of {labelled}", labelled = labelled)
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    <span class="transition-transform" class:-rotate-90=move || !open.get()>
                        <Icon path=icons::DOWN class="size-3.5"/>
                    </span>
                </button>
                <div class="min-w-0 grow">
                    <button
                        class="hover:text-primary block max-w-full cursor-pointer truncate font-medium"
                        title=t!("Insert the name into the query")
                        on:click=move |_| actions.insert(inserted.clone())
                    >
                        {name.clone()}
                    </button>
                </div>
                <button
                    class="icon-button size-7"
                    aria-label=tf!("Profile the columns of {name}", name = name)
                    title=t!("What is in the columns")
                    on:click=move |_| profile.set(true)
                >
                    <Icon path=icons::BARS class="size-3.5"/>
                </button>
                <button
                    class="icon-button size-7"
                    aria-label=tf!("Show first rows of {name}", name = name)
                    title=t!("First rows")
                    on:click=move |_| preview.set(true)
                >
                    <Icon path=icons::TABLE class="size-3.5"/>
                </button>
                <Show when=move || table.with(|table| table.as_ref().is_some_and(can_grow))>
                    <button
                        class="icon-button size-7"
                        aria-label=t!("Follow this file as it grows")
                        title=t!("Follow as it grows")
                        data-part="follow"
                        on:click=move |_| table.with_untracked(|table| table.iter().for_each(|table| follow_table(stream, table)))
                    >
                        <Icon path=icons::STREAM class="size-3.5"/>
                    </button>
                </Show>
                <button
                    class="icon-button hover:text-error size-7"
                    aria-label=tf!("Remove {removed}", removed = removed)
                    title=t!("Remove (the file stays where it is)")
                    on:click=move |_| actions.remove_table(removed.clone())
                >
                    <Icon path=icons::REMOVE class="size-3.5"/>
                </button>
            </header>
            <p class="text-base-content/70 figures px-3.5 pb-1.5 text-xs">
                {move || table.with(|table| table.as_ref().map(summary))}
            </p>
            {move || table.with(|table| {
                let warnings = table.as_ref().map(|table| table.warnings.clone()).unwrap_or_default();
                warnings.into_iter().map(|warning| view! {
                    <p class="text-warning flex gap-1.5 px-3 pb-1.5 text-xs">
                        <span class="mt-0.5"><Icon path=icons::WARNING class="size-3.5"/></span>
                        {warning}
                    </p>
                }).collect_view()
            })}
            <Show when=move || open.get()>
                {move || table.get().map(|table| view! { <ColumnList table=table.name columns=table.columns/> })}
            </Show>
            <Show when=move || profile.get()>
                {move || table.get().map(|table| view! { <Profile table=table open=profile/> })}
            </Show>
            <Show when=move || preview.get()>
                <Preview name=shown.clone() table=table open=preview/>
            </Show>
        </article>
    }
}

/// Whether rows can be appended to what the table was made of.
fn can_grow(table: &TableInfo) -> bool {
    matches!(table.format.as_str(), "csv" | "ndjson") && table.files.len() == 1
}

fn summary(table: &TableInfo) -> String {
    let rows = match table.rows_estimate {
        0 => t!("no rows").to_owned(),
        1 => t!("1 row").to_owned(),
        rows if table.preview.len() as u64 >= rows => tf!("{a} rows", a = format::count(rows)),
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        rows => tf!("≈ {a} rows", a = format::short(rows as f64)),
    };
    let files =
        if table.files.len() > 1 { tf!(" · {a} files", a = table.files.len()) } else { String::new() };
    format!("{} · {} · {rows}{files}", table.format.to_uppercase(), format::bytes(table.bytes))
}
