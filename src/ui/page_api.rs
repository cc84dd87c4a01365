//! `window.millrace`: the page for scripts, tests and benchmarks.
//!
//! Owns: the conversion between JavaScript's values and the engine client's.
//! Touches: the engine client. Tables added here appear on the page; queries run beside the page's own.
//!
//! ```js
//! await millrace.ready                                   // {threads, isolated, version}
//! await millrace.addFiles(files, {table, options})       // [{table, format, bytes, columns: [{name, type}]}]
//! millrace.tables()                                      // the same for all tables
//! await millrace.query(sql, {onSnapshot, signal})        // {columns, rows, stats}
//! millrace.stream(sql, {sources, mode, checkpoint, …})    // {pause, resume, stop, status, rows, lateRows, ended, …}
//! await millrace.allowConnections(url, allowed)           // whether streams may connect to the address's origin
//! await millrace.dropCheckpoint(name)                    // removes what is kept of a stream
//! await millrace.cached()                                // {bytes, limitBytes, disk: {bytes, limitBytes, failure},
//!                                                        //  columns: [{table, column, bytes, diskBytes, fraction}]}
//! await millrace.clearCache()                            // the same, after forgetting all of it
//! await millrace.keepOnDisk(bytes)                       // the same, with so much of the disk for it; 0: none
//! await millrace.timeline()                              // {threads, stages, spans, reads, idleFraction, …}, or null
//! millrace.fault("task_panic" | "thread_trap" | "worker_trap")   // for tests: breaks the engine
//! ```
//!
//! `files` are `File` objects or the browser's handles of files, by which they can be opened on the next visit.
//! `options` say how files are read, as `millrace_protocol::TableOptions`; what they leave out is found out.
//!
//! 64-bit integers are `BigInt`, timestamps ISO 8601 strings in UTC. `onSnapshot` gets `{fraction,
//! columns, rows, rowCount, estimates}` with the first 1000 rows. `estimates` is `[{column, values}]` for the
//! columns whose final values can be estimated: `column` is the index, and `values` has for each of the rows
//! `{value, low, high}` with the ends of the 95 % interval, or null where too little was read. `timeline` tells
//! what the threads do or did for the query that began last, as `millrace_protocol::Timeline`. Failures are
//! `Error`s with `kind`, `hint` and `position`.
//!
//! A stream has `sources`, each `{table, eventTime, delayMillis, kind}` with what belongs to its kind: `file` has
//! the `handle` of the file, `generator` has `rowsPerSecond`, `rows`, `startMillis`, `disorderMillis`, `lateShare`,
//! `lateMillis`, `keys` and `seed`, `socket` and `events` have the `url`. The options are `mode` (`append`,
//! `update` or `complete`), `latenessMillis`, `idleAfterMillis`, `checkpoint` as `{name, everyMillis, resume}`,
//! `onStatus`, which gets a `millrace_protocol::StreamStatus`, and `onResult`, which gets `{columns, rows,
//! rowCount}` with the last 1000 rows of what is shown. What is returned has `pause()`, `resume()`,
//! `stop({closeWindows})`, `status()`, `await rows()` and `await lateRows(table)` as `{columns, rows}`, `await
//! checkpoint()`, `forget()`, and the promise `ended` of `{columns, rows, status}`, which `stop` returns as well.

mod query;
mod stream;
mod value;

use futures::{StreamExt, channel::mpsc};
use js_sys::{Array, Object, Promise, Reflect};
use leptos::prelude::*;
use millrace_protocol::{CacheInfo, ErrorInfo, FaultKind, TableOptions};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::future_to_promise;
use web_sys::File;

use crate::{
    browser,
    engine_client::{EngineClient, file_ref},
    recipes::Recipes,
    state::{EngineState, EngineStatus, Tables},
};
use value::{cache_value, error_value, set, table_value};

/// Puts `window.millrace` in place.
pub fn install(client: EngineClient, recipes: Recipes) {
    let api = Object::new();
    let tables = expect_context::<Tables>();
    set(&api, "ready", &ready());
    method2(&api, "addFiles", move |files, options| add_files(client, recipes, files, &options).into());
    method2(&api, "tables", move |_, _| {
        tables.list.with_untracked(|list| list.iter().map(table_value).collect::<Array>()).into()
    });
    method2(&api, "query", move |sql, options| query::run(client, &sql, &options).into());
    method2(&api, "stream", move |sql, options| {
        stream::start(client, &sql, &options).unwrap_or_else(|refused| wasm_bindgen::throw_val(refused))
    });
    method2(&api, "dropCheckpoint", move |name, _| stream::drop_checkpoint(client, &name).into());
    method2(&api, "allowConnections", move |url, allowed| {
        stream::allow(&url, !allowed.is_falsy() || allowed.is_undefined()).into()
    });
    method2(&api, "cached", move |_, _| cache_promise(client.cached(false)).into());
    method2(&api, "clearCache", move |_, _| cache_promise(client.cached(true)).into());
    method2(&api, "keepOnDisk", move |bytes, _| keep_on_disk(client, &bytes).into());
    method2(&api, "timeline", move |_, _| timeline(client).into());
    method2(&api, "fault", move |kind, _| {
        match serde_wasm_bindgen::from_value::<FaultKind>(kind) {
            Ok(kind) => client.fault(kind),
            Err(reason) => wasm_bindgen::throw_val(reason.into()),
        }
        JsValue::UNDEFINED
    });
    set(&js_sys::global().unchecked_into(), "millrace", &api);
}

