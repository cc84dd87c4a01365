//! The compressed bytes of one file in a ZIP archive: deflate, with a checksum that the directory holds.

use super::deflate::Inflater;
use super::{Damage, Unpacker, with_room};

const NAME: &str = "ZIP";

/// What has been read of the file.
pub(super) struct ZipEntry {
    inflater: Inflater,
    crc32: u32,
    len_bytes: u64,
    expected_crc32: u32,
    expected_len_bytes: u64,
    has_ended: bool,
    has_begun: bool,
}

impl ZipEntry {
    pub(super) fn new(expected_crc32: u32, expected_len_bytes: u64) -> Self {
        Self {
            inflater: Inflater::raw(),
            crc32: 0,
            len_bytes: 0,
            expected_crc32,
            expected_len_bytes,
            has_ended: false,
            has_begun: false,
        }
    }
}

impl Unpacker for ZipEntry {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        self.has_begun |= !packed.is_empty();
        let mut taken = 0;
        loop {
            if self.has_ended {
                return Ok(packed.len());
            }
            let before = text.len();
            let inflater = &mut self.inflater;
            let step = |room: &mut [u8]| {
                inflater.step(&packed[taken..], room).map_err(|reason| Damage::broken(NAME, reason))
            };
            let (stepped, is_full) = with_room(text, limit, step)?;
            taken += stepped.taken;
            self.crc32 = zlib_rs::crc32::crc32(self.crc32, &text[before..]);
            self.len_bytes += stepped.made as u64;
            if stepped.ended {
                if (self.crc32, self.len_bytes) != (self.expected_crc32, self.expected_len_bytes) {
                    return Err(Damage::broken(NAME, "checksum or length is not what the directory says"));
                }
                self.has_ended = true;
                continue;
            }
            if text.len() >= limit || taken == packed.len() && !is_full {
                return Ok(taken);
            }
            if stepped.taken == 0 && stepped.made == 0 {
                return Err(Damage::broken(NAME, "it does not go on"));
            }
        }
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Damage> {
        if self.has_ended { Ok(()) } else { Err(Damage::Truncated { coding: NAME }) }
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        Some(Box::new(Self { inflater: self.inflater.copy()?, ..*self }))
    }

    fn is_fresh(&self) -> bool {
        !self.has_begun
    }
}
