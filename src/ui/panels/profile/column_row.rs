//! One column: its figures and how its values are spread.

use leptos::prelude::*;
use millrace_protocol::ColumnInfo;

use super::measure::{Bars, Bin, ColumnProfile, Frequent};
use crate::{
    actions::Actions,
    charts::{ColumnClass, number_text},
    format,
    icons::{self, Icon},
    panels::builder::query::{Filter, Operator},
};

/// Name, figures and bars of a column; a click on a bar filters the query by it and closes the dialog.
#[component]
pub fn ColumnRow(
    table: StoredValue<String>,
    column: ColumnInfo,
    profile: Memo<Option<ColumnProfile>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let actions: Actions = expect_context();
    let class = ColumnClass::of(&column);
    let name = StoredValue::new(column.name.clone());
    let filter = move |conditions: Vec<(Operator, String)>| {
        let filters = conditions.into_iter().map(|(operator, value)| Filter {
            column: name.get_value(),
            operator,
            values: [value, String::new()],
        });
        actions.filter(table.get_value(), filters.collect());
        open.set(false);
    };
    let bars = move || {
        profile.with(|profile| {
            let profile = profile.as_ref()?;
            Some(match &profile.bars {
                Bars::None => ().into_any(),
                Bars::Histogram(bins) => histogram(bins, filter).into_any(),
                Bars::Top(values) => top(values, profile.values, class, filter).into_any(),
            })
        })
    };
    view! {
        <section class="grid gap-x-5 gap-y-2 p-3 sm:grid-cols-[12rem_minmax(0,1fr)_minmax(0,20rem)]" data-column=column.name.clone()>
            <div class="min-w-0">
                <h3 class="flex items-center gap-2 text-sm">
                    <span class="text-base-content/70"><Icon path=icons::of_type(&column.type_name) class="size-3.5"/></span>
                    <span class="truncate font-mono" title=column.name.clone()>{column.name.clone()}</span>
                </h3>
                <p class="text-base-content/70 text-2xs pt-0.5 lowercase">{column.type_name.clone()}</p>
            </div>
            {move || match profile.get() {
                Some(profile) => view! { <Figures profile=profile is_time=class.is_time() filter_nulls=move || filter(vec![(Operator::IsNull, String::new())])/> }.into_any(),
                None => view! { <p class="text-base-content/70 text-xs">{t!("not read yet")}</p> }.into_any(),
            }}
            <div class="min-w-0">{bars}</div>
        </section>
    }
}

#[component]
fn Figures(profile: ColumnProfile, is_time: bool, filter_nulls: impl Fn() + 'static) -> impl IntoView {
    let nulls = profile.rows.saturating_sub(profile.values);
    let range = profile.range.clone().map(|(least, greatest)| {
        view! {
            <Figure label=t!("least") value=least/>
            <Figure label=t!("greatest") value=greatest/>
        }
    });
    let names = ["25 %", "median", "75 %"];
    let quartiles = names.into_iter().zip(profile.quartiles.clone());
    view! {
        <dl
            class="figures grid min-w-0 content-start gap-x-4 gap-y-0.5 text-xs"
            class=(["grid-cols-2", "lg:grid-cols-3"], !is_time)
            class=("xl:grid-cols-2", is_time)
        >
            {(profile.distinct > 0).then(|| view! { <Figure label=t!("distinct") value=about(profile.distinct)/> })}
            <div class="flex min-w-0 items-baseline gap-1.5">
                <dt class="text-base-content/70 shrink-0">{t!("nulls")}</dt>
                <dd class="min-w-0 truncate">
                    {if nulls == 0 {
                        "none".into_any()
                    } else {
                        view! {
                            <button class="link cursor-pointer" title=t!("Show the rows without a value") on:click=move |_| filter_nulls()>
                                {format!("{} ({})", format::count(nulls), share_text(nulls, profile.rows))}
                            </button>
                        }.into_any()
                    }}
                </dd>
            </div>
            {range}
            {profile.mean.clone().map(|mean| view! { <Figure label=t!("mean") value=mean/> })}
            {quartiles.map(|(label, value)| view! { <Figure label=label value=value/> }).collect_view()}
        </dl>
    }
}

