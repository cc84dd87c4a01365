//! Aggregates that answer from states of bounded size that merge: approximately, or by a model of the rows.
//!
//! Owns: the table of them, their sketches, the models ([`model`]), and how a sketch becomes an aggregate of DataFusion
//! ([`sketch`]). Touches: Arrow arrays and DataFusion's contracts for aggregates; nothing of stages,
//! which merge any aggregate's states on the way.
//!
//! Names, error bounds, memory and sources are in `docs/AGGREGATES.md`, of models in `docs/LEARNING.md`. Except for the quantile, the
//! state that merging gives is a function of the values alone, whatever their order and however they
//! were divided, and so is the answer.

mod arguments;
mod bytes;
mod cells;
mod count_min;
mod distinct;
mod distinct_sample;
mod frequent;
mod grid;
mod groups;
mod hash;
mod histogram;
mod model;
mod numbers;
mod quantile;
mod reservoir_sample;
mod sample;
mod sketch;
#[cfg(test)]
mod tests;
mod top_k;
mod values;

pub use model::MODELS;

use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::AggregateUDF;

/// An aggregate function of ours.
#[derive(Debug)]
pub struct Aggregate {
    /// Its name in SQL, and the title of its column.
    pub name: &'static str,
    /// Names that other engines have for it.
    pub aliases: &'static [&'static str],
    /// A call over a column `x`, and a column `id` where rows must be told apart.
    pub example: &'static str,
    /// Whether the same rows give the same answer in any order and however they are divided; if not,
    /// answers differ within the error bound.
    pub any_order: bool,
    function: fn() -> AggregateUDF,
}

/// All of them.
pub const AGGREGATES: &[Aggregate] = &[
    distinct::APPROX_DISTINCT,
    quantile::APPROX_QUANTILE,
    top_k::APPROX_TOP_K,
    histogram::HISTOGRAM,
    distinct_sample::DISTINCT_SAMPLE,
    reservoir_sample::RESERVOIR_SAMPLE,
];

/// Makes them known to a session.
pub(crate) fn register(session: &SessionContext) {
    for aggregate in AGGREGATES {
        session.register_udaf((aggregate.function)());
    }
    model::register(session);
}

/// Whether a function of this name has states that are large and that merging makes smaller.
pub(crate) fn is_sketch(name: &str) -> bool {
    AGGREGATES.iter().chain(MODELS).any(|aggregate| aggregate.name == name)
}

/// Functions that give what came first, last or in which order, also without an ORDER BY of their own.
const ORDERED: [&str; 5] = ["array_agg", "first_value", "last_value", "nth_value", "string_agg"];

/// Whether the answer of a function of this name depends on the order of rows.
pub(crate) fn depends_on_order(name: &str) -> bool {
    ORDERED.contains(&name)
}
