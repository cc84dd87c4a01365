//! What a person may change of a chart besides its kind and its columns.

use serde::{Deserialize, Serialize};

use super::TimePart;

/// Bins of a histogram until somebody asks for another number.
pub const DEFAULT_BINS: u32 = 30;

/// Everything about a chart that no column decides. What is not known is left as it is by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChartLook {
    /// Whether series are put on top of each other, where the kind can.
    pub stacked: bool,
    /// Whether values are shares of 100 % of their position.
    pub normalised: bool,
    /// Order of the names of the horizontal axis.
    pub order: NameOrder,
    /// How many of the largest series, or names of the horizontal axis, stand for themselves; the rest is
    /// added up as one.
    pub top: Option<u32>,
    /// Whether each series has a panel of its own.
    pub panels: bool,
    /// Whether the horizontal axis is logarithmic.
    pub x_log: bool,
    /// Whether the vertical axis is logarithmic.
    pub y_log: bool,
    /// Name of the unit of the values; the columns' names tell it otherwise.
    pub unit: Option<String>,
    /// About how many bins a histogram has.
    pub bins: u32,
    /// The part of the time that is the horizontal axis of a heatmap.
    pub x_part: Option<TimePart>,
    /// The part of the same time that is its vertical axis.
    pub y_part: Option<TimePart>,
    /// What the cell of a heatmap makes of several values.
    pub combine: Combine,
}

impl Default for ChartLook {
    fn default() -> Self {
        Self {
            stacked: false,
            normalised: false,
            order: NameOrder::default(),
            top: None,
            panels: false,
            x_log: false,
            y_log: false,
            unit: None,
            bins: DEFAULT_BINS,
            x_part: None,
            y_part: None,
            combine: Combine::default(),
        }
    }
}

/// Order of names on an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameOrder {
    /// As the rows of the result come.
    #[default]
    Rows,
    /// The largest value first.
    Descending,
    /// The least value first.
    Ascending,
    /// By the names; numbers among them by their values.
    Names,
}

impl NameOrder {
    /// All of them, and what people read.
    pub const ALL: &[(Self, &str)] = &[
        (Self::Rows, "as in the result"),
        (Self::Descending, "largest first"),
        (Self::Ascending, "smallest first"),
        (Self::Names, "by name"),
    ];
}

/// What is made of several values at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Their sum.
    #[default]
    Sum,
    /// Their mean.
    Mean,
    /// How many there are.
    Count,
}

impl Combine {
    /// All of them, and what people read.
    pub const ALL: &[(Self, &str)] = &[(Self::Sum, "sum"), (Self::Mean, "mean"), (Self::Count, "count")];
}