#[component]
fn Figure(label: &'static str, value: String) -> impl IntoView {
    view! {
        <div class="flex min-w-0 items-baseline gap-1.5">
            <dt class="text-base-content/70 shrink-0">{label}</dt>
            <dd class="min-w-0 truncate" title=value.clone()>{value.clone()}</dd>
        </div>
    }
}

fn histogram(bins: &[Bin], filter: impl Fn(Vec<(Operator, String)>) + Copy + 'static) -> impl IntoView {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
    let ends = bins.first().zip(bins.last()).map(|(first, last)| (short(&first.low), short(&last.high)));
    let bars = bins.iter().map(|bin| {
        let label = tf!("{a} to {b}: {c}", a = short(&bin.low), b = short(&bin.high), c = format::count(bin.count));
        // What is there at all can be seen.
        let height = if bin.count == 0 { 0.0 } else { (bin.count as f64 / most as f64 * 100.0).max(3.0) };
        let bin = bin.clone();
        view! {
            <button
                class="group flex h-full min-w-0 grow cursor-pointer items-end"
                title=label.clone()
                aria-label=label
                on:click=move |_| filter(conditions(&bin))
            >
                <span class="bg-primary/60 group-hover:bg-primary w-full rounded-t-[1px]" style:height=format!("{height:.1}%")></span>
            </button>
        }
    });
    view! {
        <div class="border-base-300 flex h-14 items-end gap-px border-b">{bars.collect_view()}</div>
        {ends.map(|(low, high)| view! {
            <div class="text-base-content/70 text-2xs figures flex justify-between gap-3 pt-0.5">
                <span class="truncate">{low}</span>
                <span class="truncate">{high}</span>
            </div>
        })}
    }
}

fn top(
    values: &[Frequent],
    total: u64,
    class: ColumnClass,
    filter: impl Fn(Vec<(Operator, String)>) + Copy + 'static,
) -> impl IntoView {
    if values.is_empty() && total > 0 {
        return view! { <p class="text-base-content/70 text-xs">{t!("No value is frequent.")}</p> }
            .into_any();
    }
    let bars = values.iter().map(|Frequent { value, count }| {
        let condition = match (class, value.as_str()) {
            (ColumnClass::Boolean, "true") => (Operator::IsTrue, String::new()),
            (ColumnClass::Boolean, _) => (Operator::IsFalse, String::new()),
            _ => (Operator::Equal, value.clone()),
        };
        let width = *count as f64 / total.max(1) as f64 * 100.0;
        let shown = if value.is_empty() { t!("(empty text)").to_owned() } else { value.clone() };
        view! {
            <button
                class="hover:bg-base-content/6 rounded-field relative block w-full cursor-pointer overflow-hidden px-1.5 py-px text-left text-xs"
                title=format!("{value}: {}", format::count(*count))
                on:click=move |_| filter(vec![condition.clone()])
            >
                <span class="bg-primary/25 absolute inset-y-0 left-0" style:width=format!("{width:.1}%")></span>
                <span class="relative flex justify-between gap-3">
                    <span class="truncate">{shown}</span>
                    <span class="figures text-base-content/70 shrink-0">{share_text(*count, total)}</span>
                </span>
            </button>
        }
    });
    view! { <div class="flex flex-col gap-px">{bars.collect_view()}</div> }.into_any()
}

/// What holds for the values of a histogram's bar, which has no width when all values are one.
fn conditions(bin: &Bin) -> Vec<(Operator, String)> {
    if bin.low == bin.high {
        return vec![(Operator::Equal, bin.low.clone())];
    }
    vec![(Operator::AtLeast, bin.low.clone()), (Operator::Less, bin.high.clone())]
}

/// An end of a histogram's bar as people read it.
fn short(edge: &str) -> String {
    edge.parse::<f64>().map_or_else(|_| edge.to_owned(), number_text)
}

/// A count that is approximate where it is large.
fn about(count: u64) -> String {
    if count < 1000 { format::count(count) } else { format!("≈ {}", format::count(count)) }
}

fn share_text(part: u64, whole: u64) -> String {
    let share = part as f64 / whole.max(1) as f64 * 100.0;
    match share {
        _ if part == 0 => "0 %".to_owned(),
        share if share < 0.1 => "< 0.1 %".to_owned(),
        share if share < 10.0 => format!("{share:.1} %"),
        share => format!("{share:.0} %"),
    }
}
