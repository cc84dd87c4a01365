//! Keeps the drawn chart in step with figure, colours and size, and hears what is selected in it.

use leptos::{html, prelude::*};
use millrace_protocol::CommandId;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, HtmlElement, ResizeObserver};

use super::{
    chart_js::{Chart, ChartModule},
    chart_state::{ChartState, Question},
    chart_view::reason,
};
use crate::{
    browser,
    charts::{Look, Palette, Source, chart_option},
    state::{Estimating, Theme},
};

/// Below this width a chart saves space.
const NARROW_PX: i32 = 560;

/// When a selection is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selecting {
    /// When it has ended; another result ends it.
    AtTheEnd,
    /// While it is made; it stays whatever is drawn of the same choice.
    Live,
}

/// What the module tells.
type Hearing = Closure<dyn FnMut(String, Vec<f64>)>;

/// The chart in its element. `Copy`.
#[derive(Clone, Copy)]
pub struct ChartDrawing {
    /// Ends of what is selected, as `chart_pick` reads them.
    pub picked: RwSignal<Option<Vec<f64>>>,
    /// Whether a part of the horizontal axis is shown only.
    pub zoomed: RwSignal<bool>,
    /// Whether dragging selects. With a finger it would keep the page from scrolling, until that is wanted.
    pub selecting: RwSignal<bool>,
    /// Rows of panels.
    pub panel_rows: RwSignal<usize>,
    /// The query whose result is drawn.
    pub drawn: RwSignal<Option<CommandId>>,
    telling: Selecting,
    module: RwSignal<Option<ChartModule>, LocalStorage>,
    chart: StoredValue<Option<Chart>, LocalStorage>,
    hearing: StoredValue<Option<Hearing>, LocalStorage>,
}

impl ChartDrawing {
    /// Draws whatever `state` has, into `element`. What goes wrong is put into `problem`.
    pub fn new(
        state: ChartState,
        theme: Theme,
        estimating: Estimating,
        element: NodeRef<html::Div>,
        problem: RwSignal<Option<String>>,
        telling: Selecting,
    ) -> Self {
        let has_mouse = browser::media("(pointer: fine)").is_some_and(|media| media.matches());
        let drawing = Self {
            picked: RwSignal::new(None),
            zoomed: RwSignal::new(false),
            selecting: RwSignal::new(has_mouse),
            panel_rows: RwSignal::new(1),
            drawn: RwSignal::new(None),
            telling,
            module: RwSignal::new_local(None),
            chart: StoredValue::new_local(None),
            hearing: StoredValue::new_local(None),
        };
        let width_px = observed_width(element, move || drawing.resize());
        drawing.load_when_needed(state, element, problem);

        let narrow = Memo::new(move |_| width_px.get() < NARROW_PX);
        let visible = Memo::new(move |_| width_px.get() > 0);
        let contrast = prefers("(prefers-contrast: more)");
        // A drag or a zoom survives newer series of the same question, and nothing else.
        let drawn = StoredValue::new(None::<Question>);
        Effect::new(move || {
            let (Some(module), Some(element)) = (drawing.module.get(), element.get()) else { return };
            if !visible.get() {
                return;
            }
            let Some(chart) = drawing.chart_in(&module, &element) else { return };
            let outcome = state.answered.with(|answered| {
                let Some((question, Ok(answer))) = answered else { return Ok(()) };
                let fresh = drawn
                    .with_value(|drawn| drawn.as_ref().is_none_or(|drawn| !drawing.goes_on(drawn, question)));
                drawn.set_value(Some(question.clone()));
                let palette = Palette::of(theme.dark.get(), contrast.get());
                let look = Look { palette, narrow: narrow.get() };
                let page = &answer.page;
                let estimated = page.result.fraction < 1.0 && estimating.shown.get();
                let source = Source {
                    choice: &question.choice,
                    columns: &question.columns,
                    page,
                    summed: answer.summed,
                };
                let option = chart_option(&source, &answer.figure, estimated, &look);
                if drawing.panel_rows.get_untracked() != option.panel_rows {
                    drawing.panel_rows.set(option.panel_rows);
                }
                if fresh {
                    drawing.picked.set(None);
                    drawing.zoomed.set(false);
                }
                let outcome = module.update(&chart, &option, fresh);
                if fresh {
                    module.arm(&chart, drawing.selecting.get_untracked());
                }
                drawing.drawn.set(Some(question.query));
                outcome
            });
            problem.set(
                outcome.err().map(|refused| tf!("The chart cannot be drawn: {a}", a = reason(&refused))),
            );
        });
        Effect::new(move || {
            let selecting = drawing.selecting.get();
            drawing.with(|module, chart| module.arm(chart, selecting));
        });
        on_cleanup(move || {
            drawing.with(ChartModule::dispose);
        });
        drawing
    }

    /// The chart as a file, `png` or `svg`; nothing before there is one.
    pub async fn picture(self, kind: &str, background: &str) -> Option<Result<Blob, JsValue>> {
        let module = self.module.get_untracked()?;
        let chart = self.chart.get_value()?;
        Some(module.picture(&chart, kind, background).await)
    }

    /// Puts the chart into the clipboard; nothing before there is one.
    pub async fn copy(self, background: &str) -> Option<Result<(), JsValue>> {
        let module = self.module.get_untracked()?;
        let chart = self.chart.get_value()?;
        Some(module.copy(&chart, background).await)
    }

