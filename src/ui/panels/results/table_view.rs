//! The result as a table of any length.

use leptos::prelude::*;
use millrace_protocol::Cell;
use wasm_bindgen_futures::spawn_local;

use super::{
    cell_dialog::{CellDialog, OpenCell},
    cell_text,
    chart_drawing::observed_width,
    chart_view::reason,
    coverage::Coverage,
    table_header::TableHeader,
    table_keys::{KeyAction, key_action},
    table_state::TableState,
    virtual_scroll::ROW_HEIGHT_PX,
};
use crate::{
    browser,
    charts::ColumnClass,
    engine_client::EngineClient,
    format,
    icons::{self, Icon},
    state::QueryState,
};

/// Rows of the newest result.
#[component]
pub fn TableView() -> impl IntoView {
    let state = TableState::new();
    let open = RwSignal::new(None::<OpenCell>);
    let width_px = observed_width(state.scroller, move || state.resized());
    Effect::new(move || {
        width_px.track();
        state.content_px();
        state.resized();
    });
    let places = Memo::new(move |_| state.view.with(|view| view.rows));
    let size = move || {
        let width_px = state.gutter_px() + state.layout.with(super::column_layout::ColumnLayout::total_px);
        format!("height:{}px;width:{width_px}px;min-width:100%", state.content_px())
    };
    let is_empty = move || state.row_count.get() == 0;
    view! {
        <section class="panel shrink-0 overflow-hidden" aria-label="Rows" data-panel="rows">
            <Toolbar state=state/>
            <div
                node_ref=state.scroller
                class="group/grid relative max-h-[26rem] min-h-24 overflow-auto overscroll-x-contain border-t border-base-300 text-[13px] focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-primary"
                style="contain: content"
                tabindex="0"
                role="grid"
                aria-label="Result rows"
                aria-rowcount=move || (state.row_count.get() + 1).to_string()
                aria-colcount=move || (state.columns.with(Vec::len) + 1).to_string()
                aria-busy=move || state.sorting.get().to_string()
                aria-activedescendant=move || {
                    let (row, column) = state.active.get();
                    format!("cell-{row}-{column}")
                }
                on:scroll=move |_| state.scrolled()
                on:keydown=move |event| press(state, open, &event)
            >
                <div style=size>
                    <div
                        class="sticky top-0"
                        style:height=move || format!("{}px", state.view.with(|view| view.height_px))
                        style:overflow="clip"
                    >
                        <TableHeader state=state/>
                        <div
                            class="transition-opacity duration-150"
                            class:opacity-50=move || state.sorting.get()
                            style:transform=move || {
                                format!("translateY(-{}px)", state.view.with(|view| view.hidden_px))
                            }
                        >
                            <For each=move || 0..places.get() key=|place| *place let:place>
                                <RowView state=state place=place open=open/>
                            </For>
                        </div>
                    </div>
                </div>
                <Show when=is_empty>
                    <p class="absolute inset-x-0 top-12 text-center text-sm opacity-60">
                        {move || if state.columns.with(Vec::is_empty) {
                            "The result has no columns."
                        } else {
                            "No rows."
                        }}
                    </p>
                </Show>
            </div>
            {move || state.problem.get().map(|text| view! {
                <p class="border-t border-base-300 px-4 py-2 text-sm text-error" role="alert">{text}</p>
            })}
            <CellDialog open=open/>
        </section>
    }
}

#[component]
fn Toolbar(state: TableState) -> impl IntoView {
    let query: QueryState = expect_context();
    let client: EngineClient = expect_context();
    let saving = RwSignal::new(false);
    let save = move |_| {
        let Some(id) = query.id.get_untracked() else { return };
        if saving.get_untracked() {
            return;
        }
        saving.set(true);
        let order = state.order.get_untracked();
        spawn_local(async move {
            let failure = match client.export(id, order).await {
                Ok(file) => browser::download(&file, "millrace-result.csv").err().map(|e| reason(&e)),
                Err(error) => Some(error.message),
            };
            drop(state.problem.try_set(failure.map(|why| format!("The CSV file could not be saved: {why}"))));
            let _ = saving.try_set(false);
        });
    };
    let size = move || {
        let (rows, columns) = (state.row_count.get(), state.columns.with(Vec::len));
        let s = |count: u64| if count == 1 { "" } else { "s" };
        format!(
            "{} row{} · {} column{}",
            format::count(rows),
            s(rows),
            format::count(columns as u64),
            s(columns as u64)
        )
    };
    view! {
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 sm:px-4">
            <h3 class="text-sm font-medium tabular-nums" data-rows=move || state.row_count.get().to_string()>
                {size}
            </h3>
            <Coverage/>
            <Show when=move || state.sorting.get()>
                <span class="loading loading-spinner loading-xs opacity-60" aria-label="Sorting"></span>
            </Show>
            <button
                type="button"
                class="quiet-button ml-auto disabled:opacity-40"
                disabled=move || saving.get() || state.columns.with(Vec::is_empty)
                on:click=save
                title="Save all rows, in the order shown, as a CSV file"
                data-download="csv"
            >
                <Icon path=icons::DROP class="size-3.5"/>
                {move || if saving.get() { "Writing…" } else { "CSV" }}
            </button>
        </div>
    }
}

