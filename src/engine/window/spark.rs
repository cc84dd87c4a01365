//! Spark's `window(ts, size [, slide [, start]])` and `session_window(ts, gap)`, in GROUP BY or SELECT.
//!
//! To the planner they are functions that give a struct of start and end. Before a plan is optimised
//! they are replaced by the same nodes that the table functions make, below the aggregation or
//! projection that calls them, as Spark's rule `TimeWindowing` does.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, TableReference, internal_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::core::expr_fn::named_struct;
use datafusion::logical_expr::{
    Aggregate, ColumnarValue, Expr, LogicalPlan, Projection, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::optimizer::analyzer::AnalyzerRule;
use millrace_protocol::{ErrorInfo, ErrorKind};

use super::time::{common_unit, in_unit, is_time, unit_of};
use super::{Complaint, WindowInput, WindowKind, WindowNode, WindowSpec, length_nanos};
use crate::Error;

const WINDOW: &str = "window";
const SESSION_WINDOW: &str = "session_window";

/// Whether a function of this name, in lower case, is a window.
pub(crate) fn is_spark_window(name: &str) -> bool {
    name == WINDOW || name == SESSION_WINDOW
}

/// The functions, as the planner sees them.
pub(super) fn functions() -> [ScalarUDF; 2] {
    [WINDOW, SESSION_WINDOW].map(|name| {
        ScalarUDF::from(SparkWindow { name, signature: Signature::variadic_any(Volatility::Immutable) })
    })
}

/// Stands for a window until the plan is rewritten.
#[derive(Debug, PartialEq, Eq, Hash)]
struct SparkWindow {
    name: &'static str,
    signature: Signature,
}

impl ScalarUDFImpl for SparkWindow {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("the type of a window depends on its lengths")
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> Result<FieldRef> {
        let fields = arguments.arg_fields;
        let time = match fields.first() {
            Some(time) if is_time(time.data_type()) => time.data_type(),
            Some(time) => {
                return Err(complain(Complaint {
                    message: format!("The first argument of {} must be a timestamp.", self.name),
                    hint: format!("Convert it: CAST({} AS TIMESTAMP).", time.name()),
                }));
            }
            None => return Err(usage(self.name)),
        };
        let lengths = arguments.scalar_arguments.iter().skip(1).flatten();
        let lengths = lengths.map(|length| length_nanos(&lit((*length).clone())).map_err(complain));
        let unit = common_unit(unit_of(time), &lengths.collect::<Result<Vec<_>>>()?);
        let bound = |name| Field::new(name, in_unit(time, unit), false);
        let bounds = Fields::from(vec![bound("start"), bound("end")]);
        Ok(Arc::new(Field::new(self.name, DataType::Struct(bounds), false)))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Err(complain(Complaint {
            message: format!("{} can stand in GROUP BY and in SELECT only.", self.name),
            hint: "Elsewhere, write the window as a table in FROM: TUMBLE(TABLE t, DESCRIPTOR(ts), …)."
                .to_owned(),
        }))
    }
}

fn complain(complaint: Complaint) -> DataFusionError {
    let info = ErrorInfo::new(ErrorKind::Sql, complaint.message).with_hint(complaint.hint);
    Error::Sql(Box::new(info)).into_datafusion()
}

fn usage(name: &str) -> DataFusionError {
    complain(Complaint {
        message: format!("{name} is not called like this."),
        hint: match name {
            SESSION_WINDOW => "It is called as session_window(ts, '5 minutes').".to_owned(),
            _ => {
                "It is called as window(ts, '10 minutes' [, '5 minutes' [, '1 minute']]): size, slide, start."
                    .to_owned()
            }
        },
    })
}

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
