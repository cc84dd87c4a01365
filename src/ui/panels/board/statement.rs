//! What a chart of the dashboard asks: its query over the rows that are selected in the others.

use millrace_protocol::{ErrorInfo, ErrorKind, TableInfo};
use millrace_recipe::{LinkedCondition, LinkedFilter, Query, Table, compose, identifier, narrowed, uses};

use crate::charts::{ColumnClass, condition_of, condition_text};

/// A statement, and the selections that it knows nothing of.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The text for the engine.
    pub sql: String,
    /// The tables that it reads.
    pub tables: Vec<TableInfo>,
    /// Selections that mean nothing here, in words.
    pub unlinked: Vec<String>,
}

/// The statement of a query under the selections in the other charts; `None` while nothing is written.
///
/// # Errors
/// When queries use each other in a circle.
pub fn statement(
    id: u32,
    queries: &[Query],
    tables: &[TableInfo],
    filters: &[LinkedFilter],
) -> Option<Result<Statement, ErrorInfo>> {
    let query = queries.iter().find(|query| query.id == id).filter(|query| !query.sql.trim().is_empty())?;
    let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
    let composed = match compose(&query.sql, Some(&query.name), queries, &names) {
        Ok(composed) => composed.sql,
        Err(tangle) => return Some(Err(ErrorInfo::new(ErrorKind::Sql, tangle.to_string()))),
    };
    let mut used: Vec<&TableInfo> = Vec::new();
    for (name, _) in uses(&composed) {
        let table = tables.iter().find(|table| table.name == name);
        used.extend(table.filter(|table| used.iter().all(|other| other.name != table.name)));
    }
    let mut wanted: Vec<(String, Vec<String>)> = Vec::new();
    let mut unlinked = Vec::new();
    for condition in filters.iter().filter(|filter| filter.query != id).flat_map(|filter| &filter.conditions)
    {
        let Some(told) = condition_of(condition) else { continue };
        let mut fitting = used.iter().filter(|table| fits(condition, told.class, table)).peekable();
        if fitting.peek().is_none() {
            unlinked.push(condition_text(&[told]));
            continue;
        }
        let sql = told.sql_of(&condition.expression);
        for table in fitting {
            match wanted.iter_mut().find(|(name, _)| *name == table.name) {
                Some((_, conditions)) => conditions.push(sql.clone()),
                None => wanted.push((table.name.clone(), vec![sql.clone()])),
            }
        }
    }
    let conditions: Vec<(String, String)> =
        wanted.into_iter().map(|(table, conditions)| (table, conditions.join(" AND "))).collect();
    let sql = narrowed(&composed, &conditions).unwrap_or_else(|| {
        unlinked.extend(filters.iter().filter(|filter| filter.query != id).map(words));
        composed
    });
    Some(Ok(Statement { sql, tables: used.into_iter().cloned().collect(), unlinked }))
}

/// A selection in words.
pub fn words(filter: &LinkedFilter) -> String {
    let conditions: Vec<_> = filter.conditions.iter().filter_map(condition_of).collect();
    condition_text(&conditions)
}

/// Tables as the tracing of columns knows them.
pub fn known(tables: &[TableInfo]) -> Vec<Table> {
    let names = |table: &TableInfo| table.columns.iter().map(|column| column.name.clone()).collect();
    tables.iter().map(|table| Table { name: table.name.clone(), columns: names(table) }).collect()
}

/// Whether a table has the columns of a condition. Where the condition is on a column itself, the class counts too:
/// other tables may have other things of this name.
fn fits(condition: &LinkedCondition, class: ColumnClass, table: &TableInfo) -> bool {
    condition.columns.iter().all(|name| {
        let column = table.columns.iter().find(|column| column.name == *name);
        let is_itself = condition.expression == identifier(name);
        column.is_some_and(|column| !is_itself || is_alike(ColumnClass::of(column), class))
    })
}

fn is_alike(a: ColumnClass, b: ColumnClass) -> bool {
    a == b || a.is_time() && b.is_time()
}
