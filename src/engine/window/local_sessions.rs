//! Aggregation of sessions: parts of them in each split first, then whole ones.
//!
//! A session may go on from split to split, so its rows would all have to be brought together and
//! sorted. But the rows of a split make up intervals too, which can be merged with those of other
//! splits as rows can: the rule replaces
//!
//! ```text
//! partial ← SessionExec ← sort ← exchange by keys ← rows
//! merge ← SessionExec of intervals ← sort ← exchange by keys ← partial ← SessionExec ← sort ← rows
//! ```
//!
//! so that splits are sorted and aggregated in parallel, also where sessions have no keys, and what is
//! exchanged are states of intervals and not rows.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties, Partitioning, replace_children_if_necessary,
};

use super::SessionExec;
use super::origins::{grouped_bounds, merge_states};
use super::sessions::{End, SessionColumns};
use super::time::{Bound, Output};

/// The rule.
#[derive(Debug)]
pub(super) struct LocalSessions;

impl PhysicalOptimizerRule for LocalSessions {
    fn name(&self) -> &'static str {
        "local_sessions"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            Ok(match by_parts(&plan)? {
                Some(better) => Transformed::yes(better),
                None => Transformed::no(plan),
            })
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A partial aggregate over sessions, by parts of them if that is possible.
fn by_parts(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(partial) = plan.downcast_ref::<AggregateExec>() else { return Ok(None) };
    let Some(sessions) = sessions_below(partial.input()) else { return Ok(None) };
    let Some(rows) = before_exchange(&sessions.input) else { return Ok(None) };
    let Some(bounds) = grouped_bounds(partial) else { return Ok(None) };
    let schema = plan.schema();
    let Some(columns) = interval_columns(partial, sessions, &bounds, schema.fields().len()) else {
        return Ok(None);
    };

    let partitions = sessions.input.output_partitioning().partition_count();
    let parts = replace_children_if_necessary(Arc::clone(plan), vec![over_rows(partial.input(), &rows)?])?;
    let exchanged: Arc<dyn ExecutionPlan> = if columns.keys.is_empty() {
        Arc::new(CoalescePartitionsExec::new(parts))
    } else {
        let by_keys = Partitioning::Hash(columns.keys.clone(), partitions);
        Arc::new(RepartitionExec::try_new(parts, by_keys)?)
    };
    let Some(sorted) = sorted(exchanged, &columns) else { return Ok(None) };
    let whole = SessionExec::new(sorted, columns, schema, sessions.bounds_type.clone());
    Ok(Some(merge_states(Arc::new(whole), partial)?))
}

/// The sessions at the bottom of projections.
fn sessions_below(plan: &Arc<dyn ExecutionPlan>) -> Option<&SessionExec> {
    if let Some(sessions) = plan.downcast_ref::<SessionExec>() {
        return Some(sessions);
    }
    sessions_below(plan.downcast_ref::<ProjectionExec>()?.input())
}

/// What stands below the sort and the exchange that bring the rows of sessions together, if it has
/// several partitions.
fn before_exchange(plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    let brings_together = plan.is::<RepartitionExec>() || plan.is::<CoalescePartitionsExec>();
    let merges = plan.is::<SortPreservingMergeExec>();
    let below = *plan.children().first()?;
    let splits = || (below.output_partitioning().partition_count() > 1).then(|| Arc::clone(below));
    if brings_together {
        return splits();
    }
    match below.downcast_ref::<SortExec>() {
        Some(sort) if merges && sort.fetch().is_none() && plan.fetch().is_none() => {
            let rows = sort.input();
            (rows.output_partitioning().partition_count() > 1).then(|| Arc::clone(rows))
        }
        None if merges => splits(),
        _ => {
            let sort = plan.downcast_ref::<SortExec>()?;
            if sort.fetch().is_none() { before_exchange(sort.input()) } else { None }
        }
    }
}

/// The same plan with the sessions of each partition of `rows`.
fn over_rows(plan: &Arc<dyn ExecutionPlan>, rows: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let Some(sessions) = plan.downcast_ref::<SessionExec>() else {
        let below = plan.children().into_iter().map(|child| over_rows(child, rows)).collect::<Result<_>>()?;
        return replace_children_if_necessary(Arc::clone(plan), below);
    };
    let columns = sessions.columns.clone();
    let input = sorted(Arc::clone(rows), &columns).unwrap_or_else(|| Arc::clone(rows));
    Ok(Arc::new(SessionExec::new(input, columns, sessions.schema(), sessions.bounds_type.clone())))
}

/// Each partition sorted as sessions want it.
fn sorted(plan: Arc<dyn ExecutionPlan>, columns: &SessionColumns) -> Option<Arc<dyn ExecutionPlan>> {
    let order = columns.order()?;
    Some(Arc::new(SortExec::new(order, plan).with_preserve_partitioning(true)))
}

/// Where in the output of `partial` the intervals and their keys are. Nothing when it does not group by
/// start, end and all keys.
fn interval_columns(
    partial: &AggregateExec,
    sessions: &SessionExec,
    bounds: &[Option<Bound>],
    columns: usize,
) -> Option<SessionColumns> {
    let groups = partial.group_expr().expr();
    let place = |bound| bounds.iter().position(|each| *each == Some(bound));
    let column = |place: usize| -> Arc<dyn PhysicalExpr> { Arc::new(Column::new(&groups[place].1, place)) };
    let sources: Vec<_> = groups.iter().map(|(group, _)| at_sessions(group, partial.input())).collect();
    let key = |key: &Arc<dyn PhysicalExpr>| {
        sources.iter().position(|source| source.as_ref().is_some_and(|source| source == key)).map(column)
    };
    let output = |place: usize| match bounds.get(place).copied().flatten() {
        Some(bound) => Output::Bound(bound),
        None => Output::Input(place),
    };
    Some(SessionColumns {
        time: column(place(Bound::Start)?),
        end: End::At(column(place(Bound::End)?)),
        keys: sessions.columns.keys.iter().map(key).collect::<Option<_>>()?,
        outputs: (0..columns).map(output).collect(),
    })
}

/// An expression over `plan` as one over the sessions below its projections.
fn at_sessions(
    expression: &Arc<dyn PhysicalExpr>,
    plan: &Arc<dyn ExecutionPlan>,
) -> Option<Arc<dyn PhysicalExpr>> {
    if plan.is::<SessionExec>() {
        return Some(Arc::clone(expression));
    }
    let projection = plan.downcast_ref::<ProjectionExec>()?;
    let column = expression.downcast_ref::<Column>()?;
    at_sessions(&projection.expr().get(column.index())?.expr, projection.input())
}
