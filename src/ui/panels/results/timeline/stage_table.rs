//! The stages of a query: what they do, and what time they took.

use leptos::prelude::*;

use super::{
    state::TimelineState,
    words::{StageLine, stage_lines},
};
use crate::format;

/// A line for each stage. It is also what those hear who cannot see the drawing.
#[component]
pub fn StageTable(state: TimelineState) -> impl IntoView {
    let lines = Memo::new(move |_| {
        state.shown.with(|shown| shown.as_ref().map(|shown| stage_lines(&shown.timeline)).unwrap_or_default())
    });
    let places = Memo::new(move |_| lines.with(Vec::len));
    view! {
        <div class="overflow-x-auto">
            <table class="figures table-xs table whitespace-nowrap" data-part="stages">
                <caption class="sr-only">{t!("Stages of the query")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!("Stage")}</th>
                        <th scope="col">{t!("What it does")}</th>
                        <th class="text-right" scope="col">{t!("Tasks")}</th>
                        <th class="text-right" scope="col">{t!("Rows out")}</th>
                        <th class="text-right" scope="col">{t!("Read")}</th>
                        <th class="text-right" scope="col">{t!("Busy time")}</th>
                        <th scope="col">{t!("Share")}</th>
                        <th scope="col">{t!("From – to")}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || 0..places.get() key=|place| *place let:place>
                        <Line line=Memo::new(move |_| lines.with(|lines| lines.get(place).cloned()))/>
                    </For>
                </tbody>
            </table>
        </div>
    }
}

/// One line; its operators can be opened, and stay open when newer numbers come.
#[component]
fn Line(line: Memo<Option<StageLine>>) -> impl IntoView {
    let text = move |of: fn(&StageLine) -> &String| {
        move || line.with(|line| line.as_ref().map(|line| of(line).clone()).unwrap_or_default())
    };
    let name = Memo::new(move |_| text(|line| &line.name)());
    let operators = Memo::new(move |_| line.with(|line| line.as_ref().map(|l| l.operators.join("\n"))));
    let share = move || line.with(|line| line.as_ref().map_or(0.0, |line| line.share));
    view! {
        <tr class="align-top" data-stage=text(|line| &line.number)>
            <th class="font-normal" scope="row">{text(|line| &line.number)}</th>
            <td class="min-w-40 whitespace-normal">
                {move || match operators.get().filter(|operators| !operators.is_empty()) {
                    Some(operators) => view! {
                        <details>
                            <summary class="cursor-pointer" title=t!("Show its operators")>{name}</summary>
                            <pre class="max-w-[70vw] overflow-x-auto py-1 font-mono text-[11px] leading-relaxed opacity-80 lg:max-w-2xl">{operators}</pre>
                        </details>
                    }
                    .into_any(),
                    None => view! { <span>{name}</span> }.into_any(),
                }}
            </td>
            <td class="text-right">{text(|line| &line.tasks)}</td>
            <td class="text-right">{text(|line| &line.rows)}</td>
            <td class="text-right">{text(|line| &line.bytes)}</td>
            <td class="text-right">{text(|line| &line.busy)}</td>
            <td>
                <span class="inline-flex items-center gap-2">
                    <span class="bg-base-content/10 hidden h-1.5 w-14 overflow-hidden rounded-full sm:block" aria-hidden="true">
                        <span
                            class="bg-primary block h-full origin-left"
                            style:transform=move || format!("scaleX({:.4})", share())
                        ></span>
                    </span>
                    {move || format::percent(share())}
                </span>
            </td>
            <td>{text(|line| &line.when)}</td>
        </tr>
    }
}
