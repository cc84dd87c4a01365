//! Time, which the engine itself does not know.

use std::time::Duration;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Milliseconds since the worker started; never runs backwards.
pub(crate) fn now_millis() -> f64 {
    performance_now()
}

/// Waits without holding the event loop.
pub(crate) async fn sleep_millis(millis: u64) {
    gloo_timers::future::sleep(Duration::from_millis(millis)).await;
}
