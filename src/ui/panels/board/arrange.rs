//! A chart of the dashboard is moved and resized: by the mouse, by keys, and by buttons that also fingers hit.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::Shared;
use crate::{
    actions::Actions,
    icons::{self, Icon},
    state::TabId,
};

/// What the handle says of itself.
const HELP: &str = n!("Drag to move. Arrow keys move, with Shift they resize. Enter opens a menu.");

/// What the buttons of the menu do, and with which key of the handle.
const MOVES: &[(&str, &str, Move)] = &[
    ("earlier", n!("Move to the front"), Move::Place(-1)),
    ("later", n!("Move to the back"), Move::Place(1)),
    ("wider", n!("Make wider"), Move::Size(1, 0)),
    ("narrower", n!("Make narrower"), Move::Size(-1, 0)),
    ("taller", n!("Make taller"), Move::Size(0, 1)),
    ("lower", n!("Make lower"), Move::Size(0, -1)),
];

#[derive(Clone, Copy)]
enum Move {
    Place(isize),
    Size(i32, i32),
}

impl Move {
    fn run(self, actions: Actions, id: TabId) {
        match self {
            Self::Place(step) => actions.shift_tile(id, step),
            Self::Size(columns, rows) => actions.resize_tile(id, columns, rows),
        }
    }

    fn of_key(key: &str, resizes: bool) -> Option<Self> {
        Some(match (key, resizes) {
            ("ArrowLeft" | "ArrowUp", false) => Self::Place(-1),
            ("ArrowRight" | "ArrowDown", false) => Self::Place(1),
            ("ArrowLeft", true) => Self::Size(-1, 0),
            ("ArrowRight", true) => Self::Size(1, 0),
            ("ArrowUp", true) => Self::Size(0, -1),
            ("ArrowDown", true) => Self::Size(0, 1),
            _ => return None,
        })
    }
}

/// The handle that a chart is dragged by, and its menu.
#[component]
pub fn Handle(id: TabId, name: Memo<String>, shared: Shared) -> impl IntoView {
    let actions: Actions = expect_context();
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let pressed = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        if let Some(step) = Move::of_key(&event.key(), event.shift_key()) {
            event.prevent_default();
            step.run(actions, id);
            // A chart that changes its place in the page loses the focus.
            request_animation_frame(move || drop(button.get_untracked().map(|button| button.focus())));
        } else if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            event.stop_propagation();
            open.set(false);
        }
    };
    let left = move |event: ev::FocusEvent| {
        let stays = event.current_target().zip(event.related_target()).is_some_and(|(own, next)| {
            own.unchecked_ref::<Element>().contains(next.dyn_ref::<web_sys::Node>())
        });
        if !stays {
            open.set(false);
        }
    };
    view! {
        <div class="relative" on:focusout=left>
            <button
                node_ref=button
                class="icon-button size-7 cursor-grab active:cursor-grabbing"
                aria-label=move || tf!("Arrange {a}", a = name.get())
                aria-description=crate::texts::text(HELP)
                aria-expanded=move || open.get().to_string()
                title=crate::texts::text(HELP)
                data-part="arrange"
                draggable="true"
                on:dragstart=move |event| {
                    shared.dragged.set(Some(id));
                    if let Some(transfer) = event.data_transfer() {
                        transfer.set_effect_allowed("move");
                        // Firefox drags only what carries something.
                        let _ = transfer.set_data("text/plain", &name.get_untracked());
                    }
                }
                on:dragend=move |_| shared.dragged.set(None)
                on:keydown=pressed
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon path=icons::GRIP/>
            </button>
            <Show when=move || open.get()>
                <div class="panel absolute top-8 left-0 z-20 w-44 p-1 shadow-lg" role="group" aria-label=t!("Arrange")>
                    {MOVES.iter().map(|(part, label, step)| view! {
                        <button class="quiet-button w-full py-1.5 text-left" data-move=*part on:click=move |_| step.run(actions, id)>
                            {crate::texts::text(label)}
                        </button>
                    }).collect_view()}
                </div>
            </Show>
        </div>
    }
}

/// The corner that a chart is resized by. The size follows the pointer in steps of the grid.
#[component]
pub fn Corner(
    id: TabId,
    /// The chart.
    tile: NodeRef<html::Section>,
) -> impl IntoView {
    let actions: Actions = expect_context();
    // Where the pointer was when the size was right, and the size of a step.
    let grabbed = StoredValue::new(None::<(f64, f64, f64, f64)>);
    let down = move |event: ev::PointerEvent| {
        let Some(step) = tile.get_untracked().and_then(|tile| step_of(&tile)) else { return };
        event.prevent_default();
        let corner = event.current_target().map(JsCast::unchecked_into::<Element>);
        // Without the capture the pointer is lost outside of the corner only.
        drop(corner.map(|corner| corner.set_pointer_capture(event.pointer_id())));
        grabbed.set_value(Some((f64::from(event.client_x()), f64::from(event.client_y()), step.0, step.1)));
    };
    let moved = move |event: ev::PointerEvent| {
        let Some((x, y, width, height)) = grabbed.get_value() else { return };
        #[expect(clippy::cast_possible_truncation, reason = "steps of a grid on a screen")]
        let steps = |now: i32, before: f64, step: f64| ((f64::from(now) - before) / step).round() as i32;
        let (columns, rows) = (steps(event.client_x(), x, width), steps(event.client_y(), y, height));
        if columns != 0 || rows != 0 {
            actions.resize_tile(id, columns, rows);
            grabbed.set_value(Some((
                x + f64::from(columns) * width,
                y + f64::from(rows) * height,
                width,
                height,
            )));
        }
    };
    view! {
        <div
            class="text-base-content/30 hover:text-base-content/70 absolute right-0 bottom-0 hidden size-5 cursor-nwse-resize touch-none place-items-center md:grid"
            aria-hidden="true"
            data-part="resize"
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |_| grabbed.set_value(None)
            on:pointercancel=move |_| grabbed.set_value(None)
        >
            <Icon path=icons::CORNER class="size-3.5"/>
        </div>
    }
}

/// Width and height of a step of the grid that a chart is in, in pixels, with the gap beside it.
fn step_of(tile: &HtmlElement) -> Option<(f64, f64)> {
    let grid: HtmlElement = tile.parent_element()?.dyn_into().ok()?;
    let style = web_sys::window()?.get_computed_style(&grid).ok()??;
    let pixels = |name: &str| -> Option<f64> {
        let value = style.get_property_value(name).ok()?;
        value.split(' ').next()?.trim_end_matches("px").parse().ok()
    };
    let columns = f64::from(millrace_recipe::COLUMNS);
    let (gap_x, gap_y) = (pixels("column-gap")?, pixels("row-gap")?);
    Some(((f64::from(grid.client_width()) + gap_x) / columns, pixels("grid-auto-rows")? + gap_y))
}
