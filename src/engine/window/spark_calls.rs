//! From a plan with calls of Spark's functions to one with windows.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::FieldRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, TableReference, internal_err};
use datafusion::error::Result;
use datafusion::functions::core::expr_fn::named_struct;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, Projection, lit};
use datafusion::optimizer::analyzer::AnalyzerRule;

use super::spark::{SESSION_WINDOW, WINDOW, complain, is_spark_window, usage};
use super::{Complaint, WindowInput, WindowKind, WindowNode, WindowSpec, length_nanos};

/// Replaces the functions by windows.
#[derive(Debug)]
pub(super) struct SparkWindows;

impl AnalyzerRule for SparkWindows {
    fn name(&self) -> &'static str {
        "spark_windows"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        Ok(plan.transform_up_with_subqueries(rewrite)?.data)
    }
}

fn rewrite(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    match plan {
        LogicalPlan::Aggregate(aggregate) => match called(&aggregate.group_expr)? {
            Some(call) => rewrite_aggregate(aggregate, &call).map(Transformed::yes),
            None => Ok(Transformed::no(LogicalPlan::Aggregate(aggregate))),
        },
        LogicalPlan::Projection(projection) => match called(&projection.expr)? {
            Some(call) => rewrite_projection(projection, &call).map(Transformed::yes),
            None => Ok(Transformed::no(LogicalPlan::Projection(projection))),
        },
        other => Ok(Transformed::no(other)),
    }
}

