//! What is known of a file whose bytes are not its text: where its splits begin in the text, and from where
//! it can be unpacked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Damage, MemberStart, Recipe, Stream, Unpacker};

/// Text that the bytes of one split may give. Splits are made so short that they give about as much text as
/// splits of plain files have; what gives so many times as much is a file made to fill the memory.
const TEXT_LIMIT_SPLITS: usize = 64;
const LEAST_TEXT_LIMIT_BYTES: usize = 16 << 20;
const MOST_TEXT_LIMIT_BYTES: usize = 256 << 20;

/// Bytes that are unpacked at a time.
pub(crate) const FEED_BYTES: u64 = 256 << 10;

/// What the places to start from may take of the memory, and about what one takes.
const STARTS_BYTES: usize = 48 << 20;
const START_BYTES: usize = 48 << 10;

/// Splits that a task may unpack for nothing to get to its own, before it is better that tasks take turns.
const NEAR_SPLITS: usize = 2;

/// A file with a recipe.
pub(crate) struct Coded {
    recipe: Arc<Recipe>,
    /// Where its splits begin in its bytes, and their end.
    cuts: Vec<u64>,
    /// Number in the table of its first split.
    first_split: usize,
    /// Offset in the text of the first record.
    first_record: u64,
    /// About how much text a split has.
    split_text_bytes: usize,
    found: Mutex<Found>,
}

/// What streams have found out.
struct Found {
    /// Where its splits begin in the text, and the end, as far as streams have come.
    text_starts: Vec<Option<u64>>,
    /// Places to start from, by their offsets in the file.
    starts: BTreeMap<u64, Start>,
    /// A stream that nobody waits for.
    parked: Option<Stream>,
}

/// A place to start from.
struct Start {
    text: u64,
    /// The byte of the text before.
    before: Option<u8>,
    /// The state; none where a fresh one will do.
    state: Option<Box<dyn Unpacker>>,
}

/// The text of a split.
#[derive(Debug)]
pub(crate) struct SplitText {
    pub(crate) text: Vec<u8>,
    /// Offset of `text`.
    pub(crate) offset: u64,
    /// What belongs to the split; it may be empty.
    pub(crate) owned: Range<u64>,
    pub(crate) at_end_of_file: bool,
}

/// Why a stream cannot go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The bytes cannot be unpacked.
    Damage(Damage),
    /// They give too much text.
    TooMuch,
}

impl std::fmt::Debug for Coded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Coded: {:?}, {} splits", self.recipe, self.cuts.len().saturating_sub(1))
    }
}

impl Coded {
    /// A file whose splits own these ranges of its bytes.
    pub(crate) fn new(
        recipe: Arc<Recipe>,
        splits: &[Range<u64>],
        first_split: usize,
        first_record: u64,
        split_text_bytes: u64,
    ) -> Self {
        let mut cuts: Vec<u64> = splits.iter().map(|split| split.start).collect();
        cuts.extend(splits.last().map(|split| split.end));
        let mut text_starts = vec![None; cuts.len()];
        if let Some(first) = text_starts.first_mut() {
            *first = Some(0);
        }
        let start = Start { text: 0, before: None, state: None };
        let found = Found { text_starts, starts: BTreeMap::from([(0, start)]), parked: None };
        let split_text_bytes = usize::try_from(split_text_bytes).unwrap_or(usize::MAX);
        Self { recipe, cuts, first_split, first_record, split_text_bytes, found: Mutex::new(found) }
    }

    /// What belongs to a split, as offsets in the text; nothing before a stream has passed it.
    pub(crate) fn text_range(&self, split: usize) -> Option<Range<u64>> {
        let (start, end) = self.found().range(split.checked_sub(self.first_split)?)?;
        Some(start.max(self.first_record)..end.max(self.first_record))
    }

    /// Whether this is the first split of the file.
    pub(crate) fn is_first(&self, split: usize) -> bool {
        split == self.first_split
    }

    /// What a split owns of the file's bytes.
    pub(crate) fn packed_range(&self, split: usize) -> Range<u64> {
        let index = split.saturating_sub(self.first_split);
        let cut = |index: usize| self.cuts.get(index).copied().unwrap_or_else(|| self.packed_len());
        cut(index)..cut(index + 1)
    }

