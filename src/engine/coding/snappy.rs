//! Snappy's framing format, whose chunks are compressed on their own.
//!
//! Source: https://github.com/google/snappy/blob/main/framing_format.txt.

use snap::raw::{Decoder, decompress_len};

use super::{Coding, Damage, Unpacker, take_units};

const NAME: &str = "Snappy";
const MAGIC: &[u8] = b"\xff\x06\x00\x00sNaPpY";
/// The most that a chunk may unpack to.
const CHUNK_BYTES: usize = 64 << 10;

/// `.sz`
#[derive(Debug)]
pub(super) struct Snappy;

impl Coding for Snappy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".sz", ".snappy"]
    }

    fn detect(&self, head: &[u8]) -> bool {
        head.starts_with(MAGIC)
    }

    fn unpacker(&self) -> Box<dyn Unpacker> {
        Box::<Chunks>::default()
    }
}

/// What has been read of a file.
#[derive(Clone, Default)]
struct Chunks {
    /// A chunk that is not yet whole.
    held: Vec<u8>,
    has_begun: bool,
}

impl Chunks {
    /// Takes one chunk off the front of `bytes`: its length, or nothing when it is not yet whole.
    fn chunk(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> Result<Option<usize>, Damage> {
        let &[kind, a, b, c] = bytes.get(..4).unwrap_or_default() else { return Ok(None) };
        let end = 4 + u32::from_le_bytes([a, b, c, 0]) as usize;
        let Some(body) = bytes.get(4..end) else { return Ok(None) };
        match kind {
            0xff if bytes[..end] == *MAGIC => self.has_begun = true,
            0x00 | 0x01 if self.has_begun => {
                let Some((sum, data)) = body.split_first_chunk() else {
                    return Err(broken("a chunk has no checksum"));
                };
                let before = text.len();
                if kind == 0 {
                    let len = decompress_len(data).map_err(broken)?;
                    if len > CHUNK_BYTES {
                        return Err(broken("a chunk is longer than chunks may be"));
                    }
                    text.resize(before + len, 0);
                    Decoder::new().decompress(data, &mut text[before..]).map_err(broken)?;
                } else {
                    text.extend_from_slice(data);
                }
                if masked_crc32c(&text[before..]) != u32::from_le_bytes(*sum) {
                    return Err(broken("the checksum of a chunk is wrong"));
                }
            }
            0x80..=0xfe if self.has_begun => (),
            _ => return Err(broken("a chunk is of no known kind")),
        }
        Ok(Some(end))
    }
}

impl Unpacker for Chunks {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        let held = std::mem::take(&mut self.held);
        self.held = take_units(held, packed, text, limit, |bytes, text| self.chunk(bytes, text))?;
        Ok(packed.len())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Damage> {
        let is_whole = self.has_begun && self.held.is_empty();
        if is_whole { Ok(()) } else { Err(Damage::Truncated { coding: NAME }) }
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        Some(Box::new(self.clone()))
    }

    fn is_fresh(&self) -> bool {
        !self.has_begun && self.held.is_empty()
    }
}

fn broken(reason: impl ToString) -> Damage {
    Damage::broken(NAME, reason)
}

/// CRC-32C (Castagnoli), rotated and offset as the format wants it.
fn masked_crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut crc = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
                bit += 1;
            }
            table[byte] = crc;
            byte += 1;
        }
        table
    };
    let step = |crc: u32, &byte: &u8| crc >> 8 ^ TABLE[(crc as u8 ^ byte) as usize];
    let crc = !bytes.iter().fold(!0, step);
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}