#[component]
fn RowView(state: TableState, place: u64, open: RwSignal<Option<OpenCell>>) -> impl IntoView {
    let index = Memo::new(move |_| state.view.with(|view| view.first_row) + place);
    let in_view = Memo::new(move |_| state.view.with(|view| view.columns.clone()));
    let cells = move || {
        let row_index = index.get();
        let row = state.row(row_index);
        let (active_row, active_column) = state.active.get();
        let gutter_px = state.gutter_px();
        state.columns.with(|columns| {
            state.layout.with(|layout| {
                let cells = in_view.get().filter_map(|column| {
                    let class = ColumnClass::of(columns.get(column)?);
                    let cell = row.as_ref().and_then(|row| row.get(column));
                    let left_px = gutter_px + layout.left_px(column);
                    let style = format!("left:{left_px}px;width:{}px", layout.width_px(column));
                    let is_active = row_index == active_row && column == active_column;
                    Some(cell_view(row_index, column, cell, class, style, is_active))
                });
                cells.collect_view()
            })
        })
    };
    let activate = move |event: web_sys::MouseEvent| {
        if let Some(column) = column_at(&event) {
            state.activate(index.get_untracked(), column);
        }
    };
    let open_cell = move |event: web_sys::MouseEvent| {
        if let Some(column) = column_at(&event) {
            open.set(OpenCell::of(state, index.get_untracked(), column));
        }
    };
    view! {
        <div
            role="row"
            class="group relative border-b border-base-200 hover:bg-base-200/60"
            style=format!("height:{ROW_HEIGHT_PX}px")
            aria-rowindex=move || (index.get() + 2).to_string()
            on:click=activate
            on:dblclick=open_cell
        >
            <div
                role="rowheader"
                class="sticky left-0 z-10 h-full border-r border-base-200 bg-base-100 pr-2 text-right text-xs leading-[27px] tabular-nums text-base-content/45 select-none"
                style:width=move || format!("{}px", state.gutter_px())
            >
                {move || format::count(index.get() + 1)}
            </div>
            {cells}
        </div>
    }
}

fn cell_view(
    row: u64,
    column: usize,
    cell: Option<&Cell>,
    class: ColumnClass,
    style: String,
    is_active: bool,
) -> impl IntoView + use<> {
    let shown = cell.map(|cell| cell_text::shown(cell, class));
    let mut classes =
        "absolute inset-y-0 truncate px-3 leading-[27px] select-none whitespace-pre ".to_owned();
    classes += match class {
        ColumnClass::Number => "text-right tabular-nums ",
        ColumnClass::Timestamp | ColumnClass::Date => "tabular-nums ",
        ColumnClass::Boolean | ColumnClass::Text => "",
    };
    if shown.as_ref().is_some_and(|shown| shown.is_null) {
        classes += "italic text-base-content/40 ";
    }
    if is_active {
        classes += "group-focus/grid:inset-ring-2 group-focus/grid:inset-ring-primary ";
    }
    let title = match (&shown, cell) {
        // A browser's hint is no place for megabytes.
        (Some(shown), Some(cell)) if shown.is_short => cell_text::full(cell).chars().take(1000).collect(),
        (Some(shown), _) if shown.text.len() > 24 => shown.text.clone(),
        _ => String::new(),
    };
    let text = shown.map_or_else(|| "…".to_owned(), |shown| shown.text);
    view! {
        <div
            role="gridcell"
            id=format!("cell-{row}-{column}")
            aria-colindex=(column + 2).to_string()
            aria-selected=is_active.then_some("true")
            class=classes
            style=style
            title=(!title.is_empty()).then_some(title)
            data-column=column.to_string()
        >
            {text}
        </div>
    }
}

fn column_at(event: &web_sys::MouseEvent) -> Option<usize> {
    let target: web_sys::Element = event_target(event);
    target.closest("[data-column]").ok()??.get_attribute("data-column")?.parse().ok()
}

fn press(state: TableState, open: RwSignal<Option<OpenCell>>, event: &web_sys::KeyboardEvent) {
    let at = state.active.get_untracked();
    let rows = state.row_count.get_untracked();
    let columns = state.columns.with_untracked(Vec::len);
    let command = event.ctrl_key() || event.meta_key();
    let Some(action) = key_action(&event.key(), command, at, rows, columns, state.page_rows()) else {
        return;
    };
    event.prevent_default();
    match action {
        KeyAction::Move(row, column) => state.activate(row, column),
        KeyAction::Sort => state.cycle_order(at.1),
        KeyAction::Open => open.set(OpenCell::of(state, at.0, at.1)),
        KeyAction::Copy => {
            if let Some(cell) = OpenCell::of(state, at.0, at.1) {
                cell.copy();
            }
        }
    }
}