    /// Length of the file.
    pub(crate) fn packed_len(&self) -> u64 {
        self.cuts.last().copied().unwrap_or(0)
    }

    /// Whether each split can be unpacked without much of those before it. Once this is so it stays so.
    pub(crate) fn is_seekable(&self) -> bool {
        let found = self.found();
        let near = |(index, cut): (usize, &u64)| {
            let Some(text) = found.text_starts.get(index).copied().flatten() else { return false };
            let far = self.cuts.get(index.saturating_sub(NEAR_SPLITS)).copied().unwrap_or(0);
            found.start_for(*cut, Some(text)).is_some_and(|(packed, _)| packed >= far)
        };
        self.cuts.iter().enumerate().all(near)
    }

    /// Whether a stream can still give all text of a split.
    pub(crate) fn serves(&self, stream: &Stream, split: usize) -> bool {
        match self.found().text_start(split - self.first_split) {
            Some(text) => stream.text_start() <= text.saturating_sub(1),
            None => true,
        }
    }

    /// A stream that comes to a split soon.
    pub(crate) fn nearest(&self, split: usize) -> Stream {
        let index = split - self.first_split;
        let cut = self.cuts.get(index).copied().unwrap_or(0);
        let mut found = self.found();
        let text = found.text_start(index);
        let parked = found.parked.take_if(|parked| match text {
            Some(text) => parked.text_start() <= text.saturating_sub(1),
            None => parked.packed() <= cut,
        });
        let start = found.start_for(cut, text);
        match (parked, start) {
            (Some(parked), Some((packed, _))) if parked.packed() >= packed => parked,
            (Some(parked), None) => parked,
            (_, Some((0, _))) => Stream::new(&self.recipe),
            (_, Some((packed, start))) => {
                let copy = start.state.as_ref().and_then(|state| state.copy());
                let unpacker = copy.unwrap_or_else(|| self.recipe.unpacker());
                Stream::at(unpacker, packed, start.text, start.before)
            }
            (None, None) => Stream::new(&self.recipe),
        }
    }

    /// The stream for the split behind this one, when members tell their lengths, so that it need not wait for this one.
    /// `bytes` are those of the file from `offset` on, as far as they are there.
    pub(crate) fn split_off(
        &self,
        stream: &mut Stream,
        split: usize,
        offset: u64,
        bytes: &[u8],
    ) -> Option<Stream> {
        let next = split - self.first_split + 1;
        // The last one tells where the text ends.
        let cut = self.cuts.get(next).filter(|_| next + 1 < self.cuts.len())?;
        let mut outlined = stream.outlined.take()?;
        if !outlined.go_to(*cut, bytes, offset) {
            return None;
        }
        let (last, before) = outlined.starts();
        {
            let mut found = self.found();
            let MemberStart { packed, text } = before;
            found.starts.entry(packed).or_insert(Start { text, before: None, state: None });
            if let Some(start) = found.text_starts.get_mut(next) {
                start.get_or_insert(last.text);
            }
        }
        let mut stream = Stream::at(self.recipe.unpacker(), before.packed, before.text, None);
        stream.outlined = Some(outlined);
        Some(stream)
    }

    /// Keeps a stream for whoever can go on with it.
    pub(crate) fn park(&self, stream: Stream) {
        if !stream.has_ended() {
            self.found().parked = Some(stream);
        }
    }

    /// The most text that the bytes of one split may give.
    pub(crate) fn text_limit_bytes(&self) -> usize {
        let limit = self.split_text_bytes.saturating_mul(TEXT_LIMIT_SPLITS);
        limit.clamp(LEAST_TEXT_LIMIT_BYTES, MOST_TEXT_LIMIT_BYTES)
    }

    /// Forgets what of a stream's text is before a split.
    pub(crate) fn trim(&self, stream: &mut Stream, split: usize) {
        let start = self.found().text_start(split - self.first_split);
        stream.forget_before(start.map_or(u64::MAX, |start| start.saturating_sub(1)));
        stream.reserve(self.split_text_bytes.min(LEAST_TEXT_LIMIT_BYTES));
    }

    /// Whether a stream has the text of a split and `ahead` bytes behind it, or all there are.
    pub(crate) fn is_complete(&self, stream: &Stream, split: usize, ahead: u64) -> bool {
        let range = self.found().range(split - self.first_split);
        range.is_some_and(|(_, end)| stream.has_ended() || stream.text_end() >= end.saturating_add(ahead))
    }

