//! The numbers of rows that windows of rows are made of: 0, 1, 2 for each combination of keys.
//!
//! Rows are numbered in the order of their event time, and those of one time in the order of their file. Where
//! they come out of an aggregation, a join or the like, they have no such order, and those of one time are
//! ordered by their columns from left to right: rows that are the same in all of them may change places.
//! So numbers depend neither on threads nor on splits.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, Extension, LogicalPlan, LogicalPlanBuilder, cast, col, lit, when,
};
use std::sync::Arc;

use super::position::{POSITION, PositionNode};
use super::{COLUMN_NAMES, WindowInput, WindowNode, WindowSpec};

/// What windows of rows are over.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) plan: LogicalPlan,
    /// The event time, if rows go by one.
    pub(crate) time: Option<Expr>,
    pub(crate) keys: Vec<Expr>,
}

/// The rows of `input` with start and end of their windows, as numbers of rows.
///
/// # Errors
/// When rows cannot be ordered.
pub(crate) fn numbered(spec: WindowSpec, input: Numbered) -> Result<LogicalPlan> {
    let Numbered { plan, time, keys } = input;
    let columns: Vec<Column> = plan.schema().columns();
    let in_file_order = has_file_order(&plan);
    let ties: Vec<Expr> = match in_file_order {
        true => vec![col(POSITION)],
        false => sortable_columns(&plan),
    };
    let plan = match in_file_order {
        true => LogicalPlan::Extension(Extension { node: Arc::new(PositionNode::try_new(plan)?) }),
        false => plan,
    };
    // Rows without an event time come last, so that they take no number from others.
    let order = time.iter().cloned().chain(ties).map(|each| each.sort(true, false)).collect();
    let number = row_number().partition_by(keys).order_by(order).build()?;
    let plan = LogicalPlanBuilder::from(plan).window(vec![number])?.build()?;
    let Some(number) = plan.schema().columns().pop() else {
        return datafusion::common::internal_err!("rows without a number");
    };
    let number = cast(Expr::Column(number), DataType::Int64) - lit(1_i64);
    let number = match time {
        Some(time) => when(time.is_not_null(), number).otherwise(lit(ScalarValue::Int64(None)))?,
        None => number,
    };
    let mut qualifiers: Vec<_> = columns.iter().map(|column| column.relation.clone()).collect();
    qualifiers.dedup();
    let qualifier = if qualifiers.len() == 1 { qualifiers.remove(0) } else { None };
    let input = WindowInput { plan, time: number, gap: None, keys: Vec::new() };
    let node = WindowNode::try_new(spec, input, COLUMN_NAMES.map(str::to_owned))?;
    let [start, end, _] = node.bounds();
    let bounds = [start, end].into_iter().zip(COLUMN_NAMES);
    let bounds = bounds.map(|(bound, name)| bound.alias_qualified(qualifier.clone(), name));
    let shown = columns.into_iter().map(Expr::Column).chain(bounds);
    LogicalPlanBuilder::from(node.into_plan()).project(shown)?.build()
}

/// Whether rows come in the order of a file: as they are read, or some of them, or with other columns.
pub(crate) fn has_file_order(plan: &LogicalPlan) -> bool {
    let row_by_row = match plan {
        LogicalPlan::TableScan(scan) => scan.fetch.is_none(),
        LogicalPlan::Filter(_) | LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) => true,
        LogicalPlan::Union(_) => true,
        LogicalPlan::Extension(extension) => {
            let window = extension.node.as_any().downcast_ref::<WindowNode>();
            window.is_some_and(|window| !window.spec.kind.is_session())
        }
        _ => false,
    };
    row_by_row && !asks_queries(plan) && plan.inputs().into_iter().all(has_file_order)
}

/// Whether an expression of a plan needs the rows of another, which becomes a join.
fn asks_queries(plan: &LogicalPlan) -> bool {
    let mut found = false;
    // The closure never fails.
    let _ = plan.apply_expressions(|expression| {
        found |= expression.exists(|each| {
            Ok(matches!(
                each,
                Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_)
            ))
        })?;
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// All columns by which rows can be ordered.
fn sortable_columns(plan: &LogicalPlan) -> Vec<Expr> {
    let sortable = |(_, field): &(_, &Arc<arrow::datatypes::Field>)| !field.data_type().is_nested();
    plan.schema().iter().filter(sortable).map(|each| Expr::Column(Column::from(each))).collect()
}
