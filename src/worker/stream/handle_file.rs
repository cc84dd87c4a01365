//! A file that others write to, by its handle: a `File` is the file as it was at one moment.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use js_sys::{Promise, Reflect, Uint8Array};
use millrace_engine::source::{Slot, Source, SourceError};
use millrace_engine::stream::GrowingFile;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

#[wasm_bindgen]
extern "C" {
    /// A `FileSystemFileHandle`.
    #[derive(Clone)]
    pub(crate) type FileHandle;

    #[wasm_bindgen(method, catch, js_name = getFile)]
    fn get_file(this: &FileHandle) -> Result<Promise, JsValue>;
}

/// How often a read is tried again at once, with the file as it is then. Browsers refuse to read a `File` when the
/// file has been written to since; one that is written to every few milliseconds is read in the moments between.
const ATTEMPTS: u32 = 40;

/// A file by its handle.
pub(super) struct HandleFile {
    name: String,
    handle: FileHandle,
}

impl HandleFile {
    pub(super) fn new(name: &str, handle: FileHandle) -> Self {
        Self { name: name.to_owned(), handle }
    }
}

impl GrowingFile for HandleFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn look(&self) -> LocalBoxFuture<'static, Result<Rc<dyn Source>, SourceError>> {
        let (name, handle) = (self.name.clone(), self.handle.clone());
        async move {
            let file = newest(&handle, &name).await?;
            let len_bytes = file.size() as u64;
            let look = Look { name, handle, len_bytes, file: RefCell::new(file) };
            Ok(Rc::new(Looked(Rc::new(look))) as Rc<dyn Source>)
        }
        .boxed_local()
    }
}

/// A file as it was when it was looked at, but for bytes that have come behind its end.
struct Looked(Rc<Look>);

struct Look {
    name: String,
    handle: FileHandle,
    len_bytes: u64,
    /// The file as it was last seen.
    file: RefCell<File>,
}

impl Source for Looked {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn len_bytes(&self) -> u64 {
        self.0.len_bytes
    }

    fn modified_millis(&self) -> Option<i64> {
        Some(self.0.file.borrow().last_modified() as i64)
    }

    fn read(&self, range: Range<u64>, mut slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        let look = Rc::clone(&self.0);
        async move {
            let bytes = look.read(range).await?;
            let buffer = slot.buffer_mut();
            buffer.resize(bytes.length() as usize, 0);
            bytes.copy_to(buffer);
            Ok(slot)
        }
        .boxed_local()
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        futures::future::ready(Ok(())).boxed_local()
    }
}

impl Look {
    async fn read(&self, range: Range<u64>) -> Result<Uint8Array, SourceError> {
        let mut attempt = 0;
        loop {
            let file = self.file.borrow().clone();
            let refused = match part(&file, &range).await {
                Ok(bytes) if u64::from(bytes.length()) == range.end - range.start => return Ok(bytes),
                Ok(_) => return Err(self.changed()),
                Err(refused) => refused,
            };
            if !is_change(&refused) {
                return Err(unreadable(&self.name, &refused));
            }
            attempt += 1;
            if attempt == ATTEMPTS {
                // Whoever follows it looks again a moment later.
                return Err(self.changed());
            }
            // One that is away is told about when it is looked at.
            let now = newest(&self.handle, &self.name).await.map_err(|_| self.changed())?;
            if (now.size() as u64) < range.end {
                return Err(self.changed());
            }
            *self.file.borrow_mut() = now;
        }
    }

    fn changed(&self) -> SourceError {
        SourceError::Changed { file: self.name.clone() }
    }
}

async fn newest(handle: &FileHandle, name: &str) -> Result<File, SourceError> {
    let file = async { JsFuture::from(handle.get_file()?).await }.await;
    let file = file.and_then(|file| file.dyn_into::<File>());
    file.map_err(|refused| unreadable(name, &refused))
}

async fn part(file: &File, range: &Range<u64>) -> Result<Uint8Array, JsValue> {
    let part = file.slice_with_f64_and_f64(range.start as f64, range.end as f64)?;
    Ok(Uint8Array::new(&JsFuture::from(part.array_buffer()).await?))
}

/// What browsers say of a `File` whose file was written to since, moved or deleted.
fn is_change(refused: &JsValue) -> bool {
    matches!(text(refused, "name").as_deref(), Some("NotReadableError" | "NotFoundError"))
}

pub(super) fn unreadable(name: &str, refused: &JsValue) -> SourceError {
    let reason = text(refused, "message").unwrap_or_else(|| format!("{refused:?}"));
    SourceError::Unreadable { file: name.to_owned(), reason }
}

fn text(value: &JsValue, key: &str) -> Option<String> {
    Reflect::get(value, &key.into()).ok().and_then(|value| value.as_string())
}
