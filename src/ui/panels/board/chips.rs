//! What is selected on the dashboard, as chips that can be taken away.

use leptos::prelude::*;
use millrace_recipe::Query;

use crate::{
    actions::Actions,
    charts::{condition_of, condition_text},
    icons::{self, Icon},
    state::BoardState,
};

/// A chip for each selection, and a button against all of them.
#[component]
pub fn Chips(queries: Memo<Vec<Query>>) -> impl IntoView {
    let board: BoardState = expect_context();
    let actions: Actions = expect_context();
    let chips = Memo::new(move |_| {
        let filters = board.board.with(|board| board.filters.clone());
        let name =
            |id: u32| queries.with(|queries| Some(queries.iter().find(|query| query.id == id)?.name.clone()));
        let chip = |filter: millrace_recipe::LinkedFilter| {
            let conditions: Vec<_> = filter.conditions.iter().filter_map(condition_of).collect();
            Some((filter.query, name(filter.query)?, condition_text(&conditions)))
        };
        filters.into_iter().filter_map(chip).collect::<Vec<_>>()
    });
    view! {
        <div class="flex min-w-0 flex-wrap items-center gap-1.5" role="group" aria-label=t!("Filters") data-part="chips">
            {move || chips.get().into_iter().map(|(query, name, words)| {
                let label = tf!("Remove the filter {words}", words = words);
                view! {
                    <span class="bg-primary/12 text-primary rounded-field inline-flex max-w-96 items-center gap-1 py-0.5 pr-0.5 pl-2 text-xs" title=tf!("Selected in {name}", name = name) data-chip=name.clone()>
                        <span class="truncate">{words}</span>
                        <button class="hover:bg-primary/20 grid size-6 shrink-0 cursor-pointer place-items-center rounded-sm" aria-label=label on:click=move |_| actions.filter_tiles(query, None)>
                            <Icon path=icons::CLOSE class="size-3"/>
                        </button>
                    </span>
                }
            }).collect_view()}
            <Show when=move || chips.with(|chips| chips.len() > 1)>
                <button class="quiet-button" on:click=move |_| actions.unfilter_tiles() data-part="clear-filters">{t!("Clear all")}</button>
            </Show>
        </div>
    }
}
