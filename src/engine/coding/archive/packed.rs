//! Archives that are compressed as a whole: their text is unpacked once, to find the files in it, and places are
//! noted from which it can be unpacked again.

use std::ops::Range;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use crate::Error;
use crate::coding::sample::unreadable;
use crate::coding::within::PackedFile;
use crate::coding::{Coding, Unpacker};
use crate::engine::Engine;
use crate::source::Source;

/// Bytes that are read at a time, and text that they may give before it is looked at.
const READ_BYTES: u64 = 256 << 10;
const TEXT_BYTES: usize = 4 << 20;
/// Text between two places to start from. It is doubled after so many places, of which one may take 64 KB.
const START_EVERY_BYTES: u64 = 1 << 20;
const STARTS_BEFORE_DOUBLING: usize = 256;

/// The text of a compressed archive, up to where it has been unpacked.
pub(super) struct PackedText<'a> {
    engine: &'a Engine,
    source: &'a Rc<dyn Source>,
    coding: &'static dyn Coding,
    /// Away while the pool has it.
    unpacker: Option<Box<dyn Unpacker>>,
    /// Offset in the file of the next byte to be taken.
    packed: u64,
    text: Vec<u8>,
    text_start: u64,
    has_ended: bool,
    starts: Vec<Start>,
}

/// A place to start from.
struct Start {
    packed: u64,
    text: u64,
    /// The state there; none where a fresh one will do.
    state: Option<Arc<Mutex<Box<dyn Unpacker>>>>,
}

/// What the pool made of some bytes.
struct Unpacked {
    unpacker: Box<dyn Unpacker>,
    text: Vec<u8>,
    taken: u64,
    /// Where members begin, as bytes taken and length of the text.
    members: Vec<(u64, usize)>,
    is_full: bool,
}

impl<'a> PackedText<'a> {
    pub(super) fn new(engine: &'a Engine, source: &'a Rc<dyn Source>, coding: &'static dyn Coding) -> Self {
        Self {
            engine,
            source,
            coding,
            unpacker: Some(coding.unpacker()),
            packed: 0,
            text: Vec::new(),
            text_start: 0,
            has_ended: false,
            starts: vec![Start { packed: 0, text: 0, state: None }],
        }
    }

    pub(super) fn source(&self) -> &'a Rc<dyn Source> {
        self.source
    }

    /// Text, fewer at its end; what lies before it is forgotten.
    pub(super) async fn bytes(&mut self, at: u64, len: u64) -> Result<Vec<u8>, Error> {
        let end = at.saturating_add(len);
        self.unpack_to(at, end).await?;
        let place =
            |offset: u64| usize::try_from(offset.saturating_sub(self.text_start)).unwrap_or(usize::MAX);
        let range = place(at).min(self.text.len())..place(end).min(self.text.len());
        Ok(self.text[range].to_vec())
    }

    /// Where a file of the text is in the bytes of the archive, and how it is had from there; nothing when the text ends
    /// before the file does.
    pub(super) async fn file(
        &mut self,
        start: u64,
        end: u64,
    ) -> Result<Option<(Range<u64>, PackedFile)>, Error> {
        let before = self.starts.iter().rev().find(|place| place.text <= start);
        let (packed, text, state) =
            before.map_or((0, 0, None), |place| (place.packed, place.text, place.state.clone()));
        self.unpack_to(start, end).await?;
        if self.text_end() < end {
            return Ok(None);
        }
        let file = PackedFile::new(self.coding, state, start - text, end - start);
        Ok(Some((packed..self.packed, file)))
    }

    fn text_end(&self) -> u64 {
        self.text_start + self.text.len() as u64
    }

    /// Unpacks until the text reaches to `end` or ends, and forgets what of it is before `keep_from`.
    async fn unpack_to(&mut self, keep_from: u64, end: u64) -> Result<(), Error> {
        loop {
            let forgotten = keep_from.saturating_sub(self.text_start).min(self.text.len() as u64);
            self.text.drain(..forgotten as usize);
            self.text_start += forgotten;
            if self.text_end() >= end || self.has_ended {
                return Ok(());
            }
            self.step().await?;
        }
    }

    async fn step(&mut self) -> Result<(), Error> {
        let len = self.source.len_bytes();
        let range = self.packed..len.min(self.packed + READ_BYTES);
        let is_last = range.end == len;
        let bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let slot = self.source.read(range, self.engine.0.slots.take(bytes)).await?;
        let unpacker = self.unpacker.take();
        let mut unpacker =
            unpacker.ok_or_else(|| Error::Internal("an archive is read twice at once".to_owned()))?;
        let mut text = std::mem::take(&mut self.text);
        let limit = text.len() + TEXT_BYTES;
        let unpacked = self.engine.on_pool(move || {
            let (mut rest, mut members) = (slot.bytes(), Vec::new());
            while !rest.is_empty() && text.len() < limit {
                let taken = unpacker.unpack(rest, &mut text, limit)?;
                if taken == 0 {
                    break;
                }
                rest = &rest[taken..];
                if !rest.is_empty() && unpacker.is_fresh() {
                    members.push(((slot.bytes().len() - rest.len()) as u64, text.len()));
                }
            }
            let (taken, is_full) = ((slot.bytes().len() - rest.len()) as u64, text.len() >= limit);
            if is_last && rest.is_empty() && !is_full {
                unpacker.finish(&mut text)?;
            }
            Ok(Unpacked { unpacker, text, taken, members, is_full })
        });
        let unpacked = unpacked.await?.map_err(|damage| unreadable(self.source.name(), &damage))?;
        for (taken, text) in unpacked.members {
            self.note(self.packed + taken, self.text_start + text as u64, || Some(None));
        }
        self.packed += unpacked.taken;
        self.text = unpacked.text;
        // Text that is still to come of the bytes taken would be lost with a fresh state.
        self.has_ended = is_last && self.packed == len && !unpacked.is_full;
        let unpacker = unpacked.unpacker;
        if !unpacked.is_full && !self.has_ended {
            let state = || match unpacker.copy() {
                Some(state) => Some(Some(Arc::new(Mutex::new(state)))),
                None => unpacker.is_fresh().then_some(None),
            };
            let text_end = self.text_end();
            self.note(self.packed, text_end, state);
        }
        self.unpacker = Some(unpacker);
        Ok(())
    }

    /// Notes a place to start from, unless there is one near or there is no state for it.
    fn note(
        &mut self,
        packed: u64,
        text: u64,
        state: impl FnOnce() -> Option<Option<Arc<Mutex<Box<dyn Unpacker>>>>>,
    ) {
        let every = START_EVERY_BYTES << (self.starts.len() / STARTS_BEFORE_DOUBLING).min(40);
        let last = self.starts.last().map_or(0, |start| start.text);
        if text >= last.saturating_add(every)
            && let Some(state) = state()
        {
            self.starts.push(Start { packed, text, state });
        }
    }
}
