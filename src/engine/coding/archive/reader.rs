//! The text of an archive, read from its beginning to its end: as it is, or unpacked on the way.

use std::rc::Rc;

use super::packed::PackedText;
use super::{Part, damaged};
use crate::Error;
use crate::engine::Engine;
use crate::source::{Packing, Source};

/// An archive whose files are where they are, or one that is compressed as a whole.
pub(super) enum Reader<'a> {
    Plain(&'a Engine, &'a Rc<dyn Source>),
    Packed(PackedText<'a>),
}

impl<'a> Reader<'a> {
    pub(super) fn archive(&self) -> &'a Rc<dyn Source> {
        match self {
            Self::Plain(_, archive) => archive,
            Self::Packed(text) => text.source(),
        }
    }

    /// Bytes of the text, fewer at its end. What lies before them is not asked for again.
    pub(super) async fn bytes(&mut self, at: u64, len: u64) -> Result<Vec<u8>, Error> {
        match self {
            Self::Plain(engine, archive) => engine.bytes(archive, at, len).await,
            Self::Packed(text) => text.bytes(at, len).await,
        }
    }

    /// A file that is there from `start` up to `end` in the text.
    ///
    /// # Errors
    /// When the text ends before.
    pub(super) async fn part(&mut self, name: &str, start: u64, end: u64) -> Result<Part, Error> {
        let archive = Rc::clone(self.archive());
        let name = name.to_owned();
        match self {
            Self::Plain(..) if end > archive.len_bytes() => Err(cut_off(&archive)),
            Self::Plain(..) => Ok(Part { archive, name, range: start..end, packing: Packing::Unknown }),
            Self::Packed(text) => {
                let (range, file) = text.file(start, end).await?.ok_or_else(|| cut_off(&archive))?;
                Ok(Part { archive, name, range, packing: Packing::Within(file) })
            }
        }
    }
}

pub(super) fn cut_off(archive: &Rc<dyn Source>) -> Error {
    damaged(archive, "is cut off: it ends before its last file does")
}
