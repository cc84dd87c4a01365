//! What a person does on the page: state and engine joined.
//!
//! Owns: adding and removing tables, running and cancelling the page's query, what is kept for the next
//! visit. Touches: state, the engine client.

mod board;
mod folders;
pub mod result;
mod stream;
mod tabs;

use std::collections::VecDeque;

use leptos::prelude::*;
use millrace_protocol::{CommandId, ErrorInfo, ErrorKind, ResultInfo, TableInfo, TableOptions};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use folders::{Group, groups};

use crate::{
    engine_client::{EngineClient, QueryEvent},
    error_text,
    panels::builder::{
        query::{BuilderQuery, Filter},
        sql::sql as sql_of,
    },
    sample,
    state::{
        BoardState, EngineState, QueryState, Saving, StreamState, TabId, Tables, Tabs, alike, common_name,
    },
};

/// How many texts the history keeps.
const HISTORY_LENGTH: usize = 50;

/// The verbs of the page. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Actions {
    /// A name that the editor shall write where its cursor is; the editor takes it away.
    pub inserted: RwSignal<Option<String>>,
    /// A table and conditions on it that the builder shall add to its own; it takes them away.
    pub filtered: RwSignal<Option<(String, Vec<Filter>)>>,
    /// Whether the workbench shows although there are no tables.
    pub workbench: RwSignal<bool>,
    /// Called before a query or a table goes, so that what was changed just before can come back with it.
    pub before_loss: StoredValue<Option<Callback<()>>>,
    /// A text that the page wrote itself, and the table that it is about.
    own_text: RwSignal<(String, String)>,
    client: EngineClient,
    engine: EngineState,
    query: QueryState,
    stream: StreamState,
    tables: Tables,
    tabs: Tabs,
    saving: Saving,
    board: BoardState,
}

impl Actions {
    /// Joins the state of the context with the engine, and brings back the text of the last visit.
    pub fn new(client: EngineClient) -> Self {
        let actions = Self {
            inserted: RwSignal::new(None),
            filtered: RwSignal::new(None),
            workbench: RwSignal::new(false),
            before_loss: StoredValue::new(None),
            own_text: RwSignal::new(Default::default()),
            client,
            engine: expect_context(),
            query: expect_context(),
            stream: expect_context(),
            tables: expect_context(),
            tabs: expect_context(),
            saving: expect_context(),
            board: expect_context(),
        };
        actions.suggest_for_new_tables();
        actions.drop_lost_results();
        actions
    }

    /// Makes a table of each file, and one of those of a folder that belong together. Failures appear in
    /// `Tables::failures`.
    pub fn add_files(self, files: Vec<File>) {
        let paths: Vec<String> = files.iter().map(File::name).collect();
        let taken: Vec<String> =
            self.tables.list.with_untracked(|list| list.iter().map(|table| table.name.clone()).collect());
        let of_group = |group: Group| {
            let files: Vec<File> =
                group.files.iter().filter_map(|&place| files.get(place).cloned()).collect();
            (group.table, files)
        };
        let mut waiting: VecDeque<_> = groups(&paths, &taken).into_iter().map(of_group).collect();
        let names: Vec<String> =
            waiting.iter().filter_map(|(_, files)| files.first().map(File::name)).collect();
        self.tables.adding.update(|adding| adding.extend(names));
        spawn_local(async move {
            // One after another, so that the tables stand in the order of the files, and one by one, so
            // that a file that cannot be read keeps no other from becoming a table.
            let mut together: Vec<TableInfo> = Vec::new();
            while let Some((table, files)) = waiting.pop_front() {
                let Some(name) = files.first().map(File::name) else { continue };
                let is_one = table.is_some();
                let added = self.client.add_files(files.clone(), table, TableOptions::default()).await;
                self.tables.adding.update(|adding| {
                    if let Some(index) = adding.iter().position(|other| *other == name) {
                        adding.remove(index);
                    }
                });
                match added {
                    Ok(_) if is_one => {}
                    // Those that cannot be one table may be several.
                    Err(_) if is_one && files.len() > 1 => {
                        let names = files.iter().map(File::name);
                        self.tables.adding.update(|adding| adding.extend(names));
                        for file in files.into_iter().rev() {
                            waiting.push_front((None, vec![file]));
                        }
                    }
                    // A file with several tables is not one of several files of a table.
                    Ok(added) if added.len() == 1 => together.extend(added),
                    Ok(_) => {}
                    Err(error) => self.tables.failures.update(|failures| failures.push((name, error))),
                }
            }
            self.tables.alike.update(|offers| offers.extend(alike(&together)));
        });
    }

