//! Aggregation of windows that overlap: panes once, then windows of them.
//!
//! A row in a window of an hour that slides by a minute is in 60 windows. It is in one pane of a minute
//! only, and every window is made up of panes (Li et al., "No pane, no gain", SIGMOD Record 2005). So
//! the rule replaces
//!
//! ```text
//! final ← exchange ← partial ← AssignExec (HOP)
//! final ← exchange ← AssignExec (panes to windows) ← merge ← exchange ← partial ← AssignExec (panes)
//! ```
//!
//! in which the partial aggregate groups by panes where it grouped by windows, and the states of panes
//! are copied into windows and not the rows.

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
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};

use super::origins::{grouped_bounds, merge_states};
use super::time::{Output, unit_nanos, unit_of};
use super::{AssignExec, WindowSpec};

/// The rule.
#[derive(Debug)]
pub(super) struct AggregatePanes;

impl PhysicalOptimizerRule for AggregatePanes {
    fn name(&self) -> &'static str {
        "aggregate_panes"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            Ok(match in_panes(&plan)? {
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

/// The exchange between a partial and a final aggregate over windows, by panes if that is possible.
fn in_panes(exchange: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if !exchange.is::<RepartitionExec>() && !exchange.is::<CoalescePartitionsExec>() {
        return Ok(None);
    }
    let [below] = exchange.children()[..] else { return Ok(None) };
    let Some(partial) = below.downcast_ref::<AggregateExec>() else { return Ok(None) };
    let Some((windows, pane)) = overlapping_windows(partial.input()) else { return Ok(None) };
    let Some(bounds) = grouped_bounds(partial) else { return Ok(None) };
    // Any bound says which pane it is.
    let Some((first, bound)) = (0..).zip(&bounds).find_map(|(place, bound)| Some((place, (*bound)?))) else {
        return Ok(None);
    };

    let by_pane =
        replace_children_if_necessary(Arc::clone(below), vec![over_panes(partial.input(), &pane)?])?;
    let together = replace_children_if_necessary(Arc::clone(exchange), vec![Arc::clone(&by_pane)])?;
    let schema = below.schema();
    let time: Arc<dyn PhysicalExpr> = Arc::new(Column::new(schema.field(first).name(), first));
    let columns = (0..schema.fields().len()).map(|column| match bounds.get(column).copied().flatten() {
        Some(bound) => Output::Bound(bound),
        None => Output::Input(column),
    });
    let columns = columns.collect();
    let behind = pane.behind_start(bound, unit_nanos(unit_of(&windows.bounds_type)));
    let (spec, bounds_type) = (windows.spec.clone(), windows.bounds_type.clone());
    let spread = AssignExec::new(merge_states(together, partial)?, spec, time, columns, schema, bounds_type);
    let spread = merge_states(Arc::new(spread.with_time_behind(behind)), partial)?;
    Ok(Some(replace_children_if_necessary(Arc::clone(exchange), vec![spread])?))
}

/// The windows at the bottom of projections, if they overlap, and their panes.
fn overlapping_windows(plan: &Arc<dyn ExecutionPlan>) -> Option<(&AssignExec, WindowSpec)> {
    if let Some(windows) = plan.downcast_ref::<AssignExec>() {
        return windows.spec.pane().map(|pane| (windows, pane));
    }
    if !plan.is::<ProjectionExec>() {
        return None;
    }
    overlapping_windows(plan.children().first()?)
}

/// The same plan over panes in place of windows.
fn over_panes(plan: &Arc<dyn ExecutionPlan>, pane: &WindowSpec) -> Result<Arc<dyn ExecutionPlan>> {
    if let Some(windows) = plan.downcast_ref::<AssignExec>() {
        return Ok(Arc::new(windows.over(Arc::clone(&windows.input), pane.clone())));
    }
    let below = plan.children().into_iter().map(|child| over_panes(child, pane)).collect::<Result<_>>()?;
    replace_children_if_necessary(Arc::clone(plan), below)
}
