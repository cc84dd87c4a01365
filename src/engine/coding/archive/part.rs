//! A file inside of another.

use std::ops::Range;
use std::rc::Rc;

use futures::future::{FutureExt, LocalBoxFuture, ready};

use crate::source::{Packing, Slot, Source, SourceError};

/// A range of the bytes of an archive.
pub(super) struct Part {
    pub(super) archive: Rc<dyn Source>,
    pub(super) name: String,
    pub(super) range: Range<u64>,
    pub(super) packing: Packing,
}

impl Source for Part {
    fn name(&self) -> &str {
        &self.name
    }

    fn modified_millis(&self) -> Option<i64> {
        self.archive.modified_millis()
    }

    fn len_bytes(&self) -> u64 {
        self.range.end - self.range.start
    }

    fn read(&self, range: Range<u64>, slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        let within = self.range.start.saturating_add(range.start)..self.range.start.saturating_add(range.end);
        if within.end > self.range.end {
            return ready(Err(SourceError::Changed { file: self.name.clone() })).boxed_local();
        }
        self.archive.read(within, slot)
    }

    fn packing(&self) -> Packing {
        self.packing.clone()
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        self.archive.verify_unchanged()
    }
}