    /// Takes the text of a split out of a stream that has it, and leaves what belongs to the next ones.
    pub(crate) fn take(&self, stream: &mut Stream, split: usize) -> Option<SplitText> {
        let owned = self.text_range(split)?;
        let (_, end) = self.found().range(split - self.first_split)?;
        let (offset, at_end_of_file) = (stream.text_start(), stream.has_ended());
        let text = stream.take_text(end.saturating_sub(1));
        Some(SplitText { text, offset, owned, at_end_of_file })
    }

    /// Unpacks bytes, which begin where a stream is, and notes what it passes.
    ///
    /// # Errors
    /// When they cannot be unpacked, or give more text than `limit` with what is there.
    pub(crate) fn advance(&self, stream: &mut Stream, packed: &[u8], limit: usize) -> Result<(), Stop> {
        let mut rest = packed;
        while !rest.is_empty() {
            let next = self.cuts.partition_point(|&cut| cut <= stream.packed());
            let cut = self.cuts.get(next).copied().unwrap_or(u64::MAX);
            let len = usize::try_from(cut - stream.packed()).unwrap_or(usize::MAX).min(rest.len());
            let taken = stream.unpack(&rest[..len], limit).map_err(Stop::Damage)?;
            if stream.text().len() >= limit {
                return Err(Stop::TooMuch);
            }
            if taken == 0 {
                let reason = "its end is marked before its end".to_owned();
                return Err(Stop::Damage(Damage::Broken { coding: "compressed", reason }));
            }
            rest = &rest[taken..];
            if stream.is_fresh() && !self.is_as_told(stream) {
                let reason = "a part of it is not as long as it says".to_owned();
                return Err(Stop::Damage(Damage::Broken { coding: "compressed", reason }));
            }
            if stream.packed() == cut {
                if next + 1 == self.cuts.len() {
                    stream.finish().map_err(Stop::Damage)?;
                }
                self.note_cut(stream, next);
            } else if taken < len && stream.is_fresh() {
                self.note_member(stream);
            }
        }
        Ok(())
    }

    fn note_cut(&self, stream: &Stream, index: usize) {
        let mut found = self.found();
        let text = stream.text_end();
        let Some(start @ None) = found.text_starts.get_mut(index) else { return };
        *start = Some(text);
        let stride = (self.cuts.len() * START_BYTES).div_ceil(STARTS_BYTES);
        if index + 1 == self.cuts.len() || !index.is_multiple_of(stride.max(1)) {
            return;
        }
        let (state, before) = stream.copy_state();
        if state.is_some() || stream.is_fresh() {
            found.starts.insert(stream.packed(), Start { text, before, state });
        }
    }

    /// Whether a stream between two members is where others were told that it would be.
    fn is_as_told(&self, stream: &Stream) -> bool {
        self.found().starts.get(&stream.packed()).is_none_or(|start| start.text == stream.text_end())
    }

    /// Notes the start of a member, unless there is one near.
    fn note_member(&self, stream: &Stream) {
        let packed = stream.packed();
        let split_bytes = self.packed_len() / self.cuts.len() as u64;
        let mut found = self.found();
        let is_near = found.starts.range(packed.saturating_sub(split_bytes / 2)..=packed).next().is_some();
        if !is_near {
            let (_, before) = stream.copy_state();
            found.starts.insert(packed, Start { text: stream.text_end(), before, state: None });
        }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    fn text_start(&self, index: usize) -> Option<u64> {
        self.text_starts.get(index).copied().flatten()
    }

    fn range(&self, index: usize) -> Option<(u64, u64)> {
        Some((self.text_start(index)?, self.text_start(index + 1)?))
    }

    /// The last place from which the text at a cut can still be had, and the byte before it.
    fn start_for(&self, cut: u64, text: Option<u64>) -> Option<(u64, &Start)> {
        let serves = |start: &Start| match (text, start.before) {
            (Some(text), Some(_)) => start.text <= text,
            (Some(text), None) => start.text == 0 || start.text < text,
            (None, _) => true,
        };
        let mut before = self.starts.range(..=cut).rev();
        before.find(|(_, start)| serves(start)).map(|(packed, start)| (*packed, start))
    }
}
