//! HOP: windows of one size that start every slide. Where the slide is less than the size they overlap,
//! and a moment is in several.

use super::tumble::start_of;
use super::{Assigner, Complaint, Measure, OFFSET, WindowKind, length};

/// `HOP(TABLE t, DESCRIPTOR(ts), SLIDE, SIZE [, OFFSET])`.
pub(super) const HOP: WindowKind = WindowKind {
    name: "HOP",
    parameters: &[length("SLIDE"), length("SIZE"), OFFSET],
    example: "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' MINUTES, INTERVAL '10' MINUTES)",
    measure: Measure::Time,
    check,
    assigner: Some(|lengths| Box::new(Hop { slide: lengths[0], size: lengths[1], offset: lengths[2] })),
};

fn check(lengths: &[i64]) -> Result<(), Complaint> {
    if lengths[0] > lengths[1] {
        return Err(Complaint {
            message: "The slide of HOP is larger than its size.".to_owned(),
            hint: "Rows between the windows would be lost. The slide comes first, then the size; \
                   TUMBLE has windows without overlap."
                .to_owned(),
        });
    }
    Ok(())
}

/// Windows that overlap.
#[derive(Debug)]
pub(super) struct Hop {
    pub(super) slide: i64,
    pub(super) size: i64,
    pub(super) offset: i64,
}

impl Assigner for Hop {
    fn windows_of(&self, time: i64, each: &mut dyn FnMut(i64, i64)) {
        let last = start_of(time, self.slide, self.offset);
        // Windows that start this many slides earlier still end behind `time`.
        let earlier = (last + self.size - time - 1) / self.slide;
        for slides in (0..=earlier).rev() {
            let start = last - slides * self.slide;
            each(start, start + self.size);
        }
    }

    fn most(&self) -> usize {
        usize::try_from((self.size - 1) / self.slide + 1).unwrap_or(usize::MAX)
    }

    fn pane(&self) -> Option<[i64; 2]> {
        (self.slide < self.size).then(|| [greatest_common_divisor(self.slide, self.size), self.offset])
    }
}

/// Panes of this length begin wherever a window begins or ends (Li et al., "No pane, no gain", 2005).
fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