/// The one window that these expressions call.
fn called(expressions: &[Expr]) -> Result<Option<Expr>> {
    let mut calls = HashSet::new();
    for expression in expressions {
        expression.apply(|each| {
            if is_call(each) {
                calls.insert(each.clone());
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    if calls.len() > 1 {
        return Err(complain(Complaint {
            message: "A query can group by one window only.".to_owned(),
            hint: "Make the other one in a subquery.".to_owned(),
        }));
    }
    Ok(calls.into_iter().next())
}

fn is_call(expression: &Expr) -> bool {
    matches!(expression, Expr::ScalarFunction(function) if is_spark_window(function.name()))
}

fn rewrite_aggregate(aggregate: Aggregate, call: &Expr) -> Result<LogicalPlan> {
    if matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]) {
        return Err(complain(Complaint {
            message: "A window function cannot be part of grouping sets.".to_owned(),
            hint: "Write the window as a table in FROM, such as TUMBLE(TABLE t, DESCRIPTOR(ts), …), and put \
                   window_start and window_end into each set."
                .to_owned(),
        }));
    }
    let others = aggregate.group_expr.iter().filter(|group| !calls(group, call));
    let (input, bounds) = windowed(aggregate.input, call, others.cloned().collect())?;
    // Start and end are grouped by in place of the struct, which is made again of each group.
    let mut groups: Vec<Expr> = bounds.to_vec();
    let mut shown = Vec::new();
    for (group, (qualifier, field)) in aggregate.group_expr.iter().zip(aggregate.schema.iter()) {
        let expression = if calls(group, call) {
            replace(group.clone(), call, &bounds)?.unalias()
        } else {
            groups.push(group.clone());
            Expr::Column(Column::from((qualifier, field)))
        };
        shown.push(named(expression, qualifier, field));
    }
    let count = groups.len();
    let aggregates = aggregate.aggr_expr.into_iter().map(|each| replace(each, call, &bounds));
    let aggregates = aggregates.collect::<Result<Vec<_>>>()?;
    let grouped = Aggregate::try_new(Arc::new(input), groups, aggregates)?;
    let made = grouped.schema.iter().skip(count);
    for ((qualifier, field), made) in aggregate.schema.iter().skip(aggregate.group_expr.len()).zip(made) {
        shown.push(named(Expr::Column(Column::from(made)), qualifier, field));
    }
    let projection = Projection::try_new(shown, Arc::new(LogicalPlan::Aggregate(grouped)))?;
    Ok(LogicalPlan::Projection(projection))
}

fn rewrite_projection(projection: Projection, call: &Expr) -> Result<LogicalPlan> {
    if matches!(call, Expr::ScalarFunction(function) if function.name() == SESSION_WINDOW) {
        return Err(complain(Complaint {
            message: "session_window is for GROUP BY.".to_owned(),
            hint:
                "For rows with their session, SESSION(TABLE t PARTITION BY …, DESCRIPTOR(ts), …) is a table."
                    .to_owned(),
        }));
    }
    let (input, bounds) = windowed(projection.input, call, Vec::new())?;
    let shown =
        projection.expr.into_iter().zip(projection.schema.iter()).map(|(shown, (qualifier, field))| {
            if !calls(&shown, call) {
                return Ok(shown);
            }
            Ok(named(replace(shown, call, &bounds)?.unalias(), qualifier, field))
        });
    let shown = shown.collect::<Result<Vec<_>>>()?;
    Ok(LogicalPlan::Projection(Projection::try_new(shown, Arc::new(input))?))
}

/// The expression with the name that a field had. Columns that have it stay as they are, which the
/// optimiser counts on.
fn named(expression: Expr, qualifier: Option<&TableReference>, field: &FieldRef) -> Expr {
    match &expression {
        Expr::Column(column) if *column == Column::from((qualifier, field)) => expression,
        _ => expression.alias_qualified(qualifier.cloned(), field.name()),
    }
}

fn calls(expression: &Expr, call: &Expr) -> bool {
    expression.exists(|each| Ok(each == call)).unwrap_or(false)
}

/// The expression with the struct of these bounds in place of the call.
fn replace(expression: Expr, call: &Expr, [start, end]: &[Expr; 2]) -> Result<Expr> {
    let bounds = named_struct(vec![lit("start"), start.clone(), lit("end"), end.clone()]);
    let replaced = expression.transform_up(|each| {
        Ok(if each == *call { Transformed::yes(bounds.clone()) } else { Transformed::no(each) })
    });
    Ok(replaced?.data)
}

/// The input with the windows of a call, and their starts and ends.
fn windowed(input: Arc<LogicalPlan>, call: &Expr, keys: Vec<Expr>) -> Result<(LogicalPlan, [Expr; 2])> {
    let Expr::ScalarFunction(function) = call else { return internal_err!("a window that is no function") };
    let constant = |length: &Expr| length_nanos(length).map_err(complain);
    let (kind, lengths, time, gap, keys) = match (function.name(), function.args.as_slice()) {
        (SESSION_WINDOW, [time, gap]) => {
            // A gap that is the same for all rows is checked now, others as they come.
            let nanos = if matches!(gap, Expr::Literal(..)) { constant(gap)? } else { 1 };
            (&super::session::SESSION, vec![Some(nanos)], time, Some(gap.clone()), keys)
        }
        (WINDOW, [time, size]) => {
            (&super::tumble::TUMBLE, vec![Some(constant(size)?), None], time, None, Vec::new())
        }
        (WINDOW, [time, size, slide, start @ ..]) if start.len() < 2 => {
            let (size, slide) = (constant(size)?, constant(slide)?);
            let start = start.first().map(constant).transpose()?;
            if slide > size {
                return Err(complain(Complaint {
                    message: "The slide of window is larger than its size.".to_owned(),
                    hint: "Rows between the windows would be lost. The size comes first, then the slide."
                        .to_owned(),
                }));
            }
            if slide == size {
                (&super::tumble::TUMBLE, vec![Some(size), start], time, None, Vec::new())
            } else {
                (&super::hop::HOP, vec![Some(slide), Some(size), start], time, None, Vec::new())
            }
        }
        (name, _) => return Err(usage(name)),
    };
    let kind = WindowKind::named(kind.name).unwrap_or(&super::WINDOWS[0]);
    let spec = WindowSpec::try_new(kind, &lengths).map_err(complain)?;
    // Windows of several calls may come together in a join.
    let names = ["start", "end", "time"].map(|bound| format!("{call} {bound}"));
    let input = WindowInput { plan: Arc::unwrap_or_clone(input), time: time.clone(), gap, keys };
    let node = WindowNode::try_new(spec, input, names)?;
    let [start, end, _] = node.bounds();
    Ok((node.into_plan(), [start, end]))
}
