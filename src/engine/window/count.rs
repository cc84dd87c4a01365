//! COUNT_WINDOW: so many rows each, instead of so much time, and perhaps overlapping. Rows are numbered from
//! 0 for each combination of keys, in the order of their event times ([`super::numbered`]).

use super::hop::Hop;
use super::{Assigner, Complaint, Measure, Parameter, WindowKind, length};

/// `COUNT_WINDOW(TABLE t [PARTITION BY keys] [, DESCRIPTOR(ts)], SIZE [, SLIDE])`.
pub(super) const COUNT_WINDOW: WindowKind = WindowKind {
    name: "COUNT_WINDOW",
    parameters: &[length("SIZE"), Parameter { name: "SLIDE", is_offset: false, is_optional: true }],
    example: "COUNT_WINDOW(TABLE t PARTITION BY k, DESCRIPTOR(ts), 3, 2)",
    measure: Measure::Rows,
    check,
    assigner: Some(|lengths| {
        Box::new(Rows(Hop { slide: lengths[1], size: lengths[0], offset: -lengths[0] }))
    }),
};

fn check(lengths: &[i64]) -> Result<(), Complaint> {
    if lengths[1] > lengths[0] {
        return Err(Complaint {
            message: "The slide of COUNT_WINDOW is larger than its size.".to_owned(),
            hint: "Rows between the windows would be lost. The size comes first, then the slide.".to_owned(),
        });
    }
    Ok(())
}

/// Windows that end at every multiple of the slide. The first ones begin with the first row.
#[derive(Debug)]
struct Rows(Hop);

impl Assigner for Rows {
    fn windows_of(&self, row: i64, each: &mut dyn FnMut(i64, i64)) {
        self.0.windows_of(row, &mut |start, end| each(start.max(0), end));
    }

    fn most(&self) -> usize {
        self.0.most()
    }

    fn pane(&self) -> Option<[i64; 2]> {
        self.0.pane()
    }
}
