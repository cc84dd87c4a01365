//! The result of the page's query: a chart, a table and a timeline, while it runs and afterwards.
//!
//! Owns: [`ResultPanel`] and everything below it. `chart_*` draw what `crate::charts` decides;
//! `table_*` show rows that are fetched as they come into view; `timeline` shows what the threads did.
//! Touches: state and the engine client through the context, `www/npm/chart.js`.

mod cell_dialog;
mod cell_text;
mod chart_controls;
mod chart_drawing;
mod chart_js;
mod chart_state;
mod chart_view;
mod column_layout;
mod coverage;
mod figures;
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
use wasm_bindgen_futures::spawn_local;

use self::{chart_js::ChartModule, chart_view::ChartView, table_view::TableView, timeline::TimelineView};
use crate::{browser, state::QueryState};

/// How long the page is left to itself after the panel has come.
const QUIET_MILLIS: i32 = 200;

/// Shows the newest result of the page's query; hidden before there is one.
#[component]
pub fn ResultPanel() -> impl IntoView {
    let query: QueryState = expect_context();
    // The chart library gets ready before there is a query, when nobody watches numbers move.
    spawn_local(async {
        browser::sleep(QUIET_MILLIS).await;
        // A library that cannot be loaded is told about where a chart is missing.
        if let Ok(module) = ChartModule::load().await {
            browser::sleep(0).await;
            module.warm().await;
        }
    });
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
