//! Time, which the engine itself does not know.

use js_sys::{Function, Promise};
use millrace_engine::Clock;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(thread_local_v2, js_namespace = performance, js_name = timeOrigin)]
    static TIME_ORIGIN: f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, millis: f64);
}

/// Milliseconds since the worker started; never runs backwards.
pub(crate) fn now_millis() -> f64 {
    performance_now()
}

/// One time for all threads: each is a worker whose `performance.now()` counts from its own start.
#[derive(Debug)]
pub(crate) struct WorkerClock {
    started_millis: f64,
}

impl WorkerClock {
    /// A clock that shows 0 now.
    pub(crate) fn start() -> Self {
        Self { started_millis: since_1970_millis() }
    }
}

impl Clock for WorkerClock {
    fn now_micros(&self) -> u64 {
        // Another thread may be a little behind the one that started the clock; negative becomes 0.
        ((since_1970_millis() - self.started_millis) * 1000.0) as u64
    }
}

/// Comparable between threads, and in each never running backwards.
pub(crate) fn since_1970_millis() -> f64 {
    TIME_ORIGIN.with(|origin| *origin) + performance_now()
}

/// Waits without holding the event loop.
pub(crate) async fn sleep_millis(millis: f64) {
    let promise = Promise::new(&mut |resolve, _| set_timeout(&resolve, millis));
    // The promise is never rejected, and nothing depends on its value.
    drop(JsFuture::from(promise).await);
}
