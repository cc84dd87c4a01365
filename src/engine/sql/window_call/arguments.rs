//! The arguments of a window function, by position or by name.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Query, SetExpr, Spanned,
    TableFactor,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::tokens::{TABLE_FUNCTION, is_named};
use super::wrong;
use crate::Error;
use crate::sql::nearest;
use crate::window::{WINDOWS, WindowKind};

/// The table and the column of the event time come first in each of them.
const FIRST: [&str; 2] = ["DATA", "TIMECOL"];
/// The time zone comes last in those that have one.
const ZONE: &str = "TIMEZONE";

/// A call, taken apart.
pub(super) struct Call {
    pub(super) table: TableFactor,
    /// `PARTITION BY`.
    pub(super) keys: Vec<Expr>,
    /// The column of the event time. Windows of rows can do without.
    pub(super) time: Option<Expr>,
    /// In the order of the kind's parameters.
    pub(super) lengths: Vec<Option<Expr>>,
    /// The time zone of a calendar.
    pub(super) zone: Option<Expr>,
}

impl Call {
    /// Takes a call of `kind` apart.
    ///
    /// # Errors
    /// When arguments are too many, too few, unknown, or of the wrong form.
    pub(super) fn read(kind: &WindowKind, arguments: Vec<FunctionArg>, place: Span) -> Result<Self, Error> {
        let parameters = kind.parameters.iter().map(|each| each.name);
        let names: Vec<&str> =
            FIRST.into_iter().chain(parameters).chain(kind.takes_zone().then_some(ZONE)).collect();
        let mut given: Vec<Option<Expr>> = vec![None; names.len()];
        let count = arguments.len();
        let mut left_out = 0;
        for (position, argument) in arguments.into_iter().enumerate() {
            let (slot, argument) = match argument {
                FunctionArg::Named { name, arg, .. } => (named(kind, &names, &name)?, arg),
                FunctionArg::Unnamed(argument) => {
                    if position == 1 && kind.counts_rows() && !is_descriptor(&argument) {
                        left_out = 1;
                    }
                    (position + left_out, argument)
                }
                FunctionArg::ExprNamed { .. } => return Err(form(kind, place)),
            };
            let FunctionArgExpr::Expr(argument) = argument else { return Err(form(kind, place)) };
            let Some(slot) = given.get_mut(slot) else {
                let message = format!("{} takes at most {} arguments, not {count}.", kind.name, names.len());
                return Err(wrong(message, hint(kind), argument.span(), place));
            };
            *slot = Some(argument);
        }
        let zone = given.split_off(FIRST.len() + kind.parameters.len()).pop().flatten();
        let lengths = given.split_off(FIRST.len());
        let time = given.pop().flatten();
        let (table, keys) = table(kind, given.pop().flatten(), place)?;
        let time = match time {
            None if kind.counts_rows() => None,
            time => Some(column(kind, time, place)?),
        };
        if !keys.is_empty() && !kind.takes_keys() {
            let message = format!("{} takes no PARTITION BY.", kind.name);
            let remedy = "Leave it out and GROUP BY the column as well; these windows do not depend on it.";
            return Err(wrong(message, remedy.to_owned(), keys[0].span(), place));
        }
        for (parameter, length) in kind.parameters.iter().zip(&lengths) {
            if !parameter.is_optional && length.is_none() {
                let message = format!("{} needs its {}.", kind.name, parameter.name);
                return Err(wrong(message, hint(kind), place, place));
            }
        }
        Ok(Self { table, keys, time, lengths, zone })
    }
}

/// How a call looks.
fn hint(kind: &WindowKind) -> String {
    let lengths = kind.parameters.iter().map(|parameter| match parameter.is_optional {
        true => format!(" [, {}]", parameter.name),
        false => format!(", {}", parameter.name),
    });
    let lengths: String = lengths.collect();
    let table = if kind.takes_keys() { "TABLE t [PARTITION BY keys]" } else { "TABLE t" };
    let time = if kind.counts_rows() { " [, DESCRIPTOR(ts)]" } else { ", DESCRIPTOR(ts)" };
    let zone = if kind.takes_zone() { format!(" [, {ZONE}]") } else { String::new() };
    format!("It is called as {}({table}{time}{lengths}{zone}).", kind.name)
}

fn form(kind: &WindowKind, place: Span) -> Error {
    wrong(format!("{} is not called like this.", kind.name), hint(kind), place, place)
}

fn named(kind: &WindowKind, names: &[&str], name: &Ident) -> Result<usize, Error> {
    names.iter().position(|known| is_named(name, known)).ok_or_else(|| {
        let message = format!("{} has no argument {}.", kind.name, name.value.to_uppercase());
        let hint = format!("Its arguments are {}.", names.join(", "));
        wrong(message, hint, name.span, name.span)
    })
}

