//! bzip2, with any number of streams one behind the other, as pbzip2 writes.

use bzip2::{Decompress, Status};

use super::members::{Member, Members};
use super::{Coding, Stepped, Unpacker};

/// `.bz2`
#[derive(Debug)]
pub(super) struct Bzip2;

impl Coding for Bzip2 {
    fn name(&self) -> &'static str {
        Decompress::NAME
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".bz2", ".bz"]
    }

    fn detect(&self, head: &[u8]) -> bool {
        /// Behind the size of blocks, the digits of pi, or of its root where there is no block.
        const BEHIND: [&[u8]; 2] = [b"1AY&SY", b"\x17rE8P\x90"];
        head.starts_with(b"BZh") && head.get(4..10).is_some_and(|next| BEHIND.contains(&next))
    }

    fn unpacker(&self) -> Box<dyn Unpacker> {
        Box::new(Members::<Decompress>::new())
    }
}

impl Member for Decompress {
    const NAME: &'static str = "bzip2";
    const MAGIC: &'static [u8] = b"BZh";

    fn begin() -> Self {
        Self::new(false)
    }

    fn step(&mut self, packed: &[u8], room: &mut [u8]) -> Result<Stepped, String> {
        let (before_in, before_out) = (self.total_in(), self.total_out());
        let status = self.decompress(packed, room).map_err(|error| error.to_string())?;
        let since = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
        Ok(Stepped {
            taken: since(self.total_in(), before_in),
            made: since(self.total_out(), before_out),
            ended: status == Status::StreamEnd,
        })
    }

    /// The library cannot: a state is the whole block that it is in.
    fn copy(&self) -> Option<Self> {
        None
    }
}
