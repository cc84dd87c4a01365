//! Whether the browser lets this page have threads with shared memory.
//!
//! Touches: `window.millraceIsolation`, which the page's isolation script sets before the page starts.

use js_sys::Reflect;
use millrace_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen::JsValue;

/// Succeeds when threads are possible.
///
/// # Errors
/// Why they are not, and what the visitor can do.
pub fn check() -> Result<(), ErrorInfo> {
    let global = js_sys::global();
    let isolated = get(&global, "crossOriginIsolated").is_some_and(|value| value.is_truthy());
    if isolated {
        return Ok(());
    }
    let report = get(&global, "millraceIsolation").unwrap_or(JsValue::UNDEFINED);
    let told = |name| get(&report, name).and_then(|value| value.as_string());
    let message = told("reason").unwrap_or_else(|| {
        "This page is not cross-origin isolated, so the browser gives it no threads with shared memory."
            .to_owned()
    });
    let hint = told("advice").or_else(|| told("hint")).unwrap_or_else(|| {
        "Serve the site with the headers Cross-Origin-Opener-Policy: same-origin and \
         Cross-Origin-Embedder-Policy: require-corp, over https or from localhost."
            .to_owned()
    });
    Err(ErrorInfo::new(ErrorKind::Browser, message).with_hint(hint))
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    if !object.is_object() {
        return None;
    }
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}