fn is_descriptor(argument: &FunctionArgExpr) -> bool {
    match argument {
        FunctionArgExpr::Expr(Expr::Function(call)) => {
            function_name(call).is_some_and(|name| is_named(name, "DESCRIPTOR"))
        }
        _ => false,
    }
}

/// The column in `DESCRIPTOR(column)`.
fn column(kind: &WindowKind, argument: Option<Expr>, place: Span) -> Result<Expr, Error> {
    let span = argument.as_ref().map_or(place, Spanned::span);
    let missing = |name: &str| {
        let message = format!("{} needs the column of the event time.", kind.name);
        let hint = format!("Write DESCRIPTOR({name}) as the second argument.");
        wrong(message, hint, span, place)
    };
    match argument {
        Some(Expr::Function(call))
            if function_name(&call).is_some_and(|name| is_named(name, "DESCRIPTOR")) =>
        {
            let mut columns = plain_arguments(call).unwrap_or_default().into_iter();
            match (columns.next(), columns.next()) {
                (Some(column @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))), None) => Ok(column),
                _ => Err(wrong(
                    "DESCRIPTOR takes one column.".to_owned(),
                    "Compute it in a subquery if there is none: TABLE (SELECT *, … AS ts FROM t).".to_owned(),
                    span,
                    place,
                )),
            }
        }
        Some(Expr::Identifier(name)) => Err(missing(&name.value)),
        _ => Err(missing("ts")),
    }
}

/// The relation that `TABLE t` or `TABLE (SELECT …)` was rewritten to, and the partition columns.
fn table(kind: &WindowKind, argument: Option<Expr>, place: Span) -> Result<(TableFactor, Vec<Expr>), Error> {
    let span = argument.as_ref().map_or(place, Spanned::span);
    let missing = |name: &str| {
        let message = format!("The first argument of {} must be a table.", kind.name);
        wrong(message, format!("Write TABLE before it: {}(TABLE {name}, …).", kind.name), span, place)
    };
    match argument {
        Some(Expr::Subquery(query)) => Ok((relation(query), Vec::new())),
        Some(Expr::Function(call))
            if function_name(&call).is_some_and(|name| is_named(name, TABLE_FUNCTION)) =>
        {
            let mut arguments = plain_arguments(call).ok_or_else(|| missing("t"))?;
            if arguments.is_empty() {
                return Err(missing("t"));
            }
            match arguments.remove(0) {
                Expr::Subquery(query) => Ok((relation(query), arguments)),
                _ => Err(missing("t")),
            }
        }
        Some(name @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))) => Err(missing(&name.to_string())),
        _ => Err(missing("t")),
    }
}

/// A query as a relation. `SELECT * FROM t`, which is how a table is written here, is that table, so
/// that columns may be written with its name.
fn relation(query: Box<Query>) -> TableFactor {
    if let SetExpr::Select(select) = query.body.as_ref()
        && let [from] = select.from.as_slice()
        && from.joins.is_empty()
        && matches!(&from.relation, TableFactor::Table { .. })
        && query.to_string() == format!("SELECT * FROM {}", from.relation)
    {
        return from.relation.clone();
    }
    TableFactor::Derived { lateral: false, subquery: query, alias: None, sample: None }
}

/// The name of a function that has no qualifier.
pub(super) fn function_name(call: &Function) -> Option<&Ident> {
    match call.name.0.as_slice() {
        [name] => name.as_ident(),
        _ => None,
    }
}

/// The error of a call that was written like a window's, but whose name is of no kind.
pub(super) fn unknown(relation: &TableFactor, place: Span) -> Option<Error> {
    let TableFactor::Table { name, args: Some(arguments), .. } = relation else { return None };
    let is_table = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Function(call)))
        | FunctionArg::Named { arg: FunctionArgExpr::Expr(Expr::Function(call)), .. } => {
            function_name(call).is_some_and(|name| is_named(name, TABLE_FUNCTION))
        }
        _ => false,
    };
    if !arguments.args.iter().any(is_table) {
        return None;
    }
    let name = name.to_string();
    let names = || WINDOWS.iter().map(|kind| kind.name);
    let hint = match nearest(&name, names()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Windows are {}.", names().collect::<Vec<_>>().join(", ")),
    };
    Some(wrong(format!("There is no window function `{name}`."), hint, place, place))
}

fn plain_arguments(call: Function) -> Option<Vec<Expr>> {
    let FunctionArguments::List(list) = call.args else { return None };
    list.args
        .into_iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        })
        .collect()
}
