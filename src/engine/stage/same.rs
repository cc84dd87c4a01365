//! Whether a stage computes what an earlier one has computed, so that its output can be read again.
//!
//! A common table expression that is named twice is planned twice. Run twice it takes twice the time;
//! and its sums of floating-point numbers may differ in their last digits, since these depend on when
//! tasks ended, so that `total = (SELECT max(total) FROM …)` would find no row.

use std::sync::Arc;

use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_expr_common::physical_expr::is_volatile;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning};

use super::input::StageInputExec;
use super::{Routing, ScanExec};
use crate::stream::StreamScanExec;
use crate::window::{AssignExec, SessionExec};

/// Whether two plans give the same rows to the same partitions. Plans with other operators than scans,
/// filters, projections, sorts, windows over time and aggregates are never the same.
pub(super) fn same_plan(a: &Arc<dyn ExecutionPlan>, b: &Arc<dyn ExecutionPlan>) -> bool {
    let children = || a.children().into_iter().zip(b.children());
    a.schema() == b.schema()
        && a.children().len() == b.children().len()
        && same_operator(a.as_ref(), b.as_ref())
        && line(a.as_ref()) == line(b.as_ref())
        && children().all(|(a, b)| same_plan(a, b))
}

/// Whether two routings send a row to the same partition.
pub(super) fn same_routing(a: &Routing, b: &Routing) -> bool {
    match (a, b) {
        (Routing::Gather { fetch: a }, Routing::Gather { fetch: b }) => a == b,
        (
            Routing::Partition(Partitioning::Hash(a, a_count)),
            Routing::Partition(Partitioning::Hash(b, b_count)),
        ) => a_count == b_count && all_same(a.iter(), b.iter()),
        (Routing::Keep, Routing::Keep) => true,
        _ => false,
    }
}

/// What an operator says of itself: a check on top of the fields that are compared.
fn line(plan: &dyn ExecutionPlan) -> String {
    DisplayableExecutionPlan::new(plan).one_line().to_string()
}

fn same_operator(a: &dyn ExecutionPlan, b: &dyn ExecutionPlan) -> bool {
    if let (Some(a), Some(b)) = (a.downcast_ref::<ScanExec>(), b.downcast_ref::<ScanExec>()) {
        return Arc::ptr_eq(&a.table, &b.table)
            && a.projection() == b.projection()
            && all_same(a.conditions().iter(), b.conditions().iter());
    }
    if let (Some(a), Some(b)) = (a.downcast_ref::<FilterExec>(), b.downcast_ref::<FilterExec>()) {
        return same_expression(a.predicate(), b.predicate())
            && a.projection() == b.projection()
            && a.fetch() == b.fetch();
    }
    if let (Some(a), Some(b)) = (a.downcast_ref::<ProjectionExec>(), b.downcast_ref::<ProjectionExec>()) {
        let (a, b) = (a.expr().iter(), b.expr().iter());
        return all_same(a.map(|each| &each.expr), b.map(|each| &each.expr));
    }
    if let (Some(a), Some(b)) = (a.downcast_ref::<AggregateExec>(), b.downcast_ref::<AggregateExec>()) {
        return same_aggregate(a, b);
    }
    if let (Some(a), Some(b)) = (a.downcast_ref::<SortExec>(), b.downcast_ref::<SortExec>()) {
        return a.expr() == b.expr()
            && !a.expr().iter().any(|sorted| is_volatile(&sorted.expr))
            && a.fetch() == b.fetch()
            && a.preserve_partitioning() == b.preserve_partitioning();
    }
    if let (Some(a), Some(b)) = (a.downcast_ref::<AssignExec>(), b.downcast_ref::<AssignExec>()) {
        return a.same(b);
    }
    if let (Some(a), Some(b)) = (a.downcast_ref::<SessionExec>(), b.downcast_ref::<SessionExec>()) {
        return a.same(b);
    }
    if let (Some(a), Some(b)) = (a.downcast_ref::<StreamScanExec>(), b.downcast_ref::<StreamScanExec>()) {
        return a.table.id == b.table.id && a.projection == b.projection;
    }
    // The stage is part of the operator's line.
    a.is::<StageInputExec>() && b.is::<StageInputExec>()
}

fn same_aggregate(a: &AggregateExec, b: &AggregateExec) -> bool {
    let mut filters = a.filter_expr().iter().zip(b.filter_expr());
    a.mode() == b.mode()
        && a.limit_options() == b.limit_options()
        && a.group_expr() == b.group_expr()
        && !a.group_expr().input_exprs().iter().any(is_volatile)
        && filters.all(|pair| match pair {
            (Some(a), Some(b)) => same_expression(a, b),
            (a, b) => a.is_none() && b.is_none(),
        })
        && a.aggr_expr().len() == b.aggr_expr().len()
        && a.aggr_expr().iter().zip(b.aggr_expr()).all(|(a, b)| same_function(a, b))
}

/// [`AggregateFunctionExpr`]'s own equality leaves out what is written around the arguments.
fn same_function(a: &AggregateFunctionExpr, b: &AggregateFunctionExpr) -> bool {
    a == b
        && a.is_distinct() == b.is_distinct()
        && a.ignore_nulls() == b.ignore_nulls()
        && a.is_reversed() == b.is_reversed()
        && a.order_bys() == b.order_bys()
        && !a.expressions().iter().any(is_volatile)
}

/// Whether expressions are equal, pair by pair.
fn all_same<'a>(
    a: impl ExactSizeIterator<Item = &'a Arc<dyn PhysicalExpr>>,
    b: impl ExactSizeIterator<Item = &'a Arc<dyn PhysicalExpr>>,
) -> bool {
    a.len() == b.len() && a.zip(b).all(|(a, b)| same_expression(a, b))
}

/// Whether two expressions are equal and give the same value each time.
fn same_expression(a: &Arc<dyn PhysicalExpr>, b: &Arc<dyn PhysicalExpr>) -> bool {
    a == b && !is_volatile(a)
}
