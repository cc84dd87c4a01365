//! Tables of the work whose files the page does not have: which files these are, and the ways to give them.

use leptos::prelude::*;
use millrace_recipe::Source;

use crate::{
    format,
    icons::{self, Icon},
    panels::drop_area::PickButton,
    recipes::Recipes,
    state::Tables,
};

/// A card that asks for the files of each table; nothing while all are there.
#[component]
pub fn NeededFiles() -> impl IntoView {
    let tables = expect_context::<Tables>();
    let recipes = expect_context::<Recipes>();
    let can_ask = Memo::new(move |_| recipes.can_ask_again());
    let one = move |source: Source| {
        let files = source.files.iter().map(|file| {
            view! {
                <li class="flex items-baseline justify-between gap-2">
                    <span class="truncate font-mono" title=file.name.clone()>{file.name.clone()}</span>
                    <span class="text-base-content/70 figures shrink-0">{format::bytes(file.size_bytes)}</span>
                </li>
            }
        });
        let table = source.table.clone();
        let label = tf!("Leave out {table}", table = table);
        view! {
            <div class="border-base-300 border-t pt-2" data-needed=source.table.clone()>
                <div class="flex items-center justify-between gap-2">
                    <span class="truncate font-medium">{source.table.clone()}</span>
                    <button class="icon-button size-6" aria-label=label.clone() title=label on:click=move |_| recipes.forget_needed(&table)>
                        <Icon path=icons::CLOSE class="size-3"/>
                    </button>
                </div>
                <ul>{files.collect_view()}</ul>
            </div>
        }
    };
    view! {
        <Show when=move || tables.needed.with(|needed| !needed.is_empty())>
            <div class="panel border-warning/60 flex flex-col gap-2 p-3 text-xs" role="status" data-part="needed">
                <p>
                    <span class="font-medium">{t!("These files are needed. ")}</span>
                    {t!("Drop them anywhere in this window: they are known by their names.")}
                </p>
                {move || tables.needed.get().into_iter().map(one).collect_view()}
                <div class="flex flex-wrap gap-2">
                    <Show when=move || can_ask.get()>
                        <button class="btn btn-xs btn-primary" on:click=move |_| recipes.ask_again()>{t!("Allow reading")}</button>
                    </Show>
                    <PickButton class="btn btn-xs">{t!("Choose them")}</PickButton>
                </div>
            </div>
        </Show>
    }
}
