//! `millrace.stream`.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use futures::{StreamExt, channel::mpsc};
use js_sys::{Array, Function, Object, Promise, Reflect};
use millrace_protocol::{
    CheckpointPlan, CommandId, ErrorInfo, ErrorKind, ResultInfo, StreamAction, StreamSpec, StreamStatus,
};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use super::{
    field, method2,
    query::all_rows,
    value::{error_value, set},
};
use crate::{
    engine_client::{EngineClient, QueryEvent},
    streams_js::StreamsModule,
};

/// Rows that `onResult` gets at most: the last ones.
const ROWS_TOLD: u64 = 1_000;

/// How often a checkpoint is made when the options do not say.
const CHECKPOINT_MILLIS: f64 = 10_000.0;

/// Starts a stream beside the page's own; gives `{pause, resume, stop, status, rows, lateRows, checkpoint,
/// forget, ended}`.
pub fn start(client: EngineClient, sql: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let (spec, handles) = spec_of(sql, options)?;
    let plan = plan_of(&field(options, "checkpoint"));
    let told = Rc::new(Told::new(client, options));
    let (sender, mut ended) = mpsc::unbounded();
    let heard = Rc::clone(&told);
    let id = client.stream(spec, plan, handles, move |id, event| match event {
        QueryEvent::Stream(status) => heard.status(*status),
        QueryEvent::Snapshot(result) => heard.result(id, result),
        QueryEvent::StreamEnded { result, status } => {
            heard.status((*status).clone());
            // The receiver lives until it has heard the end.
            let _ = sender.unbounded_send(Ok(result));
        }
        QueryEvent::Failed(error) => drop(sender.unbounded_send(Err(error))),
        QueryEvent::Progress(_) | QueryEvent::Done { .. } => {}
    });
    let at_the_end = Rc::clone(&told);
    let ended = future_to_promise(async move {
        let none = || ErrorInfo::new(ErrorKind::Internal, "The stream ended without an answer.");
        let ended = ended.next().await.unwrap_or_else(|| Err(none()));
        at_the_end.ended.set(true);
        let rows = async { all_rows(client, id, &ended?).await };
        let rows = rows.await.map_err(|error| error_value(&error))?;
        set(rows.unchecked_ref(), "status", &at_the_end.status_value());
        Ok(rows)
    });
    Ok(handle(client, id, &told, &ended).into())
}

fn handle(client: EngineClient, id: CommandId, told: &Rc<Told>, ended: &Promise) -> Object {
    let api = Object::new();
    let control = |name: &str, action: StreamAction| {
        method2(&api, name, move |_, _| {
            client.control(id, action);
            JsValue::UNDEFINED
        });
    };
    control("pause", StreamAction::Pause);
    control("resume", StreamAction::Resume);
    let end = ended.clone();
    method2(&api, "stop", move |options, _| {
        let close_windows = field(&options, "closeWindows").is_truthy();
        client.control(id, StreamAction::Stop { close_windows });
        end.clone().into()
    });
    let newest = Rc::clone(told);
    method2(&api, "status", move |_, _| newest.status_value());
    let newest = Rc::clone(told);
    method2(&api, "rows", move |_, _| {
        let newest = newest.result.borrow().clone();
        future_to_promise(async move {
            let none = || ErrorInfo::new(ErrorKind::Data, "The stream has no result yet.");
            let rows = async { all_rows(client, id, &newest.ok_or_else(none)?).await };
            rows.await.map_err(|error| error_value(&error))
        })
        .into()
    });
    method2(&api, "lateRows", move |table, _| {
        future_to_promise(async move {
            let late = async {
                let (late, result) = client.late_rows(id, table.as_string()).await?;
                let rows = all_rows(client, late, &result).await;
                client.forget(late);
                rows
            };
            late.await.map_err(|error| error_value(&error))
        })
        .into()
    });
    method2(&api, "checkpoint", move |_, _| {
        future_to_promise(async move {
            let made = client.checkpoint(id).await.map_err(|error| error_value(&error))?;
            plain(&made)
        })
        .into()
    });
    method2(&api, "forget", move |_, _| {
        client.forget(id);
        JsValue::UNDEFINED
    });
    set(&api, "ended", ended);
    // Who has not asked for the end need not listen to a failure.
    let ignore = wasm_bindgen::closure::Closure::<dyn FnMut(JsValue)>::new(|_| {});
    let _ = ended.catch(&ignore);
    ignore.forget();
    api
}

/// What is known of a stream, and who wants to hear it.
struct Told {
    client: EngineClient,
    on_status: Option<Function>,
    on_result: Option<Function>,
    status: RefCell<StreamStatus>,
    result: RefCell<Option<ResultInfo>>,
    busy: Cell<bool>,
    ended: Cell<bool>,
}

impl Told {
    fn new(client: EngineClient, options: &JsValue) -> Self {
        Self {
            client,
            on_status: field(options, "onStatus").dyn_into().ok(),
            on_result: field(options, "onResult").dyn_into().ok(),
            status: RefCell::default(),
            result: RefCell::default(),
            busy: Cell::new(false),
            ended: Cell::new(false),
        }
    }

