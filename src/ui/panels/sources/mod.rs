//! The tables: what they are made of and what is in them.
//!
//! Owns: the list beside the workbench. Touches: `Tables`, [`crate::actions`].

mod adding;
mod column_list;
mod fixed_width;
mod kept;
mod needed;
mod pattern;
mod preview;
mod reading;
mod table_card;
mod table_files;

use leptos::prelude::*;

use crate::{
    actions::Actions,
    icons::{self, Icon},
    panels::{
        drop_area::PickButton, error_card::ErrorCard, sample_button::SampleButton, streams::StreamButton,
    },
    state::Tables,
};
use adding::Adding;
use kept::KeptColumns;
use needed::NeededFiles;
use table_card::TableCard;

/// All tables, with buttons to add more.
#[component]
pub fn SourcesPanel() -> impl IntoView {
    let tables = expect_context::<Tables>();
    let actions = expect_context::<Actions>();
    let names = Memo::new(move |_| {
        tables.list.with(|list| list.iter().map(|table| table.name.clone()).collect::<Vec<_>>())
    });
    view! {
        <section class="flex min-h-0 flex-col" aria-label=t!("Tables") data-panel="sources">
            <div class="flex h-11 shrink-0 items-center justify-between pr-2 pl-4">
                <h2 class="panel-title">{t!("Tables")}</h2>
                <div class="flex items-center">
                    <StreamButton class="quiet-button">
                        <Icon path=icons::STREAM class="size-3.5"/>
                        {t!("Stream")}
                    </StreamButton>
                    <PickButton class="quiet-button">
                        <Icon path=icons::PLUS class="size-3.5"/>
                        {t!("Add files")}
                    </PickButton>
                </div>
            </div>
            <div class="flex min-h-0 grow flex-col gap-2 overflow-y-auto px-3 pb-3">
                <For
                    each=move || tables.failures.get().into_iter().enumerate()
                    key=|(index, (name, error))| (*index, name.clone(), error.message.clone())
                    let:((index, (name, error)))
                >
                    <ErrorCard
                        error=error
                        subject=name
                        compact=true
                        on_close=move || tables.failures.update(|failures| {
                            if index < failures.len() {
                                failures.remove(index);
                            }
                        })
                    />
                </For>
                <NeededFiles/>
                <For each=move || tables.alike.get() key=Clone::clone let:alike>
                    <Alike names=alike/>
                </For>
                <For each=move || names.get() key=Clone::clone let:name>
                    <TableCard name=name/>
                </For>
                <For each=move || tables.adding.get() key=Clone::clone let:name>
                    <Adding name=name/>
                </For>
                <Show when=move || names.with(Vec::is_empty) && tables.needed.with(Vec::is_empty)>
                    <div class="text-base-content/70 flex flex-col items-start gap-3 p-1 text-xs">
                        <p>{t!("No tables yet. Drop files anywhere in this window.")}</p>
                        <SampleButton/>
                        <button class="quiet-button -ml-2" on:click=move |_| actions.close_workbench()>
                            {t!("Back to the start")}
                        </button>
                    </div>
                </Show>
            </div>
            <KeptColumns/>
        </section>
    }
}

/// Offers to make one table of several that came together with the same columns.
#[component]
fn Alike(names: Vec<String>) -> impl IntoView {
    let (tables, actions) = (expect_context::<Tables>(), expect_context::<Actions>());
    let names = StoredValue::new(names);
    let dismiss = move |_| tables.alike.update(|offers| offers.retain(|offer| *offer != names.get_value()));
    view! {
        <div class="panel flex items-center gap-2 p-2.5 text-xs" role="status" data-part="alike">
            <span class="grow">{tf!("{a} tables have the same columns.", a = names.with_value(Vec::len))}</span>
            <button class="btn btn-xs" on:click=move |_| actions.join_tables(names.get_value())>{t!("Make one table")}</button>
            <button class="icon-button size-6" aria-label=t!("Leave them apart") title=t!("Leave them apart") on:click=dismiss>
                <Icon path=icons::CLOSE class="size-3.5"/>
            </button>
        </div>
    }
}
