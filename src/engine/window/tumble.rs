//! TUMBLE: windows of one size, one after the other. A moment is in exactly one.

use super::{Assigner, Measure, OFFSET, WindowKind, length};

/// `TUMBLE(TABLE t, DESCRIPTOR(ts), SIZE [, OFFSET])`.
pub(super) const TUMBLE: WindowKind = WindowKind {
    name: "TUMBLE",
    parameters: &[length("SIZE"), OFFSET],
    example: "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTES)",
    measure: Measure::Time,
    check: |_| Ok(()),
    assigner: Some(|lengths| Box::new(Tumble { size: lengths[0], offset: lengths[1] })),
};

/// One window after the other.
#[derive(Debug)]
pub(super) struct Tumble {
    pub(super) size: i64,
    pub(super) offset: i64,
}

/// Start of the window of this size that holds `time`. Windows start at `offset` and at every multiple
/// of the size from there, in both directions.
pub(super) fn start_of(time: i64, size: i64, offset: i64) -> i64 {
    time - (time - offset.rem_euclid(size)).rem_euclid(size)
}

impl Assigner for Tumble {
    fn windows_of(&self, time: i64, each: &mut dyn FnMut(i64, i64)) {
        let start = start_of(time, self.size, self.offset);
        each(start, start + self.size);
    }

    fn most(&self) -> usize {
        1
    }

    fn pane(&self) -> Option<[i64; 2]> {
        None
    }
}
