//! Models that one pass over the rows gives: linear regression, ridge regression, principal components.
//!
//! Owns: the table of them, the [`Triangle`] that all of them are computed from, and `predict`. Touches: the contract
//! of sketches, by which a model is an aggregate like any other: made for each split, merged, shown in
//! partial results, one for each group.
//!
//! What a model says, and to how many digits, is in `docs/LEARNING.md`.

mod components;
mod linear;
mod predict;
mod rows;
mod triangle;
mod twofold;

use datafusion::execution::context::SessionContext;

use super::Aggregate;
use triangle::Triangle;

/// All of them.
pub const MODELS: &[Aggregate] = &[
    linear::LINEAR_REGRESSION,
    linear::LINEAR_REGRESSION_THROUGH_ORIGIN,
    linear::RIDGE_REGRESSION,
    components::PRINCIPAL_COMPONENTS,
];

/// Makes them known to a session, and `predict`.
pub(super) fn register(session: &SessionContext) {
    for model in MODELS {
        session.register_udaf((model.function)());
    }
    session.register_udf(predict::function());
}
