//! Whether the browser lets this page have threads with shared memory.
//!
//! Touches: `window.millraceIsolation`, which `www/isolation.js` sets before the page starts.

use js_sys::{Function, Reflect};
use millrace_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::AddEventListenerOptions;

/// Whether threads are possible.
#[derive(Clone, Debug, PartialEq)]
pub enum Isolation {
    /// They are.
    Isolated,
    /// The page is about to be loaded anew, or the reason why not is still being found out.
    Pending,
    /// They are not: why, and what the visitor can do.
    Impossible(ErrorInfo),
}

/// What the browser and the isolation script say now.
pub fn state() -> Isolation {
    let global = js_sys::global();
    if get(&global, "crossOriginIsolated").is_some_and(|value| value.is_truthy()) {
        return Isolation::Isolated;
    }
    let report = get(&global, "millraceIsolation").unwrap_or(JsValue::UNDEFINED);
    let told = |name| get(&report, name).and_then(|value| value.as_string()).filter(|text| !text.is_empty());
    if told("state").as_deref() == Some("pending") {
        return Isolation::Pending;
    }
    let message = told("reason").unwrap_or_else(|| {
        "This page is not cross-origin isolated, so the browser gives it no threads with shared memory."
            .to_owned()
    });
    let hint = told("hint").unwrap_or_else(|| {
        "Serve the site with the headers Cross-Origin-Opener-Policy: same-origin and \
         Cross-Origin-Embedder-Policy: require-corp, over https or from localhost."
            .to_owned()
    });
    Isolation::Impossible(ErrorInfo::new(ErrorKind::Browser, message).with_hint(hint))
}

/// Calls `changed` once, when the isolation script has found out more.
pub fn on_change(changed: impl FnOnce() + 'static) {
    let listener = Closure::once_into_js(changed);
    let options = AddEventListenerOptions::new();
    options.set_once(true);
    if let Some(window) = web_sys::window() {
        // Adding a listener fails for no event name; there is nothing to tell the visitor.
        let _ = window.add_event_listener_with_callback_and_add_event_listener_options(
            "millraceisolation",
            listener.unchecked_ref(),
            &options,
        );
    }
}

/// Lets the isolation script try again from the start.
pub fn retry() {
    let report = get(&js_sys::global(), "millraceIsolation");
    let retry = report.and_then(|report| get(&report, "retry")?.dyn_into::<Function>().ok());
    if let Some(retry) = retry {
        // It loads the page anew; whatever it returns comes too late for this page.
        let _ = retry.call0(&JsValue::UNDEFINED);
    }
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    if !object.is_object() {
        return None;
    }
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}
