//! A row of the table that is in view.

use leptos::prelude::*;
use millrace_protocol::Cell;

use super::{
    cell_dialog::OpenCell, cell_text, final_text::final_text, page_cache::FinalValue,
    table_state::TableState, virtual_scroll::ROW_HEIGHT_PX,
};
use crate::{charts::ColumnClass, format};

/// The row at a place of the view, counted from 0; scrolling gives it other cells.
#[component]
pub fn RowView(state: TableState, place: u64, open: RwSignal<Option<OpenCell>>) -> impl IntoView {
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
                    let final_value = state.final_value(row_index, column);
                    let place = Place { row: row_index, column, style, is_active };
                    Some(cell_view(place, cell, class, final_value))
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
                class="sticky left-0 z-10 h-full border-r border-base-200 bg-base-100 pr-2 text-right text-xs leading-[27px] tabular-nums text-base-content/70 select-none"
                style:width=move || format!("{}px", state.gutter_px())
            >
                {move || format::count(index.get() + 1)}
            </div>
            {cells}
        </div>
    }
}

/// Where a cell stands.
struct Place {
    row: u64,
    column: usize,
    style: String,
    is_active: bool,
}

fn cell_view(
    place: Place,
    cell: Option<&Cell>,
    class: ColumnClass,
    final_value: Option<FinalValue>,
) -> impl IntoView + use<> {
    let Place { row, column, style, is_active } = place;
    let shown = cell.map(|cell| cell_text::shown(cell, class));
    let mut classes =
        "absolute inset-y-0 truncate px-3 leading-[27px] select-none whitespace-pre ".to_owned();
    classes += match class {
        ColumnClass::Number => "text-right tabular-nums ",
        ColumnClass::Timestamp | ColumnClass::Date => "tabular-nums ",
        ColumnClass::Boolean | ColumnClass::Text => "",
    };
    if shown.as_ref().is_some_and(|shown| shown.is_null) {
        classes += "italic text-base-content/70 ";
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
    let estimated = cell.zip(final_value).and_then(|(cell, value)| final_text(cell, &text, value));
    let mark = estimated.as_ref().map(|estimated| if estimated.is_estimate { "estimate" } else { "so-far" });
    if mark == Some("so-far") {
        classes += "italic text-base-content/70 ";
    }
    let (text, title) = estimated.map_or((text, title), |estimated| (estimated.text, estimated.title));
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
            data-final=mark
        >
            {text}
        </div>
    }
}

fn column_at(event: &web_sys::MouseEvent) -> Option<usize> {
    let target: web_sys::Element = event_target(event);
    target.closest("[data-column]").ok()??.get_attribute("data-column")?.parse().ok()
}
