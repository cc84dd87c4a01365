//! Keeps the drawn chart in step with series, colours and size.

use leptos::{html, prelude::*};
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
    charts::{Look, Palette, chart_option},
    state::{Estimating, Theme},
};

/// Below this width a chart saves space.
const NARROW_PX: i32 = 560;

/// The chart in its element. `Copy`.
#[derive(Clone, Copy)]
pub struct ChartDrawing {
    module: RwSignal<Option<ChartModule>, LocalStorage>,
    chart: StoredValue<Option<Chart>, LocalStorage>,
}

impl ChartDrawing {
    /// Draws whatever `state` has, into `element`. What goes wrong is put into `problem`.
    pub fn new(
        state: ChartState,
        theme: Theme,
        estimating: Estimating,
        element: NodeRef<html::Div>,
        problem: RwSignal<Option<String>>,
    ) -> Self {
        let drawing = Self { module: RwSignal::new_local(None), chart: StoredValue::new_local(None) };
        let width_px = observed_width(element, move || drawing.resize());
        drawing.load_when_needed(state, element, problem);

        let narrow = Memo::new(move |_| width_px.get() < NARROW_PX);
        let visible = Memo::new(move |_| width_px.get() > 0);
        // A drag or a zoom survives newer series of the same question, and nothing else.
        let drawn = StoredValue::new(None::<Question>);
        Effect::new(move || {
            let (Some(module), Some(element)) = (drawing.module.get(), element.get()) else { return };
            if !visible.get() {
                return;
            }
            let Some(chart) = drawing.chart_in(&module, &element) else { return };
            let outcome = state.answered.with(|answered| {
                let Some((question, Ok(page))) = answered else { return Ok(()) };
                let fresh = drawn.with_value(|drawn| {
                    drawn.as_ref().is_none_or(|d| d.query != question.query || d.choice != question.choice)
                });
                drawn.set_value(Some(question.clone()));
                let look = Look { palette: Palette::of(theme.dark.get()), narrow: narrow.get() };
                let estimated = page.result.fraction < 1.0 && estimating.shown.get();
                let columns = &page.result.columns;
                let option = chart_option(&question.choice, columns, page, estimated, &look);
                module.update(&chart, &option, fresh)
            });
            problem
                .set(outcome.err().map(|refused| format!("The chart cannot be drawn: {}", reason(&refused))));
        });
        on_cleanup(move || {
            let module = drawing.module.try_get_untracked().flatten();
            let chart = drawing.chart.try_get_value().flatten();
            if let (Some(module), Some(chart)) = (module, chart) {
                module.dispose(&chart);
            }
        });
        drawing
    }

    /// The chart as a picture; nothing before there is one.
    pub async fn png(self, background: &str) -> Option<Result<Blob, JsValue>> {
        let module = self.module.get_untracked()?;
        let chart = self.chart.get_value()?;
        Some(module.png(&chart, background).await)
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
                            let text = format!("The chart library cannot be loaded: {}", reason(&refused));
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
        let chart = module.chart(element).ok()?;
        let _ = self.chart.try_set_value(Some(chart.clone()));
        Some(chart)
    }

    fn resize(self) {
        let module = self.module.try_get_untracked().flatten();
        let chart = self.chart.try_get_value().flatten();
        if let (Some(module), Some(chart)) = (module, chart) {
            module.resize(&chart);
        }
    }
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
