//! Why a column is text though most of its values are timestamps, for windows over it.
//!
//! A column's type is the one that all values of a sample have, so a single value that is no timestamp makes it text.
//! Here the table is read once more as if its column were a timestamp: what does not fit then is the answer. Formats
//! whose columns are given no types by the user, as JSON, have none.

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use millrace_protocol::{BadRow, BadRowPolicy, Cell, ErrorKind};

use crate::Error;
use crate::engine::{Engine, TableRequest};
use crate::format::misfit_value;
use crate::job::Finished;

/// Name of the table that is read as if.
const LOOKED_AT: &str = "millrace_text_time";

/// Rows that tell whether a column is about times at all.
const ROWS_LOOKED_AT: usize = 1_000;

/// Values that do not fit are looked for up to so many empty ones.
const EMPTY_LOOKED_AT: usize = 1_000;

/// Values that are named.
const NAMED: usize = 3;

/// The table that is read as if: it goes with the search, also when that is cancelled.
struct LookedAt<'a>(&'a Engine);

impl Drop for LookedAt<'_> {
    fn drop(&mut self) {
        self.0.remove_table(LOOKED_AT);
    }
}

impl Engine {
    /// Adds to the complaint about an event time that is text which of its values are no timestamps, and where.
    pub(crate) fn explain_text_time<'a>(&'a self, sql: &'a str, error: Error) -> LocalBoxFuture<'a, Error> {
        async move {
            let mut info = error.info();
            let column = info
                .message
                .strip_prefix('`')
                .and_then(|rest| rest.strip_suffix("` is no timestamp, so it cannot be an event time."))
                .map(str::to_owned);
            let Some(column) = column.filter(|_| info.kind == ErrorKind::Sql) else { return error };
            for (table, request) in self.tables_with_text(&column, sql) {
                let Some(first) = self.no_timestamps(&column, request).await else { continue };
                let values: Vec<String> = first.iter().map(place).collect();
                let values = values.join(", ");
                info.message = format!(
                    "`{column}` is text, so it cannot be an event time: some of its values are no timestamps. \
                     The first are {values}."
                );
                info.hint = Some(format!(
                    "Make its type TIMESTAMP: such values become NULL and are listed with their lines. Or in SQL: \
                     TABLE (SELECT *, TRY_CAST({} AS TIMESTAMP) AS event_time FROM {}).",
                    crate::sql::quoted(&column),
                    crate::sql::quoted(&table)
                ));
                return Error::Sql(Box::new(info));
            }
            error
        }
        .boxed_local()
    }

    /// Tables that the statement may mean, with a column of this name that is text.
    fn tables_with_text(&self, column: &str, sql: &str) -> Vec<(String, TableRequest)> {
        let sql = sql.to_lowercase();
        let tables = self.0.tables.borrow();
        let requests = self.0.requests.borrow();
        let has_text = |name: &String| {
            let field = tables.get(name).and_then(|table| table.schema.field_with_name(column).ok());
            field.is_some_and(|field| field.data_type().is_string())
        };
        let named = requests.iter().filter(|(name, _)| sql.contains(&name.to_lowercase()) && has_text(name));
        named.map(|(name, request)| (name.clone(), request.clone())).collect()
    }

    /// The first values of a column that are no timestamps, if most of the others are. What fails on the way is no
    /// answer: the complaint stays as it was.
    async fn no_timestamps(&self, column: &str, request: TableRequest) -> Option<Vec<BadRow>> {
        let mut options = request.options;
        options.types.insert(column.to_owned(), "TIMESTAMP".to_owned());
        options.bad_rows = Some(BadRowPolicy::Keep);
        let request = TableRequest { name: Some(LOOKED_AT.to_owned()), options, ..request };
        let _table = LookedAt(self);
        self.add(request).await.ok()?;
        self.no_timestamps_of(column).await
    }

    async fn no_timestamps_of(&self, column: &str) -> Option<Vec<BadRow>> {
        let quoted = quoted(column);
        let head = self
            .answer(format!(
                "SELECT count({quoted}) FROM (SELECT {quoted} FROM {LOOKED_AT} LIMIT {ROWS_LOOKED_AT})"
            ))
            .await?;
        let times = match head.result.rows(None, 0, 1).first().and_then(|row| row.first()) {
            Some(Cell::Int(times)) => *times,
            _ => 0,
        };
        let misfits = |finished: &Finished| -> Vec<BadRow> {
            let of_column = |bad: &&BadRow| {
                bad.reason.starts_with(&format!("column {column}: ")) && misfit_value(&bad.reason).is_some()
            };
            finished.bad_rows.iter().filter(of_column).take(NAMED).cloned().collect()
        };
        // Names and the like are no times that somebody has written badly.
        if times == 0 || head.progress.bad_rows > u64::try_from(times).unwrap_or(0) {
            return None;
        }
        let mut found = misfits(&head);
        if found.is_empty() {
            // All behind the first rows: values that do not fit are NULL.
            let sql = format!("SELECT 1 FROM {LOOKED_AT} WHERE {quoted} IS NULL LIMIT {EMPTY_LOOKED_AT}");
            found = misfits(&self.answer(sql).await?);
        }
        Some(found).filter(|found| !found.is_empty())
    }

    async fn answer(&self, sql: String) -> Option<Finished> {
        self.query(&sql).run(|_| ()).await.ok()
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `'soon' on line 7`.
fn place(bad: &BadRow) -> String {
    let value = misfit_value(&bad.reason).unwrap_or_default();
    format!("'{value}' on line {}", bad.line)
}
