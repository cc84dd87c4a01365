//! `x NOT IN (SELECT y …)` whose subquery depends on the row, as Flink writes the anti join of windows.
//!
//! DataFusion makes an anti join of it that heeds NULLs, which knows one column only. It is the same as
//! `NOT EXISTS (SELECT … WHERE (x = y) IS NOT FALSE)`: a row stays where every comparison is false, and so
//! where there is none.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, ExprSchema};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery, lit};
use datafusion::optimizer::analyzer::AnalyzerRule;

/// The rule.
#[derive(Debug)]
pub(super) struct CorrelatedNotIn;

impl AnalyzerRule for CorrelatedNotIn {
    fn name(&self) -> &'static str {
        "correlated_not_in"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        Ok(plan.transform_up_with_subqueries(rewrite)?.data)
    }
}

fn rewrite(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let LogicalPlan::Filter(mut filter) = plan else { return Ok(Transformed::no(plan)) };
    let mut changed = false;
    // Only where NULL and FALSE are the same: a condition that must hold.
    let conditions = split_conjunction_owned(filter.predicate).into_iter().map(|each| match each {
        Expr::InSubquery(within) if within.negated && !within.subquery.outer_ref_columns.is_empty() => {
            changed = true;
            not_exists(within, &filter.input)
        }
        other => Ok(other),
    });
    let conditions = conditions.collect::<Result<Vec<_>>>()?;
    filter.predicate = conjunction(conditions).unwrap_or_else(|| lit(true));
    let plan = LogicalPlan::Filter(filter);
    Ok(if changed { Transformed::yes(plan) } else { Transformed::no(plan) })
}

fn not_exists(within: InSubquery, outer: &LogicalPlan) -> Result<Expr> {
    let Subquery { subquery, mut outer_ref_columns, spans } = within.subquery;
    let outside = within.expr.transform_up(|each| match each {
        Expr::Column(column) => {
            let field = outer.schema().field_from_column(&column)?;
            let reference = Expr::OuterReferenceColumn(Arc::clone(field), column);
            if !outer_ref_columns.contains(&reference) {
                outer_ref_columns.push(reference.clone());
            }
            Ok(Transformed::yes(reference))
        }
        other => Ok(Transformed::no(other)),
    });
    let outside = outside?.data;
    let inside = Expr::Column(Column::from(subquery.schema().qualified_field(0)));
    let subquery = LogicalPlanBuilder::from(Arc::unwrap_or_clone(subquery))
        .filter(outside.eq(inside).is_not_false())?
        .build()?;
    let subquery = Subquery { subquery: Arc::new(subquery), outer_ref_columns, spans };
    Ok(Expr::Exists(Exists { subquery, negated: true }))
}
