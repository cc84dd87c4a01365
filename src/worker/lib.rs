//! The engine in a browser: a thin shell that turns commands into calls and answers into events.
//!
//! Owns: the exports that `www/worker/engine.worker.js` calls, the start of the thread pool, blobs as
//! sources, private files as storage, streams and their sources, the clock that paces progress and snapshots, and the allocator.
//! Touches: the engine, the protocol, and of the browser only what a worker has. Everything here runs on
//! the engine worker's own thread and never computes: heavy work goes to the pool by
//! [`millrace_engine::Engine::on_pool`].

mod alloc;
mod clock;
mod dispatch;
mod event;
mod query;
mod result;
mod source;
mod spill;
mod stream;

pub use dispatch::{dispatch, start};
pub use wasm_bindgen_rayon::init_thread_pool;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn log_error(text: &str);
}

/// Sees to it that panics are written to the console, from whichever thread they come.
#[wasm_bindgen(start)]
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| log_error(&panic.to_string())));
}

/// The memory that all threads share.
#[wasm_bindgen(js_name = sharedMemory)]
pub fn shared_memory() -> JsValue {
    wasm_bindgen::memory()
}
