//! SQL as a person would write it, from the builder's choices.

use millrace_protocol::TableInfo;

use super::{
    literal::{self, identifier},
    query::{Aggregate, BuilderQuery, Filter, Function, Group, Operator, class_of},
    window::Window,
};
use crate::charts::ColumnClass;

/// A select list longer than this is written one column a line.
const LINE_CHARS: usize = 60;

/// A call of a window function longer than this is written on several lines.
const CALL_CHARS: usize = 76;

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name in the result.
    pub name: String,
    /// What computes it.
    expression: String,
    /// Whether the name must be given with `AS`.
    named: bool,
}

/// The statement. Filters and windows that are not complete are left out.
pub fn sql(query: &BuilderQuery, table: &TableInfo) -> String {
    let conditions: Vec<String> =
        query.filters.iter().filter_map(|filter| condition(filter, table)).collect();
    let window = window(query, table);
    let mut lines = vec![select(query, table)];
    lines.push(match window {
        None => format!("FROM {}", identifier(&table.name)),
        Some(window) => from_window(window, query, table, &conditions),
    });
    if !conditions.is_empty() && !window.is_some_and(|window| window.kind.has_keys) {
        lines.push(format!("WHERE {}", conditions.join("\n  AND ")));
    }
    let outputs = outputs(query, table);
    let grouping = window.map_or(0, |window| window.bounds().len()) + query.groups.len();
    if grouping > 0 {
        let names: Vec<String> = outputs[..grouping].iter().map(|output| identifier(&output.name)).collect();
        lines.push(format!("GROUP BY {}", names.join(", ")));
    }
    if let Some((name, descending)) = &query.sort
        && outputs.iter().any(|output| output.name == *name)
    {
        let direction = if *descending { " DESC" } else { "" };
        // Windows that start together follow each other by their ends.
        let bounds = window.map(Window::bounds).filter(|bounds| bounds.first() == Some(&name.as_str()));
        let sorted = bounds.map_or_else(|| vec![identifier(name)], owned);
        let sorted: Vec<String> = sorted.iter().map(|name| format!("{name}{direction}")).collect();
        lines.push(format!("ORDER BY {}", sorted.join(", ")));
    }
    if let Some(limit) = query.limit {
        lines.push(format!("LIMIT {limit}"));
    }
    lines.join("\n")
}

/// Columns of the result, in order: what can be sorted by.
pub fn outputs(query: &BuilderQuery, table: &TableInfo) -> Vec<Output> {
    if !is_grouped(query, table) {
        let bare = |name: &String| Output { name: name.clone(), expression: identifier(name), named: false };
        return table.columns.iter().map(|column| bare(&column.name)).collect();
    }
    let bounds = window(query, table).map(Window::bounds).unwrap_or_default();
    let mut outputs: Vec<Output> = owned(bounds)
        .into_iter()
        .map(|name| Output { expression: name.clone(), name, named: false })
        .collect();
    for group in &query.groups {
        let output = group_output(group, table, &outputs);
        outputs.push(output);
    }
    for aggregate in &query.aggregates {
        let output = aggregate_output(aggregate, table, &outputs);
        outputs.push(output);
    }
    outputs
}

/// A filter as SQL; `None` while it is not complete.
pub fn condition(filter: &Filter, table: &TableInfo) -> Option<String> {
    let class = class_of(table, &filter.column)?;
    let column = identifier(&filter.column);
    let [first, second] = &filter.values;
    let compared = |sign: &str| Some(format!("{column} {sign} {}", filled(first, class)?));
    match filter.operator {
        Operator::Equal => compared("="),
        Operator::NotEqual => compared("<>"),
        Operator::Less => compared("<"),
        Operator::AtMost => compared("<="),
        Operator::Greater => compared(">"),
        Operator::AtLeast => compared(">="),
        Operator::Between => {
            let (from, to) = (filled(first, class)?, filled(second, class)?);
            Some(format!("{column} BETWEEN {from} AND {to}"))
        }
        Operator::Contains if first.is_empty() => None,
        Operator::Contains => Some(format!("{column} ILIKE {}", literal::pattern("%", first, "%"))),
        Operator::StartsWith if first.is_empty() => None,
        Operator::StartsWith => Some(format!("{column} LIKE {}", literal::pattern("", first, "%"))),
        Operator::OneOf => {
            let parts = first.split(',').map(str::trim).filter(|part| !part.is_empty());
            let values = parts.map(|part| filled(part, class)).collect::<Option<Vec<_>>>()?;
            (!values.is_empty()).then(|| format!("{column} IN ({})", values.join(", ")))
        }
        Operator::IsTrue => Some(column),
        Operator::IsFalse => Some(format!("NOT {column}")),
        Operator::IsNull => Some(format!("{column} IS NULL")),
        Operator::IsNotNull => Some(format!("{column} IS NOT NULL")),
    }
}

