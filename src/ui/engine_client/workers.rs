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
        let engine = start("engine", "millrace-engine", &on_error)?;

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

    /// Starts worker number `worker` and gives it the port to the engine.
    ///
    /// # Errors
    /// When the browser starts no worker or the port cannot be handed over.
    pub(super) fn spawn(
        &self,
        worker: u32,
        kind: WorkerKind,
        name: &str,
        port: &JsValue,
    ) -> Result<(), JsValue> {
        let script = match kind {
            WorkerKind::Pool => "pool",
            WorkerKind::Reader => "reader",
            WorkerKind::Spill => "spill",
        };
        let started = start(script, name, &self.on_error)?;
        let message = Object::new();
        Reflect::set(&message, &"port".into(), port)?;
        started.post_message_with_transfer(&message, &Array::of1(port))?;
        self.others.borrow_mut().insert(worker, started);
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

fn start(script: &str, name: &str, on_error: &Closure<dyn Fn(web_sys::Event)>) -> Result<Worker, JsValue> {
    let folder = browser::meta("millrace-engine")
        .ok_or("the page does not say where the engine is (meta millrace-engine)")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(name);
    let worker = Worker::new_with_options(&format!("{folder}{script}.worker.js"), &options)?;
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
    format!("The engine crashed: {}.", detail.trim_start_matches("Uncaught ").trim_end_matches('.'))
}
