//! The columns of a table; a click writes one into the query.

use leptos::prelude::*;
use millrace_protocol::ColumnInfo;

use crate::{
    actions::Actions,
    icons::{self, Icon},
    state::Tables,
};

/// Columns that are in the page at once; wide tables get a filter instead of a longer list.
const SHOWN: usize = 60;

/// Names and types, with a filter where there are many.
#[component]
pub fn ColumnList(table: String, columns: Vec<ColumnInfo>) -> impl IntoView {
    let tables = expect_context::<Tables>();
    let table = StoredValue::new(table);
    let kept_share = move |column: &str| {
        tables.cache.with(|cache| {
            let mut columns = cache.columns.iter();
            let kept =
                columns.find(|kept| kept.column == column && table.with_value(|table| kept.table == *table));
            kept.map(|kept| (kept.fraction, kept.disk_bytes > 0))
        })
    };
    let actions = expect_context::<Actions>();
    let total = columns.len();
    let columns = StoredValue::new(columns);
    let filter = RwSignal::new(String::new());
    let shown = move || {
        let wanted = filter.get().to_lowercase();
        columns.with_value(|columns| {
            let fitting = columns
                .iter()
                .enumerate()
                .filter(|(_, column)| wanted.is_empty() || column.name.to_lowercase().contains(&wanted));
            fitting.take(SHOWN).map(|(index, column)| (index, column.clone())).collect::<Vec<_>>()
        })
    };
    view! {
        <Show when=move || { total > 12 }>
            <div class="px-3 pb-1.5">
                <input
                    class="input input-xs w-full"
                    type="search"
                    placeholder=tf!("Filter {total} columns", total = total)
                    aria-label=t!("Filter columns")
                    prop:value=filter
                    on:input=move |event| filter.set(event_target_value(&event))
                />
            </div>
        </Show>
        <ul class="px-1.5 pb-2">
            <For each=shown key=|(index, _)| *index let:((_, column))>
                {
                    let name = column.name.clone();
                    let kept_name = column.name.clone();
                    let kept = Memo::new(move |_| kept_share(&kept_name));
                    view! {
                        <li>
                            <button
                                class="group hover:bg-base-content/6 rounded-field flex w-full cursor-pointer items-center gap-2 px-2 py-[3px] text-left text-xs"
                                title=t!("Insert into the query")
                                on:click=move |_| actions.insert(name.clone())
                            >
                                <span class="text-base-content/70 group-hover:text-primary">
                                    <Icon path=icons::of_type(&column.type_name) class="size-3.5"/>
                                </span>
                                <span class="min-w-0 grow truncate font-mono">{column.name.clone()}</span>
                                {move || kept.get().map(|(share, on_disk)| view! {
                                    <span
                                        class="bg-primary/60 size-1.5 shrink-0 rounded-full"
                                        title=kept_text(share, on_disk)
                                        role="img"
                                        aria-label=kept_text(share, on_disk)
                                    ></span>
                                })}
                                <span class="text-base-content/70 text-2xs shrink-0 lowercase">{column.type_name.clone()}</span>
                            </button>
                        </li>
                    }
                }
            </For>
        </ul>
        <Show when=move || { total > SHOWN && filter.with(String::is_empty) }>
            <p class="text-base-content/70 px-3 pb-2 text-xs">{tf!("and {a} more", a = total - SHOWN)}</p>
        </Show>
    }
}

fn kept_text(share: f64, on_disk: bool) -> String {
    let place = if on_disk { t!("in memory and on disk") } else { t!("in memory") };
    if share >= 1.0 { place.to_owned() } else { format!("{:.0} % {place}", (share * 100.0).clamp(1.0, 99.0)) }
}
