//! The sample: some million events with a fixed seed, made in a worker of its own.

use std::{cell::RefCell, rc::Rc};

use futures::channel::oneshot;
use js_sys::Reflect;
use millrace_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{File, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::{
    browser,
    panels::builder::query::{Aggregate, BuilderQuery, Function, Group},
};

/// Name of the table that the sample becomes.
pub const TABLE: &str = "sample_events";

/// Name of the file that it is made as; `www/worker/sample.worker.js` gives it.
pub const FILE: &str = "sample_events.csv";

/// Events in the sample, about 230 MB.
pub const ROWS: u32 = 3_000_000;

/// A first query over the sample that makes a good chart: what each region spends in each hour.
pub fn first_query() -> BuilderQuery {
    let hour = Group { column: "ts".to_owned(), unit: Some("hour") };
    BuilderQuery {
        table: TABLE.to_owned(),
        groups: vec![hour, Group { column: "region".to_owned(), unit: None }],
        aggregates: vec![Aggregate { function: Function::Sum, column: "price".to_owned() }],
        sort: Some(("hour".to_owned(), false)),
        ..BuilderQuery::default()
    }
}

/// Makes a file of so many events; `on_progress` hears the share that is made. Whoever drops the future ends
/// the work.
///
/// # Errors
/// When the browser cannot run the worker or has no room for the file.
pub async fn make(rows: u32, on_progress: impl Fn(f64) + 'static) -> Result<File, ErrorInfo> {
    let (done, made) = oneshot::channel();
    let done = Rc::new(RefCell::new(Some(done)));
    let finish = move |result: Result<File, ErrorInfo>| {
        if let Some(done) = done.borrow_mut().take() {
            // Nobody listens any more when the page was closed meanwhile.
            let _ = done.send(result);
        }
    };
    let told = |reason: JsValue| failure(&format!("{reason:?}"));
    let Ending(worker) = &Ending(start().map_err(told)?);
    let heard = finish.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let data = message.data();
        let field = |name: &str| Reflect::get(&data, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if let Some(share) = field("share").as_f64() {
            on_progress(share);
        } else if let Ok(file) = field("file").dyn_into::<File>() {
            heard(Ok(file));
        } else {
            heard(Err(failure(&field("error").as_string().unwrap_or_default())));
        }
    });
    let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |_| finish(Err(failure("its worker failed"))));
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    worker.post_message(&rows.into()).map_err(told)?;
    made.await.unwrap_or_else(|_| Err(failure("its worker ended")))
}

/// A worker that ends with whoever waits for it.
struct Ending(Worker);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.set_onmessage(None);
        self.0.set_onerror(None);
        self.0.terminate();
    }
}

fn start() -> Result<Worker, JsValue> {
    let folder = browser::meta("millrace-engine").ok_or("the page does not say where its workers are")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("millrace sample");
    Worker::new_with_options(&format!("{folder}sample.worker.js"), &options)
}

fn failure(reason: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Browser, format!("The sample could not be made: {reason}."))
        .with_hint("Drop a file of your own instead.")
}
