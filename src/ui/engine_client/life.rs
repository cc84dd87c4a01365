//! The worker's life: start, readiness, loss and replacement.

use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set, Update};
use millrace_protocol::{BootStage, Command, ErrorInfo, ErrorKind, Event, StartOptions};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::inner::{Inner, add_command};
use crate::{
    browser, disk_cache,
    isolation::{self, Isolation},
    state::EngineStatus,
};

/// Engines that may be lost one after another before the page stops trying.
const LOSSES_ALLOWED: u32 = 3;

/// A worker and its listeners. Dropping it ends the worker with all its threads.
pub(super) struct Running {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(web_sys::Event)>,
}

impl Running {
    pub(super) fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.worker.post_message(message)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Starts an engine worker, unless the page is not isolated.
pub(super) fn start(inner: &Rc<Inner>) {
    match isolation::state() {
        Isolation::Isolated => {}
        Isolation::Pending => {
            let inner = Rc::clone(inner);
            isolation::on_change(move || start(&inner));
            return;
        }
        Isolation::Impossible(reason) => {
            give_up(inner, reason);
            return;
        }
    }
    let status = if inner.engine.generation.get_untracked() == 0 {
        EngineStatus::Booting { stage: BootStage::Download, loaded_bytes: 0, total_bytes: 0 }
    } else {
        EngineStatus::Restarting
    };
    inner.engine.status.set(status);
    match spawn(inner) {
        Ok(running) => {
            *inner.worker.borrow_mut() = Some(running);
            inner.send(&Command::Start { options: start_options() }, &[]);
        }
        Err(reason) => {
            let text = reason.as_string().unwrap_or_else(|| format!("{reason:?}"));
            let message = format!("The browser could not start the engine's worker: {text}");
            give_up(inner, ErrorInfo::new(ErrorKind::Browser, message));
        }
    }
}

/// The engine is ready: gives it the tables of its predecessor, then the commands that waited.
pub(super) fn ready(inner: &Rc<Inner>, status: EngineStatus) {
    let inner = Rc::clone(inner);
    spawn_local(async move {
        let generation = inner.engine.generation.get_untracked();
        let kept: Vec<_> = {
            let files = inner.files.borrow();
            files.iter().map(|kept| (kept.table.clone(), kept.files.clone())).collect()
        };
        for (table, files) in kept {
            let (id, answer) = inner.expect_answer();
            inner.send(&add_command(id, &files, Some(table.clone())), &files);
            let answer = answer.await;
            if inner.engine.generation.get_untracked() != generation {
                return;
            }
            match answer {
                Ok(Ok(Event::TablesAdded { .. })) => {}
                Ok(Err(error)) => drop_table(&inner, &table, error),
                Ok(Ok(_)) | Err(_) => {
                    drop_table(
                        &inner,
                        &table,
                        ErrorInfo::new(ErrorKind::Internal, "No fitting answer came."),
                    );
                }
            }
        }
        inner.losses.set(0);
        inner.open.set(true);
        inner.engine.status.set(status);
        let waiting: Vec<_> = inner.waiting.borrow_mut().drain(..).collect();
        for (command, files) in waiting {
            inner.send(&command, &files);
        }
    });
}

/// The engine is of no more use: fails what waits for it and starts another one.
pub(super) fn lose(inner: &Rc<Inner>, error: ErrorInfo) {
    let Some(running) = inner.worker.borrow_mut().take() else { return };
    let was_open = inner.open.replace(false);
    let losses = inner.losses.get() + 1;
    inner.losses.set(losses);
    inner.engine.generation.update(|generation| *generation += 1);
    inner.engine.status.set(EngineStatus::Restarting);
    inner.fail_all(&error);
    if was_open {
        inner.engine.notice.set(Some(error.clone()));
    }
    let inner = Rc::clone(inner);
    spawn_local(async move {
        // This runs after the listener that noticed the loss has returned, so it may go now.
        drop(running);
        if losses >= LOSSES_ALLOWED {
            let hint = "Try again, or reload the page: your query is kept.";
            give_up(&inner, error.with_hint(hint));
            return;
        }
        let patience_millis = if losses == 1 { 0 } else { 1000 };
        browser::sleep(patience_millis).await;
        start(&inner);
    });
}

/// Fails what waits for an engine that will not come, after the caller has had time to listen.
pub(super) fn fail_waiting_soon(inner: &Rc<Inner>) {
    let inner = Rc::clone(inner);
    spawn_local(async move {
        browser::sleep(0).await;
        if let EngineStatus::Impossible(error) = inner.engine.status.get_untracked() {
            inner.waiting.borrow_mut().clear();
            inner.fail_all(&error);
        }
    });
}

fn give_up(inner: &Rc<Inner>, error: ErrorInfo) {
    inner.engine.status.set(EngineStatus::Impossible(error));
    fail_waiting_soon(inner);
}

fn spawn(inner: &Rc<Inner>) -> Result<Running, JsValue> {
    let folder = browser::meta("millrace-engine")
        .ok_or("the page does not say where the engine is (meta millrace-engine)")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("millrace-engine");
    let worker = Worker::new_with_options(&format!("{folder}engine.worker.js"), &options)?;

    let weak = Rc::downgrade(inner);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        if let Some(inner) = weak.upgrade() {
            inner.receive(&message.data());
        }
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

    let weak = Rc::downgrade(inner);
    let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        event.prevent_default();
        if let Some(inner) = weak.upgrade() {
            lose(&inner, crash_error(&event));
        }
    });
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(Running { worker, _on_message: on_message, _on_error: on_error })
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

fn drop_table(inner: &Rc<Inner>, table: &str, error: ErrorInfo) {
    inner.files.borrow_mut().retain(|kept| kept.table != table);
    inner.tables.list.update(|list| list.retain(|info| info.name != table));
    inner.tables.failures.update(|failures| failures.push((table.to_owned(), error)));
}

/// Options for tests and benchmarks from the address: `?threads=2&memory_mb=256&cache_mb=0&cache_disk_mb=0`.
fn start_options() -> StartOptions {
    let number = |name: &str| browser::address_parameter(name)?.parse::<u32>().ok();
    let megabytes = |name: &str| number(name).map(|megabytes| u64::from(megabytes) * 1_000_000);
    StartOptions {
        threads: number("threads").filter(|threads| *threads > 0),
        memory_budget_bytes: megabytes("memory_mb"),
        cache_bytes: megabytes("cache_mb"),
        cache_disk_bytes: Some(disk_cache::bytes_at_start()),
    }
}