    /// Makes one table of several with the same columns, and forgets these.
    pub fn join_tables(self, names: Vec<String>) {
        self.tables.alike.update(|offers| offers.retain(|offer| *offer != names));
        spawn_local(async move {
            let joined = common_name(&names);
            match self.client.join(&names, &joined).await {
                Ok(()) => {
                    for name in names.into_iter().filter(|name| *name != joined) {
                        self.drop_table(name);
                    }
                }
                Err(error) => self.tables.failures.update(|failures| failures.push((joined, error))),
            }
        });
    }

    /// Makes the sample, adds it and runs a first query over it.
    pub fn add_sample(self) {
        if self.tables.sample.get_untracked().is_some() {
            return;
        }
        if let Some(table) = self.tables.get(sample::TABLE) {
            self.query.sql.set(sql_of(&sample::first_query(), &table));
            self.run();
            return;
        }
        self.tables.sample.set(Some(0.0));
        spawn_local(async move {
            let sample = self.tables.sample;
            let added = match sample::make(sample::ROWS, move |share| sample.set(Some(share))).await {
                Ok(file) => self.add_file_as(file, sample::TABLE).await,
                Err(error) => Err(error),
            };
            sample.set(None);
            match added {
                Ok(added) => {
                    // Somebody who wrote something meanwhile wants to run that.
                    if let Some(table) = added.first() {
                        let first = sql_of(&sample::first_query(), table);
                        self.suggest(&table.name, first.clone());
                        if self.query.sql.with_untracked(|sql| *sql == first) {
                            self.run();
                        }
                    }
                }
                Err(error) => {
                    self.tables.failures.update(|failures| failures.push((t!("Sample").to_owned(), error)));
                }
            }
        });
    }

    /// Makes the file of the sample, which the page shows; nothing when it fails, which the page tells.
    pub async fn make_sample(self) -> Option<File> {
        let sample = self.tables.sample;
        sample.set(Some(0.0));
        let made = sample::make(sample::ROWS, move |share| sample.set(Some(share))).await;
        sample.set(None);
        match made {
            Ok(file) => Some(file),
            Err(error) => {
                self.tables.failures.update(|failures| failures.push((t!("Sample").to_owned(), error)));
                None
            }
        }
    }

    async fn add_file_as(self, file: File, table: &str) -> Result<Vec<TableInfo>, ErrorInfo> {
        self.client.add_files(vec![file], Some(table.to_owned()), TableOptions::default()).await
    }

    /// Forgets a table, and the text that the page itself wrote about it.
    pub fn remove_table(self, name: String) {
        self.about_to_lose();
        self.drop_table(name);
    }

    fn drop_table(self, name: String) {
        let own = self.own_text.get_untracked();
        if own.0 == name && self.query.sql.with_untracked(|sql| *sql == own.1) {
            self.query.sql.set(String::new());
        }
        self.tables.alike.update(|offers| offers.retain(|offer| !offer.contains(&name)));
        spawn_local(async move {
            if let Err(error) = self.client.remove_table(name.clone()).await {
                self.tables.failures.update(|failures| failures.push((name, error)));
            }
        });
    }

    fn about_to_lose(self) {
        if let Some(hear) = self.before_loss.get_value() {
            hear.run(());
        }
    }

    /// Writes a name into the query where the cursor is.
    pub fn insert(self, name: String) {
        self.inserted.set(Some(name));
    }

    /// Adds conditions to the builder's query and runs it.
    pub fn filter(self, table: String, filters: Vec<Filter>) {
        self.filtered.set(Some((table, filters)));
    }

    /// Gives a column another type and runs the query again.
    pub fn retype(self, table: String, column: String, type_name: String) {
        let mut options = self.client.options(&table);
        options.types.insert(column, type_name);
        spawn_local(async move {
            match self.client.set_options(table.clone(), options).await {
                Ok(()) => self.run(),
                Err(error) => self.tables.failures.update(|failures| failures.push((table, error))),
            }
        });
    }

    /// Shows the workbench without a table.
    pub fn open_workbench(self) {
        self.workbench.set(true);
    }

    /// Goes back to the invitation, when there is no table.
    pub fn close_workbench(self) {
        self.workbench.set(false);
    }

    /// Puts the fix that an error names into the text.
    pub fn fix(self, error: &ErrorInfo) {
        let sql = self.query.sql.get_untracked();
        let fixed = error_text::fix(error)
            .zip(error.position)
            .and_then(|(fix, position)| error_text::fixed(&sql, position, &fix));
        if let Some(fixed) = fixed {
            self.query.sql.set(fixed);
        }
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
        let composed = match self.composed(&sql) {
            Ok(composed) => composed,
            Err(error) => {
                batch(move || {
                    query.error_sql.set(sql);
                    query.error.set(Some(error));
                });
                return;
            }
        };
        let (tab, text) = (self.tabs.open.get_untracked(), sql);
        let statement = composed.sql.clone();
        let id = self.client.query(statement, true, move |id, event| match event {
            QueryEvent::Failed(error) if error.kind == ErrorKind::Sql => {
                let (composed, text) = (composed.clone(), text.clone());
                spawn_local(async move {
                    let error = self.placed(&composed, error).await;
                    self.hear(tab, id, &text, QueryEvent::Failed(error));
                });
            }
            event => self.hear(tab, id, &text, event),
        });
        batch(move || {
            self.stream.id.set(None);
            self.stream.error.set(None);
            self.begin(id);
        });
    }

