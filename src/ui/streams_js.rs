//! `www/npm/streams.js`, loaded when a stream is first thought of.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::modules;

#[wasm_bindgen]
extern "C" {
    /// What the module exports.
    #[derive(Clone)]
    pub type StreamsModule;

    /// Whether the browser can give handles of files.
    #[wasm_bindgen(method, js_name = canFollow)]
    pub fn can_follow(this: &StreamsModule) -> bool;

    #[wasm_bindgen(method, js_name = pickFile)]
    fn pick_file_raw(this: &StreamsModule) -> Promise;

    #[wasm_bindgen(method, js_name = pickFolder)]
    fn pick_folder_raw(this: &StreamsModule) -> Promise;

    #[wasm_bindgen(method, js_name = mayRead)]
    fn may_read_raw(this: &StreamsModule, handles: &Array) -> Promise;

    #[wasm_bindgen(method, js_name = keep)]
    fn keep_raw(this: &StreamsModule, name: &str, spec: &str, handles: &Array) -> Promise;

    #[wasm_bindgen(method, js_name = kept)]
    fn kept_raw(this: &StreamsModule) -> Promise;

    #[wasm_bindgen(method, js_name = drop)]
    fn drop_raw(this: &StreamsModule, name: &str) -> Promise;

    #[wasm_bindgen(method, js_name = isAllowed)]
    fn is_allowed_raw(this: &StreamsModule, url: &str) -> Promise;

    #[wasm_bindgen(method, js_name = allow)]
    fn allow_raw(this: &StreamsModule, url: &str) -> Promise;

    #[wasm_bindgen(method, js_name = forbid)]
    fn forbid_raw(this: &StreamsModule, url: &str) -> Promise;

    /// What is kept of a stream.
    #[derive(Clone)]
    pub type KeptStream;

    /// Name of its checkpoints.
    #[wasm_bindgen(method, getter)]
    pub fn name(this: &KeptStream) -> String;

    /// The `StreamSpec` as JSON.
    #[wasm_bindgen(method, getter)]
    pub fn spec(this: &KeptStream) -> String;

    /// Handles of its files.
    #[wasm_bindgen(method, getter)]
    pub fn handles(this: &KeptStream) -> Array;

    /// When it was started, in milliseconds since 1970-01-01 UTC.
    #[wasm_bindgen(method, getter)]
    pub fn millis(this: &KeptStream) -> f64;
}

/// What a browser answers, or refuses.
type Answer<T> = Result<T, JsValue>;

impl StreamsModule {
    /// Loads the module; later calls get the same one.
    pub async fn load() -> Answer<Self> {
        Ok(modules::load("millrace/streams").await?.unchecked_into())
    }

    /// The handle of a file that the user chooses, if one is chosen.
    pub async fn pick_file(&self) -> Answer<Option<JsValue>> {
        Ok(Some(JsFuture::from(self.pick_file_raw()).await?).filter(JsValue::is_object))
    }

    /// The handle of a folder that the user chooses, if one is chosen.
    pub async fn pick_folder(&self) -> Answer<Option<JsValue>> {
        Ok(Some(JsFuture::from(self.pick_folder_raw()).await?).filter(JsValue::is_object))
    }

    /// Whether all of the files and folders may be read.
    pub async fn may_read(&self, handles: &[JsValue]) -> Answer<bool> {
        Ok(JsFuture::from(self.may_read_raw(&handles.iter().collect())).await?.is_truthy())
    }

    /// Keeps what a stream was started with.
    pub async fn keep(&self, name: &str, spec: &str, handles: &[JsValue]) -> Answer<()> {
        JsFuture::from(self.keep_raw(name, spec, &handles.iter().collect())).await.map(drop)
    }

    /// All that is kept, the newest first.
    pub async fn kept(&self) -> Answer<Vec<KeptStream>> {
        let kept = JsFuture::from(self.kept_raw()).await?;
        Ok(Array::from(&kept).iter().map(JsCast::unchecked_into).collect())
    }

    /// Forgets what a stream was started with.
    pub async fn drop(&self, name: &str) -> Answer<()> {
        JsFuture::from(self.drop_raw(name)).await.map(drop)
    }

    /// Whether connections to the origin of an address are allowed.
    pub async fn is_allowed(&self, url: &str) -> Answer<bool> {
        Ok(JsFuture::from(self.is_allowed_raw(url)).await?.is_truthy())
    }

    /// Allows them, or forbids them again.
    pub async fn set_allowed(&self, url: &str, is_allowed: bool) -> Answer<()> {
        let set = if is_allowed { self.allow_raw(url) } else { self.forbid_raw(url) };
        JsFuture::from(set).await.map(drop)
    }
}
