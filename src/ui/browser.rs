//! Small windows into the browser that several parts of the page need.
//!
//! Owns: access to storage, timers, media queries and downloads, without failing where a browser
//! refuses.
//! Touches: web-sys only.

use futures::channel::oneshot;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, File, HtmlAnchorElement, HtmlInputElement, MediaQueryList, Storage, Url};

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

/// The page's address without what stands behind `#`.
pub fn address() -> String {
    let address = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    address.split('#').next().unwrap_or_default().to_owned()
}

/// What stands in the page's address from `#` on, if anything does.
pub fn fragment() -> Option<String> {
    web_sys::window()?.location().hash().ok().filter(|fragment| !fragment.is_empty())
}

/// Takes what stands behind `#` out of the page's address, without a step to go back to.
pub fn clear_fragment() {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        // A browser that refuses leaves the address as it is.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address()));
    }
}

/// Whether the browser gives lasting handles of files that a person chooses.
pub fn gives_handles() -> bool {
    js_sys::Reflect::has(&js_sys::global(), &"showOpenFilePicker".into()).unwrap_or_default()
}

/// Whether keys are named as on a Mac.
pub fn is_mac() -> bool {
    web_sys::window()
        .is_some_and(|window| window.navigator().user_agent().is_ok_and(|name| name.contains("Mac")))
}

/// Lets a person choose files by the browser's own dialog. Has to be called for a click or a key.
pub fn choose_files(accept: &str, several: bool, on_chosen: impl FnOnce(Vec<File>) + 'static) {
    choose(accept, several, false, on_chosen);
}

/// Lets a person choose a folder, likewise, and gives all files in it.
pub fn choose_folder(on_chosen: impl FnOnce(Vec<File>) + 'static) {
    choose("", true, true, on_chosen);
}

fn choose(accept: &str, several: bool, folder: bool, on_chosen: impl FnOnce(Vec<File>) + 'static) {
    let document = web_sys::window().and_then(|window| window.document());
    let Some(Ok(input)) = document.map(|document| document.create_element("input")) else { return };
    let input: HtmlInputElement = input.unchecked_into();
    input.set_type("file");
    input.set_accept(accept);
    input.set_multiple(several);
    if folder {
        // All browsers for desktops know it by this name; without it files are chosen.
        let _ = input.set_attribute("webkitdirectory", "");
    }
    let chosen_of = input.clone();
    let changed = Closure::once_into_js(move |_: JsValue| {
        let Some(list) = chosen_of.files() else { return };
        on_chosen((0..list.length()).filter_map(|index| list.get(index)).collect());
    });
    input.set_onchange(Some(changed.unchecked_ref()));
    input.click();
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
    let _ = try_copy(text).await;
}

/// Puts a text into the clipboard.
///
/// # Errors
/// When the browser refuses, as it does when nobody clicked or pressed a key lately.
pub async fn try_copy(text: &str) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let written = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(written).await.map(drop)
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
