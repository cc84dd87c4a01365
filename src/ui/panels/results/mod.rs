//! The result of the page's query: a chart, a table and a timeline, while it runs and afterwards.
//!
//! Owns: [`ResultPanel`] and everything below it. `chart_*` draw what `crate::charts` decides;
//! `table_*` show rows that are fetched as they come into view; `timeline` shows what the threads did.
//! Touches: state and the engine client through the context, `www/npm/chart.js`.

mod cell_dialog;
mod cell_text;
mod chart_controls;
pub mod chart_drawing;
mod chart_js;
pub mod chart_keys;
mod chart_menu;
mod chart_options;
pub mod chart_pick;
mod chart_side;
pub mod chart_state;
mod chart_table;
pub mod chart_view;
mod column_layout;
pub mod coverage;
pub mod figures;
mod final_text;
mod latest;
mod page_cache;
mod table_header;
mod table_keys;
mod table_row;
mod table_state;
mod table_toolbar;
mod table_view;
mod timeline;
mod virtual_scroll;

use leptos::prelude::*;

use self::{chart_view::ChartView, table_view::TableView, timeline::TimelineView};
use crate::state::QueryState;

/// Shows the newest result of the page's query; hidden before there is one.
#[component]
pub fn ResultPanel() -> impl IntoView {
    let query: QueryState = expect_context();
    let has_result = Memo::new(move |_| query.result.with(Option::is_some));
    // Everything is there from the start, because making it would hold up the first numbers.
    view! {
        <div class="flex min-w-0 flex-col gap-3" class:hidden=move || !has_result.get() data-panel="result">
            <ChartView/>
            <TableView/>
        </div>
        <TimelineView/>
    }
}
