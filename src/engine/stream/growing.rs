//! Files that others write to.

use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, ready};

use crate::Error;
use crate::source::file::FileSource;
use crate::source::{Slot, SlotPool, Source, SourceError};

/// How many bytes are read at a time in search of a line end, from the end of a file.
const SEARCH_BYTES: u64 = 64 << 10;

/// A file that others write to.
pub trait GrowingFile {
    /// Its name, for messages.
    fn name(&self) -> &str;

    /// The file as it is now.
    fn look(&self) -> LocalBoxFuture<'static, Result<Rc<dyn Source>, SourceError>>;
}

/// A file of the operating system.
#[derive(Debug)]
pub struct GrowingPath {
    name: String,
    path: PathBuf,
}

impl GrowingPath {
    /// The file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { name, path }
    }
}

impl GrowingFile for GrowingPath {
    fn name(&self) -> &str {
        &self.name
    }

    fn look(&self) -> LocalBoxFuture<'static, Result<Rc<dyn Source>, SourceError>> {
        let opened = FileSource::open(&self.path).map(|file| Rc::new(file) as Rc<dyn Source>);
        ready(opened).boxed_local()
    }
}

/// The first bytes of a file, as if it were no longer.
pub(super) struct Beginning {
    whole: Rc<dyn Source>,
    len_bytes: u64,
}

impl Beginning {
    /// The first `len_bytes`.
    pub(super) fn new(whole: &Rc<dyn Source>, len_bytes: u64) -> Self {
        Self { whole: Rc::clone(whole), len_bytes: len_bytes.min(whole.len_bytes()) }
    }
}

impl Source for Beginning {
    fn name(&self) -> &str {
        self.whole.name()
    }

    fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    fn read(&self, range: Range<u64>, slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        self.whole.read(range, slot)
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        self.whole.verify_unchanged()
    }
}

/// Length of the whole lines of a file; 0 when there are none.
pub(super) async fn whole_lines(file: &Rc<dyn Source>, slots: &Arc<SlotPool>) -> Result<u64, Error> {
    let mut end = file.len_bytes();
    while end > 0 {
        let start = end.saturating_sub(SEARCH_BYTES);
        let bytes = usize::try_from(end - start).unwrap_or(usize::MAX);
        let slot = file.read(start..end, slots.take(bytes)).await?;
        if let Some(last) = memchr::memrchr(b'\n', slot.bytes()) {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
