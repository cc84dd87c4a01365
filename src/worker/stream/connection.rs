//! Rows from connections: WebSockets and server-sent events, each in a worker of its own that may connect to
//! the address that the user allowed and knows nothing of any file.
//!
//! The first message decides what a stream is made of: Arrow IPC, or lines of text.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Reflect, Uint8Array};
use millrace_engine::Engine;
use millrace_engine::stream::{EventTime, PushHandle, StreamSource};
use millrace_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen::prelude::*;

use super::Controls;
use crate::clock::{now_millis, sleep_millis};

#[wasm_bindgen]
extern "C" {
    /// The connections' workers, as `www/worker/connections.js` presents them.
    pub type Connections;

    /// Connects, and calls `hear` with what comes until `close` of what is returned is called.
    #[wasm_bindgen(method, catch)]
    fn open(this: &Connections, kind: &str, url: &str, hear: &Function) -> Result<Opened, JsValue>;

    /// An open connection.
    pub type Opened;

    #[wasm_bindgen(method)]
    fn close(this: &Opened);
}

/// Columns are found in the messages of this time behind the first one.
const SAMPLE_MILLIS: f64 = 300.0;
const POLL_MILLIS: f64 = 20.0;

/// What came before the columns were known, at most.
const SAMPLE_BYTES: usize = 8 << 20;

/// A connection. It is closed when this is dropped.
pub(super) struct Connection {
    opened: Opened,
    _hear: Closure<dyn FnMut(JsValue)>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.opened.close();
    }
}

/// What has come of a connection whose rows nobody takes yet.
#[derive(Default)]
struct Heard {
    /// Lines of text.
    sample: Vec<u8>,
    /// Messages of Arrow IPC, if the first one was.
    messages: Vec<Vec<u8>>,
    notices: Vec<String>,
    refused: Option<ErrorInfo>,
    handle: Option<PushHandle>,
    lost_messages: u64,
}

/// Connects to an address and waits for the first rows, which tell the columns. `on_notice` hears what happens
/// until then.
///
/// # Errors
/// When the address is not allowed, the rows are of no format with columns, or the stream is stopped meanwhile.
pub(super) async fn connect(
    engine: &Engine,
    connections: &Connections,
    kind: &str,
    url: &str,
    event_time: EventTime,
    controls: &Controls,
    mut on_notice: impl FnMut(Vec<String>),
) -> Result<(Box<dyn StreamSource>, Connection), ErrorInfo> {
    let heard = Rc::new(RefCell::new(Heard::default()));
    let into = Rc::clone(&heard);
    // What a panic leaves behind is not looked at again: it ends the stream.
    let hear = move |message: JsValue| into.borrow_mut().hear(&message);
    let hear = Closure::<dyn FnMut(JsValue)>::own_assert_unwind_safe(hear);
    let opened = connections.open(kind, url, hear.as_ref().unchecked_ref()).map_err(|refused| {
        ErrorInfo::new(ErrorKind::Browser, format!("{url} cannot be connected to: {refused:?}."))
    })?;
    let connection = Connection { opened, _hear: hear };
    let mut first_millis = None;
    loop {
        if controls.stop.get().is_some() {
            return Err(ErrorInfo::new(ErrorKind::Cancelled, "Stopped before a row came."));
        }
        let (refused, bytes, has_schema, notices) = {
            let mut heard = heard.borrow_mut();
            let notices = std::mem::take(&mut heard.notices);
            (heard.refused.take(), heard.sample.len(), !heard.messages.is_empty(), notices)
        };
        if let Some(refused) = refused {
            return Err(refused);
        }
        if !notices.is_empty() {
            on_notice(notices);
        }
        if has_schema {
            return Ok((of_messages(engine, url, event_time, &heard)?, connection));
        }
        let now = now_millis();
        if bytes > 0 && now - *first_millis.get_or_insert(now) >= SAMPLE_MILLIS {
            break;
        }
        sleep_millis(POLL_MILLIS).await;
    }
    let sample = std::mem::take(&mut heard.borrow_mut().sample);
    if std::str::from_utf8(&sample).is_err() {
        let message = format!("What {url} sends is neither text in UTF-8 nor Arrow IPC.");
        return Err(ErrorInfo::new(ErrorKind::Data, message)
            .with_hint("Send lines of JSON or CSV, or streams of Arrow IPC as binary messages."));
    }
    let made = engine.push_source(url, &sample, event_time).await;
    let (source, handle) = made.map_err(|error| error.info())?;
    let mut heard = heard.borrow_mut();
    // What came while the columns were being found.
    heard.give(&handle);
    heard.handle = Some(handle);
    drop(heard);
    Ok((Box::new(source), connection))
}

