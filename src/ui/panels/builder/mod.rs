//! The builder: cards whose choices are written into the editor as SQL.
//!
//! Owns: the choices ([`query`], [`window`]), the statement they make ([`sql`], [`literal`]) and the cards.
//! Touches: the text of the editor through `state::QueryState`, and the tables. It reads no SQL: text
//! that a person wrote is left alone until the person gives it back.

mod aggregate_card;
mod builder_state;
mod filter_card;
mod first_query;
mod group_card;
pub mod literal;
mod order_card;
mod picked;
mod pickers;
pub mod query;
mod saved;
pub mod sql;
#[cfg(test)]
mod test_table;
pub mod window;
mod window_card;

use leptos::prelude::*;

use self::{
    aggregate_card::AggregateCard, builder_state::BuilderState, filter_card::FilterCard,
    group_card::GroupCard, order_card::OrderCard, window_card::WindowCard,
};

/// Choices that write a query.
#[component]
pub fn BuilderPanel() -> impl IntoView {
    let state = BuilderState::new();
    let has_tables = Memo::new(move |_| state.tables.list.with(|list| !list.is_empty()));
    let names =
        move || state.tables.list.with(|list| list.iter().map(|t| t.name.clone()).collect::<Vec<_>>());
    let chosen = move || state.choices.with(|choices| choices.table.clone());
    view! {
        <section class="@container flex flex-col gap-3 p-3 text-sm" aria-label="Query builder" data-panel="builder">
            <Show
                when=move || has_tables.get()
                fallback=|| view! { <p class="text-base-content/70 text-xs">"Add a file, and build a query over it here."</p> }
            >
                <Show when=move || !state.attached.get()>
                    <div class="flex items-center gap-3 rounded-field bg-base-200 px-3 py-2" role="status" data-builder="detached">
                        <p class="min-w-0 grow text-xs text-base-content/70">
                            "The SQL was edited by hand. The builder is detached from it."
                        </p>
                        <button
                            type="button"
                            class="btn btn-xs"
                            title="Replace the SQL by what these choices say"
                            on:click=move |_| state.write()
                            data-builder="take-over"
                        >
                            "Take over"
                        </button>
                    </div>
                </Show>
                <fieldset
                    class="flex min-w-0 flex-col gap-2 transition-opacity"
                    class:opacity-80=move || !state.attached.get()
                    disabled=move || !state.attached.get()
                >
                    <Card label="From">
                        <select
                            class="select select-xs w-auto max-w-full"
                            aria-label="Table"
                            on:change=move |event| state.choose_table(&event_target_value(&event))
                        >
                            {move || {
                                let chosen = chosen();
                                names()
                                    .into_iter()
                                    .map(|name| {
                                        let selected = name == chosen;
                                        view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
                                    })
                                    .collect_view()
                            }}
                        </select>
                    </Card>
                    <Card label="Where"><FilterCard state=state/></Card>
                    <Card label="Window"><WindowCard state=state/></Card>
                    <Card label="Group by"><GroupCard state=state/></Card>
                    <Card label="Compute"><AggregateCard state=state/></Card>
                    <Card label="Order"><OrderCard state=state/></Card>
                </fieldset>
            </Show>
        </section>
    }
}

/// A part of the query, with its name.
#[component]
fn Card(label: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="grid grid-cols-1 gap-1 @xs:grid-cols-[4.75rem_minmax(0,1fr)] @xs:gap-2" role="group" aria-label=label>
            <div class="panel-title @xs:pt-1">{label}</div>
            <div class="flex min-w-0 flex-wrap items-center gap-1.5">{children()}</div>
        </div>
    }
}
