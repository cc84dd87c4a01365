//! The worker's life: start, readiness, loss and replacement.

use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set, Update};
use millrace_protocol::{BootStage, Command, ErrorInfo, ErrorKind, Event, StartOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{
    inner::{Inner, KeptTable, add_command, beside},
    workers::{NewWorker, Running},
};
use crate::{
    browser, disk_cache,
    isolation::{self, Isolation},
    state::EngineStatus,
};

/// Engines that may be lost one after another before the page stops trying.
const LOSSES_ALLOWED: u32 = 3;

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
    match Running::start(inner) {
        Ok(running) => {
            *inner.worker.borrow_mut() = Some(running);
            inner.send(&Command::Start { options: start_options() }, &[]);
        }
        Err(reason) => {
            give_up(inner, not_started(&reason));
        }
    }
}

/// The engine asks for a worker, with the port by which it will speak with it.
pub(super) fn spawn_worker(inner: &Rc<Inner>, worker: &NewWorker, port: &JsValue) {
    let started = inner.worker.borrow().as_ref().map(|running| running.spawn(worker, port));
    if let Some(Err(reason)) = started {
        lose(inner, not_started(&reason));
    }
}

/// The engine is ready: gives it the tables of its predecessor, then the commands that waited.
pub(super) fn ready(inner: &Rc<Inner>, status: EngineStatus) {
    let inner = Rc::clone(inner);
    spawn_local(async move {
        let generation = inner.engine.generation.get_untracked();
        let kept: Vec<_> = {
            let files = inner.files.borrow();
            let kept =
                |kept: &KeptTable| (kept.table.clone(), kept.files.clone(), kept.part, kept.options.clone());
            files.iter().map(kept).collect()
        };
        for (table, files, part, options) in kept {
            let (id, answer) = inner.expect_answer();
            inner.send(&add_command(id, &files, Some(table.clone()), part, options), &beside(&files));
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

fn not_started(reason: &JsValue) -> ErrorInfo {
    let text = reason.as_string().unwrap_or_else(|| format!("{reason:?}"));
    let message = tf!("The browser could not start a worker of the engine: {text}", text = text);
    ErrorInfo::new(ErrorKind::Browser, message)
}

fn drop_table(inner: &Rc<Inner>, table: &str, error: ErrorInfo) {
    inner.files.borrow_mut().retain(|kept| kept.table != table);
    inner.tables.list.update(|list| list.retain(|info| info.name != table));
    inner.tables.failures.update(|failures| failures.push((table.to_owned(), error)));
}

/// Options for tests and benchmarks from the address: `?threads=2&split_bytes=64&memory_mb=256&cache_mb=0`
/// and more.
fn start_options() -> StartOptions {
    let number = |name: &str| browser::address_parameter(name)?.parse::<u32>().ok();
    let megabytes = |name: &str| number(name).map(|megabytes| u64::from(megabytes) * 1_000_000);
    StartOptions {
        threads: number("threads").filter(|threads| *threads > 0),
        split_bytes: number("split_bytes").filter(|bytes| *bytes > 0),
        memory_budget_bytes: megabytes("memory_mb"),
        cache_bytes: megabytes("cache_mb"),
        cache_disk_bytes: Some(disk_cache::bytes_at_start()),
    }
}
