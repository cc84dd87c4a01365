//! The result as a table of any length.

use leptos::prelude::*;

use super::{
    cell_dialog::{CellDialog, OpenCell},
    chart_drawing::observed_width,
    table_header::TableHeader,
    table_keys::{KeyAction, key_action},
    table_row::RowView,
    table_state::TableState,
    table_toolbar::TableToolbar,
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
        <section class="panel shrink-0 overflow-hidden" aria-label=t!("Rows") data-panel="rows">
            <TableToolbar state=state/>
            <div
                node_ref=state.scroller
                class="group/grid relative max-h-[26rem] min-h-24 overflow-auto overscroll-x-contain border-t border-base-300 text-[13px] focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-primary"
                style="contain: content"
                tabindex="0"
                role="grid"
                aria-label=t!("Result rows")
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
                    <p class="absolute inset-x-0 top-12 text-center text-sm opacity-75">
                        {move || if state.columns.with(Vec::is_empty) {
                            t!("The result has no columns.")
                        } else {
                            t!("No rows.")
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
