//! Events as JavaScript values.
//!
//! Counters and lengths travel as numbers, absent values as null. Cells are the exception and made by
//! hand: a 64-bit integer of a result is always a BigInt, however small, so that a column has one
//! type. serde-wasm-bindgen knows only one way for all integers of a message.

use js_sys::{Array, BigInt, Object, Reflect, Uint8Array};
use millrace_protocol::{Cell, ErrorInfo, ErrorKind, Event};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

/// Sends an event to the page. The end of an export has no bytes left to go with it.
pub(crate) fn post(event: Event) {
    let bytes = matches!(event, Event::Exported { .. }).then(|| Uint8Array::new_with_length(0));
    send(event, bytes);
}

/// Sends an event to the page with a copy of bytes beside it.
pub(crate) fn post_bytes(event: Event, bytes: &[u8]) {
    send(event, Some(Uint8Array::from(bytes)));
}

fn send(event: Event, bytes: Option<Uint8Array>) {
    if let Err(error) = try_send(event, bytes) {
        crate::log_error(&format!("an event could not be sent: {error:?}"));
        let message = "An answer of the engine could not be sent to the page.";
        let fatal = Event::Fatal { error: ErrorInfo::new(ErrorKind::Internal, message) };
        if let Err(error) = try_send(fatal, None) {
            crate::log_error(&format!("nor could that be told: {error:?}"));
        }
    }
}

fn try_send(event: Event, bytes: Option<Uint8Array>) -> Result<(), JsValue> {
    let message = Object::new();
    let transferred = Array::new();
    Reflect::set(&message, &"event".into(), &to_js(event)?)?;
    if let Some(bytes) = bytes {
        Reflect::set(&message, &"bytes".into(), &bytes.buffer())?;
        transferred.push(&bytes.buffer());
    }
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    scope.post_message_with_transfer(&message, &transferred)
}

fn to_js(mut event: Event) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    match &mut event {
        Event::Rows { page, .. } => {
            let rows = std::mem::take(&mut page.rows);
            let value = event.serialize(&serializer)?;
            let page = Reflect::get(&value, &"page".into())?;
            Reflect::set(&page, &"rows".into(), &rows_to_js(&rows))?;
            Ok(value)
        }
        Event::TablesAdded { tables, .. } => {
            let previews: Vec<_> =
                tables.iter_mut().map(|table| std::mem::take(&mut table.preview)).collect();
            let value = event.serialize(&serializer)?;
            let tables = Reflect::get(&value, &"tables".into())?;
            for (index, preview) in (0..).zip(&previews) {
                let table = Reflect::get_u32(&tables, index)?;
                Reflect::set(&table, &"preview".into(), &rows_to_js(preview))?;
            }
            Ok(value)
        }
        _ => Ok(event.serialize(&serializer)?),
    }
}

fn rows_to_js(rows: &[Vec<Cell>]) -> Array {
    rows.iter().map(|row| row.iter().map(cell_to_js).collect::<Array>()).collect()
}

fn cell_to_js(cell: &Cell) -> JsValue {
    match cell {
        Cell::Null => JsValue::NULL,
        Cell::Bool(value) => JsValue::from_bool(*value),
        Cell::Int(value) => BigInt::from(*value).into(),
        Cell::Number(value) => JsValue::from_f64(*value),
        Cell::Text(value) => JsValue::from_str(value),
    }
}