fn filled(typed: &str, class: ColumnClass) -> Option<String> {
    // An untouched field is no wish to compare with the empty text.
    if typed.is_empty() { None } else { literal::value(typed, class) }
}

fn is_grouped(query: &BuilderQuery, table: &TableInfo) -> bool {
    window(query, table).is_some() || !query.groups.is_empty() || !query.aggregates.is_empty()
}

/// The window, if nothing is wrong with it.
fn window<'a>(query: &'a BuilderQuery, table: &TableInfo) -> Option<&'a Window> {
    query.window.as_ref().filter(|window| window.is_complete(table))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The call of a window function. Sessions depend on which rows there are, so for them conditions hold
/// for the rows before, as the cards stand; for others that makes no difference.
fn from_window(window: &Window, query: &BuilderQuery, table: &TableInfo, conditions: &[String]) -> String {
    let name = identifier(&table.name);
    let mut rows = format!("TABLE {name}");
    if window.kind.has_keys {
        if !conditions.is_empty() {
            rows = format!("TABLE (SELECT * FROM {name} WHERE {})", conditions.join(" AND "));
        }
        let keys: Vec<String> = window.keys_beside(&query.groups).iter().map(|key| identifier(key)).collect();
        match keys.as_slice() {
            [] => {}
            [key] => rows += &format!(" PARTITION BY {key}"),
            keys => rows += &format!(" PARTITION BY ({})", keys.join(", ")),
        }
    }
    let function = window.kind.function;
    let time = format!("DESCRIPTOR({})", identifier(&window.column));
    let lengths = window.arguments().join(", ");
    let line = format!("FROM TABLE({function}({rows}, {time}, {lengths}))");
    if line.chars().count() <= CALL_CHARS {
        line
    } else {
        format!("FROM TABLE({function}(\n  {rows}, {time},\n  {lengths}\n))")
    }
}

fn select(query: &BuilderQuery, table: &TableInfo) -> String {
    if !is_grouped(query, table) {
        return "SELECT *".to_owned();
    }
    let list: Vec<String> = outputs(query, table)
        .into_iter()
        .map(|output| match output.named {
            true => format!("{} AS {}", output.expression, identifier(&output.name)),
            false => output.expression,
        })
        .collect();
    let line = list.join(", ");
    if line.chars().count() <= LINE_CHARS {
        format!("SELECT {line}")
    } else {
        format!("SELECT\n  {}", list.join(",\n  "))
    }
}

fn group_output(group: &Group, table: &TableInfo, others: &[Output]) -> Output {
    let column = identifier(&group.column);
    match group.unit.filter(|_| class_of(table, &group.column).is_some_and(ColumnClass::is_time)) {
        None => Output { name: group.column.clone(), expression: column, named: false },
        Some(unit) => Output {
            name: free_name(unit, &group.column, table, others),
            expression: format!("date_trunc('{unit}', {column})"),
            named: true,
        },
    }
}

fn aggregate_output(aggregate: &Aggregate, table: &TableInfo, others: &[Output]) -> Output {
    let column = identifier(&aggregate.column);
    let (expression, short) = match aggregate.function {
        Function::CountRows => ("count(*)".to_owned(), "count"),
        Function::CountDistinct => (format!("count(DISTINCT {column})"), "distinct"),
        Function::Sum => (format!("sum({column})"), "sum"),
        Function::Average => (format!("avg({column})"), "avg"),
        Function::Minimum => (format!("min({column})"), "min"),
        Function::Maximum => (format!("max({column})"), "max"),
    };
    let name = match aggregate.function {
        Function::CountRows => free_name(short, "rows", table, others),
        _ => free_name(&format!("{short}_{}", aggregate.column), "value", table, others),
    };
    Output { name, expression, named: true }
}

/// A name that neither the table nor the outputs before have. `GROUP BY` and `ORDER BY` would
/// otherwise mean the table's column.
fn free_name(wish: &str, suffix: &str, table: &TableInfo, others: &[Output]) -> String {
    let taken = |name: &str| {
        table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
            || others.iter().any(|output| output.name.eq_ignore_ascii_case(name))
    };
    if !taken(wish) {
        return wish.to_owned();
    }
    let longer = format!("{wish}_of_{suffix}");
    let numbered = (2..).map(|number| format!("{longer}_{number}"));
    std::iter::once(longer.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(longer)
}

#[cfg(test)]
mod tests;