    fn status(&self, status: StreamStatus) {
        *self.status.borrow_mut() = status;
        if let Some(call) = &self.on_status {
            tell(call, &self.status_value());
        }
    }

    fn status_value(&self) -> JsValue {
        plain(&*self.status.borrow()).unwrap_or(JsValue::NULL)
    }

    /// A newer result is there. While rows of one are fetched, newer ones replace each other.
    fn result(self: &Rc<Self>, id: CommandId, result: ResultInfo) {
        *self.result.borrow_mut() = Some(result);
        if self.on_result.is_none() || self.busy.replace(true) {
            return;
        }
        let this = Rc::clone(self);
        spawn_local(async move {
            let mut told = 0;
            loop {
                let newest = this.result.borrow().as_ref().map(|result| (result.number, result.row_count));
                let Some((number, rows)) = newest.filter(|(number, _)| *number != told) else { break };
                told = number;
                let count = rows.min(ROWS_TOLD) as u32;
                // What cannot be read was replaced, or the stream has ended with an error that is told otherwise.
                let page = this.client.raw_rows(id, rows.saturating_sub(ROWS_TOLD), count).await;
                let (Ok(page), Some(call), false) = (page, &this.on_result, this.ended.get()) else { break };
                let result = field(&page, "result");
                let value = Object::new();
                set(&value, "columns", &field(&result, "columns"));
                set(&value, "rows", &field(&page, "rows"));
                set(&value, "rowCount", &field(&result, "rowCount"));
                tell(call, &value);
            }
            this.busy.set(false);
        });
    }
}

fn tell(call: &Function, value: &JsValue) {
    if let Err(thrown) = call.call1(&JsValue::UNDEFINED, value) {
        web_sys::console::error_2(&"millrace: a listener of a stream threw".into(), &thrown);
    }
}

/// The stream that the options describe, and the handles of its files and folders.
fn spec_of(sql: &JsValue, options: &JsValue) -> Result<(StreamSpec, Vec<JsValue>), JsValue> {
    let Some(sql) = sql.as_string() else {
        return Err(js_sys::TypeError::new("stream needs a text").into());
    };
    let sources = Array::new();
    let mut handles = Vec::new();
    for source in Array::from(&field(options, "sources")).iter() {
        let copy = Object::assign(&Object::new(), source.unchecked_ref());
        let kind = field(&copy, "kind").as_string().unwrap_or_default();
        if matches!(kind.as_str(), "file" | "folder") {
            let handle = field(&copy, "handle");
            if !handle.is_object() {
                let message = format!("a source of kind {kind} needs the handle of a {kind}");
                return Err(js_sys::TypeError::new(&message).into());
            }
            fill(&copy, "name", &field(&handle, "name"));
            handles.push(handle);
        }
        // Plain data goes to the engine.
        let _ = Reflect::delete_property(&copy, &"handle".into());
        let generated = [("startMillis", js_sys::Date::now()), ("keys", 8.0), ("seed", 1.0)];
        generated.iter().for_each(|(name, value)| fill(&copy, name, &(*value).into()));
        sources.push(&copy);
    }
    let spec = Object::new();
    set(&spec, "sql", &sql.into());
    set(&spec, "sources", &sources);
    for name in ["mode", "latenessMillis", "idleAfterMillis"] {
        let value = field(options, name);
        if !value.is_undefined() {
            set(&spec, name, &value);
        }
    }
    let spec = serde_wasm_bindgen::from_value(spec.into());
    let spec = spec.map_err(|reason| js_sys::TypeError::new(&format!("no stream: {reason}")))?;
    Ok((spec, handles))
}

/// Sets a property that is not there.
fn fill(object: &Object, name: &str, value: &JsValue) {
    if field(object, name).is_undefined() {
        set(object, name, value);
    }
}

fn plan_of(options: &JsValue) -> Option<CheckpointPlan> {
    Some(CheckpointPlan {
        name: field(options, "name").as_string()?,
        every_millis: field(options, "everyMillis").as_f64().unwrap_or(CHECKPOINT_MILLIS),
        resume: field(options, "resume").is_truthy(),
    })
}

/// A plain object of a plain value.
fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(JsValue::from)
}

/// Allows connections of streams to the origin of an address, or forbids them.
pub fn allow(url: &JsValue, is_allowed: bool) -> Promise {
    let url = url.as_string().unwrap_or_default();
    future_to_promise(async move {
        StreamsModule::load().await?.set_allowed(&url, is_allowed).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Removes what is kept of a stream.
pub fn drop_checkpoint(client: EngineClient, name: &JsValue) -> Promise {
    let name = name.as_string().unwrap_or_default();
    future_to_promise(async move {
        client.drop_checkpoint(name).await.map_err(|error| error_value(&error))?;
        Ok(JsValue::UNDEFINED)
    })
}
