//! Windows as they are written: Flink's table functions in FROM, and Spark's functions in GROUP BY.
//!
//! Owns: the syntax that the parser lacks ([`tokens`]), the arguments of table functions, and the names
//! `window.start` and `window.end` ([`spark`]). Touches: the parser's tokens and tree, and `window/` for
//! what is meant.

mod arguments;
mod spark;
mod tokens;

use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr as LogicalExpr, ExprSchemable, LogicalPlan, lit};
use datafusion::sql::sqlparser::ast::{Expr, FunctionArguments, Spanned, TableFactor};
use datafusion::sql::sqlparser::tokenizer::Span;
use millrace_protocol::{ErrorInfo, ErrorKind, Position};

use crate::Error;
use crate::window::{
    COLUMN_NAMES, Complaint, WindowInput, WindowKind, WindowNode, WindowSpec, is_time, length_nanos,
};
use arguments::Call;

pub(super) use spark::name_windows;
pub(super) use tokens::rewrite;

/// Plans `TUMBLE(…)` and its like in FROM, with or without `TABLE(…)` around it.
#[derive(Debug)]
pub(super) struct WindowCalls;

impl RelationPlanner for WindowCalls {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let place = relation.span();
        let Some(kind) = kind_of(&relation) else {
            return match arguments::unknown(&relation, place) {
                Some(error) => Err(error.into_datafusion()),
                None => Ok(RelationPlanning::Original(Box::new(relation))),
            };
        };
        let (arguments, alias) = match relation {
            TableFactor::Table { args: Some(args), alias, .. } => (args.args, alias),
            TableFactor::TableFunction { expr: Expr::Function(call), alias } => match call.args {
                FunctionArguments::List(list) => (list.args, alias),
                _ => (Vec::new(), alias),
            },
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        let call = Call::read(kind, arguments, place).map_err(Error::into_datafusion)?;
        let plan = plan_call(kind, call, place, context)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias))))
    }
}

/// The kind of window that a relation calls.
fn kind_of(relation: &TableFactor) -> Option<&'static WindowKind> {
    match relation {
        TableFactor::Table { name, args: Some(_), .. } => match name.0.as_slice() {
            [name] => WindowKind::named(&name.as_ident()?.value),
            _ => None,
        },
        TableFactor::TableFunction { expr: Expr::Function(call), .. } => {
            WindowKind::named(&arguments::function_name(call)?.value)
        }
        _ => None,
    }
}

fn plan_call(
    kind: &'static WindowKind,
    call: Call,
    place: Span,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let complain = |complaint: Complaint, span: Span| {
        wrong(complaint.message, complaint.hint, span, place).into_datafusion()
    };
    let plan = context.plan(call.table)?;
    let time_span = call.time.span();
    let time = context.sql_to_expr(call.time, plan.schema())?;
    let time_type = time.get_type(plan.schema())?;
    if !is_time(&time_type) {
        return Err(complain(no_time(&time, &time_type), time_span));
    }
    if let Some(taken) = COLUMN_NAMES.iter().find(|name| plan.schema().has_column_with_unqualified_name(name))
    {
        let message = format!("The table already has a column `{taken}`.");
        let hint = format!("Give it another name in a subquery: {taken} AS first_{taken}.");
        return Err(complain(Complaint { message, hint }, time_span));
    }
    let keys = call.keys.into_iter().map(|key| context.sql_to_expr(key, plan.schema()));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let mut nanos = Vec::new();
    for length in call.lengths {
        let length = length.map(|length| {
            let span = length.span();
            let length = context.sql_to_expr(length, &DFSchema::empty())?;
            length_nanos(&length).map_err(|complaint| complain(complaint, span))
        });
        nanos.push(length.transpose()?);
    }
    let spec = WindowSpec::try_new(kind, &nanos).map_err(|complaint| complain(complaint, place))?;
    let gap = nanos.first().copied().flatten().filter(|_| kind.is_session()).map(interval);
    let node =
        WindowNode::try_new(spec, WindowInput { plan, time, gap, keys }, COLUMN_NAMES.map(str::to_owned))?;
    Ok(node.into_plan())
}

fn no_time(column: &LogicalExpr, data_type: &DataType) -> Complaint {
    let name = column.schema_name().to_string();
    let name = name.rsplit('.').next().unwrap_or(&name);
    let cast = match data_type {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            format!("to_timestamp_millis({name})")
        }
        _ => format!("CAST({name} AS TIMESTAMP)"),
    };
    Complaint {
        message: format!("`{name}` is no timestamp, so it cannot be an event time."),
        hint: format!("Convert it in a subquery: TABLE (SELECT *, {cast} AS event_time FROM …)."),
    }
}

fn interval(nanos: i64) -> LogicalExpr {
    lit(ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano::new(0, 0, nanos))))
}

/// An error at a place in the text, or at `otherwise` where that is not known.
fn wrong(message: String, hint: String, span: Span, otherwise: Span) -> Error {
    let span = if span.start.line > 0 { span } else { otherwise };
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    let mut info = ErrorInfo::new(ErrorKind::Sql, message).with_hint(hint);
    info.position = (span.start.line > 0).then(|| Position {
        line: number(span.start.line),
        column: number(span.start.column),
        end_line: number(span.end.line),
        end_column: number(span.end.column),
    });
    Error::Sql(Box::new(info))
}