    /// A query or a stream runs from now on.
    fn begin(self, id: CommandId) {
        let query = self.query;
        self.engine.notice.set(None);
        query.cancelled.set(false);
        query.error.set(None);
        query.stats.set(None);
        query.progress.set(None);
        query.bad_rows.set(Vec::new());
        query.misfits.set(Vec::new());
        query.running_id.set(Some(id));
        query.running.set(true);
        self.tabs.set_running(self.tabs.open.get_untracked(), true);
    }

    /// Ends the running query. Returns whether there was one.
    pub fn cancel(self) -> bool {
        match self.query.running_id.get_untracked() {
            Some(id) => {
                self.client.cancel(id);
                true
            }
            None => false,
        }
    }

    /// Ends the running query, but no stream: that may have run for days.
    pub fn cancel_query(self) {
        if self.stream.id.with_untracked(Option::is_none) {
            self.cancel();
        }
    }

    /// An event of a run that was begun in a tab, wherever that is now.
    fn hear(self, tab: TabId, id: CommandId, sql: &str, event: QueryEvent) {
        let query = self.query;
        let last = event.is_last();
        if self.tabs.open.get_untracked() != tab {
            let heard = self.tabs.update_run(tab, |aside| {
                let unused = aside.hear(id, sql, event);
                (unused, aside.run.running_id.is_some())
            });
            // A tab that was closed meanwhile has no use for any result.
            let (unused, runs) = heard.unwrap_or((last.then_some(id), false));
            if let Some(unused) = unused {
                self.client.forget(unused);
            }
            self.tabs.set_running(tab, runs);
            return;
        }
        if query.running_id.get_untracked() != Some(id) {
            // A newer run has taken the place of this one; its result is of no use to anybody.
            if last && query.id.get_untracked() != Some(id) {
                self.client.forget(id);
            }
            return;
        }
        batch(move || match event {
            QueryEvent::Progress(progress) => query.progress.set(Some(progress)),
            QueryEvent::Snapshot(result) => self.show(id, sql, result),
            QueryEvent::Done { result, stats, bad_rows, misfits } => {
                self.show(id, sql, result);
                query.stats.set(Some(stats));
                query.bad_rows.set(bad_rows);
                query.misfits.set(misfits);
                self.end();
            }
            QueryEvent::Stream(status) => self.stream.status.set(Some(*status)),
            QueryEvent::StreamEnded { result, status } => {
                self.stream.status.set(Some(*status));
                self.show(id, sql, result);
                self.end();
            }
            QueryEvent::Failed(error) if self.is_stream(id) => {
                self.stream_failed(error);
                self.end();
            }
            QueryEvent::Failed(error) => {
                // A cancelled query keeps its partial result on screen, labelled as such.
                if error.kind == ErrorKind::Cancelled {
                    query.cancelled.set(true);
                } else {
                    query.error_sql.set(sql.to_owned());
                    query.error.set(Some(error));
                }
                self.end();
            }
        });
    }

    fn show(self, id: CommandId, sql: &str, result: ResultInfo) {
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
        self.tabs.set_running(self.tabs.open.get_untracked(), false);
    }

    /// Has a first query ready when there are more tables than before and nothing is written yet.
    fn suggest_for_new_tables(self) {
        Effect::new(move |before: Option<usize>| {
            self.tables.list.with(|list| {
                if let Some(table) = list.first()
                    && before.is_some_and(|before| before < list.len())
                {
                    self.suggest(&table.name, sql_of(&BuilderQuery::first_of(table), table));
                }
                list.len()
            })
        });
    }

    /// Writes a text about a table into the editor when that is empty.
    fn suggest(self, table: &str, sql: String) {
        if self.query.sql.with_untracked(|text| text.trim().is_empty()) {
            self.own_text.set((table.to_owned(), sql.clone()));
            self.query.sql.set(sql);
        }
    }

    /// Results of an engine that is gone cannot be read any more.
    fn drop_lost_results(self) {
        let generation = self.engine.generation;
        Effect::new(move |before: Option<u32>| {
            let now = generation.get();
            if before.is_some_and(|before| before != now) {
                self.query.id.set(None);
                self.tabs.lose_results();
            }
            now
        });
    }
}
