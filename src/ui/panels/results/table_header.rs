//! Names of the columns: sorted by a click, made wider by a drag.

use leptos::prelude::*;
use millrace_protocol::ColumnInfo;
use wasm_bindgen::JsCast;

use super::table_state::{HEADER_PX, TableState};
use crate::{charts::ColumnClass, state::Estimating};

/// The row that stays on top.
#[component]
pub fn TableHeader(state: TableState) -> impl IntoView {
    let in_view = Memo::new(move |_| state.view.with(|view| view.columns.clone()));
    let shown = move || {
        let in_view = in_view.get();
        state.columns.with(|columns| {
            in_view.filter_map(|index| Some((index, columns.get(index)?.clone()))).collect::<Vec<_>>()
        })
    };
    view! {
        <div
            role="row"
            class="relative z-20 border-b border-base-300 bg-base-200"
            style=format!("height:{HEADER_PX}px")
            aria-rowindex="1"
        >
            <div
                role="columnheader"
                class="sticky left-0 z-20 h-full border-r border-base-300 bg-base-200"
                style:width=move || format!("{}px", state.gutter_px())
                aria-label=t!("Row")
            ></div>
            <For each=shown key=|(index, column)| (*index, column.name.clone(), column.type_name.clone()) let:entry>
                <Name state=state index=entry.0 column=entry.1/>
            </For>
        </div>
    }
}

#[component]
fn Name(state: TableState, index: usize, column: ColumnInfo) -> impl IntoView {
    let estimating: Estimating = expect_context();
    let direction = Memo::new(move |_| {
        let order = state.order.get()?;
        (order.column as usize == index).then_some(order.descending)
    });
    let style = move || {
        let gutter_px = state.gutter_px();
        let (left_px, width_px) = state.layout.with(|layout| (layout.left_px(index), layout.width_px(index)));
        format!("left:{}px;width:{width_px}px", gutter_px + left_px)
    };
    // Where the drag began: the pointer's place and the column's width.
    let drag = StoredValue::new(None::<(f64, f64)>);
    let begin = move |event: web_sys::PointerEvent| {
        event.prevent_default();
        let width_px = state.layout.with_untracked(|layout| layout.width_px(index));
        drag.set_value(Some((f64::from(event.client_x()), width_px)));
        if let Some(handle) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            // Without the capture a drag ends at the handle's edge, which is only less convenient.
            let _ = handle.set_pointer_capture(event.pointer_id());
        }
    };
    let go_on = move |event: web_sys::PointerEvent| {
        if let Some((from_px, width_px)) = drag.get_value() {
            state.set_width(index, width_px + f64::from(event.client_x()) - from_px);
        }
    };
    let about = tf!("{a} · {b} · click to sort", a = column.name, b = column.type_name);
    let title = move || {
        // The engine sorts what it has.
        let by = if estimating.shown.get() { " by the values so far" } else { "" };
        format!("{about}{by}")
    };
    let is_number = ColumnClass::of(&column) == ColumnClass::Number;
    view! {
        <div
            role="columnheader"
            class="absolute inset-y-0"
            style=style
            aria-colindex=(index + 2).to_string()
            aria-sort=move || match direction.get() {
                Some(true) => "descending",
                Some(false) => "ascending",
                None => "none",
            }
        >
            <button
                type="button"
                class="flex h-full w-full cursor-pointer items-center gap-1 px-3 text-left font-medium hover:bg-base-300/60"
                class:flex-row-reverse=is_number
                tabindex="-1"
                title=title
                on:click=move |_| state.sort_from_header(index)
            >
                <span class="truncate">{column.name}</span>
                <span class="w-2.5 shrink-0 text-[10px] text-primary" aria-hidden="true">
                    {move || match direction.get() {
                        Some(true) => "▼",
                        Some(false) => "▲",
                        None => "",
                    }}
                </span>
            </button>
            <span
                class="absolute inset-y-1.5 -right-1 z-10 w-2 cursor-col-resize touch-none border-r border-base-content/15 hover:border-primary"
                style="margin-right: 4px"
                aria-hidden="true"
                on:pointerdown=begin
                on:pointermove=go_on
                on:pointerup=move |_| drag.set_value(None)
                on:pointercancel=move |_| drag.set_value(None)
            ></span>
        </div>
    }
}
