//! xz, with any number of blocks and streams.

use lzma_rust2::{Action, Status, XzStream};

use super::{Coding, Damage, Stepped, Unpacker, with_room};

const NAME: &str = "xz";

/// What a dictionary may take: the largest that xz(1) writes, at level 9, is 64 MB.
const MEMORY_KIB: u32 = 200 << 10;

/// `.xz`
#[derive(Debug)]
pub(super) struct Xz;

impl Coding for Xz {
    fn name(&self) -> &'static str {
        NAME
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".xz"]
    }

    fn detect(&self, head: &[u8]) -> bool {
        head.starts_with(b"\xfd7zXZ\0")
    }

    fn unpacker(&self) -> Box<dyn Unpacker> {
        let stream = XzStream::new_mem_limit(true, MEMORY_KIB);
        Box::new(Streams { stream, has_begun: false })
    }
}

struct Streams {
    stream: XzStream,
    has_begun: bool,
}

impl Streams {
    fn step(&mut self, packed: &[u8], room: &mut [u8], action: Action) -> Result<Stepped, Damage> {
        let result = self.stream.process(packed, room, action).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Damage::Truncated { coding: NAME },
            std::io::ErrorKind::OutOfMemory => Damage::Unsupported(
                "xz's dictionary is larger than the 200 MB that are taken here".to_owned(),
            ),
            _ => Damage::broken(NAME, error),
        })?;
        Ok(Stepped {
            taken: result.bytes_consumed,
            made: result.bytes_produced,
            ended: result.status == Status::StreamEnd,
        })
    }
}

impl Unpacker for Streams {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        self.has_begun |= !packed.is_empty();
        let mut taken = 0;
        loop {
            let rest = &packed[taken..];
            let (stepped, is_full) = with_room(text, limit, |room| self.step(rest, room, Action::Run))?;
            taken += stepped.taken;
            if text.len() >= limit || taken == packed.len() && !is_full {
                return Ok(taken);
            }
            if stepped.taken == 0 && stepped.made == 0 {
                return Err(Damage::broken(NAME, "it does not go on"));
            }
        }
    }

    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), Damage> {
        loop {
            let (stepped, _) = with_room(text, usize::MAX, |room| self.step(&[], room, Action::Finish))?;
            if stepped.ended {
                return Ok(());
            }
            if stepped.made == 0 {
                return Err(Damage::Truncated { coding: NAME });
            }
        }
    }

    /// The library cannot, and a state has the whole dictionary, of megabytes.
    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        None
    }

    fn is_fresh(&self) -> bool {
        !self.has_begun
    }
}
