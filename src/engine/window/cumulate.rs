//! CUMULATE: windows that start together and grow by a step, up to a size: the day so far, every hour.

use super::tumble::start_of;
use super::{Assigner, Complaint, Measure, OFFSET, WindowKind, length};

/// `CUMULATE(TABLE t, DESCRIPTOR(ts), STEP, SIZE [, OFFSET])`.
pub(super) const CUMULATE: WindowKind = WindowKind {
    name: "CUMULATE",
    parameters: &[length("STEP"), length("SIZE"), OFFSET],
    example: "CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' MINUTES, INTERVAL '10' MINUTES)",
    measure: Measure::Time,
    check,
    assigner: Some(|lengths| Box::new(Cumulate { step: lengths[0], size: lengths[1], offset: lengths[2] })),
};

fn check(lengths: &[i64]) -> Result<(), Complaint> {
    if lengths[1] % lengths[0] != 0 {
        return Err(Complaint {
            message: "The size of CUMULATE is no multiple of its step.".to_owned(),
            hint: "The step comes first, then the size, as in INTERVAL '1' HOUR, INTERVAL '1' DAY."
                .to_owned(),
        });
    }
    Ok(())
}

#[derive(Debug)]
struct Cumulate {
    step: i64,
    size: i64,
    offset: i64,
}

impl Assigner for Cumulate {
    fn windows_of(&self, time: i64, each: &mut dyn FnMut(i64, i64)) {
        let start = start_of(time, self.size, self.offset);
        let mut end = start_of(time, self.step, self.offset) + self.step;
        while end <= start + self.size {
            each(start, end);
            end += self.step;
        }
    }

    fn most(&self) -> usize {
        usize::try_from(self.size / self.step).unwrap_or(usize::MAX)
    }

    fn pane(&self) -> Option<[i64; 2]> {
        (self.step < self.size).then_some([self.step, self.offset])
    }
}
