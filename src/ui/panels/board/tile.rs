//! One chart of the dashboard.

use leptos::{ev, html, prelude::*};
use millrace_recipe::{LinkedFilter, origin};

use super::{
    Shared,
    arrange::{Corner, Handle},
    statement::{Statement, known, statement},
    tile_run::{self, Asked},
};
use crate::{
    actions::Actions,
    charts::{Condition, NoChart, linked, summary},
    engine_client::EngineClient,
    icons::{self, Icon},
    panels::results::{
        chart_drawing::{ChartDrawing, Selecting},
        chart_keys::ChartKeys,
        chart_pick::conditions,
        chart_state::ChartState,
        chart_view::notes,
        coverage::Coverage,
        figures::Figures,
    },
    state::{BoardState, EngineState, Estimating, QueryState, StreamState, TabId, Tables, Tabs, Theme},
};

/// What the keys do in a chart, for people and their readers.
const KEYS_HELP: &str =
    n!("Arrow keys go from point to point, with Shift they select and filter the other charts, Escape \
                         selects nothing.");

/// The chart of a query, with a run of its own under the selections in the other charts.
#[component]
pub fn TileView(id: TabId, shared: Shared) -> impl IntoView {
    let actions: Actions = expect_context();
    let tabs: Tabs = expect_context();
    let board: BoardState = expect_context();
    let page_stream: StreamState = expect_context();
    // What is below shows a query of its own in place of the page's.
    let query = QueryState::new();
    provide_context(query);
    let estimating = Estimating::new(query);
    provide_context(estimating);
    let stream = StreamState::new();
    provide_context(stream);

    let name = Memo::new(move |_| {
        let of_tile = |queries: &Vec<millrace_recipe::Query>| {
            queries.iter().find(|query| query.id == id).map(|query| query.name.clone())
        };
        shared.queries.with(of_tile).unwrap_or_default()
    });
    let streams = Memo::new(move |_| tabs.stream_of(id, shared.page, page_stream).map(|(id, _)| id));
    Effect::new(move || {
        let chart = shared
            .queries
            .with(|queries| queries.iter().find(|query| query.id == id).map(|q| q.chart.clone()));
        if let Some(chart) = chart.filter(|chart| query.chart.with_untracked(|before| before != chart)) {
            query.chart.set(chart);
        }
    });
    // A stream is what its tab shows of it.
    Effect::new(move || {
        if let Some((of, result)) = tabs.stream_of(id, shared.page, page_stream) {
            batch(move || {
                stream.id.set(Some(of));
                if let Some(result) = result {
                    query.show(of, result);
                }
            });
        }
    });
    let statement = statement_of(id, shared, streams);
    run_of(statement, query);

    let element: NodeRef<html::Div> = NodeRef::new();
    let section: NodeRef<html::Section> = NodeRef::new();
    let problem = RwSignal::new(None::<String>);
    let state = ChartState::new();
    let theme: Theme = expect_context();
    let drawing = ChartDrawing::new(state, theme, estimating, element, problem, Selecting::Live);
    // What is selected filters at once, so that Enter has nothing to take.
    let keys = ChartKeys::new(state, drawing, Callback::new(|()| {}));
    let unlinkable = RwSignal::new(None::<String>);
    link(id, shared, state, drawing, unlinkable);

    let choice = move || state.choice.get();
    let has_chart = Memo::new(move |_| matches!(choice(), Some(Ok(_))));
    let no_chart = Memo::new(move |_| choice().and_then(Result::err));
    let in_words = Memo::new(move |_| {
        state.with_figure(|source, figure| summary(source, figure, false)).unwrap_or_default()
    });
    let told = Memo::new(move |_| {
        let mut told: Vec<String> = unlinkable.get().into_iter().collect();
        let unlinked = statement.with(|statement| match statement {
            Some(Ok(statement)) => statement.unlinked.clone(),
            _ => Vec::new(),
        });
        told.extend(
            unlinked.into_iter().map(|words| {
                tf!("Not filtered by {words}: what it reads has no such column.", words = words)
            }),
        );
        if streams.get().is_some() && board.board.with(|board| board.filters.iter().any(|f| f.query != id)) {
            told.push(t!("Streams are not filtered.").to_owned());
        }
        told.extend(state.with_figure(notes).unwrap_or_default());
        told
    });
    let failure = move || {
        let of_statement = statement.with(|statement| match statement {
            Some(Err(error)) => Some(error.message.clone()),
            None if streams.get().is_none() => Some(t!("Nothing is asked here yet.").to_owned()),
            _ => None,
        });
        let of_run = || query.error.with(|error| error.as_ref().map(|error| error.message.clone()));
        of_statement.or_else(of_run).or_else(|| problem.get()).or_else(|| state.failure())
    };
    let partial =
        Memo::new(move |_| query.result.with(|result| result.as_ref().is_some_and(|r| r.fraction < 1.0)));
    let size = Memo::new(move |_| {
        board
            .board
            .with(|board| board.tiles.iter().find(|tile| tile.query == id).copied())
            .unwrap_or_default()
    });
    let dropped = move |event: ev::DragEvent| {
        if let Some(moved) = shared.dragged.get_untracked() {
            event.prevent_default();
            actions.move_tile(moved, id);
        }
    };
    let open = move |_| {
        actions.show_board(false);
        actions.open_tab(id);
    };
    view! {
        <section
            node_ref=section
            class="panel relative flex min-h-0 flex-col p-2 md:[grid-column:span_var(--columns)] [grid-row:span_var(--rows)]"
            class:outline-2=move || shared.dragged.get().is_some_and(|dragged| dragged != id)
            class:outline-dashed=move || shared.dragged.get().is_some_and(|dragged| dragged != id)
            class:outline-base-300=move || shared.dragged.get().is_some_and(|dragged| dragged != id)
            style=("--columns", move || size.get().width.to_string())
            style=("--rows", move || size.get().height.to_string())
            aria-label=move || name.get()
            data-tile=move || name.get()
            data-drawn=move || drawing.drawn.get().map(|id| id.to_string())
            data-exact=move || (!partial.get()).to_string()
            on:dragover=move |event: ev::DragEvent| {
                if shared.dragged.with_untracked(Option::is_some) {
                    event.prevent_default();
                }
            }
            on:drop=dropped
        >
            <div class="flex min-w-0 items-center gap-1">
                <Handle id=id name=name shared=shared/>
                <h3 class="min-w-0 truncate text-sm font-medium">{name}</h3>
                <Show when=move || partial.get() || streams.get().is_some()><Coverage/></Show>
                <span class="grow"></span>
                <button class="icon-button size-7" aria-label=move || tf!("Open {a}", a = name.get()) title=t!("Open the query") data-part="open-query" on:click=open>
                    <Icon path=icons::CODE class="size-3.5"/>
                </button>
                <button
                    class="icon-button size-7"
                    aria-label=move || tf!("Take {a} off the dashboard", a = name.get())
                    title=t!("Take it off the dashboard (can be undone)")
                    data-part="remove-tile"
                    on:click=move |_| actions.remove_tile(id)
                >
                    <Icon path=icons::CLOSE class="size-3.5"/>
                </button>
            </div>
            <div class="relative min-h-0 grow" class:hidden=move || !has_chart.get()>
                <div
                    node_ref=element
                    class="absolute inset-0"
                    role="application"
                    tabindex="0"
                    aria-roledescription=t!("chart")
                    aria-label=move || in_words.get()
                    aria-description=crate::texts::text(KEYS_HELP)
                    data-chart="canvas"
                    on:keydown=move |event| keys.press(&event)
                    on:blur=move |_| keys.leave()
                ></div>
            </div>
            <p class="sr-only" role="status">{move || keys.told.get()}</p>
            {move || no_chart.get().map(|why| match why {
                NoChart::SingleRow => view! { <div class="grid min-h-0 grow items-center overflow-y-auto px-2"><Figures plain=true/></div> }.into_any(),
                why => view! { <p class="text-base-content/70 grid grow place-items-center p-2 text-center text-sm">{why.hint()}</p> }.into_any(),
            })}
            <Show when=move || choice().is_none() && failure().is_none()>
                <p class="text-base-content/70 grid grow place-items-center" role="status" aria-label=t!("The first numbers are on their way")>
                    <span class="loading loading-bars loading-sm"></span>
                </p>
            </Show>
            {move || failure().map(|text| view! { <p class="text-error overflow-y-auto p-1 text-sm" role="alert">{text}</p> })}
            <div class="max-h-16 shrink-0 overflow-y-auto pr-5 text-xs opacity-75 empty:hidden" data-part="tile-notes">
                {move || told.get().into_iter().map(|note| view! { <p data-part="note">{note}</p> }).collect_view()}
            </div>
            <Corner id=id tile=section/>
        </section>
    }
}

