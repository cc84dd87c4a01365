//! Number of distinct values.

use datafusion::functions_aggregate::approx_distinct::approx_distinct_udaf;

use super::Aggregate;

/// HyperLogLog as DataFusion has it, with 2^14 registers: a standard error of 1.04 / √2^14 = 0.81 %.
/// Registers merge by their maximum, so order does not matter.
///
/// Flajolet, Fusy, Gandouet, Meunier: HyperLogLog, 2007; the estimator is Ertl's, arXiv:1702.01284.
pub(super) const APPROX_DISTINCT: Aggregate = Aggregate {
    name: "approx_distinct",
    aliases: &["approx_count_distinct"],
    example: "approx_distinct(x)",
    any_order: true,
    function: || {
        let function = approx_distinct_udaf().as_ref().clone();
        function.with_aliases(APPROX_DISTINCT.aliases.iter().copied())
    },
};
