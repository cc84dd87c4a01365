//! A file that a person chooses to write to, in browsers that let them: what is written is on disk at once.

use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Handle;

    #[wasm_bindgen(method, catch, js_name = createWritable)]
    fn create_writable(this: &Handle) -> Result<Promise, JsValue>;

    type Writable;

    #[wasm_bindgen(method, catch)]
    fn write(this: &Writable, bytes: &Uint8Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn close(this: &Writable) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn abort(this: &Writable) -> Result<Promise, JsValue>;
}

/// A file that is being written. What was there before is replaced when it is closed.
pub struct ChosenFile(Writable);

/// Whether the browser lets people choose files to write to.
pub fn can_choose() -> bool {
    Reflect::has(&js_sys::global(), &"showSaveFilePicker".into()).unwrap_or_default()
}

/// Lets a person choose a file. Has to be called for a click or a key. `None` when they chose none.
///
/// # Errors
/// What the browser says when it refuses.
pub async fn choose(name: &str) -> Result<Option<ChosenFile>, JsValue> {
    let global = js_sys::global();
    let picker: Function = Reflect::get(&global, &"showSaveFilePicker".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"suggestedName".into(), &name.into())?;
    let chosen: Promise = picker.call1(&global, &options)?.dyn_into()?;
    match JsFuture::from(chosen).await {
        Ok(handle) => {
            let handle: Handle = handle.unchecked_into();
            let writable = JsFuture::from(handle.create_writable()?).await?;
            Ok(Some(ChosenFile(writable.unchecked_into())))
        }
        Err(refused) if is_abort(&refused) => Ok(None),
        Err(refused) => Err(refused),
    }
}

impl ChosenFile {
    /// Writes behind what is there.
    ///
    /// # Errors
    /// When the disk is full, or the browser may no longer write.
    pub async fn write(&self, bytes: &Uint8Array) -> Result<(), JsValue> {
        JsFuture::from(self.0.write(bytes)?).await.map(drop)
    }

    /// Puts what was written in place of what was there before.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn close(self) -> Result<(), JsValue> {
        JsFuture::from(self.0.close()?).await.map(drop)
    }

    /// Leaves what was there before.
    pub async fn abort(self) {
        // What cannot be given up is given up with the page.
        if let Ok(ended) = self.0.abort() {
            let _ = JsFuture::from(ended).await;
        }
    }
}

fn is_abort(refused: &JsValue) -> bool {
    Reflect::get(refused, &"name".into()).is_ok_and(|name| name == "AbortError")
}
