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
use crate::window::AssignExec;

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

/// What the result of a query shows.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Of each of its columns.
    pub(crate) origins: Vec<Origin>,
    /// The operator ([`AssignExec`]) that makes windows of the panes that splits are aggregated by, if it is
    /// windows that are shown.
    pub(crate) windows: Option<Arc<dyn ExecutionPlan>>,
}

/// What each column of the last stage's output shows of the partial aggregates that stage number
/// `scanning` makes. Nothing when the rows of the result are not its groups.
pub(crate) fn shown(stages: &[Stage], scanning: usize) -> Option<Shown> {
    walk(&stages.last()?.plan, stages, scanning)
}

fn walk(plan: &Arc<dyn ExecutionPlan>, stages: &[Stage], scanning: usize) -> Option<Shown> {
    if let Some(stage) = input_stage(plan) {
        return if stage == scanning { None } else { walk(&stages.get(stage)?.plan, stages, scanning) };
    }
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        return of_aggregate(aggregate, stages, scanning);
    }
    let Shown { origins: below, windows } = walk(plan.children().first().copied()?, stages, scanning)?;
    let shown = |origins| Some(Shown { origins, windows });
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        return shown(projection.expr().iter().map(|projected| of_column(&projected.expr, &below)).collect());
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        return match filter.projection().as_ref() {
            Some(kept) => {
                shown(kept.iter().map(|column| below.get(*column).copied()).collect::<Option<_>>()?)
            }
            None => shown(below),
        };
    }
    let keeps_columns = plan.is::<SortExec>()
        || plan.is::<SortPreservingMergeExec>()
        || plan.is::<GlobalLimitExec>()
        || plan.is::<LocalLimitExec>();
    if keeps_columns { shown(below) } else { None }
}

/// A final aggregate right above the exchange of the scanning stage, or above that of the stage that makes
/// windows of its panes.
fn of_aggregate(aggregate: &AggregateExec, stages: &[Stage], scanning: usize) -> Option<Shown> {
    let is_final = matches!(aggregate.mode(), AggregateMode::Final | AggregateMode::FinalPartitioned);
    let input = input_stage(aggregate.input()).filter(|_| is_final)?;
    let windows = match input == scanning {
        true => None,
        false => Some(windows_of_panes(&stages.get(input)?.plan, scanning)?),
    };
    let groups = (0..aggregate.group_expr().expr().len()).map(Origin::Group);
    let origins = groups.chain((0..aggregate.aggr_expr().len()).map(Origin::Aggregate)).collect();
    Some(Shown { origins, windows })
}

/// The operator that makes windows of panes between two aggregates that merge states, right above the
/// exchange of the scanning stage.
fn windows_of_panes(plan: &Arc<dyn ExecutionPlan>, scanning: usize) -> Option<Arc<dyn ExecutionPlan>> {
    let merged = |plan: &Arc<dyn ExecutionPlan>| {
        let aggregate = plan.downcast_ref::<AggregateExec>()?;
        (*aggregate.mode() == AggregateMode::PartialReduce).then(|| Arc::clone(aggregate.input()))
    };
    let windows = merged(plan)?;
    let panes = merged(&windows.downcast_ref::<AssignExec>()?.input)?;
    (input_stage(&panes) == Some(scanning)).then_some(windows)
}

fn of_column(expression: &Arc<dyn PhysicalExpr>, below: &[Origin]) -> Origin {
    let column = expression.downcast_ref::<Column>();
    column.and_then(|column| below.get(column.index()).copied()).unwrap_or(Origin::Other)
}
