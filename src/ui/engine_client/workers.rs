//! The workers of one engine: its own, and those that it asks for.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use js_sys::{Array, Object, Reflect};
use millrace_protocol::{ErrorInfo, ErrorKind, WorkerKind};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{inner::Inner, life::lose};
use crate::browser;

/// The workers of an engine and their listeners. Dropping it ends them all.
pub(super) struct Running {
    engine: Worker,
    others: RefCell<HashMap<u32, Worker>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    on_error: Closure<dyn Fn(web_sys::Event)>,
}

/// What a worker of the engine is started with.
pub(super) struct NewWorker {
    pub(super) number: u32,
    pub(super) kind: WorkerKind,
    pub(super) name: String,
    /// The origin that it may connect to, if the user allowed it.
    pub(super) to: Option<String>,
}

impl Running {
    /// Starts an engine's own worker, whose messages `inner` receives.
    ///
    /// # Errors
    /// When the page does not say where the worker's script is, or the browser starts no worker.
    pub(super) fn start(inner: &Rc<Inner>) -> Result<Self, JsValue> {
        let weak = Rc::downgrade(inner);
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            if let Some(inner) = weak.upgrade() {
                lose(&inner, crash_error(&event));
            }
        });
        let engine = start("engine", None, "millrace-engine", &on_error)?;

        let weak = Rc::downgrade(inner);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(inner) = weak.upgrade() {
                inner.receive(&message.data());
            }
        });
        engine.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self { engine, others: RefCell::default(), _on_message: on_message, on_error })
    }

    /// Sends a message to the engine.
    ///
    /// # Errors
    /// When the message cannot be cloned.
    pub(super) fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.engine.post_message(message)
    }

    /// Starts a worker and gives it the port to the engine.
    ///
    /// # Errors
    /// When the browser starts no worker or the port cannot be handed over.
    pub(super) fn spawn(&self, worker: &NewWorker, port: &JsValue) -> Result<(), JsValue> {
        let script = match worker.kind {
            WorkerKind::Pool => "pool",
            WorkerKind::Reader => "reader",
            WorkerKind::Spill => "spill",
            WorkerKind::Checkpoint => "checkpoint",
            WorkerKind::Connection => "connection",
        };
        let started = start(script, worker.to.as_deref(), &worker.name, &self.on_error)?;
        let message = Object::new();
        Reflect::set(&message, &"port".into(), port)?;
        started.post_message_with_transfer(&message, &Array::of1(port))?;
        self.others.borrow_mut().insert(worker.number, started);
        Ok(())
    }

    /// Ends worker number `worker`.
    pub(super) fn end(&self, worker: u32) {
        let ended = self.others.borrow_mut().remove(&worker);
        if let Some(ended) = ended {
            end(&ended);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.engine.set_onmessage(None);
        self.others.get_mut().values().chain([&self.engine]).for_each(end);
    }
}

fn end(worker: &Worker) {
    worker.set_onerror(None);
    worker.set_onmessageerror(None);
    worker.terminate();
}

/// Starts a script of the engine's folder. The service worker reads in its address where it may connect `to`.
fn start(
    script: &str,
    to: Option<&str>,
    name: &str,
    on_error: &Closure<dyn Fn(web_sys::Event)>,
) -> Result<Worker, JsValue> {
    let folder = browser::meta("millrace-engine")
        .ok_or("the page does not say where the engine is (meta millrace-engine)")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(name);
    let to = to.map(|to| format!("?to={}", js_sys::encode_uri_component(to))).unwrap_or_default();
    let worker = Worker::new_with_options(&format!("{folder}{script}.worker.js{to}"), &options)?;
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(worker)
}

fn crash_error(event: &web_sys::Event) -> ErrorInfo {
    // A worker whose script cannot be loaded reports a plain event without a message.
    let detail = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).filter(|text| !text.is_empty());
    match detail {
        Some(detail) => ErrorInfo::new(ErrorKind::Internal, crash_message(&detail))
            .with_hint("A new one takes over with the same tables. Run the query again."),
        None => ErrorInfo::new(ErrorKind::Browser, "The engine could not be loaded.")
            .with_hint("Check the connection to this site and try again."),
    }
}

fn crash_message(detail: &str) -> String {
    tf!("The engine crashed: {a}.", a = detail.trim_start_matches("Uncaught ").trim_end_matches('.'))
}
