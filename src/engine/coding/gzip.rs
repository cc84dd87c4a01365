//! gzip (RFC 1952), with any number of members: also what bgzip and parallel compressors write.

use super::deflate::Inflater;
use super::members::{Member, Members};
use super::{Coding, Stepped, Unpacker};

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
