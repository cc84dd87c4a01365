//! Files that are made up of members, each a stream of its own that ends with a checksum.
//!
//! What follows the last member and does not begin like one is not looked at, as gzip(1) and bzip2(1) have it:
//! tapes and some programs fill up with zeros.

use super::{Damage, Stepped, Unpacker, with_room};

/// One member.
pub(super) trait Member: Send + Sized + 'static {
    /// Name of the coding.
    const NAME: &'static str;
    /// The bytes that each member begins with.
    const MAGIC: &'static [u8];

    /// The state before its first byte.
    fn begin() -> Self;

    /// Unpacks until bytes or room are used up, or the member ends.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    fn step(&mut self, packed: &[u8], room: &mut [u8]) -> Result<Stepped, String>;

    /// The same state once more, if that is possible.
    fn copy(&self) -> Option<Self>;
}

/// Reads member after member.
pub(super) struct Members<M> {
    at: At<M>,
    /// How many have ended.
    ended: u64,
}

enum At<M> {
    /// Between members; so many bytes of the next one's magic have been seen.
    Between(usize),
    Inside(M),
    /// Behind the last one.
    Behind,
}

impl<M: Member> Members<M> {
    pub(super) fn new() -> Self {
        Self { at: At::Between(0), ended: 0 }
    }

    fn broken(reason: impl ToString) -> Damage {
        Damage::broken(M::NAME, reason)
    }
}

impl<M: Member> Unpacker for Members<M> {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        let mut taken = 0;
        loop {
            match &mut self.at {
                At::Behind => return Ok(packed.len()),
                At::Between(seen) => {
                    let Some(&byte) = packed.get(taken) else { return Ok(taken) };
                    if byte != M::MAGIC[*seen] {
                        if self.ended == 0 {
                            return Err(Self::broken("it does not begin as it should"));
                        }
                        self.at = At::Behind;
                        continue;
                    }
                    taken += 1;
                    *seen += 1;
                    if *seen == M::MAGIC.len() {
                        let mut member = M::begin();
                        let mut rest = M::MAGIC;
                        while !rest.is_empty() {
                            let stepped = member.step(rest, &mut [0]).map_err(Self::broken)?;
                            if stepped.taken == 0 {
                                return Err(Self::broken("it does not begin as it should"));
                            }
                            rest = &rest[stepped.taken..];
                        }
                        self.at = At::Inside(member);
                    }
                }
                At::Inside(member) => {
                    let rest = &packed[taken..];
                    let step = |room: &mut [u8]| member.step(rest, room).map_err(Self::broken);
                    let (stepped, is_full) = with_room(text, limit, step)?;
                    taken += stepped.taken;
                    if stepped.ended {
                        self.at = At::Between(0);
                        self.ended += 1;
                        return Ok(taken);
                    }
                    if text.len() >= limit || taken == packed.len() && !is_full {
                        return Ok(taken);
                    }
                    if stepped.taken == 0 && stepped.made == 0 {
                        return Err(Self::broken("it does not go on"));
                    }
                }
            }
        }
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Damage> {
        match self.at {
            At::Behind => Ok(()),
            At::Between(_) if self.ended > 0 => Ok(()),
            At::Between(_) | At::Inside(_) => Err(Damage::Truncated { coding: M::NAME }),
        }
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        let at = match &self.at {
            At::Between(seen) => At::Between(*seen),
            At::Inside(member) => At::Inside(member.copy()?),
            At::Behind => At::Behind,
        };
        Some(Box::new(Self { at, ended: self.ended }))
    }

    fn is_fresh(&self) -> bool {
        matches!(self.at, At::Between(0))
    }
}
