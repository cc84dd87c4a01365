//! What a partial result says about the whole input.

use serde::{Deserialize, Serialize};

/// What a value will be over the whole input, as far as the part read so far can tell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The best guess: counts and sums scaled to the whole input, averages as they are.
    pub value: f64,
    /// Lower end of the interval that holds the exact value in 95 of 100 cases.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
}

/// Estimates of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnEstimates {
    /// Index of the column.
    pub column: u32,
    /// One entry a row; null where too little was read to tell.
    pub values: Vec<Option<Estimate>>,
}
