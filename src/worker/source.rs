//! The browser's files as sources.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::rc::Rc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use js_sys::{Promise, Reflect};
use millrace_engine::source::{Slot, SlotPool, Source, SourceError};
use millrace_protocol::FileMeta;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

#[wasm_bindgen]
extern "C" {
    /// The reader workers, as `www/worker/readers.js` presents them.
    pub type Readers;

    #[wasm_bindgen(method, catch)]
    fn read(
        this: &Readers,
        file: &File,
        start: f64,
        end: f64,
        on_to: f64,
        address: *mut u8,
    ) -> Result<Promise, JsValue>;
}

/// How much of the start and of the end of a file is compared to see whether it changed.
const SAMPLE_BYTES: u64 = 4096;

/// A `File` that reader workers read into slots.
pub(crate) struct BlobSource {
    blob: Rc<Blob>,
    /// Hash of the samples when the file was added. A browser may read on in a file that has
    /// changed, and its `File` still tells the old length and time.
    fingerprint: u64,
}

struct Blob {
    name: String,
    len_bytes: u64,
    modified_millis: f64,
    file: File,
    readers: Rc<Readers>,
    /// Bytes that were read of it and of the files that came with it.
    bytes_read: Rc<Cell<u64>>,
}

impl BlobSource {
    /// Reads a little of the file to know it again. What is read of it, now and later, is added to `bytes_read`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) async fn open(
        file: File,
        meta: &FileMeta,
        readers: Rc<Readers>,
        bytes_read: Rc<Cell<u64>>,
    ) -> Result<Self, SourceError> {
        let (name, len_bytes) = (meta.name.clone(), meta.size_bytes);
        let modified_millis = meta.last_modified_millis;
        let blob = Blob { name, len_bytes, modified_millis, file, readers, bytes_read };
        let blob = Rc::new(blob);
        let fingerprint = blob.fingerprint().await?;
        Ok(Self { blob, fingerprint })
    }
}

impl Source for BlobSource {
    fn name(&self) -> &str {
        &self.blob.name
    }

    fn len_bytes(&self) -> u64 {
        self.blob.len_bytes
    }

    fn modified_millis(&self) -> Option<i64> {
        Some(self.blob.modified_millis as i64)
    }

    fn read(&self, range: Range<u64>, slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        self.blob.read(range.clone(), range.end, slot)
    }

    fn read_on(
        &self,
        range: Range<u64>,
        on_to: u64,
        slot: Slot,
    ) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        self.blob.read(range, on_to, slot)
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        let (blob, fingerprint) = (Rc::clone(&self.blob), self.fingerprint);
        async move {
            match blob.fingerprint().await? == fingerprint {
                true => Ok(()),
                false => Err(blob.changed()),
            }
        }
        .boxed_local()
    }
}

impl Blob {
    /// The read goes on when the future is dropped, and holds the slot until the reader answers.
    fn read(
        self: &Rc<Self>,
        range: Range<u64>,
        on_to: u64,
        slot: Slot,
    ) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        let (answer, answered) = oneshot::channel();
        let blob = Rc::clone(self);
        spawn_local(async move {
            // Nobody may be waiting any more.
            drop(answer.send(blob.fill(range, on_to, slot).await));
        });
        let blob = Rc::clone(self);
        async move { answered.await.unwrap_or_else(|_| Err(blob.unreadable("the read was given up"))) }
            .boxed_local()
    }

    async fn fill(&self, range: Range<u64>, on_to: u64, mut slot: Slot) -> Result<Slot, SourceError> {
        let wanted = range.end.saturating_sub(range.start);
        if wanted > slot.capacity() as u64 {
            return Err(self.unreadable("the slot is smaller than what is to be read"));
        }
        let read = async {
            let (start, end) = (range.start as f64, range.end as f64);
            let on_to = on_to as f64;
            let promise = self.readers.read(&self.file, start, end, on_to, slot.as_mut_ptr())?;
            JsFuture::from(promise).await
        };
        let read = read.await.map_err(|error| self.failed(&error))?;
        if read.as_f64() != Some(wanted as f64) {
            return Err(self.changed());
        }
        // SAFETY: the reader wrote `wanted` bytes behind the slot's pointer and has answered, and
        // that many fit.
        unsafe { slot.set_len(wanted as usize) };
        self.bytes_read.set(self.bytes_read.get() + wanted);
        Ok(slot)
    }

    async fn fingerprint(self: &Rc<Self>) -> Result<u64, SourceError> {
        let slots = SlotPool::new(SAMPLE_BYTES as usize);
        let len = self.len_bytes.min(SAMPLE_BYTES);
        let first = self.read(0..len, len, slots.take(len as usize));
        let last = self.read(self.len_bytes - len..self.len_bytes, self.len_bytes, slots.take(len as usize));
        let (first, last) = futures::try_join!(first, last)?;
        let mut hasher = DefaultHasher::new();
        first.bytes().hash(&mut hasher);
        last.bytes().hash(&mut hasher);
        Ok(hasher.finish())
    }

    fn failed(&self, error: &JsValue) -> SourceError {
        let text = |key: &str| Reflect::get(error, &key.into()).ok().and_then(|value| value.as_string());
        match text("name").as_deref() {
            // What browsers say of a file that was changed, moved or deleted after it was chosen.
            Some("NotReadableError" | "NotFoundError") => self.changed(),
            _ => self.unreadable(&text("message").unwrap_or_else(|| format!("{error:?}"))),
        }
    }

    fn changed(&self) -> SourceError {
        SourceError::Changed { file: self.name.clone() }
    }

    fn unreadable(&self, reason: &str) -> SourceError {
        SourceError::Unreadable { file: self.name.clone(), reason: reason.to_owned() }
    }
}
