//! The result of the query: table and chart.

use leptos::prelude::*;

/// Shows the newest result of the page's query.
#[component]
pub fn ResultPanel() -> impl IntoView {
    view! { <section></section> }
}
