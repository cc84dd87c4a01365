//! `www/npm/chart.js`, loaded when the first chart is drawn.

use js_sys::{Array, Float64Array, Function, Promise};
use leptos::wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use serde::Serialize;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlElement};

use crate::{charts::ChartOption, modules};

#[wasm_bindgen]
extern "C" {
    /// What the module exports.
    #[derive(Clone)]
    pub type ChartModule;

    /// A chart in an element.
    #[derive(Clone)]
    pub type Chart;

    #[wasm_bindgen(method, catch)]
    fn create(this: &ChartModule, element: &HtmlElement, hear: &Function) -> Result<Chart, JsValue>;

    #[wasm_bindgen(method, catch, js_name = update)]
    fn update_raw(
        this: &ChartModule,
        chart: &Chart,
        option: &JsValue,
        data: &Array,
        told: &Array,
        fresh: bool,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = resize)]
    fn resize_raw(this: &ChartModule, chart: &Chart) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = arm)]
    fn arm_raw(this: &ChartModule, chart: &Chart, on: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = select)]
    fn select_raw(this: &ChartModule, chart: &Chart, ends: &Float64Array) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = zoom)]
    fn zoom_raw(this: &ChartModule, chart: &Chart, ends: &Float64Array) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = point)]
    fn point_raw(this: &ChartModule, chart: &Chart, position: f64) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = picture)]
    fn picture_raw(
        this: &ChartModule,
        chart: &Chart,
        kind: &str,
        background: &str,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = copy)]
    fn copy_raw(this: &ChartModule, chart: &Chart, background: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = dispose)]
    fn dispose_raw(this: &ChartModule, chart: &Chart) -> Result<(), JsValue>;
}

impl ChartModule {
    /// Loads the module; later calls get the same one.
    ///
    /// # Errors
    /// What the browser says when the file cannot be loaded.
    pub async fn load() -> Result<Self, JsValue> {
        Ok(modules::load("millrace/chart").await?.unchecked_into())
    }

    /// An empty chart that fills the element. `hear` is called with `picked` and the ends of a selection, or with
    /// `zoomed` and whether a part is shown only.
    ///
    /// # Errors
    /// When the element cannot be drawn into.
    pub fn chart(&self, element: &HtmlElement, hear: &Function) -> Result<Chart, JsValue> {
        self.create(element, hear)
    }

    /// Draws an option; `fresh` forgets what was drawn, zoomed, selected and hidden before.
    ///
    /// # Errors
    /// When the chart library cannot draw it.
    pub fn update(&self, chart: &Chart, drawing: &ChartOption, fresh: bool) -> Result<(), JsValue> {
        let option = drawing.option.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?;
        let arrays = |numbers: &[Vec<f64>]| -> Array {
            numbers.iter().map(|numbers| Float64Array::from(numbers.as_slice())).collect()
        };
        self.update_raw(chart, &option, &arrays(&drawing.data), &arrays(&drawing.told), fresh)
    }

    /// Fits the chart to its element.
    pub fn resize(&self, chart: &Chart) {
        // A chart that cannot be fitted keeps its size, which is no reason to stop.
        let _ = self.resize_raw(chart);
    }

    /// Whether dragging selects.
    pub fn arm(&self, chart: &Chart, on: bool) {
        let _ = self.arm_raw(chart, on);
    }

    /// Shows a selection; without ends, none.
    pub fn select(&self, chart: &Chart, ends: &[f64]) {
        let _ = self.select_raw(chart, &Float64Array::from(ends));
    }

    /// Shows a part of the horizontal axis; without ends, all of it.
    pub fn zoom(&self, chart: &Chart, ends: &[f64]) {
        let _ = self.zoom_raw(chart, &Float64Array::from(ends));
    }

    /// Shows what the pointer would tell at a position of the horizontal axis; nothing when it is NaN.
    pub fn point(&self, chart: &Chart, position: f64) {
        let _ = self.point_raw(chart, position);
    }

    /// The chart as a file: `png` or `svg`.
    ///
    /// # Errors
    /// When the browser refuses to read the canvas.
    pub async fn picture(&self, chart: &Chart, kind: &str, background: &str) -> Result<Blob, JsValue> {
        JsFuture::from(self.picture_raw(chart, kind, background)?).await?.dyn_into()
    }

    /// Puts the chart into the clipboard, as a picture.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn copy(&self, chart: &Chart, background: &str) -> Result<(), JsValue> {
        JsFuture::from(self.copy_raw(chart, background)?).await.map(drop)
    }

    /// Gives back the chart's memory.
    pub fn dispose(&self, chart: &Chart) {
        let _ = self.dispose_raw(chart);
    }
}
