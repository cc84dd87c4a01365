//! Lazily loaded JavaScript modules of `www/npm/`, named as the page's import map names them.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// Loads a module, once; later calls get the same one.
///
/// # Errors
/// When it cannot be fetched.
pub async fn load(name: &str) -> Result<JsValue, JsValue> {
    JsFuture::from(import_module(name)?.unchecked_into::<js_sys::Promise>()).await
}

/// Loads a module and lets it do once, unseen, what it will do when it is used, so that its code is compiled.
///
/// # Errors
/// When it cannot be fetched or fails.
pub async fn warm_up(name: &str) -> Result<(), JsValue> {
    let module: WarmModule = load(name).await?.unchecked_into();
    JsFuture::from(module.warm()?).await.map(drop)
}

#[wasm_bindgen]
extern "C" {
    /// What every module exports.
    type WarmModule;

    #[wasm_bindgen(method, catch)]
    fn warm(this: &WarmModule) -> Result<js_sys::Promise, JsValue>;
}

#[wasm_bindgen(inline_js = "export function import_module(name) { return import(name); }")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn import_module(name: &str) -> Result<JsValue, JsValue>;
}
