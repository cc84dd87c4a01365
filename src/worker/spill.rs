//! The browser's private files as storage for what memory does not hold.

use std::ops::Range;

use futures::channel::{mpsc, oneshot};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use js_sys::{Promise, Reflect};
use millrace_engine::spill::{SpillError, SpillStore};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[wasm_bindgen]
extern "C" {
    /// The worker that writes and reads, as `www/worker/spill.js` presents it.
    pub type Spill;

    #[wasm_bindgen(method, catch)]
    fn write(this: &Spill, offset: f64, address: *const u8, length: usize) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Spill, offset: f64, address: *mut u8, length: usize) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn clear(this: &Spill) -> Result<(), JsValue>;
}

/// Tasks ask from the pool's threads; only the coordinator's may speak to the worker.
#[derive(Debug)]
pub(crate) struct PrivateFileStore {
    requests: mpsc::UnboundedSender<Request>,
}

#[derive(Debug)]
enum Request {
    Write { offset: u64, bytes: Vec<u8>, answer: oneshot::Sender<Result<(), SpillError>> },
    Read { range: Range<u64>, answer: oneshot::Sender<Result<Vec<u8>, SpillError>> },
    Clear,
}

impl PrivateFileStore {
    /// Passes requests on to the worker, from now on.
    pub(crate) fn new(spill: Spill) -> Self {
        let (requests, mut asked) = mpsc::unbounded();
        spawn_local(async move {
            while let Some(request) = asked.next().await {
                pass_on(&spill, request);
            }
        });
        Self { requests }
    }

    fn ask<T: Send + 'static>(
        &self,
        request: Request,
        answered: oneshot::Receiver<Result<T, SpillError>>,
    ) -> BoxFuture<'static, Result<T, SpillError>> {
        // A request that nobody takes is dropped with its sender, and its future tells.
        drop(self.requests.unbounded_send(request));
        answered.map(|answer| answer.unwrap_or_else(|_| Err(failed("nobody answers".to_owned())))).boxed()
    }
}

impl SpillStore for PrivateFileStore {
    fn write(&self, offset: u64, bytes: Vec<u8>) -> BoxFuture<'static, Result<(), SpillError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Write { offset, bytes, answer }, answered)
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'static, Result<Vec<u8>, SpillError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Read { range, answer }, answered)
    }

    fn clear(&self) {
        drop(self.requests.unbounded_send(Request::Clear));
    }
}

/// Sends a request to the worker at once, so that requests stay in order. Its memory is kept until the
/// worker has answered, also when nobody waits for that any more.
fn pass_on(spill: &Spill, request: Request) {
    match request {
        Request::Write { offset, bytes, answer } => {
            let promise = spill.write(offset as f64, bytes.as_ptr(), bytes.len());
            spawn_local(async move {
                let outcome = outcome(promise, bytes.len(), SpillError::Full).await;
                drop(bytes);
                drop(answer.send(outcome));
            });
        }
        Request::Read { range, answer } => {
            let mut bytes = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
            let promise = spill.read(range.start as f64, bytes.as_mut_ptr(), bytes.len());
            spawn_local(async move {
                let short = failed("a file has become shorter".to_owned());
                let outcome = outcome(promise, bytes.len(), short).await;
                drop(answer.send(outcome.map(|()| bytes)));
            });
        }
        Request::Clear => {
            if let Err(error) = spill.clear() {
                crate::log_error(&format!("the storage could not be emptied: {error:?}"));
            }
        }
    }
}

/// Waits until the worker has moved `wanted` bytes; `short` is why it moved fewer.
async fn outcome(
    promise: Result<Promise, JsValue>,
    wanted: usize,
    short: SpillError,
) -> Result<(), SpillError> {
    let moved = async { JsFuture::from(promise?).await }.await.map_err(|error| told(&error))?;
    if moved.as_f64() == Some(wanted as f64) { Ok(()) } else { Err(short) }
}

fn told(error: &JsValue) -> SpillError {
    let text = |key: &str| Reflect::get(error, &key.into()).ok().and_then(|value| value.as_string());
    let reason = text("message").unwrap_or_else(|| format!("{error:?}"));
    match text("name").as_deref() {
        Some("Missing") => SpillError::Missing { reason },
        Some("QuotaExceededError") => SpillError::Full,
        _ => failed(reason),
    }
}

fn failed(reason: String) -> SpillError {
    SpillError::Failed { reason }
}
