//! The dashboard: charts of several queries in a grid, of which each filters the others.
//!
//! Owns: the grid ([`BoardPanel`]), how charts are moved and resized ([`arrange`]), and what a chart asks of the engine
//! under the selections of the others ([`statement`], [`tile_run`]).
//! Touches: state and the engine client through the context; charts are drawn by what `results` draws them with.

mod arrange;
mod chips;
mod statement;
mod tile;
mod tile_run;

use leptos::prelude::*;

use self::{chips::Chips, tile::TileView};
use crate::{
    actions::Actions,
    icons::{self, Icon},
    state::{BoardState, QueryState, TabId, Tabs},
};

/// What the charts of the dashboard share. `Copy`.
#[derive(Clone, Copy)]
pub struct Shared {
    /// All queries.
    pub queries: Memo<Vec<millrace_recipe::Query>>,
    /// The query of the open tab, which the charts do not show.
    pub page: QueryState,
    /// The chart that is being dragged.
    pub dragged: RwSignal<Option<TabId>>,
}

/// The dashboard.
#[component]
pub fn BoardPanel() -> impl IntoView {
    let board: BoardState = expect_context();
    let tabs: Tabs = expect_context();
    let actions: Actions = expect_context();
    let page: QueryState = expect_context();
    let shared =
        Shared { queries: Memo::new(move |_| tabs.queries(page)), page, dragged: RwSignal::new(None) };
    let is_there = move |id: u32| tabs.list.with(|list| list.iter().any(|tab| tab.id == id));
    let shown = Memo::new(move |_| {
        let ids = board.board.with(|board| board.tiles.iter().map(|tile| tile.query).collect::<Vec<_>>());
        ids.into_iter().filter(|id| is_there(*id)).collect::<Vec<_>>()
    });
    view! {
        <div class="flex min-h-0 min-w-0 flex-col gap-3 p-3 lg:overflow-y-auto" data-panel="board">
            <div class="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-2">
                <button class="btn btn-sm" on:click=move |_| actions.show_board(false) data-part="leave-board">
                    <Icon path=icons::BACK class="size-4"/>
                    {t!("Queries")}
                </button>
                <h2 class="text-base font-semibold">{t!("Dashboard")}</h2>
                <Chips queries=shared.queries/>
                <div class="ml-auto"><AddTile shown=shown/></div>
            </div>
            <Show when=move || shown.with(Vec::is_empty)>
                <div class="border-base-300 rounded-box text-base-content/70 grid min-h-56 grow place-items-center border border-dashed p-6 text-center">
                    <div class="flex max-w-md flex-col items-center gap-3">
                        <Icon path=icons::BOARD class="size-8"/>
                        <p>{t!("Charts of several queries beside each other. Drag over one of them, and the others show the rows that you selected.")}</p>
                        <button class="btn btn-primary btn-sm" on:click=move |_| add_all(actions, tabs) data-part="add-all">
                            {t!("Add all queries")}
                        </button>
                    </div>
                </div>
            </Show>
            <div class="grid auto-rows-[4.75rem] grid-cols-1 gap-3 md:grid-cols-12" data-part="grid">
                <For each=move || shown.get() key=|id| *id let:id>
                    <TileView id=id shared=shared/>
                </For>
            </div>
        </div>
    }
}

fn add_all(actions: Actions, tabs: Tabs) {
    let ids: Vec<TabId> = tabs.list.with_untracked(|list| list.iter().map(|tab| tab.id).collect());
    actions.add_tiles(&ids);
}

/// The queries that are not on the dashboard yet, to be put there.
#[component]
fn AddTile(shown: Memo<Vec<TabId>>) -> impl IntoView {
    let tabs: Tabs = expect_context();
    let actions: Actions = expect_context();
    let others = Memo::new(move |_| {
        let shown = shown.get();
        tabs.list.with(|list| list.iter().filter(|tab| !shown.contains(&tab.id)).cloned().collect::<Vec<_>>())
    });
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event);
        if let Ok(id) = chosen.parse() {
            actions.add_tiles(&[id]);
        }
    };
    view! {
        <Show when=move || others.with(|others| !others.is_empty())>
            <select class="select select-sm w-44" aria-label=t!("Add the chart of a query") data-part="add-tile" prop:value="" on:change=choose>
                <option value="" selected>{t!("Add a chart …")}</option>
                {move || others.get().into_iter().map(|tab| view! {
                    <option value=tab.id.to_string()>{tab.name}</option>
                }).collect_view()}
            </select>
        </Show>
    }
}
