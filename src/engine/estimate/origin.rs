//! Which aggregate or group a column of the result shows.

use std::sync::Arc;

use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::limit::{GlobalLimitExec, LocalLimitExec};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;

use crate::stage::{Stage, input_stage};

/// What a column of the result shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A column that is grouped by, by its number.
    Group(usize),
    /// An aggregate, by its number.
    Aggregate(usize),
    /// Something computed of them, or something else.
    Other,
}

/// What each column of the last stage's output shows of the partial aggregates that stage number
/// `scanning` makes. Nothing when the rows of the result are not its groups.
pub(crate) fn origins(stages: &[Stage], scanning: usize) -> Option<Vec<Origin>> {
    walk(&stages.last()?.plan, stages, scanning)
}

fn walk(plan: &Arc<dyn ExecutionPlan>, stages: &[Stage], scanning: usize) -> Option<Vec<Origin>> {
    if let Some(stage) = input_stage(plan) {
        return if stage == scanning { None } else { walk(&stages.get(stage)?.plan, stages, scanning) };
    }
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        return of_aggregate(aggregate, scanning);
    }
    let below = walk(plan.children().first().copied()?, stages, scanning)?;
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        return Some(projection.expr().iter().map(|projected| of_column(&projected.expr, &below)).collect());
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        return match filter.projection().as_ref() {
            Some(kept) => kept.iter().map(|column| below.get(*column).copied()).collect(),
            None => Some(below),
        };
    }
    let keeps_columns = plan.is::<SortExec>()
        || plan.is::<SortPreservingMergeExec>()
        || plan.is::<GlobalLimitExec>()
        || plan.is::<LocalLimitExec>();
    keeps_columns.then_some(below)
}

/// A final aggregate right above the exchange of the scanning stage.
fn of_aggregate(aggregate: &AggregateExec, scanning: usize) -> Option<Vec<Origin>> {
    let is_final = matches!(aggregate.mode(), AggregateMode::Final | AggregateMode::FinalPartitioned);
    if !is_final || input_stage(aggregate.input()) != Some(scanning) {
        return None;
    }
    let groups = (0..aggregate.group_expr().expr().len()).map(Origin::Group);
    Some(groups.chain((0..aggregate.aggr_expr().len()).map(Origin::Aggregate)).collect())
}

fn of_column(expression: &Arc<dyn PhysicalExpr>, below: &[Origin]) -> Origin {
    let column = expression.downcast_ref::<Column>();
    column.and_then(|column| below.get(column.index()).copied()).unwrap_or(Origin::Other)
}
