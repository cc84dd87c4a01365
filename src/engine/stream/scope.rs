//! Whether a plan treats each window on its own, and which of its columns tell when windows end.
//!
//! A stream gives the rows of a window when it closes, and forgets its state. That is right as long as no
//! operator puts rows of several windows together.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::limit::{GlobalLimitExec, LocalLimitExec};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::union::{InterleaveExec, UnionExec};
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};

use super::lookup::{looked_up, passed_column};
use super::table::StreamScanExec;
use crate::stage::input_stage;
use crate::top_rows::TopRowsExec;
use crate::window::{AssignExec, Ends, SessionExec};

/// What keeps a query from being answered window by window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Rows of several windows come together.
    Mixed,
    /// Windows are put into windows.
    Cascade,
    /// Sessions need all rows in one place.
    SessionOfRows,
    /// A number of rows is wanted of all windows.
    Limit,
    /// An operator of which nothing is known.
    Operator(String),
}

/// What the columns of a plan tell about the ends of windows; `stages` has that of earlier stages.
///
/// # Errors
/// When rows of different windows come together.
pub(super) fn ends_of(plan: &Arc<dyn ExecutionPlan>, stages: &[Ends]) -> Result<Ends, Obstacle> {
    if let Some(stage) = input_stage(plan) {
        return Ok(stages.get(stage).cloned().unwrap_or_default());
    }
    if let Some(scan) = plan.downcast_ref::<StreamScanExec>() {
        return Ok(vec![None; scan.projection.len()]);
    }
    if plan.is::<GlobalLimitExec>() || plan.is::<LocalLimitExec>() {
        return Err(Obstacle::Limit);
    }
    if let Some(windows) = plan.downcast_ref::<AssignExec>() {
        let below = ends_of(windows.rows(), stages)?;
        let nested = below.iter().any(Option::is_some) && !windows.spreads_panes();
        return if nested { Err(Obstacle::Cascade) } else { Ok(windows.ends(&below)) };
    }
    if let Some(sessions) = plan.downcast_ref::<SessionExec>() {
        let below = ends_of(sessions.rows(), stages)?;
        if !sessions.merges_parts() {
            if below.iter().any(Option::is_some) {
                return Err(Obstacle::Cascade);
            }
            if reads_stage(sessions.rows()) {
                return Err(Obstacle::SessionOfRows);
            }
        }
        return Ok(sessions.ends(&below));
    }
    if let Some(join) = looked_up(plan) {
        let below = ends_of(join.right(), stages)?;
        let told = |place| passed_column(join, place).and_then(|column| below.get(column).copied().flatten());
        return Ok((0..plan.schema().fields().len()).map(told).collect());
    }
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return joined(join, stages);
    }
    if plan.is::<UnionExec>() || plan.is::<InterleaveExec>() {
        let inputs = plan.children().into_iter().map(|child| ends_of(child, stages));
        let mut inputs = inputs.collect::<Result<Vec<_>, _>>()?.into_iter();
        let first = inputs.next().unwrap_or_default();
        let agreed = |agreed: Ends, other: Ends| {
            let same = |(a, b): (Option<i64>, Option<i64>)| a.filter(|_| a == b);
            agreed.into_iter().zip(other).map(same).collect()
        };
        return Ok(inputs.fold(first, agreed));
    }
    let [child] = plan.children()[..] else { return Err(Obstacle::Operator(plan.name().to_owned())) };
    let below = ends_of(child, stages)?;
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        return Ok(projection.expr().iter().map(|each| told_by(&each.expr, &below)).collect());
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let place = |&place: &usize| below.get(place).copied().flatten();
        return Ok(filter
            .projection()
            .as_ref()
            .map_or_else(|| below.clone(), |places| places.iter().map(place).collect()));
    }
    if plan.is::<SortExec>() || plan.is::<SortPreservingMergeExec>() {
        return if plan.fetch().is_some() { Err(Obstacle::Limit) } else { Ok(below) };
    }
    let columns = plan.schema().fields().len();
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        if aggregate.limit_options().is_some() {
            return Err(Obstacle::Limit);
        }
        let groups = aggregate.group_expr();
        let in_all_sets = |group: usize| groups.groups().iter().all(|set| set.get(group) == Some(&false));
        let told = groups.expr().iter().enumerate().map(|(group, (expression, _))| {
            told_by(expression, &below).filter(|_| groups.is_single() || in_all_sets(group))
        });
        let mut told: Ends = told.collect();
        told.resize(columns, None);
        return if told.iter().any(Option::is_some) { Ok(told) } else { Err(Obstacle::Mixed) };
    }
    let keys = plan
        .downcast_ref::<BoundedWindowAggExec>()
        .map(|over| over.window_expr())
        .or_else(|| plan.downcast_ref::<WindowAggExec>().map(WindowAggExec::window_expr));
    if let Some(functions) = keys {
        let by_window =
            functions.iter().all(|each| each.partition_by().iter().any(|key| told_by(key, &below).is_some()));
        let mut below = below;
        below.resize(columns, None);
        return if by_window { Ok(below) } else { Err(Obstacle::Mixed) };
    }
    if let Some(top) = plan.downcast_ref::<TopRowsExec>() {
        let by_window = top.group_by().iter().any(|key| told_by(key, &below).is_some());
        return if by_window { Ok(below) } else { Err(Obstacle::Mixed) };
    }
    if gives_the_same(plan) {
        return Ok(below);
    }
    Err(Obstacle::Operator(plan.name().to_owned()))
}

