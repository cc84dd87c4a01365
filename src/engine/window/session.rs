//! SESSION: rows that follow each other with gaps of at most some length. A session lasts from its first
//! row to the gap behind its last one; where one ends exactly when the next row comes, they are one.

use super::{Measure, WindowKind, length};

/// `SESSION(TABLE t [PARTITION BY keys], DESCRIPTOR(ts), GAP)`.
pub(super) const SESSION: WindowKind = WindowKind {
    name: "SESSION",
    parameters: &[length("GAP")],
    example: "SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '5' MINUTES)",
    measure: Measure::Time,
    check: |_| Ok(()),
    assigner: None,
};
