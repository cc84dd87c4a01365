//! One file of an archive that is compressed as a whole.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Coding, Damage, ROOM_BYTES, Unpacker};

/// How the text of such a file is had: from a place before it in the archive, of which what comes first is not its.
#[derive(Clone)]
pub struct PackedFile {
    coding: &'static dyn Coding,
    /// The state at that place; none where a fresh one will do.
    state: Option<Arc<Mutex<Box<dyn Unpacker>>>>,
    /// Bytes that come before the file.
    skip_bytes: u64,
    len_bytes: u64,
}

impl PackedFile {
    pub(super) fn new(
        coding: &'static dyn Coding,
        state: Option<Arc<Mutex<Box<dyn Unpacker>>>>,
        skip_bytes: u64,
        len_bytes: u64,
    ) -> Self {
        Self { coding, state, skip_bytes, len_bytes }
    }

    /// Name of the compression of the archive.
    pub(super) fn coding_name(&self) -> &'static str {
        self.coding.name()
    }

    /// Length of the file in bytes.
    pub(super) fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// The state at the place.
    pub(super) fn unpacker(&self) -> Box<dyn Unpacker> {
        let copy = |state: &Arc<Mutex<Box<dyn Unpacker>>>| {
            state.lock().unwrap_or_else(PoisonError::into_inner).copy()
        };
        // Only states that can be copied are kept.
        let inner = self.state.as_ref().and_then(copy).unwrap_or_else(|| self.coding.unpacker());
        Box::new(Within {
            inner,
            name: self.coding.name(),
            skip_bytes: self.skip_bytes,
            left_bytes: self.len_bytes,
            has_begun: false,
        })
    }
}

impl fmt::Debug for PackedFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes of {} behind {}", self.len_bytes, self.coding.name(), self.skip_bytes)
    }
}

/// On the way to the file, in it, or behind it.
struct Within {
    inner: Box<dyn Unpacker>,
    name: &'static str,
    skip_bytes: u64,
    left_bytes: u64,
    has_begun: bool,
}

impl Within {
    /// Takes away of new text what is not the file's.
    fn cut(&mut self, text: &mut Vec<u8>, before: usize) {
        let made = text.len() - before;
        let skipped = usize::try_from(self.skip_bytes).unwrap_or(usize::MAX).min(made);
        text.drain(before..before + skipped);
        self.skip_bytes -= skipped as u64;
        let kept = usize::try_from(self.left_bytes).unwrap_or(usize::MAX).min(made - skipped);
        text.truncate(before + kept);
        self.left_bytes -= kept as u64;
    }
}

impl Unpacker for Within {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        self.has_begun |= !packed.is_empty();
        let mut taken = 0;
        loop {
            if self.left_bytes == 0 {
                return Ok(packed.len());
            }
            let before = text.len();
            // What is skipped takes no room for long.
            let room = if self.skip_bytes > 0 { before.saturating_add(ROOM_BYTES).max(limit) } else { limit };
            let step = self.inner.unpack(&packed[taken..], text, room)?;
            let is_full = text.len() >= room;
            self.cut(text, before);
            taken += step;
            let goes_on = is_full || step > 0 && taken < packed.len();
            if text.len() >= limit || !goes_on {
                return Ok(if self.left_bytes == 0 { packed.len() } else { taken });
            }
        }
    }

    /// The archive goes on behind the file, so that its compression need not be at its end.
    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), Damage> {
        if self.left_bytes > 0 {
            let before = text.len();
            self.inner.finish(text)?;
            self.cut(text, before);
        }
        if self.left_bytes == 0 { Ok(()) } else { Err(Damage::Truncated { coding: self.name }) }
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        Some(Box::new(Self { inner: self.inner.copy()?, ..*self }))
    }

    fn is_fresh(&self) -> bool {
        !self.has_begun
    }
}
