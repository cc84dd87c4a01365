//! Files that hold files: ZIP and tar.
//!
//! Owns: reading their directories, and [`Part`], a file inside of another. Touches: sources only. What is
//! inside is read where it is: of a ZIP archive only its directory is read beforehand, and nothing is unpacked
//! to anywhere. A tar archive that is compressed as a whole is unpacked once to find its files, which are then
//! unpacked again, each from a place near its beginning, as they are read.

mod packed;
mod part;
mod reader;
mod tar;
mod zip;

use std::rc::Rc;

use super::detect;
use crate::Error;
use crate::engine::Engine;
use crate::format::FormatError;
use crate::source::Source;

use packed::PackedText;
use part::Part;
use reader::Reader;
pub(super) use tar::begins as is_tar;

/// Files in an archive that are taken.
const MOST_FILES: usize = 10_000;

impl Engine {
    /// The files in the archives among `sources`, in their places. Files that are no archive stay as they are,
    /// and so do workbooks, which are archives to their format only.
    ///
    /// # Errors
    /// When an archive cannot be read, holds no file, or holds one that is encrypted or compressed in a way
    /// that is not taken.
    pub async fn open_archives(&self, sources: Vec<Rc<dyn Source>>) -> Result<Vec<Rc<dyn Source>>, Error> {
        let mut files: Vec<Rc<dyn Source>> = Vec::new();
        for source in sources {
            let head = self.bytes(&source, 0, zip::HEAD_BYTES.max(tar::BLOCK_BYTES)).await?;
            let parts = if zip::begins(&head) {
                zip::files(self, &source).await?
            } else if tar::begins(&head) {
                Some(tar::files(&mut Reader::Plain(self, &source)).await?)
            } else {
                self.packed_files(&source, &head).await?
            };
            match parts {
                None => files.push(source),
                Some(parts) if parts.is_empty() => {
                    return Err(wrong(&source, "holds no file", "Choose an archive with files in it."));
                }
                Some(parts) => files.extend(parts.into_iter().map(|part| Rc::new(part) as Rc<dyn Source>)),
            }
        }
        Ok(files)
    }

    /// The files of a tar archive that is compressed as a whole; `None` when the file is none.
    async fn packed_files(&self, source: &Rc<dyn Source>, head: &[u8]) -> Result<Option<Vec<Part>>, Error> {
        let Some(coding) = detect(source.name(), head) else { return Ok(None) };
        let mut text = PackedText::new(self, source, coding);
        // What is damaged is told by whoever reads the file.
        let begins = text.bytes(0, tar::BLOCK_BYTES).await.is_ok_and(|first| tar::begins(&first));
        if !begins {
            return Ok(None);
        }
        tar::files(&mut Reader::Packed(text)).await.map(Some)
    }

    /// Bytes of a file, fewer at its end.
    async fn bytes(&self, source: &Rc<dyn Source>, offset: u64, len: u64) -> Result<Vec<u8>, Error> {
        let end = source.len_bytes().min(offset.saturating_add(len));
        if offset >= end {
            return Ok(Vec::new());
        }
        let bytes = usize::try_from(end - offset).unwrap_or(usize::MAX);
        let slot = source.read(offset..end, self.0.slots.take(bytes)).await?;
        Ok(slot.bytes().to_vec())
    }
}

/// Whether a file of this path is data, and not what a system leaves in archives beside it.
fn is_data(path: &str) -> bool {
    let hidden = path.split('/').any(|name| name.starts_with('.') && name != "." && name != "..");
    !path.ends_with('/') && !hidden && !path.starts_with("__MACOSX/")
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn wrong(archive: &Rc<dyn Source>, what: &str, hint: &str) -> Error {
    FormatError { message: format!("{}: the archive {what}.", archive.name()), hint: Some(hint.to_owned()) }
        .into()
}

fn damaged(archive: &Rc<dyn Source>, what: &str) -> Error {
    wrong(archive, what, "Get the file again: a copy or a download has probably failed.")
}

fn too_many(archive: &Rc<dyn Source>) -> Error {
    let what = format!("holds more than {MOST_FILES} files");
    wrong(archive, &what, "Unpack it, and add the files that matter.")
}

/// A little-endian number in a header, 0 where the header is too short.
fn number<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    let mut wide = [0; 8];
    if let Some(found) = bytes.get(at..at + N) {
        wide[..N].copy_from_slice(found);
    }
    u64::from_le_bytes(wide)
}
