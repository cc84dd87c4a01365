//! The drawing of lanes, its legend, and what is told of the bar that a person points at.

use leptos::{html, prelude::*};
use web_sys::{HtmlCanvasElement, KeyboardEvent, PointerEvent};

use super::{
    canvas::{self, Layout, SLACK_PX},
    cursor::Cursor,
    lanes::BarKind,
    state::TimelineState,
    words::{bar_text, notes},
};
use crate::{charts::Palette, panels::results::chart_drawing::observed_width, state::Theme};

/// Lanes over time. The table of stages above tells the same in words.
#[component]
pub fn Drawing(state: TimelineState) -> impl IntoView {
    let theme: Theme = expect_context();
    let element: NodeRef<html::Div> = NodeRef::new();
    let canvas: NodeRef<html::Canvas> = NodeRef::new();
    let cursor = RwSignal::new(None::<Cursor>);
    let width_px = observed_width(element, || ());
    let layout = move || {
        state.shown.with(|shown| {
            let shown = shown.as_ref()?;
            Some(Layout::new(width_px.get(), &shown.lanes, shown.timeline.elapsed_micros))
        })
    };
    let height_px = Memo::new(move |_| layout().map_or(0.0, |layout| layout.height_px()));
    Effect::new(move || {
        let (Some(layout), Some(canvas)) = (layout(), canvas.get()) else { return };
        let canvas: &HtmlCanvasElement = &canvas;
        let palette = Palette::of(theme.dark.get(), false);
        state.shown.with(|shown| {
            if let Some(shown) = shown {
                canvas::draw(canvas, &layout, shown, palette, cursor.get());
            }
        });
    });
    let told = Memo::new(move |_| {
        let (cursor, layout) = (cursor.get()?, layout()?);
        state.shown.with(|shown| {
            let lanes = &shown.as_ref()?.lanes;
            let bar = cursor.bar(lanes, layout.micros(SLACK_PX))?;
            Some(bar_text(&lanes[cursor.lane], bar))
        })
    });
    let point = move |event: PointerEvent| {
        let at = untrack(layout).and_then(|layout| {
            let at = layout.at(event.offset_x().into(), event.offset_y().into())?;
            state.shown.with_untracked(|shown| at.snapped(&shown.as_ref()?.lanes, layout.micros(SLACK_PX)))
        });
        if cursor.get_untracked() != at {
            cursor.set(at);
        }
    };
    let press = move |event: KeyboardEvent| {
        let moved = state.shown.with_untracked(|shown| {
            Cursor::moved(cursor.get_untracked(), &event.key(), &shown.as_ref()?.lanes)
        });
        if moved.is_some() {
            event.prevent_default();
            cursor.set(moved);
        }
    };
    let legend_kinds = Memo::new(move |_| {
        let present = state.shown.with(|shown| {
            let bars = shown.iter().flat_map(|shown| &shown.lanes).flat_map(|lane| &lane.bars);
            bars.fold([false; BarKind::ALL.len()], |mut present, bar| {
                present[bar.kind.index()] = true;
                present
            })
        });
        BarKind::ALL.into_iter().filter(|kind| present[kind.index()]).collect::<Vec<_>>()
    });
    let legend = move || {
        let palette = Palette::of(theme.dark.get(), false);
        let entry = |kind: BarKind| {
            view! {
                <span class="inline-flex items-center gap-1.5">
                    <span class="size-2.5 rounded-xs" style:background-color=canvas::colour(palette, kind)></span>
                    {crate::texts::text(kind.label())}
                </span>
            }
        };
        legend_kinds.get().into_iter().map(entry).collect_view()
    };
    let note = move || state.shown.with(|shown| shown.as_ref().map(|shown| notes(&shown.timeline)));
    view! {
        <div class="border-base-300 flex flex-col gap-2 border-t p-3 sm:px-4">
            <div class="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs opacity-80" data-part="timeline-legend">{legend}</div>
            <div
                node_ref=element
                class="focus-visible:outline-primary rounded-sm focus-visible:outline-2 focus-visible:outline-offset-2"
                tabindex="0"
                role="application"
                aria-label=t!("Lanes of threads and reads over time. Arrow keys go from one piece of work to the next.")
                on:keydown=press
            >
                <canvas
                    node_ref=canvas
                    class="block w-full"
                    style:height=move || format!("{}px", height_px.get())
                    data-part="timeline-canvas"
                    aria-hidden="true"
                    on:pointermove=point
                    on:pointerdown=point
                    on:pointerleave=move |_| cursor.set(None)
                ></canvas>
            </div>
            <p class="figures min-h-4 text-xs" aria-live="polite" data-part="timeline-told">
                {move || told.get().map_or_else(
                    || view! { <span class="opacity-75">{note}</span> }.into_any(),
                    |text| view! { <span>{text}</span> }.into_any(),
                )}
            </p>
        </div>
    }
}
