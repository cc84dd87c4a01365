//! The query of the editor: its text, its run and its result.

use leptos::prelude::{Get, RwSignal, Set, With, batch};
use millrace_protocol::{
    BadRow, ColumnMisfits, CommandId, ErrorInfo, Progress, QueryStats, ResultInfo, RowOrder,
};
use serde_json::Value;

use crate::panels::builder::query::BuilderQuery;

/// The query that the page shows: that of the open tab (see [`super::tabs`]). Queries of `window.millrace` do not pass through here.
#[derive(Clone, Copy)]
pub struct QueryState {
    /// Text of the editor, both ways: whoever sets it changes the editor.
    pub sql: RwSignal<String>,
    /// The builder's choices, which may say something else than the text.
    pub builder: RwSignal<BuilderQuery>,
    /// What a person chose for the chart, as the charts write it; null for what they would choose themselves.
    pub chart: RwSignal<Value>,
    /// Sort order of the rows on screen; the query's own when absent.
    pub order: RwSignal<Option<RowOrder>>,
    /// Whether a query runs.
    pub running: RwSignal<bool>,
    /// Id of the running query, to cancel it.
    pub running_id: RwSignal<Option<CommandId>>,
    /// Counters of the running query, kept after it ended.
    pub progress: RwSignal<Option<Progress>>,
    /// The query whose result can be read from the engine; changes together with `result`.
    pub id: RwSignal<Option<CommandId>>,
    /// The newest result of `id`, partial while `result.fraction < 1.0`.
    pub result: RwSignal<Option<ResultInfo>>,
    /// The text whose result is shown.
    pub result_sql: RwSignal<String>,
    /// Counters of the finished query; absent while it runs.
    pub stats: RwSignal<Option<QueryStats>>,
    /// The first bad rows of the finished query.
    pub bad_rows: RwSignal<Vec<BadRow>>,
    /// The columns of the finished query with values that are not of their type.
    pub misfits: RwSignal<Vec<ColumnMisfits>>,
    /// Whether the user ended the last run.
    pub cancelled: RwSignal<bool>,
    /// Why the last run failed.
    pub error: RwSignal<Option<ErrorInfo>>,
    /// The text of the run that failed with `error`.
    pub error_sql: RwSignal<String>,
    /// What `Check` says about the text as it stands.
    pub check_error: RwSignal<Option<ErrorInfo>>,
    /// Texts that were run, newest first, without repetitions.
    pub history: RwSignal<Vec<String>>,
}

impl QueryState {
    /// No text, nothing run.
    pub fn new() -> Self {
        Self {
            sql: RwSignal::new(String::new()),
            builder: RwSignal::new(BuilderQuery::default()),
            chart: RwSignal::new(Value::Null),
            order: RwSignal::new(None),
            running: RwSignal::new(false),
            running_id: RwSignal::new(None),
            progress: RwSignal::new(None),
            id: RwSignal::new(None),
            result: RwSignal::new(None),
            result_sql: RwSignal::new(String::new()),
            stats: RwSignal::new(None),
            bad_rows: RwSignal::new(Vec::new()),
            misfits: RwSignal::new(Vec::new()),
            cancelled: RwSignal::new(false),
            error: RwSignal::new(None),
            error_sql: RwSignal::new(String::new()),
            check_error: RwSignal::new(None),
            history: RwSignal::new(Vec::new()),
        }
    }

    /// Takes a partial or exact result of query `id`.
    pub fn show(self, id: CommandId, result: ResultInfo) {
        batch(move || {
            self.id.set(Some(id));
            self.result.set(Some(result));
        });
    }

    /// Whether the last run's error belongs to the text as it stands.
    pub fn error_is_current(self) -> bool {
        self.error_sql.with(|failed| self.sql.with(|sql| sql == failed))
    }

    /// The error to mark in the text: the check's, or else the last run's while the text is the same.
    pub fn marked_error(self) -> Option<ErrorInfo> {
        let of_run = || self.error.get().filter(|error| error.position.is_some() && self.error_is_current());
        self.check_error.get().or_else(of_run)
    }
}
