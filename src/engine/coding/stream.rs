//! A file being unpacked: how far it has come, and the text that nobody has taken yet.

use super::{Damage, Outlined, Recipe, Unpacker};

/// Unpacks a file from a place on.
pub(crate) struct Stream {
    unpacker: Box<dyn Unpacker>,
    /// Offset in the file of the next byte to be taken.
    packed: u64,
    text: Vec<u8>,
    /// Offset in the text of the whole file at which `text` begins.
    text_start: u64,
    has_ended: bool,
    /// How far members are known ahead of it.
    pub(super) outlined: Option<Outlined>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Stream at {} with text from {}", self.packed, self.text_start)
    }
}

impl Stream {
    /// From the start of a file.
    pub(crate) fn new(recipe: &Recipe) -> Self {
        let outlined = recipe.outline().map(Outlined::new);
        Self { outlined, ..Self::at(recipe.unpacker(), 0, 0, None) }
    }

    /// From a place in its middle, with the byte of the text before it.
    pub(super) fn at(unpacker: Box<dyn Unpacker>, packed: u64, text: u64, before: Option<u8>) -> Self {
        let kept: Vec<u8> = before.into_iter().collect();
        Self {
            unpacker,
            packed,
            text_start: text - kept.len() as u64,
            text: kept,
            has_ended: false,
            outlined: None,
        }
    }

    /// Offset in the file of the next byte to be taken.
    pub(crate) fn packed(&self) -> u64 {
        self.packed
    }

    /// Offset in the text of the first byte that is there.
    pub(crate) fn text_start(&self) -> u64 {
        self.text_start
    }

    /// Offset in the text behind the last byte that is there.
    pub(crate) fn text_end(&self) -> u64 {
        self.text_start + self.text.len() as u64
    }

    /// Whether there is no more to come.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// The text that is there.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Takes bytes, which begin at [`Stream::packed`], until they give so much text that `limit` bytes are
    /// there. Says how many were taken.
    ///
    /// # Errors
    /// When they cannot be unpacked.
    pub(crate) fn unpack(&mut self, packed: &[u8], limit: usize) -> Result<usize, Damage> {
        let taken = self.unpacker.unpack(packed, &mut self.text, limit)?;
        self.packed += taken as u64;
        Ok(taken)
    }

    /// All bytes of the file have been taken.
    ///
    /// # Errors
    /// When more would have to follow.
    pub(crate) fn finish(&mut self) -> Result<(), Damage> {
        self.has_ended = true;
        self.unpacker.finish(&mut self.text)
    }

    /// Forgets text before an offset, but never the last byte.
    pub(super) fn forget_before(&mut self, offset: u64) {
        let until = usize::try_from(offset.saturating_sub(self.text_start)).unwrap_or(usize::MAX);
        let until = until.min(self.text.len().saturating_sub(1));
        self.text.drain(..until);
        self.text_start += until as u64;
    }

    /// Takes the text out, and leaves in its place what of it is not before an offset.
    pub(super) fn take_text(&mut self, keep_from: u64) -> Vec<u8> {
        let from = usize::try_from(keep_from.saturating_sub(self.text_start)).unwrap_or(usize::MAX);
        let from = from.min(self.text.len().saturating_sub(1));
        let kept = self.text.get(from..).unwrap_or_default().to_vec();
        self.text_start += from as u64;
        std::mem::replace(&mut self.text, kept)
    }

    /// Makes room for text that is about to come.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes.saturating_sub(self.text.len()));
    }

    /// The state here, if it can be copied, and the byte of the text before.
    pub(super) fn copy_state(&self) -> (Option<Box<dyn Unpacker>>, Option<u8>) {
        (self.unpacker.copy(), self.text.last().copied())
    }

    /// Whether a fresh state would go on here as well.
    pub(super) fn is_fresh(&self) -> bool {
        self.unpacker.is_fresh()
    }
}