/// Resolves when an engine is ready for the first time; fails when none can run here.
fn ready() -> Promise {
    let status = expect_context::<EngineState>().status;
    let (sender, mut receiver) = mpsc::unbounded();
    Effect::new(move || {
        // The promise has its answer when nobody receives any more.
        let _ = sender.unbounded_send(status.get());
    });
    let ready = future_to_promise(async move {
        while let Some(status) = receiver.next().await {
            match status {
                EngineStatus::Ready { threads, version } => {
                    let info = Object::new();
                    set(&info, "threads", &threads.into());
                    set(&info, "isolated", &true.into());
                    set(&info, "version", &version.into());
                    return Ok(info.into());
                }
                EngineStatus::Impossible(error) => return Err(error_value(&error)),
                EngineStatus::Booting { .. } | EngineStatus::Restarting => {}
            }
        }
        Err(js_sys::Error::new("The page was closed.").into())
    });
    // The page itself shows why there is no engine, so nobody has to listen to this failure.
    let ignore = Closure::<dyn FnMut(JsValue)>::new(|_| {});
    let _ = ready.catch(&ignore);
    ignore.forget();
    ready
}

fn add_files(client: EngineClient, recipes: Recipes, files: JsValue, options: &JsValue) -> Promise {
    let table = field(options, "table").as_string();
    let said = field(options, "options");
    let said =
        if said.is_object() { serde_wasm_bindgen::from_value(said) } else { Ok(TableOptions::default()) };
    future_to_promise(async move {
        let given = if files.is_instance_of::<Array>() { Array::from(&files) } else { Array::of1(&files) };
        let mut files: Vec<File> = Vec::new();
        for given in given.iter() {
            // Handles of files give them, and are kept for the next visit.
            let ask = Reflect::get(&given, &"getFile".into()).unwrap_or(JsValue::UNDEFINED);
            if let Ok(file) = given.clone().dyn_into::<File>() {
                files.push(file);
            } else if let Ok(ask) = ask.dyn_into::<js_sys::Function>() {
                let promise = ask.call0(&given)?.unchecked_into::<Promise>();
                let file: File = wasm_bindgen_futures::JsFuture::from(promise).await?.dyn_into()?;
                recipes.take_handle(file_ref(&file), given);
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err(js_sys::TypeError::new("addFiles needs File objects or handles of files").into());
        }
        let added = client.add_files(files, table, said?).await.map_err(|error| error_value(&error))?;
        Ok(added.iter().map(table_value).collect::<Array>().into())
    })
}

fn cache_promise(cache: impl Future<Output = Result<CacheInfo, ErrorInfo>> + 'static) -> Promise {
    future_to_promise(async move {
        let cache = cache.await.map_err(|error| error_value(&error))?;
        Ok(cache_value(&cache))
    })
}

fn keep_on_disk(client: EngineClient, bytes: &JsValue) -> Promise {
    match bytes.as_f64().filter(|bytes| *bytes >= 0.0) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast cuts off what is too much"
        )]
        Some(bytes) => cache_promise(client.set_cache(bytes as u64)),
        None => Promise::reject(&js_sys::TypeError::new("keepOnDisk needs a number of bytes").into()),
    }
}

/// Few enough spans that handing them over keeps the page responsive.
const TIMELINE_SPANS: u32 = 4_000;

fn timeline(client: EngineClient) -> Promise {
    future_to_promise(async move {
        let timeline = client.timeline(None, TIMELINE_SPANS).await.map_err(|error| error_value(&error))?;
        // Reading the answer and handing it over are a task each.
        browser::sleep(0).await;
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
        timeline.serialize(&serializer).map_err(JsValue::from)
    })
}

fn method2(api: &Object, name: &str, call: impl Fn(JsValue, JsValue) -> JsValue + 'static) {
    let method = Closure::<dyn Fn(JsValue, JsValue) -> JsValue>::new(call);
    set(api, name, method.as_ref());
    // The methods live as long as the page.
    method.forget();
}

/// A field of an options object; undefined where there is no such object.
fn field(object: &JsValue, name: &str) -> JsValue {
    if !object.is_object() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
