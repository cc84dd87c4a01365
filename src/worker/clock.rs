//! Time, which the engine itself does not know.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, millis: f64);
}

/// Milliseconds since the worker started; never runs backwards.
pub(crate) fn now_millis() -> f64 {
    performance_now()
}

/// Waits without holding the event loop.
pub(crate) async fn sleep_millis(millis: f64) {
    let promise = Promise::new(&mut |resolve, _| set_timeout(&resolve, millis));
    // The promise is never rejected, and nothing depends on its value.
    drop(JsFuture::from(promise).await);
}
