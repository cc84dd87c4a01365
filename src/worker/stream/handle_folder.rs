//! A folder that others write to, by its handle.

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use js_sys::{Promise, Reflect};
use millrace_engine::source::SourceError;
use millrace_engine::stream::{GrowingFile, GrowingFolder};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::handle_file::{FileHandle, HandleFile, unreadable};

#[wasm_bindgen]
extern "C" {
    /// A `FileSystemDirectoryHandle`.
    #[derive(Clone)]
    pub(crate) type FolderHandle;

    /// An asynchronous iterator over the handles of what is in it.
    #[wasm_bindgen(method, catch)]
    fn values(this: &FolderHandle) -> Result<Entries, JsValue>;

    type Entries;

    #[wasm_bindgen(method, catch)]
    fn next(this: &Entries) -> Result<Promise, JsValue>;
}

/// A folder by its handle.
pub(super) struct HandleFolder {
    name: String,
    handle: FolderHandle,
}

impl HandleFolder {
    pub(super) fn new(name: &str, handle: FolderHandle) -> Self {
        Self { name: name.to_owned(), handle }
    }
}

impl GrowingFolder for HandleFolder {
    fn name(&self) -> &str {
        &self.name
    }

    fn list(&self) -> LocalBoxFuture<'static, Result<Vec<Box<dyn GrowingFile>>, SourceError>> {
        let (name, handle) = (self.name.clone(), self.handle.clone());
        async move { files_of(&handle).await.map_err(|refused| unreadable(&name, &refused)) }.boxed_local()
    }
}

async fn files_of(folder: &FolderHandle) -> Result<Vec<Box<dyn GrowingFile>>, JsValue> {
    let entries = folder.values()?;
    let mut files: Vec<Box<dyn GrowingFile>> = Vec::new();
    loop {
        let next = JsFuture::from(entries.next()?).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(files);
        }
        let entry = Reflect::get(&next, &"value".into())?;
        let text = |key: &str| Reflect::get(&entry, &key.into()).ok().and_then(|value| value.as_string());
        if let (Some("file"), Some(name)) = (text("kind").as_deref(), text("name")) {
            files.push(Box::new(HandleFile::new(&name, entry.unchecked_into::<FileHandle>())));
        }
    }
}