/// The column that tells best when the window of a row ends: with the end itself, if it is there.
pub(super) fn best(ends: &Ends) -> Option<(usize, i64)> {
    let told = ends.iter().enumerate().filter_map(|(column, nanos)| Some((column, (*nanos)?)));
    told.min_by_key(|(_, nanos)| *nanos)
}

/// Whether the windows that panes are copied into are grouped by their start alone.
pub(super) fn groups_by_start(spread: &AssignExec) -> bool {
    /// The last millisecond of a window stands so far before its end.
    const MILLI_NANOS: i64 = 1_000_000;
    let ends = spread.ends(&vec![None; spread.schema().fields().len()]);
    best(&ends).is_some_and(|(_, later_nanos)| later_nanos > MILLI_NANOS)
}

fn told_by(expression: &Arc<dyn PhysicalExpr>, below: &Ends) -> Option<i64> {
    below.get(expression.downcast_ref::<Column>()?.index()).copied().flatten()
}

/// A join keeps windows apart when it joins on the same bound of both sides. A side whose columns may be
/// NULL in a row tells nothing.
fn joined(join: &HashJoinExec, stages: &[Ends]) -> Result<Ends, Obstacle> {
    let (left, right) = (ends_of(join.left(), stages)?, ends_of(join.right(), stages)?);
    let same_window = |(a, b): &(Arc<dyn PhysicalExpr>, Arc<dyn PhysicalExpr>)| {
        told_by(a, &left).is_some_and(|nanos| told_by(b, &right) == Some(nanos))
    };
    if !join.on().iter().any(same_window) {
        return Err(Obstacle::Mixed);
    }
    let silent = |side: &Ends| vec![None; side.len()];
    let told: Ends = match join.join_type() {
        JoinType::Inner => [left, right].concat(),
        JoinType::Left => [left.clone(), silent(&right)].concat(),
        JoinType::Right => [silent(&left), right].concat(),
        JoinType::Full => [silent(&left), silent(&right)].concat(),
        JoinType::LeftSemi | JoinType::LeftAnti => left,
        JoinType::RightSemi | JoinType::RightAnti => right,
        other => return Err(Obstacle::Operator(other.to_string())),
    };
    Ok(match &join.projection {
        Some(places) => places.iter().map(|&place| told.get(place).copied().flatten()).collect(),
        None => told,
    })
}

/// Whether a plan reads what another stage has left.
pub(super) fn reads_stage(plan: &Arc<dyn ExecutionPlan>) -> bool {
    input_stage(plan).is_some() || plan.children().into_iter().any(reads_stage)
}

/// Whether an operator gives the rows that it takes.
pub(super) fn gives_the_same(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.name() == "CooperativeExec" || plan.name() == "CoalesceBatchesExec"
}

/// Whether rows go through a plan one by one, each into as many as it may become, and in no order.
pub(super) fn passes_rows(plan: &Arc<dyn ExecutionPlan>) -> bool {
    if let Some(join) = looked_up(plan) {
        return passes_rows(join.right());
    }
    let passes = input_stage(plan).is_some()
        || plan.is::<StreamScanExec>()
        || plan.is::<ProjectionExec>()
        || plan.is::<FilterExec>()
        || plan.is::<UnionExec>()
        || plan.is::<InterleaveExec>()
        || plan.is::<AssignExec>()
        || gives_the_same(plan);
    passes && plan.children().into_iter().all(passes_rows)
}

/// Whether a plan gives the final values of groups one by one: a change in one changes no other row.
pub(super) fn is_by_group(plan: &Arc<dyn ExecutionPlan>) -> bool {
    if input_stage(plan).is_some() {
        return true;
    }
    if let Some(join) = looked_up(plan) {
        return is_by_group(join.right());
    }
    let [child] = plan.children()[..] else { return false };
    let by_row = gives_the_same(plan)
        || plan.is::<ProjectionExec>()
        || plan.is::<FilterExec>()
        || ((plan.is::<SortExec>() || plan.is::<SortPreservingMergeExec>()) && plan.fetch().is_none());
    let is_final = plan.downcast_ref::<AggregateExec>().is_some_and(|each| each.limit_options().is_none());
    (by_row || is_final) && is_by_group(child)
}
