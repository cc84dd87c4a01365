//! Where the bytes of an export go.

use js_sys::{Array, Uint8Array};
use millrace_protocol::ErrorInfo;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag};

use super::lost;

/// Takes the pieces of a file.
pub enum Sink {
    /// Keeps them, and gives the file in the end.
    File {
        /// The pieces, which the browser may keep on disk.
        parts: Array,
        /// What browsers call such files.
        media_type: &'static str,
    },
    /// Passes them on.
    Pieces(Box<dyn Fn(Uint8Array)>),
}

impl Sink {
    /// For a file of this media type.
    pub fn file(media_type: &'static str) -> Self {
        Self::File { parts: Array::new(), media_type }
    }

    pub(super) fn take(&self, bytes: JsValue) {
        match self {
            Self::File { parts, .. } => {
                // A Blob of each piece lets the browser keep large exports on disk.
                let piece = Array::of1(&bytes);
                parts.push(&Blob::new_with_buffer_source_sequence(&piece).map_or(bytes, JsValue::from));
            }
            Self::Pieces(take) => take(Uint8Array::new(&bytes)),
        }
    }

    pub(super) fn end(&self) -> Result<Blob, ErrorInfo> {
        let nothing = Array::new();
        let (parts, media_type) = match self {
            Self::File { parts, media_type } => (parts, *media_type),
            Self::Pieces(_) => (&nothing, ""),
        };
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        Blob::new_with_blob_sequence_and_options(parts, &options).map_err(|_| lost())
    }
}
