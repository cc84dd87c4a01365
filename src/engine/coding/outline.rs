//! Where the members of a file begin, found without unpacking: so that tasks unpack at the same time already when
//! nothing is known of the file.
//!
//! Blocks of bgzip tell how long they are in the file and in the text, and so do frames of Zstandard whose compressor
//! knew it. A task goes over what its split holds by these lengths, which takes next to no time, hands on to the next
//! one where that has to begin, and only then unpacks. What the lengths say is compared with what comes of the bytes.

/// Goes over members by the lengths that they tell.
pub(crate) trait Outline: Send {
    /// Passes what begins `packed`, which goes on where the step before ended. `None` when no lengths are told there, or
    /// `packed` does not reach far enough to tell.
    fn step(&mut self, packed: &[u8]) -> Option<Passed>;
}

/// What an outline has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Bytes of the file; they may be more than were given.
    pub(crate) packed: u64,
    /// Bytes of text that are known to come of the member since the step before.
    pub(crate) text: u64,
    /// Whether a member ends there.
    pub(crate) ends_member: bool,
}

/// A place where a member begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MemberStart {
    /// Offset in the file.
    pub(super) packed: u64,
    /// Offset in the text.
    pub(super) text: u64,
}

/// How far members are known.
pub(super) struct Outlined {
    outline: Box<dyn Outline>,
    at: MemberStart,
    /// Whether a member begins there, which has not been noted.
    is_start: bool,
    /// The last member before `at`, and the last one that begins earlier in the text.
    last: MemberStart,
    before: MemberStart,
}

impl Outlined {
    /// From the start of a file.
    pub(super) fn new(outline: Box<dyn Outline>) -> Self {
        let start = MemberStart::default();
        Self { outline, at: start, is_start: false, last: start, before: start }
    }

    /// Goes on to a place in the file through bytes that begin at `offset`. Says whether all members are known that begin
    /// there or before; if not, this is of no further use.
    pub(super) fn go_to(&mut self, packed: u64, bytes: &[u8], offset: u64) -> bool {
        loop {
            if self.is_start && self.at.packed <= packed {
                self.is_start = false;
                if self.at.text > self.last.text {
                    self.before = self.last;
                }
                self.last = self.at;
            }
            if self.at.packed >= packed {
                return true;
            }
            let skipped =
                self.at.packed.checked_sub(offset).and_then(|skipped| usize::try_from(skipped).ok());
            let rest = skipped.and_then(|skipped| bytes.get(skipped..));
            let Some(passed) = rest.and_then(|rest| self.outline.step(rest)) else { return false };
            self.at.packed = self.at.packed.saturating_add(passed.packed.max(1));
            self.at.text = self.at.text.saturating_add(passed.text);
            self.is_start = passed.ends_member;
        }
    }

    /// The last member that begins up to the place, and the last before it that begins earlier in the text.
    pub(super) fn starts(&self) -> (MemberStart, MemberStart) {
        (self.last, self.before)
    }
}
