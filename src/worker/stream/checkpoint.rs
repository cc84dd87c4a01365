//! Checkpoints of streams in private files: the query as the engine writes it, and the rows that are shown.
//!
//! Behind 8 bytes of mark come the length of the shown rows (8 bytes, little-endian), these rows, and the query.

use js_sys::{Promise, Reflect, Uint8Array};
use millrace_engine::Error;
use millrace_engine::stream::{RollingResult, StreamQuery};
use millrace_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// The worker that keeps checkpoints, as `www/worker/checkpoints.js` presents it.
    #[derive(Clone)]
    pub type Checkpoints;

    #[wasm_bindgen(method)]
    fn open(this: &Checkpoints, name: &str) -> Promise;

    #[wasm_bindgen(method)]
    fn read(this: &Checkpoints, name: &str) -> Promise;

    #[wasm_bindgen(method)]
    fn write(this: &Checkpoints, name: &str, bytes: Uint8Array) -> Promise;

    #[wasm_bindgen(method)]
    fn close(this: &Checkpoints, name: &str);

    #[wasm_bindgen(method)]
    fn remove(this: &Checkpoints, name: &str) -> Promise;
}

const MARK: &[u8; 8] = b"mrstream";

/// The place of one stream's checkpoints, which no other tab has meanwhile.
pub(super) struct Place {
    checkpoints: Checkpoints,
    name: String,
}

impl Place {
    /// Takes the place of this name.
    ///
    /// # Errors
    /// When another stream or tab has it, or the browser gives no file.
    pub(super) async fn open(checkpoints: Checkpoints, name: &str) -> Result<Self, ErrorInfo> {
        JsFuture::from(checkpoints.open(name)).await.map_err(|refused| told(&refused))?;
        Ok(Self { checkpoints, name: name.to_owned() })
    }

    /// The last checkpoint, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) async fn read(&self) -> Result<Option<Vec<u8>>, ErrorInfo> {
        let read = JsFuture::from(self.checkpoints.read(&self.name)).await;
        let read = read.map_err(|refused| told(&refused))?;
        Ok(read.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
    }

    /// Takes the place of the checkpoint before. Gives the number of bytes.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written; the one before is then still there.
    pub(super) async fn write(&self, bytes: &[u8]) -> Result<u64, ErrorInfo> {
        let copy = Uint8Array::from(bytes);
        JsFuture::from(self.checkpoints.write(&self.name, copy)).await.map_err(|refused| told(&refused))?;
        Ok(bytes.len() as u64)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.checkpoints.close(&self.name);
    }
}

/// Removes the checkpoint of this name.
///
/// # Errors
/// When a stream or tab has it, or the browser refuses.
pub(super) async fn remove(checkpoints: &Checkpoints, name: &str) -> Result<(), ErrorInfo> {
    JsFuture::from(checkpoints.remove(name)).await.map(drop).map_err(|refused| told(&refused))
}

/// A query and what is shown of it, as bytes.
///
/// # Errors
/// When the query has failed, or rows cannot be written.
pub(super) fn to_bytes(query: &StreamQuery, shown: &RollingResult) -> Result<Vec<u8>, Error> {
    let shown = shown.to_bytes()?;
    let query = query.checkpoint()?;
    let mut bytes = Vec::with_capacity(MARK.len() + 8 + shown.len() + query.len());
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&(shown.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&shown);
    bytes.extend_from_slice(&query);
    Ok(bytes)
}

/// Takes such bytes apart: the shown rows, and the query.
///
/// # Errors
/// When they are something else.
pub(super) fn parts(bytes: &[u8]) -> Result<(&[u8], &[u8]), ErrorInfo> {
    let rest = bytes.strip_prefix(MARK).and_then(|rest| rest.split_first_chunk());
    let parts = rest.and_then(|(len, rest)| {
        rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).unwrap_or(usize::MAX))
    });
    parts.ok_or_else(|| {
        ErrorInfo::new(ErrorKind::Storage, "What is kept of this stream cannot be read.")
            .with_hint("Start the stream anew.")
    })
}

fn told(refused: &JsValue) -> ErrorInfo {
    let text = |key: &str| Reflect::get(refused, &key.into()).ok().and_then(|value| value.as_string());
    let reason = text("message").unwrap_or_else(|| format!("{refused:?}"));
    match text("name").as_deref() {
        Some("Taken") => ErrorInfo::new(ErrorKind::Storage, "This stream runs in another tab.")
            .with_hint("Stop it there, or start a stream of another name here."),
        Some("QuotaExceededError") => {
            ErrorInfo::new(ErrorKind::Storage, "The browser gives this site no more room for checkpoints.")
                .with_hint("Free some disk space, or remove kept streams.")
        }
        _ => {
            ErrorInfo::new(ErrorKind::Storage, format!("The checkpoint could not be kept or read: {reason}."))
        }
    }
}
