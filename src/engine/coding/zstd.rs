//! Zstandard (RFC 8878), with any number of frames.

use zstd_safe::{DCtx, InBuffer, OutBuffer, get_error_name};

use super::{Coding, Damage, Outline, Passed, Stepped, Unpacker, with_room};

const NAME: &str = "Zstandard";

/// `.zst`
#[derive(Debug)]
pub(super) struct Zstd;

impl Coding for Zstd {
    fn name(&self) -> &'static str {
        NAME
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".zst", ".zstd"]
    }

    fn detect(&self, head: &[u8]) -> bool {
        head.starts_with(b"\x28\xb5\x2f\xfd") || is_skippable(head)
    }

    fn unpacker(&self) -> Box<dyn Unpacker> {
        Box::new(Frames { context: DCtx::try_create(), is_inside: false, has_begun: false })
    }

    fn outline(&self) -> Option<Box<dyn Outline>> {
        Some(Box::new(FrameOutline { inside: None }))
    }
}

/// Frames that tell how long their text is, gone over block by block.
struct FrameOutline {
    /// Within a frame, how many bytes follow its last block.
    inside: Option<u64>,
}

const FRAME_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";
const CHECKSUM_BYTES: u64 = 4;

impl Outline for FrameOutline {
    fn step(&mut self, packed: &[u8]) -> Option<Passed> {
        let Some(behind) = self.inside else { return self.header(packed) };
        let &[a, b, c, ..] = packed else { return None };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let (is_last, kind, size) = (header & 1 == 1, header >> 1 & 3, u64::from(header >> 3));
        // One byte stands for all of a block of the second kind.
        let body = match kind {
            0 | 2 => size,
            1 => 1,
            _ => return None,
        };
        if is_last {
            self.inside = None;
        }
        let packed = 3 + body + if is_last { behind } else { 0 };
        Some(Passed { packed, text: 0, ends_member: is_last })
    }
}

impl FrameOutline {
    fn header(&mut self, packed: &[u8]) -> Option<Passed> {
        if is_skippable(packed) {
            let len = packed.get(4..8)?.first_chunk().map(|len| u32::from_le_bytes(*len))?;
            return Some(Passed { packed: 8 + u64::from(len), text: 0, ends_member: true });
        }
        let (&descriptor, rest) = packed.strip_prefix(FRAME_MAGIC)?.split_first()?;
        let is_single = descriptor >> 5 & 1 == 1;
        let window = usize::from(!is_single);
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let size_len = match descriptor >> 6 {
            0 => usize::from(is_single),
            1 => 2,
            2 => 4,
            _ => 8,
        };
        let size = rest.get(window + dictionary..)?.get(..size_len).filter(|size| !size.is_empty())?;
        let mut bytes = [0; 8];
        bytes[..size_len].copy_from_slice(size);
        // Sizes of two bytes begin at 256.
        let text = u64::from_le_bytes(bytes) + if size_len == 2 { 256 } else { 0 };
        self.inside = Some(if descriptor >> 2 & 1 == 1 { CHECKSUM_BYTES } else { 0 });
        let packed = FRAME_MAGIC.len() + 1 + window + dictionary + size_len;
        Some(Passed { packed: packed as u64, text, ends_member: false })
    }
}

/// Whether a frame begins here that holds nothing to be unpacked.
pub(super) fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [first, b'\x2a', b'\x4d', b'\x18', ..] if first & 0xf0 == 0x50)
}

struct Frames {
    context: Option<DCtx<'static>>,
    is_inside: bool,
    has_begun: bool,
}

impl Unpacker for Frames {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        let Some(context) = &mut self.context else {
            return Err(Damage::Unsupported("there is no memory for Zstandard's state".to_owned()));
        };
        let mut taken = 0;
        // Frames do not begin with nothing.
        while taken < packed.len() || self.is_inside {
            let is_inside = &mut self.is_inside;
            let (stepped, is_full) = with_room(text, limit, |room| {
                let mut input = InBuffer::around(&packed[taken..]);
                let mut output = OutBuffer::around(room);
                let wanted = context.decompress_stream(&mut output, &mut input).map_err(damage)?;
                *is_inside = wanted > 0;
                Ok(Stepped { taken: input.pos(), made: output.pos(), ended: wanted == 0 })
            })?;
            taken += stepped.taken;
            self.has_begun |= stepped.taken > 0;
            if stepped.ended || text.len() >= limit || taken == packed.len() && !is_full {
                return Ok(taken);
            }
            if stepped.taken == 0 && stepped.made == 0 {
                return Err(Damage::broken(NAME, "it does not go on"));
            }
        }
        Ok(taken)
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Damage> {
        let is_whole = self.has_begun && !self.is_inside;
        if is_whole { Ok(()) } else { Err(Damage::Truncated { coding: NAME }) }
    }

    /// The library copies no context that is in the middle of a frame.
    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        None
    }

    fn is_fresh(&self) -> bool {
        !self.is_inside
    }
}

fn damage(code: usize) -> Damage {
    let reason = get_error_name(code);
    if reason.contains("memory") {
        let why = "Zstandard's window is larger than the 128 MB that are taken here".to_owned();
        return Damage::Unsupported(why);
    }
    Damage::broken(NAME, reason)
}
