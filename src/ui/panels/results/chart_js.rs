//! `www/npm/chart.js`, loaded when the first chart is drawn.

use js_sys::{Array, Float64Array, Promise};
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
    fn create(this: &ChartModule, element: &HtmlElement) -> Result<Chart, JsValue>;

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

    #[wasm_bindgen(method, catch, js_name = png)]
    fn png_raw(this: &ChartModule, chart: &Chart, background: &str) -> Result<Promise, JsValue>;

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

    /// An empty chart that fills the element.
    ///
    /// # Errors
    /// When the element cannot be drawn into.
    pub fn chart(&self, element: &HtmlElement) -> Result<Chart, JsValue> {
        self.create(element)
    }

    /// Draws an option; `fresh` forgets what was drawn, zoomed and hidden before.
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

    /// The chart as a PNG file.
    ///
    /// # Errors
    /// When the browser refuses to read the canvas.
    pub async fn png(&self, chart: &Chart, background: &str) -> Result<Blob, JsValue> {
        JsFuture::from(self.png_raw(chart, background)?).await?.dyn_into()
    }

    /// Gives back the chart's memory.
    pub fn dispose(&self, chart: &Chart) {
        let _ = self.dispose_raw(chart);
    }
}
