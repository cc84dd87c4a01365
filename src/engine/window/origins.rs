//! What part the bounds of windows play in an aggregation.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::projection::ProjectionExec;

use super::time::{BOUNDS, Bound, Output};
use super::{AssignExec, SessionExec};
use crate::aggregate::depends_on_order;

/// What a column has to do with the bounds of windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// It is one.
    Bound(Bound),
    /// It is computed of one.
    Derived,
    /// Nothing.
    Other,
}

/// For each column of a partial aggregate's output, the bound that it groups by. Nothing when bounds
/// play another part in it, or when the order of rows or the number of groups does.
pub(super) fn grouped_bounds(partial: &AggregateExec) -> Option<Vec<Option<Bound>>> {
    let plain = *partial.mode() == AggregateMode::Partial
        && partial.group_expr().is_single()
        && partial.limit_options().is_none();
    let ordered = partial
        .aggr_expr()
        .iter()
        .any(|aggregate| depends_on_order(aggregate.fun().name()) || !aggregate.order_bys().is_empty());
    if !plain || ordered {
        return None;
    }
    let origins = origins(partial.input())?;
    let filters = partial.filter_expr().iter().flatten().cloned();
    let arguments = partial.aggr_expr().iter().flat_map(|aggregate| aggregate.expressions());
    if arguments.chain(filters).any(|expression| origin(&expression, &origins) != Origin::Other) {
        return None;
    }
    let bound = |expression: &Arc<dyn PhysicalExpr>| match origin(expression, &origins) {
        Origin::Bound(bound) => Some(Some(bound)),
        Origin::Other => Some(None),
        Origin::Derived => None,
    };
    partial.group_expr().expr().iter().map(|(expression, _)| bound(expression)).collect()
}

/// The origins of a plan's columns.
fn origins(plan: &Arc<dyn ExecutionPlan>) -> Option<Vec<Origin>> {
    if let Some(windows) = plan.downcast_ref::<AssignExec>() {
        let origin = |column: &Output| match column {
            Output::Bound(bound) => Origin::Bound(*bound),
            Output::Input(_) => Origin::Other,
        };
        return Some(windows.columns.iter().map(origin).collect());
    }
    if plan.is::<SessionExec>() {
        let rows = plan.schema().fields().len() - BOUNDS.len();
        let bounds = BOUNDS.map(Origin::Bound);
        return Some(std::iter::repeat_n(Origin::Other, rows).chain(bounds).collect());
    }
    let projection = plan.downcast_ref::<ProjectionExec>()?;
    let below = origins(projection.input())?;
    Some(projection.expr().iter().map(|projected| origin(&projected.expr, &below)).collect())
}

fn origin(expression: &Arc<dyn PhysicalExpr>, below: &[Origin]) -> Origin {
    let of = |column: &Column| below.get(column.index()).copied().unwrap_or(Origin::Derived);
    match expression.downcast_ref::<Column>() {
        Some(column) => of(column),
        None if collect_columns(expression).iter().all(|column| of(column) == Origin::Other) => Origin::Other,
        None => Origin::Derived,
    }
}

/// Merges the states that `partial` has made.
pub(super) fn merge_states(
    states: Arc<dyn ExecutionPlan>,
    partial: &AggregateExec,
) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(Arc::new(AggregateExec::try_new(
        AggregateMode::PartialReduce,
        partial.group_expr().as_final(),
        partial.aggr_expr().to_vec(),
        vec![None; partial.aggr_expr().len()],
        states,
        partial.input_schema(),
    )?))
}
