//! Small windows into the browser that several parts of the page need.
//!
//! Owns: access to storage, timers, media queries and downloads, without failing where a browser
//! refuses.
//! Touches: web-sys only.

use futures::channel::oneshot;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, HtmlAnchorElement, MediaQueryList, Storage, Url};

/// The text stored under `key`, if storage is allowed and has it.
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores `value` under `key`, where the browser allows it.
pub fn store(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage only means that the next visit starts afresh.
        let _ = storage.set_item(key, value);
    }
}

/// The media query `query`, if the browser understands it.
pub fn media(query: &str) -> Option<MediaQueryList> {
    web_sys::window()?.match_media(query).ok().flatten()
}

/// An attribute of the document's root element, if it has it.
pub fn root_attribute(name: &str) -> Option<String> {
    root()?.get_attribute(name)
}

/// Sets an attribute of the document's root element.
pub fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = root() {
        // Fails only for names that are not XML names; ours are.
        let _ = root.set_attribute(name, value);
    }
}

fn root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}

/// Whether a modal dialog or a menu is open, which takes the Escape key.
pub fn has_open_dialog() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let is_there = |selector| {
        document.as_ref().is_some_and(|document| matches!(document.query_selector(selector), Ok(Some(_))))
    };
    is_there("dialog[open]") || is_there(":popover-open")
}

/// The content of `<meta name="…">`, if the document has it.
pub fn meta(name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    let element = document.query_selector(&format!("meta[name=\"{name}\"]")).ok()??;
    element.get_attribute("content").filter(|content| !content.is_empty())
}

/// The parameter `name` of the page's address, decoded, if it is there.
pub fn address_parameter(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// Lets `millis` milliseconds pass without blocking anything.
pub async fn sleep(millis: i32) {
    let (sender, receiver) = oneshot::channel();
    let wake = Closure::once_into_js(move || {
        // The receiver is gone when nobody waits any more.
        let _ = sender.send(());
    });
    let started = web_sys::window().map(|window| {
        window.set_timeout_with_callback_and_timeout_and_arguments_0(wake.unchecked_ref(), millis)
    });
    if matches!(started, Some(Ok(_))) {
        // An error would mean that the timer's closure was dropped; going on is right then too.
        let _ = receiver.await;
    }
}

/// Milliseconds of a clock that only ever goes forward.
pub fn now_millis() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// Puts a text into the clipboard. A browser that refuses leaves the clipboard as it was.
pub async fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        let written = window.navigator().clipboard().write_text(text);
        let _ = wasm_bindgen_futures::JsFuture::from(written).await;
    }
}

/// Lets the browser save `blob` under `name`.
///
/// # Errors
/// Whatever the browser says when it refuses.
pub fn download(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let address = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The download keeps its own reference; a minute is enough for the slowest browser to take it.
    wasm_bindgen_futures::spawn_local(async move {
        sleep(60_000).await;
        let _ = Url::revoke_object_url(&address);
    });
    Ok(())
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
