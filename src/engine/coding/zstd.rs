//! Zstandard (RFC 8878), with any number of frames.

use zstd_safe::{DCtx, InBuffer, OutBuffer, get_error_name};

use super::{Coding, Damage, Stepped, Unpacker, with_room};

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
