//! What stands between the bytes of a file and its text: compression and encodings of characters.
//!
//! Owns: the table [`CODINGS`] with one file per way to compress, the [`Recipe`] of a file, and [`Coded`],
//! what is known of the text of a file that has one. Touches: libraries that decompress, and nothing of
//! files, tasks or formats: it turns bytes into bytes.
//!
//! # How a compressed file is scanned in parallel
//!
//! Compressed bytes mean something only after all bytes before them. So a split of such a file owns a range
//! of *compressed* bytes, and its task continues the [`Stream`] where the task of the split before left it:
//! it unpacks its range, and some text behind it for the end of its last record, hands the stream on
//! ([`chain`]), and only then decodes its text. So unpacking runs through the file on one thread at a time,
//! and decoding runs beside it on the others. Where members tell their lengths ([`outline`]), the task knows
//! beforehand where the next one begins and hands on a stream that starts there before it unpacks itself.
//!
//! The text that comes of the bytes before a cut belongs before it, so a cut has a place in the text as soon
//! as a stream has passed it. Offsets that formats and verification see are offsets in the text.
//!
//! While a stream passes the cuts, places are noted from which another stream can start later: a copy of the
//! state, where it can be copied (of deflate it is 40 KB, Mark Adler's zran does the same), otherwise the
//! starts of members and frames, where the state is that of a fresh stream. When such places are near all
//! cuts, later scans visit the splits in any order, each on its own ([`Coded::is_seekable`]).

pub(crate) mod archive;
mod bzip2;
mod chain;
mod coded;
mod deflate;
mod encoding;
mod gzip;
mod lz4;
mod members;
mod outline;
mod recipe;
mod sample;
mod snappy;
mod stream;
#[cfg(test)]
mod tests;
mod within;
mod xz;
mod zip_entry;
mod zstd;

pub(crate) use chain::{Chain, Turn};
pub(crate) use coded::{Coded, FEED_BYTES, SplitText, Stop};
pub(crate) use encoding::{detect_encoding, named_encoding};
use outline::{MemberStart, Outline, Outlined, Passed};
pub(crate) use recipe::{Recipe, Step};
pub(crate) use sample::TextSample;
pub(crate) use stream::Stream;
pub use within::PackedFile;

use std::fmt::Debug;

/// All ways to compress, in the order in which they are asked whether a file is theirs.
pub(crate) static CODINGS: &[&dyn Coding] =
    &[&gzip::Gzip, &zstd::Zstd, &bzip2::Bzip2, &xz::Xz, &lz4::Lz4, &snappy::Snappy];

/// A way to compress.
pub(crate) trait Coding: Debug + Send + Sync {
    /// Its usual name, for messages.
    fn name(&self) -> &'static str;

    /// What names of files end with that are compressed so, with the dot.
    fn endings(&self) -> &'static [&'static str];

    /// Whether a file that starts so is compressed so.
    fn detect(&self, head: &[u8]) -> bool;

    /// The state at the start of a file.
    fn unpacker(&self) -> Box<dyn Unpacker>;

    /// What finds members without unpacking them, where they may tell their lengths.
    fn outline(&self) -> Option<Box<dyn Outline>> {
        None
    }
}

/// Turns bytes into others, piece by piece: the state of one stream.
pub(crate) trait Unpacker: Send {
    /// Takes bytes and appends all that they give to `text`. Says how many bytes were taken: fewer than there
    /// are at the end of a member, where another stream could start, and once `text` is `limit` long.
    ///
    /// # Errors
    /// When the bytes are damaged, or of a kind that is not taken.
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage>;

    /// There are no more bytes: appends what is still to come.
    ///
    /// # Errors
    /// When more bytes would have to follow.
    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), Damage>;

    /// The same state once more, if that is possible.
    fn copy(&self) -> Option<Box<dyn Unpacker>>;

    /// Whether a fresh state would go on here as well as this one.
    fn is_fresh(&self) -> bool;
}

