//! gzip (RFC 1952), with any number of members: also what bgzip and parallel compressors write.

use super::deflate::Inflater;
use super::members::{Member, Members};
use super::{Coding, Outline, Passed, Stepped, Unpacker};

/// `.gz`
#[derive(Debug)]
pub(super) struct Gzip;

impl Coding for Gzip {
    fn name(&self) -> &'static str {
        Inflater::NAME
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".gz", ".gzip", ".bgz"]
    }

    fn detect(&self, head: &[u8]) -> bool {
        head.starts_with(b"\x1f\x8b\x08")
    }

    fn unpacker(&self) -> Box<dyn Unpacker> {
        Box::new(Members::<Inflater>::new())
    }

    fn outline(&self) -> Option<Box<dyn Outline>> {
        Some(Box::new(Blocks))
    }
}

/// Blocks of bgzip: members that tell their length in a field of their header, and that of their text at the end, as all
/// members do (SAM/BAM format specification, section 4.1).
struct Blocks;

/// Bytes of a header up to its extra fields.
const HEADER_BYTES: usize = 12;
/// The flag that says that there are extra fields.
const EXTRA: u8 = 1 << 2;

impl Outline for Blocks {
    fn step(&mut self, packed: &[u8]) -> Option<Passed> {
        let (header, rest) = packed.split_at_checked(HEADER_BYTES)?;
        if !header.starts_with(b"\x1f\x8b\x08") || header[3] & EXTRA == 0 {
            return None;
        }
        let mut fields = rest.get(..usize::from(u16::from_le_bytes([header[10], header[11]])))?;
        let len = loop {
            let [a, b, low, high, behind @ ..] = fields else { return None };
            let (field, others) = behind.split_at_checked(usize::from(u16::from_le_bytes([*low, *high])))?;
            match (&[*a, *b], field) {
                (b"BC", &[low, high]) => break usize::from(u16::from_le_bytes([low, high])) + 1,
                _ => fields = others,
            }
        };
        let text = packed.get(..len)?.last_chunk().map(|text| u32::from_le_bytes(*text))?;
        Some(Passed { packed: len as u64, text: text.into(), ends_member: true })
    }
}

impl Member for Inflater {
    const NAME: &'static str = "gzip";
    const MAGIC: &'static [u8] = b"\x1f\x8b";

    fn begin() -> Self {
        Self::gzip()
    }

    fn step(&mut self, packed: &[u8], room: &mut [u8]) -> Result<Stepped, String> {
        Self::step(self, packed, room)
    }

    fn copy(&self) -> Option<Self> {
        Self::copy(self)
    }
}
