//! Starts the rayon pool on web workers.
//!
//! The entry script starts one worker a thread, each with this module and its memory, and calls
//! [`run_pool_thread`] in it. When all have said that they are up, it calls [`build_pool`] in the
//! engine worker, which hands each of them a thread of the pool to run.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

static WAITING: Mutex<VecDeque<ThreadBuilder>> = Mutex::new(VecDeque::new());
static ARRIVED: Condvar = Condvar::new();

/// Becomes a thread of the pool. Does not return while the engine lives.
#[wasm_bindgen(js_name = runPoolThread)]
pub fn run_pool_thread() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let thread = loop {
        match waiting.pop_front() {
            Some(thread) => break thread,
            None => waiting = ARRIVED.wait(waiting).unwrap_or_else(PoisonError::into_inner),
        }
    };
    drop(waiting);
    thread.run();
}

/// Makes the global rayon pool of `threads` workers that are inside [`run_pool_thread`] or about to
/// be. Blocks until they have taken their threads.
///
/// # Errors
/// When the pool has been made before: it can be neither resized nor replaced within an instance.
#[wasm_bindgen(js_name = buildPool)]
pub fn build_pool(threads: usize) -> Result<(), JsError> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .spawn_handler(|thread| {
            WAITING.lock().unwrap_or_else(PoisonError::into_inner).push_back(thread);
            ARRIVED.notify_one();
            Ok(())
        })
        .build_global()?;
    Ok(())
}
