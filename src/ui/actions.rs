//! What a person does on the page: state and engine joined.
//!
//! Owns: adding and removing tables, running and cancelling the page's query.
//! Touches: state, the engine client.

use leptos::prelude::*;
use millrace_protocol::ErrorKind;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::{
    engine_client::{EngineClient, QueryEvent},
    state::{QueryState, Tables},
};

/// How many texts the history keeps.
const HISTORY_LENGTH: usize = 50;

/// The verbs of the page. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Actions {
    client: EngineClient,
    query: QueryState,
    tables: Tables,
}

impl Actions {
    /// Joins the state of the context with the engine.
    pub fn new(client: EngineClient) -> Self {
        Self { client, query: expect_context(), tables: expect_context() }
    }

    /// Makes a table of each file. Failures appear in `Tables::failures`.
    pub fn add_files(self, files: Vec<File>) {
        if files.is_empty() {
            return;
        }
        let names: Vec<String> = files.iter().map(File::name).collect();
        self.tables.adding.update(|adding| adding.extend(names.iter().cloned()));
        spawn_local(async move {
            let added = self.client.add_files(files, None).await;
            self.tables.adding.update(|adding| {
                for name in &names {
                    if let Some(index) = adding.iter().position(|other| other == name) {
                        adding.remove(index);
                    }
                }
            });
            if let Err(error) = added {
                self.tables.failures.update(|failures| failures.push((names.join(", "), error)));
            }
        });
    }

    /// Forgets a table.
    pub fn remove_table(self, name: String) {
        spawn_local(async move {
            if let Err(error) = self.client.remove_table(name.clone()).await {
                self.tables.failures.update(|failures| failures.push((name, error)));
            }
        });
    }

    /// Runs the text of the editor; a query that still runs is cancelled.
    pub fn run(self) {
        let sql = self.query.sql.get_untracked();
        if sql.trim().is_empty() {
            return;
        }
        self.cancel();
        let query = self.query;
        query.history.update(|history| {
            history.retain(|text| *text != sql);
            history.insert(0, sql.clone());
            history.truncate(HISTORY_LENGTH);
        });
        let text = sql.clone();
        let id = self.client.query(sql, true, move |id, event| self.hear(id, &text, event));
        batch(move || {
            query.error.set(None);
            query.stats.set(None);
            query.progress.set(None);
            query.bad_rows.set(Vec::new());
            query.running_id.set(Some(id));
            query.running.set(true);
        });
    }

    /// Ends the running query, if there is one.
    pub fn cancel(self) {
        if let Some(id) = self.query.running_id.get_untracked() {
            self.client.cancel(id);
        }
    }

    fn hear(self, id: u32, sql: &str, event: QueryEvent) {
        let query = self.query;
        if query.running_id.get_untracked() != Some(id) {
            // A newer run has taken the place of this one; its result is of no use to anybody.
            let last = matches!(event, QueryEvent::Done { .. } | QueryEvent::Failed(_));
            if last && query.id.get_untracked() != Some(id) {
                self.client.forget(id);
            }
            return;
        }
        batch(move || match event {
            QueryEvent::Progress(progress) => query.progress.set(Some(progress)),
            QueryEvent::Snapshot(result) => self.show(id, sql, result),
            QueryEvent::Done { result, stats, bad_rows } => {
                self.show(id, sql, result);
                query.stats.set(Some(stats));
                query.bad_rows.set(bad_rows);
                self.end();
            }
            QueryEvent::Failed(error) => {
                // A cancelled query keeps its partial result on screen, labelled as such.
                if error.kind != ErrorKind::Cancelled || query.id.get_untracked() != Some(id) {
                    query.error.set(Some(error));
                }
                self.end();
            }
        });
    }

    fn show(self, id: u32, sql: &str, result: millrace_protocol::ResultInfo) {
        let query = self.query;
        let before = query.id.get_untracked();
        if before != Some(id) {
            query.result_sql.set(sql.to_owned());
            if let Some(before) = before {
                self.client.forget(before);
            }
        }
        query.show(id, result);
    }

    fn end(self) {
        self.query.running.set(false);
        self.query.running_id.set(None);
    }
}