/// A source for messages of Arrow IPC, whose schema the first one has.
fn of_messages(
    engine: &Engine,
    url: &str,
    event_time: EventTime,
    heard: &Rc<RefCell<Heard>>,
) -> Result<Box<dyn StreamSource>, ErrorInfo> {
    let mut heard = heard.borrow_mut();
    let messages = std::mem::take(&mut heard.messages);
    let first = messages.first().map_or(&[][..], Vec::as_slice);
    let (source, handle) = engine.push_arrow(url, first, event_time).map_err(|error| error.info())?;
    heard.handle = Some(handle);
    messages.iter().skip(1).for_each(|message| heard.take(message));
    Ok(Box::new(source))
}

impl Heard {
    /// A message of `www/worker/connection.worker.js`.
    fn hear(&mut self, message: &JsValue) {
        let field = |key: &str| Reflect::get(message, &key.into()).unwrap_or(JsValue::UNDEFINED);
        match field("type").as_string().as_deref() {
            Some("rows") => {
                let rows = Uint8Array::new(&field("bytes")).to_vec();
                self.take(&rows);
            }
            Some("messages") => {
                for message in Array::from(&field("messages")).iter() {
                    self.take_message(Uint8Array::new(&message).to_vec());
                }
            }
            Some("notice") => {
                let text = field("text").as_string().unwrap_or_default();
                match &self.handle {
                    Some(handle) => handle.notice(text),
                    None => self.notices.push(text),
                }
            }
            Some("refused") => {
                let text = field("text").as_string().unwrap_or_default();
                let error = ErrorInfo::new(ErrorKind::Browser, text);
                self.refused = Some(match field("hint").as_string() {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                });
            }
            _ => {}
        }
    }

    /// A binary message: Arrow IPC, or lines as text has them.
    fn take_message(&mut self, message: Vec<u8>) {
        let is_first = self.handle.is_none() && self.sample.is_empty();
        if self.handle.is_none() && (!self.messages.is_empty() || (is_first && Engine::is_arrow(&message))) {
            let waiting: usize = self.messages.iter().map(Vec::len).sum();
            if waiting + message.len() <= SAMPLE_BYTES || waiting == 0 {
                self.messages.push(message);
            } else {
                self.lost_messages += 1;
            }
            return;
        }
        self.take(&message);
        let is_line = message.last() == Some(&b'\n');
        if self.handle.is_none() && !is_line {
            self.sample.push(b'\n');
        }
    }

    fn take(&mut self, rows: &[u8]) {
        let Some(handle) = self.handle.clone() else {
            if !self.messages.is_empty() {
                self.messages.push(rows.to_vec());
                return;
            }
            if self.sample.len() + rows.len() <= SAMPLE_BYTES {
                self.sample.extend_from_slice(rows);
            }
            return;
        };
        if handle.push(rows).is_ok() {
            if self.lost_messages > 0 {
                let lost = std::mem::take(&mut self.lost_messages);
                handle.notice(format!("rows came faster than they were processed: {lost} messages are lost"));
            }
        } else {
            self.lost_messages += 1;
        }
    }

    fn give(&mut self, handle: &PushHandle) {
        let waiting = std::mem::take(&mut self.sample);
        // A new source has room for what came while it was made.
        let _ = handle.push(&waiting);
    }
}
