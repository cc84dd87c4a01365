//! LZ4 frames, any number of them. Blocks are decoded here: it takes few lines, and all bounds are checked.
//!
//! Source: the LZ4 frame format 1.6.2 and block format descriptions, https://github.com/lz4/lz4/tree/dev/doc.

use std::hash::Hasher;

use twox_hash::XxHash32;

use super::zstd::is_skippable;
use super::{Coding, Damage, Unpacker, take_units};

const NAME: &str = "LZ4";
const MAGIC: &[u8] = b"\x04\x22\x4d\x18";
/// How far back a match may lie.
const WINDOW_BYTES: usize = 64 << 10;

/// `.lz4`
#[derive(Debug)]
pub(super) struct Lz4;

impl Coding for Lz4 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".lz4"]
    }

    fn detect(&self, head: &[u8]) -> bool {
        head.starts_with(MAGIC) || is_skippable(head)
    }

    fn unpacker(&self) -> Box<dyn Unpacker> {
        Box::<Frames>::default()
    }
}

/// What has been read of a file.
#[derive(Clone, Default)]
struct Frames {
    /// Bytes of a unit that is not yet whole: a header, a block, a checksum.
    held: Vec<u8>,
    frame: Option<Frame>,
    /// Bytes of a skippable frame that are still to come.
    skips: usize,
    has_begun: bool,
}

#[derive(Clone)]
struct Frame {
    block_limit: usize,
    has_block_checksums: bool,
    checksum: Option<XxHash32>,
    are_blocks_linked: bool,
    /// What blocks gave: what matches may refer to, and the block at hand.
    window: Vec<u8>,
    /// The end mark has been read and the checksum of the content has not.
    has_ended: bool,
}