/// What the chart asks; nothing of a stream, which its tab runs.
fn statement_of(
    id: TabId,
    shared: Shared,
    streams: Memo<Option<millrace_protocol::CommandId>>,
) -> Memo<Option<Result<Statement, millrace_protocol::ErrorInfo>>> {
    let board: BoardState = expect_context();
    let tables: Tables = expect_context();
    Memo::new(move |_| {
        if streams.get().is_some() {
            return None;
        }
        let filters = board.board.with(|board| board.filters.clone());
        shared.queries.with(|queries| tables.list.with(|tables| statement(id, queries, tables, &filters)))
    })
}

fn run_of(statement: Memo<Option<Result<Statement, millrace_protocol::ErrorInfo>>>, query: QueryState) {
    let client: EngineClient = expect_context();
    let engine: EngineState = expect_context();
    let asked = Memo::new(move |_| {
        let generation = engine.generation.get();
        statement.with(|statement| {
            let statement = statement.as_ref()?.as_ref().ok()?;
            Some(Asked { sql: statement.sql.clone(), tables: statement.tables.clone(), generation })
        })
    });
    tile_run::follow(asked, query, client);
}

/// Makes what is selected in the chart a filter of the others, and shows a filter that comes back as a selection.
fn link(
    id: TabId,
    shared: Shared,
    state: ChartState,
    drawing: ChartDrawing,
    unlinkable: RwSignal<Option<String>>,
) {
    let actions: Actions = expect_context();
    let board: BoardState = expect_context();
    let tables: Tables = expect_context();
    Effect::new(move |before: Option<Option<Vec<f64>>>| {
        let ends = drawing.picked.get();
        if before.as_ref().is_none_or(|before| *before == ends) {
            return ends;
        }
        let Some(ends) = ends else {
            unlinkable.set(None);
            actions.filter_tiles(id, None);
            return None;
        };
        let known_ends = board.board.with_untracked(|board| {
            board.filters.iter().any(|filter| filter.query == id && filter.ends == ends)
        });
        if known_ends {
            return Some(ends);
        }
        let selected: Vec<Condition> = state
            .with_figure_untracked(|source, figure| conditions(source, figure, &ends))
            .unwrap_or_default();
        if selected.is_empty() {
            unlinkable.set(None);
            actions.filter_tiles(id, None);
            return Some(ends);
        }
        let queries = shared.queries.get_untracked();
        let tables = tables.list.with_untracked(|tables| known(tables));
        let sql =
            queries.iter().find(|query| query.id == id).map(|query| query.sql.clone()).unwrap_or_default();
        let columns = state.columns.get_untracked();
        let trace = |column: &str, place: usize| origin(&sql, column, place, &queries, &tables);
        match linked(&selected, &columns, trace) {
            Ok(conditions) => {
                unlinkable.set(None);
                actions.filter_tiles(id, Some(LinkedFilter { query: id, ends: ends.clone(), conditions }));
            }
            Err(column) => {
                unlinkable.set(Some(tf!("The other charts cannot be filtered by {column}: it is no value of single rows that they read.", column = column)));
                actions.filter_tiles(id, None);
            }
        }
        Some(ends)
    });
    let filter = Memo::new(move |_| {
        board
            .board
            .with(|board| board.filters.iter().find(|f| f.query == id).map(|filter| filter.ends.clone()))
    });
    Effect::new(move |before: Option<Option<Vec<f64>>>| {
        let ends = filter.get();
        // There is nothing to select in before something is drawn.
        let is_drawn = drawing.drawn.get().is_some();
        let picked = drawing.picked.get_untracked();
        match &ends {
            Some(_) if !is_drawn => {}
            Some(ends) if picked.is_none() => drawing.select(ends.clone()),
            // The same selection may come back from the chart with its ends on pixels.
            Some(ends)
                if picked.as_ref() != Some(ends)
                    && before.as_ref().is_some_and(|before| before.as_ref() != Some(ends)) =>
            {
                drawing.select(ends.clone());
            }
            None if before.flatten().is_some()
                && picked.is_some()
                && unlinkable.get_untracked().is_none() =>
            {
                drawing.clear();
            }
            _ => {}
        }
        ends
    });
}
