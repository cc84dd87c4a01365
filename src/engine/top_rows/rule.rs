//! Finds where only the first rows of groups are wanted.
//!
//! `row_number() OVER (PARTITION BY a ORDER BY b) <= 2` sorts all rows by `a` and `b`, of which two of each group
//! are looked at. The rule replaces
//!
//! ```text
//! filter ← window ← sort ← exchange ← rows
//! filter ← window ← sort ← top rows ← exchange ← top rows ← rows
//! ```
//!
//! in which "top rows" lets through those that may be wanted: a task of the rows below holds back what it can, and
//! behind the exchange all rows of a group are together.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_expr::window::StandardWindowExpr;
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowUDFExpr};
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};
use datafusion::scalar::ScalarValue;

use super::exec::TopRowsExec;

/// Functions that count rows from the first on, so that rows behind the last one wanted do not matter to them.
const COUNTING: [&str; 2] = ["row_number", "rank"];
/// With more rows of each group than this there is little to hold back.
const MOST_ROWS: u64 = 1000;

/// The rule.
#[derive(Debug)]
pub(crate) struct KeepTopRows;

impl PhysicalOptimizerRule for KeepTopRows {
    fn name(&self) -> &'static str {
        "keep_top_rows"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| {
            Ok(match with_top_rows(&plan)? {
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

fn with_top_rows(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(filter) = plan.downcast_ref::<FilterExec>() else { return Ok(None) };
    for condition in split_conjunction(filter.predicate()) {
        let Some((column, count)) = limit(condition) else { continue };
        if let Some(input) = above_window(filter.input(), column, count)? {
            return Ok(Some(replace_children_if_necessary(Arc::clone(plan), vec![input])?));
        }
    }
    Ok(None)
}

/// The column whose values are at most so large.
fn limit(condition: &Arc<dyn PhysicalExpr>) -> Option<(usize, usize)> {
    let comparison = condition.downcast_ref::<BinaryExpr>()?;
    let column = |side: &Arc<dyn PhysicalExpr>| side.downcast_ref::<Column>().map(Column::index);
    let number = |side: &Arc<dyn PhysicalExpr>| match side.downcast_ref::<Literal>()?.value() {
        ScalarValue::UInt64(Some(number)) => Some(*number),
        ScalarValue::Int64(Some(number)) => u64::try_from(*number).ok(),
        _ => None,
    };
    let (left, right) = (comparison.left(), comparison.right());
    let (column, number, operator) = match (column(left), number(right)) {
        (Some(column), Some(number)) => (column, number, *comparison.op()),
        _ => (column(right)?, number(left)?, comparison.op().swap()?),
    };
    let most = match operator {
        Operator::LtEq | Operator::Eq => number,
        Operator::Lt => number.checked_sub(1)?,
        _ => return None,
    };
    (1..=MOST_ROWS).contains(&most).then_some((column, usize::try_from(most).ok()?))
}

/// The same plan with fewer rows below the window that makes `column`, if that is found.
fn above_window(
    plan: &Arc<dyn ExecutionPlan>,
    column: usize,
    count: usize,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let of = projection.expr().get(column).and_then(|each| each.expr.downcast_ref::<Column>());
        let Some(of) = of.map(Column::index) else { return Ok(None) };
        let input = above_window(projection.input(), of, count)?;
        return input.map(|input| replace_children_if_necessary(Arc::clone(plan), vec![input])).transpose();
    }
    let Some(window) = plan.downcast_ref::<BoundedWindowAggExec>() else { return Ok(None) };
    let [expression] = window.window_expr() else { return Ok(None) };
    let function = expression.as_any().downcast_ref::<StandardWindowExpr>();
    let function =
        function.and_then(|each| each.get_standard_func_expr().as_any().downcast_ref::<WindowUDFExpr>());
    let counts = function.is_some_and(|function| COUNTING.contains(&function.fun().name()));
    if !counts || column != window.input().schema().fields().len() {
        return Ok(None);
    }
    let Some(sort) = window.input().downcast_ref::<SortExec>().filter(|sort| sort.fetch().is_none()) else {
        return Ok(None);
    };
    let Some(order) = expression.order_by().first() else { return Ok(None) };
    let top = |input: &Arc<dyn ExecutionPlan>, gives_up| {
        let by = expression.partition_by().to_vec();
        let top = TopRowsExec::try_new(Arc::clone(input), by, order.clone(), count, gives_up)?;
        Some(Arc::new(top) as Arc<dyn ExecutionPlan>)
    };
    if expression.partition_by().is_empty() {
        return Ok(None);
    }
    let mut below = Arc::clone(sort.input());
    let of_splits = below.downcast_ref::<RepartitionExec>().and_then(|exchange| top(exchange.input(), true));
    if let Some(input) = of_splits {
        below = replace_children_if_necessary(below, vec![input])?;
    }
    let Some(below) = top(&below, false) else { return Ok(None) };
    let sorted = replace_children_if_necessary(Arc::clone(window.input()), vec![below])?;
    Ok(Some(replace_children_if_necessary(Arc::clone(plan), vec![sorted])?))
}