impl Frames {
    /// Takes one unit off the front of `bytes`: its length, or nothing when it is not yet whole.
    fn unit(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> Result<Option<usize>, Damage> {
        if self.skips > 0 {
            let skipped = self.skips.min(bytes.len());
            self.skips -= skipped;
            return Ok(Some(skipped).filter(|&skipped| skipped > 0));
        }
        let Some(frame) = &mut self.frame else { return self.header(bytes) };
        let Some(word) = word(bytes) else { return Ok(None) };
        if frame.has_ended {
            let found = frame.checksum.as_ref().map(XxHash32::finish_32);
            if found.is_some_and(|found| found != word) {
                return Err(broken("the checksum of a frame is wrong"));
            }
            self.frame = None;
            return Ok(Some(4));
        }
        if word == 0 {
            frame.has_ended = frame.checksum.is_some();
            if !frame.has_ended {
                self.frame = None;
            }
            return Ok(Some(4));
        }
        let len = (word & 0x7fff_ffff) as usize;
        if len > frame.block_limit {
            return Err(broken("a block is longer than its frame allows"));
        }
        let end = 4 + len + if frame.has_block_checksums { 4 } else { 0 };
        if bytes.len() < end {
            return Ok(None);
        }
        let block = &bytes[4..4 + len];
        if frame.has_block_checksums && self::word(&bytes[4 + len..]) != Some(XxHash32::oneshot(0, block)) {
            return Err(broken("the checksum of a block is wrong"));
        }
        let old = if frame.are_blocks_linked { frame.window.len().min(WINDOW_BYTES) } else { 0 };
        frame.window.drain(..frame.window.len() - old);
        if word >> 31 == 1 {
            frame.window.extend_from_slice(block);
        } else {
            decode_block(block, &mut frame.window, old + frame.block_limit)
                .ok_or_else(|| broken("a block is no LZ4"))?;
        }
        let fresh = &frame.window[old..];
        if let Some(checksum) = &mut frame.checksum {
            checksum.write(fresh);
        }
        text.extend_from_slice(fresh);
        Ok(Some(end))
    }

    /// The header of a frame.
    fn header(&mut self, bytes: &[u8]) -> Result<Option<usize>, Damage> {
        let Some(magic) = bytes.get(..4) else { return Ok(None) };
        if is_skippable(magic) {
            let Some(len) = word(&bytes[4..]) else { return Ok(None) };
            self.skips = len as usize;
            return Ok(Some(8));
        }
        if magic == b"\x02\x21\x4c\x18" {
            return Err(Damage::Unsupported(
                "this is LZ4's legacy format, of the time before frames".to_owned(),
            ));
        }
        if magic != MAGIC {
            return Err(broken("no frame begins where one should"));
        }
        let &[flags, sizes] = bytes.get(4..6).unwrap_or_default() else { return Ok(None) };
        if flags >> 6 != 1 {
            return Err(Damage::Unsupported("this version of LZ4 frames is not known here".to_owned()));
        }
        if flags & 1 == 1 {
            return Err(Damage::Unsupported("LZ4 with a dictionary of its own is not taken".to_owned()));
        }
        let end = 6 + if flags & 8 == 0 { 0 } else { 8 };
        let Some(&sum) = bytes.get(end) else { return Ok(None) };
        if sum != (XxHash32::oneshot(0, &bytes[4..end]) >> 8) as u8 {
            return Err(broken("the checksum of a header is wrong"));
        }
        let block_limit = match sizes >> 4 & 7 {
            size @ 4..=7 => 1 << (8 + 2 * size),
            _ => return Err(broken("a frame has blocks of no known size")),
        };
        self.frame = Some(Frame {
            block_limit,
            has_block_checksums: flags & 16 != 0,
            checksum: (flags & 4 != 0).then(|| XxHash32::with_seed(0)),
            are_blocks_linked: flags & 32 == 0,
            window: Vec::new(),
            has_ended: false,
        });
        Ok(Some(end + 1))
    }
}

impl Unpacker for Frames {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        self.has_begun |= !packed.is_empty();
        let held = std::mem::take(&mut self.held);
        self.held = take_units(held, packed, text, limit, |bytes, text| self.unit(bytes, text))?;
        Ok(packed.len())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Damage> {
        let is_whole = self.has_begun && self.is_fresh();
        if is_whole { Ok(()) } else { Err(Damage::Truncated { coding: NAME }) }
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        Some(Box::new(self.clone()))
    }

    fn is_fresh(&self) -> bool {
        self.frame.is_none() && self.held.is_empty() && self.skips == 0
    }
}

fn broken(reason: &str) -> Damage {
    Damage::broken(NAME, reason)
}

fn word(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().copied().map(u32::from_le_bytes)
}

/// Appends what a block gives, as long as it is not longer than `limit`. `None` when it is no block.
fn decode_block(block: &[u8], out: &mut Vec<u8>, limit: usize) -> Option<()> {
    let mut at = 0;
    let length = |at: &mut usize, nibble: u8| {
        let mut length = usize::from(nibble);
        if nibble == 15 {
            loop {
                let &more = block.get(*at)?;
                *at += 1;
                length += usize::from(more);
                if more < 255 {
                    break;
                }
            }
        }
        Some(length)
    };
    loop {
        let &token = block.get(at)?;
        at += 1;
        let literals = length(&mut at, token >> 4)?;
        out.extend_from_slice(block.get(at..at.checked_add(literals)?)?);
        at += literals;
        if out.len() > limit {
            return None;
        }
        // The last sequence is of literals alone.
        if at == block.len() {
            return Some(());
        }
        let back = usize::from(u16::from_le_bytes(*block.get(at..)?.first_chunk()?));
        at += 2;
        let mut wanted = length(&mut at, token & 15)? + 4;
        let mut from = out.len().checked_sub(back).filter(|_| back > 0)?;
        if out.len() + wanted > limit {
            return None;
        }
        // A match may reach into what it makes, which then repeats.
        while wanted > 0 {
            let step = wanted.min(out.len() - from);
            out.extend_from_within(from..from + step);
            from += step;
            wanted -= step;
        }
    }
}
