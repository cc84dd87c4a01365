//! The chart: settings, drawing, and what there is to say about it.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::{
    chart_controls::ChartControls, chart_drawing::ChartDrawing, chart_state::ChartState, coverage::Coverage,
    figures::Figures,
};
use crate::{
    browser,
    charts::{ChartChoice, Estimated, Interval, NoChart, Palette, estimated_of, summary},
    format,
    icons::{self, Icon},
    state::{Estimating, Theme},
};

/// The chart of the newest result, or a hint why there is none.
#[component]
pub fn ChartView() -> impl IntoView {
    let state = ChartState::new();
    let theme: Theme = expect_context();
    let estimating: Estimating = expect_context();
    let element: NodeRef<html::Div> = NodeRef::new();
    let problem = RwSignal::new(None::<String>);
    let drawing = ChartDrawing::new(state, theme, estimating, element, problem);

    let has_chart = Memo::new(move |_| matches!(state.choice.get(), Some(Ok(_))));
    let no_chart = Memo::new(move |_| state.choice.get().and_then(Result::err));
    let in_words = Memo::new(move |_| {
        state.answered.with(|answered| match answered {
            Some((question, Ok(page))) => {
                let estimated = page.result.fraction < 1.0 && estimating.shown.get();
                summary(&question.choice, &page.result.columns, page, estimated)
            }
            _ => String::new(),
        })
    });
    let left_out = Memo::new(move |_| {
        state.answered.with(|answered| match answered {
            Some((_, Ok(page))) => page.rows_left_out,
            _ => 0,
        })
    });
    let estimated = Memo::new(move |_| {
        estimating.shown.get().then(|| {
            state.answered.with(|answered| match answered {
                Some((question, Ok(page))) if page.result.fraction < 1.0 => {
                    Some(estimated_note(&question.choice, estimated_of(page), page.groups.len()))
                }
                _ => None,
            })
        })?
    });
    let failure = move || problem.get().or_else(|| state.failure());
    let save = move |_| {
        spawn_local(async move {
            let background = Palette::of(theme.dark.get_untracked()).background;
            let saved = match drawing.png(background).await {
                Some(Ok(picture)) => browser::download(&picture, "millrace-chart.png"),
                Some(Err(refused)) => Err(refused),
                None => Ok(()),
            };
            if let Err(refused) = saved {
                problem.set(Some(format!("The chart could not be saved: {}", reason(&refused))));
            }
        });
    };
    view! {
        <section class="panel shrink-0 p-3" aria-label="Chart" data-panel="chart">
            <div class="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2" class:hidden=move || !has_chart.get()>
                <ChartControls state=state/>
                <div class="ml-auto flex items-center gap-2">
                    <Coverage/>
                    <button type="button" class="quiet-button" on:click=save title="Save the chart as a picture" data-download="png">
                        <Icon path=icons::DROP class="size-3.5"/>
                        "PNG"
                    </button>
                </div>
            </div>
            <figure class="relative m-0" class:hidden=move || !has_chart.get()>
                <div
                    node_ref=element
                    class="h-64 w-full sm:h-80"
                    role="img"
                    aria-label=move || in_words.get()
                    data-chart="canvas"
                ></div>
                <figcaption class="mt-1 text-xs opacity-70 empty:hidden">
                    {move || match left_out.get() {
                        0 => String::new(),
                        rows => format!(
                            "{} rows are not drawn: a chart shows up to 12 series and thins out long ones, keeping their highs and lows.",
                            format::count(rows),
                        ),
                    }}
                    {move || estimated.get().map(|note| view! { <span class="block" data-part="estimated-note">{note}</span> })}
                </figcaption>
            </figure>
            {move || failure().map(|text| view! { <p class="text-sm text-error" role="alert">{text}</p> })}
            {move || no_chart.get().map(|why| view! { <NoChartHint why/> })}
        </section>
    }
}

/// What the marks of a chart of estimates mean.
fn estimated_note(choice: &ChartChoice, estimated: Estimated, series: usize) -> String {
    let Estimated { points, so_far, series_so_far } = estimated;
    if points == 0 {
        return "Not estimated: the values are what was read so far.".to_owned();
    }
    let stacked = choice.stacked && choice.kind().stackable && series > 1;
    let (intervals, apart) = match (stacked, choice.kind().interval) {
        (true, _) => ("point at them for their 95 % intervals", "Some"),
        (false, Interval::Whisker) => ("whiskers are 95 % intervals", "Pale bars"),
        (false, Interval::Band) => ("bands are 95 % intervals", "Hollow points"),
    };
    let mut note = format!("Estimated final values; {intervals}.");
    if so_far > 0 {
        note += &format!(" {apart} are not estimated: they show what was read so far.");
    }
    if series_so_far > 0 {
        note += " Series that cannot be estimated show what was read so far.";
    }
    note
}

#[component]
fn NoChartHint(why: NoChart) -> impl IntoView {
    match why {
        NoChart::SingleRow => view! { <Figures/> }.into_any(),
        why => view! {
            <div class="flex items-center gap-3 text-sm opacity-80">
                <svg viewBox="0 0 24 24" class="size-5 shrink-0 opacity-60" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                    <path d="M3 20h18M6 16v-4M11 16V8M16 16v-2"/>
                </svg>
                <p class="grow">{why.hint()}</p>
                <Coverage/>
            </div>
        }
        .into_any(),
    }
}

/// What a browser's refusal says.
pub fn reason(refused: &JsValue) -> String {
    match refused.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => refused.as_string().unwrap_or_else(|| "the browser gave no reason".to_owned()),
    }
}