    /// Selects nothing any more.
    pub fn clear(self) {
        self.picked.set(None);
        self.with(|module, chart| module.select(chart, &[]));
    }

    /// Selects, as a drag would.
    pub fn select(self, ends: Vec<f64>) {
        self.with(|module, chart| module.select(chart, &ends));
        self.picked.set(Some(ends));
    }

    /// Shows what is selected alone.
    pub fn zoom_to_selection(self) {
        if let Some(ends) = self.picked.get_untracked() {
            self.with(|module, chart| module.zoom(chart, ends.get(..2).unwrap_or_default()));
            self.clear();
        }
    }

    /// Shows all again.
    pub fn unzoom(self) {
        self.with(|module, chart| module.zoom(chart, &[]));
    }

    /// Shows what the pointer would tell at a position; nothing when it is NaN.
    pub fn point(self, position: f64) {
        self.with(|module, chart| module.point(chart, position));
    }

    fn with(self, act: impl FnOnce(&ChartModule, &Chart)) {
        let module = self.module.try_get_untracked().flatten();
        let chart = self.chart.try_get_value().flatten();
        if let (Some(module), Some(chart)) = (module, chart) {
            act(&module, &chart);
        }
    }

    /// Whether what is selected, zoomed and hidden means the same in what is drawn next.
    fn goes_on(self, drawn: &Question, next: &Question) -> bool {
        drawn.choice == next.choice && (self.telling == Selecting::Live || drawn.query == next.query)
    }

    /// Takes what the module tells of its chart.
    fn hear(self, what: &str, ends: Vec<f64>) {
        let is_known = || {
            let ends = (!ends.is_empty()).then_some(&ends);
            self.picked.try_with_untracked(|picked| picked.as_ref() == ends).unwrap_or(true)
        };
        // The panel may be gone before its chart.
        let _ = match what {
            "picking" if self.telling == Selecting::AtTheEnd || is_known() => false,
            "picked" if self.telling == Selecting::Live && is_known() => false,
            "picked" | "picking" => self.picked.try_set((!ends.is_empty()).then_some(ends)).is_some(),
            "zoomed" => self.zoomed.try_set(!ends.is_empty()).is_some(),
            _ => false,
        };
    }

    fn load_when_needed(
        self,
        state: ChartState,
        element: NodeRef<html::Div>,
        problem: RwSignal<Option<String>>,
    ) {
        let is_needed = Memo::new(move |_| matches!(state.choice.get(), Some(Ok(_))));
        Effect::new(move |asked: Option<bool>| {
            let asked = asked.unwrap_or(false);
            if is_needed.get() && !asked {
                spawn_local(async move {
                    match ChartModule::load().await {
                        // Loading, creating and drawing are a task each, for together they are long.
                        Ok(module) => {
                            browser::sleep(0).await;
                            let element = element.try_get_untracked().flatten();
                            if let Some(element) = element.filter(|element| element.client_width() > 0) {
                                self.chart_in(&module, &element);
                                browser::sleep(0).await;
                            }
                            drop(self.module.try_set(Some(module)));
                        }
                        Err(refused) => {
                            let text = tf!("The chart library cannot be loaded: {a}", a = reason(&refused));
                            drop(problem.try_set(Some(text)));
                        }
                    }
                });
                return true;
            }
            asked
        });
    }

    fn chart_in(self, module: &ChartModule, element: &HtmlElement) -> Option<Chart> {
        if let Some(chart) = self.chart.try_get_value()? {
            return Some(chart);
        }
        let hearing: Hearing = Closure::new(move |what: String, ends: Vec<f64>| self.hear(&what, ends));
        let chart = module.chart(element, hearing.as_ref().unchecked_ref()).ok()?;
        let _ = self.hearing.try_set_value(Some(hearing));
        let _ = self.chart.try_set_value(Some(chart.clone()));
        Some(chart)
    }

    fn resize(self) {
        self.with(ChartModule::resize);
    }
}

/// Whether a media query holds, kept up to date.
fn prefers(query: &str) -> ReadSignal<bool> {
    let (holds, set_holds) = signal(false);
    if let Some(media) = browser::media(query) {
        set_holds.set(media.matches());
        let changed = Closure::<dyn Fn(_)>::new(move |event: web_sys::MediaQueryListEvent| {
            let _ = set_holds.try_set(event.matches());
        });
        // Without the listener the colours of the first moment stay, which is no failure.
        let _ = media.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
        changed.forget();
    }
    holds
}

/// Width of the element, kept up to date; 0 while it is hidden.
pub fn observed_width(element: NodeRef<html::Div>, on_change: impl Fn() + 'static) -> ReadSignal<i32> {
    let (width_px, set_width_px) = signal(0);
    let observed = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    let on_change = std::rc::Rc::new(on_change);
    Effect::new(move || {
        let Some(element) = element.get() else { return };
        let target: HtmlElement = element.unchecked_into();
        let seen = target.clone();
        let on_change = std::rc::Rc::clone(&on_change);
        let changed = Closure::<dyn FnMut()>::new(move || {
            let _ = set_width_px.try_set(seen.client_width());
            on_change();
        });
        if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&target);
            observed.set_value(Some((observer, changed)));
        } else {
            set_width_px.set(target.client_width());
        }
    });
    on_cleanup(move || {
        let _ = observed.try_update_value(|observed| {
            if let Some((observer, _)) = observed {
                observer.disconnect();
            }
        });
    });
    width_px
}