/// Why bytes cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    /// They are not what they should be.
    #[error("the {coding} data is damaged ({reason})")]
    Broken {
        /// Which coding found it.
        coding: &'static str,
        /// In the words of the library.
        reason: String,
    },
    /// They end too early.
    #[error("the {coding} data is cut off: it ends before its end is marked")]
    Truncated {
        /// Which coding found it.
        coding: &'static str,
    },
    /// They may be right, but are not taken here.
    #[error("{0}")]
    Unsupported(String),
}

impl Damage {
    fn broken(coding: &'static str, reason: impl ToString) -> Self {
        Self::Broken { coding, reason: reason.to_string() }
    }

    /// What the user can do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Broken { .. } => "Get the file again: a copy or a download has probably failed.",
            Self::Truncated { .. } => {
                "Get the file again: a copy or a download has probably stopped too early."
            }
            Self::Unsupported(_) => "Decompress the file first, and add what comes of it.",
        }
    }
}

/// How a file that starts so is compressed. Skippable frames begin files of Zstandard and of LZ4 alike, and the
/// name decides.
pub(crate) fn detect(file_name: &str, head: &[u8]) -> Option<&'static dyn Coding> {
    let mut detected = CODINGS.iter().copied().filter(|coding| coding.detect(head));
    let first = detected.next()?;
    Some(detected.find(|coding| without_ending(*coding, file_name).is_some()).unwrap_or(first))
}

/// The name of a file without the ending of its compression, in its place the one that it stands for.
pub(crate) fn plain_name(coding: &dyn Coding, file_name: &str) -> String {
    match without_ending(coding, file_name) {
        Some(stem) => stem.to_owned(),
        None => {
            file_name.strip_suffix(".tgz").map_or_else(|| file_name.to_owned(), |stem| format!("{stem}.tar"))
        }
    }
}

fn without_ending<'a>(coding: &dyn Coding, file_name: &'a str) -> Option<&'a str> {
    let ends = |ending: &&&str| {
        let start = file_name.len().checked_sub(ending.len())?;
        let tail = file_name.get(start..)?;
        tail.eq_ignore_ascii_case(ending).then(|| &file_name[..start])
    };
    coding.endings().iter().find_map(|ending| ends(&ending))
}

/// Bytes that a library is given room for at a time.
const ROOM_BYTES: usize = 128 << 10;

/// What a library did with the bytes and the room that it was given.
struct Stepped {
    taken: usize,
    made: usize,
    ended: bool,
}

/// Takes whole units off the front of what is held and of the bytes behind it, until one is not whole or `text` is
/// `limit` long, and gives back what is left. `unit` tells the length of the first one, or nothing when it is not whole.
fn take_units(
    mut held: Vec<u8>,
    packed: &[u8],
    text: &mut Vec<u8>,
    limit: usize,
    mut unit: impl FnMut(&[u8], &mut Vec<u8>) -> Result<Option<usize>, Damage>,
) -> Result<Vec<u8>, Damage> {
    held.extend_from_slice(packed);
    let mut at = 0;
    while text.len() < limit
        && let Some(len) = unit(&held[at..], text)?
    {
        at += len;
    }
    held.drain(..at);
    Ok(held)
}

/// Gives a library room at the end of `text` for one step.
fn with_room(
    text: &mut Vec<u8>,
    limit: usize,
    step: impl FnOnce(&mut [u8]) -> Result<Stepped, Damage>,
) -> Result<(Stepped, bool), Damage> {
    let before = text.len();
    let room = ROOM_BYTES.min(limit.saturating_sub(before).max(1));
    text.resize(before + room, 0);
    let stepped = step(&mut text[before..]);
    let made = stepped.as_ref().map_or(0, |stepped| stepped.made);
    text.truncate(before + made);
    stepped.map(|stepped| (stepped, made == room))
}
