//! `millrace.query`.

use std::{cell::Cell, rc::Rc};

use futures::{StreamExt, channel::mpsc};
use js_sys::{Array, Function, Object, Promise};
use millrace_protocol::{CommandId, ErrorInfo, ErrorKind, QueryStats, ResultInfo};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{future_to_promise, spawn_local};
use web_sys::AbortSignal;

use super::{
    field,
    value::{columns_value, error_value, number, set, stats_value},
};
use crate::engine_client::{EngineClient, QueryEvent};

/// Rows that `onSnapshot` gets at most; `rowCount` tells how many there are.
const SNAPSHOT_ROWS: u32 = 1000;

/// Rows of one message: few enough that unpacking them keeps the page responsive.
const PAGE_ROWS: u32 = 1_000;

/// Runs a query beside the page's own; resolves to `{columns, rows, stats}`.
pub fn run(client: EngineClient, sql: &JsValue, options: &JsValue) -> Promise {
    let on_snapshot = field(options, "onSnapshot").dyn_into::<Function>().ok();
    let signal = field(options, "signal").dyn_into::<AbortSignal>().ok();
    let Some(sql) = sql.as_string() else {
        return Promise::reject(&js_sys::TypeError::new("query needs a text"));
    };
    future_to_promise(async move {
        if signal.as_ref().is_some_and(AbortSignal::aborted) {
            return Err(error_value(&ErrorInfo::new(ErrorKind::Cancelled, "Cancelled before it began.")));
        }
        let (sender, mut events) = mpsc::unbounded();
        let id = client.query(sql, on_snapshot.is_some(), move |_, event| {
            // The receiver lives until the last event.
            let _ = sender.unbounded_send(event);
        });
        let abort = Closure::<dyn Fn()>::new(move || client.cancel(id));
        if let Some(signal) = &signal {
            signal.add_event_listener_with_callback("abort", abort.as_ref().unchecked_ref())?;
        }
        let snapshots = on_snapshot.map(|call| Snapshots::new(client, id, call));
        let outcome = loop {
            match events.next().await {
                Some(QueryEvent::Progress(_) | QueryEvent::Stream(_) | QueryEvent::StreamEnded { .. }) => {}
                Some(QueryEvent::Snapshot(result)) => {
                    if let Some(snapshots) = &snapshots {
                        snapshots.offer(result);
                    }
                }
                Some(QueryEvent::Done { result, stats, .. }) => {
                    break rows(client, id, &result, &stats).await;
                }
                Some(QueryEvent::Failed(error)) => break Err(error),
                None => break Err(ErrorInfo::new(ErrorKind::Internal, "The query ended without an answer.")),
            }
        };
        if let Some(snapshots) = &snapshots {
            snapshots.end();
        }
        if let Some(signal) = &signal {
            signal.remove_event_listener_with_callback("abort", abort.as_ref().unchecked_ref())?;
        }
        client.forget(id);
        outcome.map_err(|error| error_value(&error))
    })
}

async fn rows(
    client: EngineClient,
    id: CommandId,
    result: &ResultInfo,
    stats: &QueryStats,
) -> Result<JsValue, ErrorInfo> {
    let object = all_rows(client, id, result).await?;
    set(object.unchecked_ref(), "stats", &stats_value(stats));
    Ok(object)
}

/// `{columns, rows}` with all rows of a result.
pub async fn all_rows(
    client: EngineClient,
    id: CommandId,
    result: &ResultInfo,
) -> Result<JsValue, ErrorInfo> {
    let rows = Array::new();
    while u64::from(rows.length()) < result.row_count {
        let page = client.raw_rows(id, u64::from(rows.length()), PAGE_ROWS).await?;
        let page = Array::from(&field(&page, "rows"));
        if page.length() == 0 {
            return Err(ErrorInfo::new(ErrorKind::Internal, "The result ended before its last row."));
        }
        for row in page.iter() {
            rows.push(&row);
        }
    }
    let object = Object::new();
    set(&object, "columns", &columns_value(&result.columns));
    set(&object, "rows", &rows);
    Ok(object.into())
}

/// Hands snapshots to the caller, one after another: those that come while rows are still being
/// fetched are left out in favour of the next.
struct Snapshots {
    client: EngineClient,
    id: CommandId,
    call: Function,
    busy: Rc<Cell<bool>>,
    ended: Rc<Cell<bool>>,
}

impl Snapshots {
    fn new(client: EngineClient, id: CommandId, call: Function) -> Self {
        Self { client, id, call, busy: Rc::default(), ended: Rc::default() }
    }

    fn offer(&self, _newest: ResultInfo) {
        if self.busy.replace(true) {
            return;
        }
        let (client, id, call) = (self.client, self.id, self.call.clone());
        let (busy, ended) = (Rc::clone(&self.busy), Rc::clone(&self.ended));
        spawn_local(async move {
            let page = client.raw_rows(id, 0, SNAPSHOT_ROWS).await;
            busy.set(false);
            // What cannot be read was replaced by a newer result or ended with an error, which the
            // caller hears otherwise.
            let Ok(page) = page else { return };
            if ended.get() {
                return;
            }
            let result = field(&page, "result");
            let snapshot = Object::new();
            set(&snapshot, "fraction", &field(&result, "fraction"));
            set(&snapshot, "columns", &field(&result, "columns"));
            set(&snapshot, "rows", &field(&page, "rows"));
            set(&snapshot, "estimates", &field(&page, "estimates"));
            set(&snapshot, "rowCount", &as_number(&field(&result, "rowCount")));
            if let Err(thrown) = call.call1(&JsValue::UNDEFINED, &snapshot) {
                web_sys::console::error_2(&"millrace: onSnapshot threw".into(), &thrown);
            }
        });
    }

    fn end(&self) {
        self.ended.set(true);
    }
}

/// Counts may come as `BigInt`.
fn as_number(value: &JsValue) -> JsValue {
    u64::try_from(value.clone()).map_or_else(|_| value.clone(), number)
}
