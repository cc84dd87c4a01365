//! SQL as a person would write it, from the builder's choices.

use millrace_protocol::TableInfo;

use super::{
    literal::{self, identifier},
    query::{Aggregate, Bucket, BuilderQuery, Filter, Function, Group, Operator, class_of},
};
use crate::charts::ColumnClass;

/// A select list longer than this is written one column a line.
const LINE_CHARS: usize = 60;

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

/// The statement. Filters that are not complete are left out.
pub fn sql(query: &BuilderQuery, table: &TableInfo) -> String {
    let mut lines = vec![select(query, table), format!("FROM {}", identifier(&table.name))];
    let conditions: Vec<String> =
        query.filters.iter().filter_map(|filter| condition(filter, table)).collect();
    if !conditions.is_empty() {
        lines.push(format!("WHERE {}", conditions.join("\n  AND ")));
    }
    let outputs = outputs(query, table);
    if query.is_grouped() && !query.groups.is_empty() {
        let names: Vec<String> =
            outputs[..query.groups.len()].iter().map(|output| identifier(&output.name)).collect();
        lines.push(format!("GROUP BY {}", names.join(", ")));
    }
    if let Some((name, descending)) = &query.sort
        && outputs.iter().any(|output| output.name == *name)
    {
        lines.push(format!("ORDER BY {}{}", identifier(name), if *descending { " DESC" } else { "" }));
    }
    if let Some(limit) = query.limit {
        lines.push(format!("LIMIT {limit}"));
    }
    lines.join("\n")
}

/// Columns of the result, in order: what can be sorted by.
pub fn outputs(query: &BuilderQuery, table: &TableInfo) -> Vec<Output> {
    if !query.is_grouped() {
        let bare = |name: &String| Output { name: name.clone(), expression: identifier(name), named: false };
        return table.columns.iter().map(|column| bare(&column.name)).collect();
    }
    let mut outputs: Vec<Output> = Vec::new();
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

fn select(query: &BuilderQuery, table: &TableInfo) -> String {
    if !query.is_grouped() {
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
    match group.bucket.filter(|_| class_of(table, &group.column).is_some_and(ColumnClass::is_time)) {
        None => Output { name: group.column.clone(), expression: column, named: false },
        Some(Bucket { count: 1, unit }) => Output {
            name: free_name(unit, &group.column, table, others),
            expression: format!("date_trunc('{unit}', {column})"),
            named: true,
        },
        Some(bucket) => Output {
            name: free_name(&bucket.text().replace(' ', "_"), &group.column, table, others),
            expression: format!("date_bin(INTERVAL '{}', {column})", bucket.text()),
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
    // A bucket's unit quoted like a word of the language would look odd: "5_minutes".
    let wish = if wish.starts_with(|first: char| first.is_ascii_digit()) {
        format!("per_{wish}")
    } else {
        wish.to_owned()
    };
    if !taken(&wish) {
        return wish;
    }
    let longer = format!("{wish}_of_{suffix}");
    let numbered = (2..).map(|number| format!("{longer}_{number}"));
    std::iter::once(longer.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(longer)
}

#[cfg(test)]
mod tests;
