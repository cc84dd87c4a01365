//! `www/npm/recipes.js`, loaded when work is first kept, shared or opened.

use js_sys::{Array, Object, Promise, Reflect};
use millrace_recipe::FileRef;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::modules;

#[wasm_bindgen]
extern "C" {
    /// What the module exports.
    #[derive(Clone)]
    pub type RecipesModule;

    #[wasm_bindgen(method, js_name = keep)]
    fn keep_raw(this: &RecipesModule, id: &str, title: &str, text: &str, handles: &Array) -> Promise;

    #[wasm_bindgen(method, js_name = kept)]
    fn kept_raw(this: &RecipesModule) -> Promise;

    #[wasm_bindgen(method, js_name = drop)]
    fn drop_raw(this: &RecipesModule, id: &str) -> Promise;

    /// Whether the browser gives lasting handles of files that a person chooses.
    #[wasm_bindgen(method, js_name = canPick)]
    pub fn can_pick(this: &RecipesModule) -> bool;

    #[wasm_bindgen(method, js_name = pick)]
    fn pick_raw(this: &RecipesModule) -> Promise;

    #[wasm_bindgen(method, js_name = filesOf)]
    fn files_of_raw(this: &RecipesModule, handles: &Array) -> Promise;

    #[wasm_bindgen(method, js_name = pack)]
    fn pack_raw(this: &RecipesModule, text: &str) -> Promise;

    #[wasm_bindgen(method, js_name = unpack)]
    fn unpack_raw(this: &RecipesModule, packed: &str) -> Promise;

    /// Work that is kept.
    #[derive(Clone)]
    pub type KeptRecipe;

    /// Tells it apart.
    #[wasm_bindgen(method, getter)]
    pub fn id(this: &KeptRecipe) -> String;

    /// What people know it by.
    #[wasm_bindgen(method, getter)]
    pub fn title(this: &KeptRecipe) -> String;

    /// The recipe as text.
    #[wasm_bindgen(method, getter)]
    pub fn text(this: &KeptRecipe) -> String;

    /// When it was kept last, in milliseconds since 1970-01-01 UTC.
    #[wasm_bindgen(method, getter)]
    pub fn millis(this: &KeptRecipe) -> f64;

    #[wasm_bindgen(method, getter, js_name = handles)]
    fn handles_raw(this: &KeptRecipe) -> Array;
}

/// What a browser answers, or refuses.
type Answer<T> = Result<T, JsValue>;

/// A file by which it can be opened again, and the browser's handle of it.
pub type Handle = (FileRef, JsValue);

impl RecipesModule {
    /// Loads the module; later calls get the same one.
    pub async fn load() -> Answer<Self> {
        Ok(modules::load("millrace/recipes").await?.unchecked_into())
    }

    /// Keeps a recipe and the handles of its files.
    pub async fn keep(&self, id: &str, title: &str, text: &str, handles: &[Handle]) -> Answer<()> {
        let written = handles.iter().map(|(file, handle)| {
            let object = Object::new();
            Reflect::set(&object, &"name".into(), &file.name.as_str().into())?;
            #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
            Reflect::set(&object, &"size".into(), &(file.size_bytes as f64).into())?;
            Reflect::set(&object, &"handle".into(), handle)?;
            Ok(object)
        });
        let written: Array = written.collect::<Answer<Vec<_>>>()?.iter().collect();
        JsFuture::from(self.keep_raw(id, title, text, &written)).await.map(drop)
    }

    /// All that is kept, the newest first.
    pub async fn kept(&self) -> Answer<Vec<KeptRecipe>> {
        let kept = JsFuture::from(self.kept_raw()).await?;
        Ok(Array::from(&kept).iter().map(JsCast::unchecked_into).collect())
    }

    /// Forgets a recipe.
    pub async fn drop(&self, id: &str) -> Answer<()> {
        JsFuture::from(self.drop_raw(id)).await.map(drop)
    }

    /// Handles of the files that a person chooses.
    pub async fn pick(&self) -> Answer<Vec<JsValue>> {
        Ok(Array::from(&JsFuture::from(self.pick_raw()).await?).iter().collect())
    }

    /// The files of handles that may be read; asks for permission.
    pub async fn files_of(&self, handles: &[JsValue]) -> Answer<Vec<File>> {
        let files = JsFuture::from(self.files_of_raw(&handles.iter().collect())).await?;
        Ok(Array::from(&files).iter().filter_map(|file| file.dyn_into().ok()).collect())
    }

    /// A text as part of an address.
    pub async fn pack(&self, text: &str) -> Answer<String> {
        Ok(JsFuture::from(self.pack_raw(text)).await?.as_string().unwrap_or_default())
    }

    /// The text that was packed.
    pub async fn unpack(&self, packed: &str) -> Answer<String> {
        Ok(JsFuture::from(self.unpack_raw(packed)).await?.as_string().unwrap_or_default())
    }
}

impl KeptRecipe {
    /// The handles of its files.
    pub fn handles(&self) -> Vec<Handle> {
        let handle = |entry: JsValue| {
            let field = |name: &str| Reflect::get(&entry, &name.into()).ok();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "written as a length"
            )]
            let size_bytes = field("size")?.as_f64()? as u64;
            Some((FileRef { name: field("name")?.as_string()?, size_bytes }, field("handle")?))
        };
        self.handles_raw().iter().filter_map(handle).collect()
    }
}
