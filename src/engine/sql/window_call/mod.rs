//! Windows as they are written: Flink's table functions in FROM, and Spark's functions in GROUP BY.
//!
//! Owns: the syntax that the parser lacks ([`tokens`]), the arguments of table functions, weeks and quarters
//! ([`calendar`]), and the names `window.start` and `window.end` ([`spark`]). Touches: the parser's tokens and tree, and `window/` for
//! what is meant.

mod arguments;
mod calendar;
mod spark;
mod tokens;

use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion::common::{DFSchema, ScalarValue, internal_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr as LogicalExpr, ExprSchemable, LogicalPlan, lit};
use datafusion::sql::sqlparser::ast::{Expr, FunctionArguments, Spanned, TableFactor, Value};
use datafusion::sql::sqlparser::tokenizer::Span;
use millrace_protocol::{ErrorInfo, ErrorKind, Position};

use crate::Error;
use crate::window::{
    COLUMN_NAMES, Complaint, Length, Numbered, WindowInput, WindowKind, WindowNode, WindowSpec, Zone,
    has_file_order, is_time, length_of, numbered, row_count,
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
    let time_span = call.time.as_ref().map_or(place, Spanned::span);
    let time = call.time.map(|time| context.sql_to_expr(time, plan.schema())).transpose()?;
    let time_type = time.as_ref().map(|time| time.get_type(plan.schema())).transpose()?;
    if let (Some(time), Some(data_type)) = (&time, &time_type)
        && !is_time(data_type)
    {
        return Err(complain(no_time(time, data_type), time_span));
    }
    if let Some(taken) = COLUMN_NAMES.iter().find(|name| plan.schema().has_column_with_unqualified_name(name))
    {
        let message = format!("The table already has a column `{taken}`.");
        let hint = format!("Give it another name in a subquery: {taken} AS first_{taken}.");
        return Err(complain(Complaint { message, hint }, time_span));
    }
    let keys = call.keys.into_iter().map(|key| context.sql_to_expr(key, plan.schema()));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let mut constant = |length: Expr| {
        let span = length.span();
        Ok::<_, DataFusionError>((context.sql_to_expr(length, &DFSchema::empty())?, span))
    };
    if kind.counts_rows() {
        if time.is_none() && !has_file_order(&plan) {
            return Err(complain(no_order(), place));
        }
        let counts = call.lengths.into_iter().map(|count| {
            let Some((count, span)) = count.map(&mut constant).transpose()? else { return Ok(None) };
            row_count(&count).map(Some).map_err(|complaint| complain(complaint, span))
        });
        let counts = counts.collect::<Result<Vec<_>>>()?;
        let spec = WindowSpec::try_new(kind, &counts).map_err(|complaint| complain(complaint, place))?;
        return numbered(spec, Numbered { plan, time, keys });
    }
    let Some(time) = time else { return internal_err!("windows over no time") };
    let mut lengths = Vec::new();
    let mut in_weeks = false;
    for length in call.lengths {
        let length = length.map(|length| {
            let written = calendar::read(length);
            in_weeks |= written.in_weeks;
            let (length, span) = constant(written.length)?;
            length_of(&length).map_err(|complaint| complain(complaint, span))
        });
        lengths.push(length.transpose()?);
    }
    if in_weeks && kind.takes_zone() {
        begin_weeks_on_monday(kind, &mut lengths);
    }
    let zone_span = call.zone.as_ref().map_or(place, Spanned::span);
    let zone = call.zone.map(|zone| zone_of(&zone)).transpose();
    let zone = zone.map_err(|complaint| complain(complaint, zone_span))?;
    if let (Some(zone), Some(DataType::Timestamp(_, Some(own)))) = (&zone, &time_type)
        && !zone.is_named(own)
    {
        return Err(complain(mixed_zones(own, zone), zone_span));
    }
    let spec =
        WindowSpec::try_of_time(kind, &lengths, zone).map_err(|complaint| complain(complaint, place))?;
    let gap = match lengths.first() {
        Some(Some(Length::Nanos(nanos))) if kind.is_session() => Some(interval(*nanos)),
        _ => None,
    };
    let node =
        WindowNode::try_new(spec, WindowInput { plan, time, gap, keys }, COLUMN_NAMES.map(str::to_owned))?;
    Ok(node.into_plan())
}

/// 1970-01-01 was a Thursday, and 4 days later a week begins.
fn begin_weeks_on_monday(kind: &WindowKind, lengths: &mut [Option<Length>]) {
    const MONDAY: i64 = 4 * 86_400_000_000_000;
    for (parameter, length) in kind.parameters.iter().zip(lengths) {
        if parameter.is_offset {
            *length = match *length {
                Some(Length::Nanos(nanos)) => Some(Length::Nanos(nanos.saturating_add(MONDAY))),
                Some(months) => Some(months),
                None => Some(Length::Nanos(MONDAY)),
            };
        }
    }
}

fn zone_of(zone: &Expr) -> Result<Zone, Complaint> {
    match zone {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(name) => Zone::named(name),
            _ => Err(no_zone()),
        },
        _ => Err(no_zone()),
    }
}

fn no_zone() -> Complaint {
    Complaint {
        message: "A time zone is written as a text.".to_owned(),
        hint: "Write its name in quotes: TIMEZONE => 'Europe/Berlin'.".to_owned(),
    }
}

fn mixed_zones(own: &str, zone: &Zone) -> Complaint {
    Complaint {
        message: format!("The event time is in the time zone {own}, and the windows in {}.", zone.name()),
        hint: "Leave one of them out; the columns of files are in none.".to_owned(),
    }
}

fn no_order() -> Complaint {
    Complaint {
        message: "The rows of this query have no order in which they could be counted.".to_owned(),
        hint: "Name the column of their event time: DESCRIPTOR(ts) as the second argument.".to_owned(),
    }
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
