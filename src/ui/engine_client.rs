//! The handle on the engine worker: the only place that posts messages to it.
//!
//! Owns: ids of commands, who waits for which answer, the engine's workers ([`workers`]) and its life ([`life`]) and the `File`
//! objects from which a new engine gets its tables back.
//! Touches: `state::EngineState` and `state::Tables`, which it keeps up to date.

mod export_sink;
mod inner;
mod life;
mod pending;
mod restore;
mod stream;
mod workers;

use std::rc::Rc;

use futures::channel::oneshot;
use leptos::prelude::{GetValue, LocalStorage, StoredValue, Update};
use millrace_protocol::{
    CacheInfo, Command, CommandId, ErrorInfo, ErrorKind, Event, ExportFormat, FaultKind, PatternPreview,
    RowOrder, RowPage, SeriesPage, SeriesRequest, TableInfo, TableOptions, Timeline,
};
use wasm_bindgen::JsValue;
use web_sys::{Blob, File};

pub use export_sink::Sink;
use inner::{Inner, add_command, beside};
pub use pending::QueryEvent;
use pending::{Answer, Pending};
pub use restore::file_ref;

use crate::{
    isolation::{self, Isolation},
    state::{EngineState, Tables},
};

/// Talks to the engine worker. `Copy`, in the context. Commands given before the engine is ready wait
/// for it; a lost engine is replaced by itself and gets its tables back.
#[derive(Clone, Copy)]
pub struct EngineClient {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
}

impl EngineClient {
    /// Starts the engine worker.
    pub fn start(engine: EngineState, tables: Tables) -> Self {
        let inner = Rc::new(Inner::new(engine, tables));
        life::start(&inner);
        Self { inner: StoredValue::new_local(inner) }
    }

    /// Tries again after the engine was given up.
    pub fn retry(self) {
        let inner = self.inner.get_value();
        inner.losses.set(0);
        if isolation::state() == Isolation::Isolated { life::start(&inner) } else { isolation::retry() }
    }

    /// Makes tables of files: one table called `table`, or one for each file.
    ///
    /// # Errors
    /// When the files cannot be read as any format, or the engine is lost meanwhile.
    pub async fn add_files(
        self,
        files: Vec<File>,
        table: Option<String>,
        options: TableOptions,
    ) -> Result<Vec<TableInfo>, ErrorInfo> {
        let inner = self.inner.get_value();
        let command = |id| add_command(id, &files, table.clone(), None, options.clone());
        let added = match inner.ask(command, beside(&files)).await? {
            Event::TablesAdded { tables, .. } => tables,
            other => return Err(unexpected(&other)),
        };
        inner.keep(&added, files, table.is_some(), &options);
        Ok(added)
    }

    /// Makes a table of a file that the page does not list and a new engine does not get back.
    ///
    /// # Errors
    /// When the file cannot be read as any format, or the engine is lost meanwhile.
    pub async fn add_unlisted(self, file: File, table: &str) -> Result<TableInfo, ErrorInfo> {
        let files = vec![file];
        let command = |id| add_command(id, &files, Some(table.to_owned()), None, TableOptions::default());
        match self.inner.get_value().ask(command, beside(&files)).await? {
            Event::TablesAdded { mut tables, .. } if !tables.is_empty() => Ok(tables.remove(0)),
            other => Err(unexpected(&other)),
        }
    }

    /// Makes one table of the files of several.
    ///
    /// # Errors
    /// As [`Self::add_files`].
    pub async fn join(self, tables: &[String], joined: &str) -> Result<(), ErrorInfo> {
        let files: Vec<File> = {
            let inner = self.inner.get_value();
            let kept = inner.files.borrow();
            let of_table = |name: &String| kept.iter().find(|kept| kept.table == *name);
            tables.iter().filter_map(of_table).flat_map(|kept| kept.files.clone()).collect()
        };
        let options = tables.first().map(|first| self.options(first)).unwrap_or_default();
        self.add_files(files, Some(joined.to_owned()), options).await.map(drop)
    }

    /// What was said about a table.
    pub fn options(self, table: &str) -> TableOptions {
        let inner = self.inner.get_value();
        let files = inner.files.borrow();
        files.iter().find(|kept| kept.table == table).map(|kept| kept.options.clone()).unwrap_or_default()
    }

    /// Reads the files of a table in another way, and tells what it is then.
    ///
    /// # Errors
    /// When the files cannot be read so; the table is then as before. When the engine is lost meanwhile.
    pub async fn set_options(self, table: String, options: TableOptions) -> Result<(), ErrorInfo> {
        let inner = self.inner.get_value();
        let command = |id| Command::SetOptions { id, table: table.clone(), options: options.clone() };
        let changed = match inner.ask(command, Vec::new()).await? {
            Event::TablesAdded { tables, .. } => tables,
            other => return Err(unexpected(&other)),
        };
        if let Some(kept) = inner.files.borrow_mut().iter_mut().find(|kept| kept.table == table) {
            kept.options = options;
        }
        inner.tables.list.update(|list| {
            for info in changed {
                if let Some(old) = list.iter_mut().find(|old| old.name == info.name) {
                    *old = info;
                }
            }
        });
        Ok(())
    }

    /// What a pattern makes of the first lines of a table's first file.
    ///
    /// # Errors
    /// What is wrong with the pattern, and where; when the table is not read by lines, or the engine is lost meanwhile.
    pub async fn preview_pattern(self, table: String, pattern: String) -> Result<PatternPreview, ErrorInfo> {
        let command = |id| Command::PreviewPattern { id, table, pattern };
        match self.inner.get_value().ask(command, Vec::new()).await? {
            Event::PatternPreviewed { preview, .. } => Ok(preview),
            other => Err(unexpected(&other)),
        }
    }

    /// Everything in a table that does not fit, as a CSV file. Reads all of it.
    ///
    /// # Errors
    /// When the table cannot be read, its format lists no bad rows, or the engine is lost meanwhile.
    pub async fn export_bad_rows(self, table: String) -> Result<Blob, ErrorInfo> {
        let inner = self.inner.get_value();
        let (done, receiver) = oneshot::channel();
        let id = inner.fresh_id();
        inner
            .pending
            .borrow_mut()
            .insert(id, Pending::Export { sink: Sink::file("text/csv;charset=utf-8"), done });
        inner.post(Command::ExportBadRows { id, table }, Vec::new());
        receiver.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Forgets a table.
    ///
    /// # Errors
    /// When there is no such table, or the engine is lost meanwhile.
    pub async fn remove_table(self, table: String) -> Result<(), ErrorInfo> {
        let inner = self.inner.get_value();
        let name = table.clone();
        inner.ask(|id| Command::RemoveTable { id, table }, Vec::new()).await?;
        inner.files.borrow_mut().retain(|kept| kept.table != name);
        inner.tables.list.update(|list| list.retain(|info| info.name != name));
        self.cached(false).await.map(drop)
    }

    /// The columns that the engine keeps, after it has forgotten them where `clear` says so.
    ///
    /// # Errors
    /// When the engine is lost meanwhile.
    pub async fn cached(self, clear: bool) -> Result<CacheInfo, ErrorInfo> {
        self.ask_cache(|id| if clear { Command::ClearCache { id } } else { Command::Cached { id } }).await
    }

    /// Lets kept columns take so many bytes of the disk, and tells what is kept then.
    ///
    /// # Errors
    /// When the engine is lost meanwhile.
    pub async fn set_cache(self, disk_bytes: u64) -> Result<CacheInfo, ErrorInfo> {
        self.ask_cache(|id| Command::SetCache { id, disk_bytes }).await
    }

    async fn ask_cache(self, command: impl FnOnce(CommandId) -> Command) -> Result<CacheInfo, ErrorInfo> {
        match self.inner.get_value().ask(command, Vec::new()).await? {
            Event::Cached { cache, .. } => Ok(cache),
            other => Err(unexpected(&other)),
        }
    }

    /// What is wrong with a statement, without running it.
    ///
    /// # Errors
    /// When the engine is lost meanwhile.
    pub async fn check(self, sql: String) -> Result<Option<ErrorInfo>, ErrorInfo> {
        match self.inner.get_value().ask(|id| Command::Check { id, sql }, Vec::new()).await? {
            Event::Checked { error, .. } => Ok(error),
            other => Err(unexpected(&other)),
        }
    }

    /// Runs a query and returns its id. `on_event` hears everything until `Done` or `Failed`.
    pub fn query(
        self,
        sql: String,
        snapshots: bool,
        on_event: impl Fn(CommandId, QueryEvent) + 'static,
    ) -> CommandId {
        let inner = self.inner.get_value();
        let id = inner.fresh_id();
        let on_event = move |event| on_event(id, event);
        inner.pending.borrow_mut().insert(id, Pending::Query(Rc::new(on_event)));
        inner.post(Command::Query { id, sql, snapshots }, Vec::new());
        id
    }

    /// Ends a query. It answers with `Failed` and `ErrorKind::Cancelled`.
    pub fn cancel(self, query: CommandId) {
        let inner = self.inner.get_value();
        let unsent = {
            let mut waiting = inner.waiting.borrow_mut();
            let before = waiting.len();
            let is_meant = |command: &Command| matches!(command, Command::Query { id, .. } | Command::Stream { id, .. } if *id == query);
            waiting.retain(|(command, _)| !is_meant(command));
            waiting.len() < before
        };
        if unsent {
            inner.answer(query, Answer::Failed(ErrorInfo::new(ErrorKind::Cancelled, "Cancelled.")));
        } else {
            inner.post(Command::Cancel { id: query }, Vec::new());
        }
    }

    /// Rows of a query's newest result, in `order` or the query's own.
    ///
    /// # Errors
    /// When the result is gone or the engine is lost meanwhile.
    pub async fn rows(
        self,
        query: CommandId,
        order: Option<RowOrder>,
        offset: u64,
        count: u32,
    ) -> Result<RowPage, ErrorInfo> {
        let command = |id| Command::Rows { id, query, order, offset, count };
        match self.inner.get_value().ask(command, Vec::new()).await? {
            Event::Rows { page, .. } => Ok(page),
            other => Err(unexpected(&other)),
        }
    }

    /// Like [`Self::rows`], but the `RowPage` as the JavaScript object that the worker sent: 64-bit
    /// integers stay `BigInt` and nothing is copied.
    ///
    /// # Errors
    /// When the result is gone or the engine is lost meanwhile.
    pub async fn raw_rows(self, query: CommandId, offset: u64, count: u32) -> Result<JsValue, ErrorInfo> {
        let inner = self.inner.get_value();
        let (sender, receiver) = oneshot::channel();
        let id = inner.fresh_id();
        inner.pending.borrow_mut().insert(id, Pending::RawRows(sender));
        inner.post(Command::Rows { id, query, order: None, offset, count }, Vec::new());
        receiver.await.unwrap_or_else(|_| Err(lost()))
    }

    /// A query's newest result as series for a chart.
    ///
    /// # Errors
    /// When the result is gone, does not fit the request, or the engine is lost meanwhile.
    pub async fn series(self, query: CommandId, request: SeriesRequest) -> Result<SeriesPage, ErrorInfo> {
        match self.inner.get_value().ask(|id| Command::Series { id, query, request }, Vec::new()).await? {
            Event::Series { page, .. } => Ok(page),
            other => Err(unexpected(&other)),
        }
    }

    /// Writes a query's newest result into `sink`. Gives the id by which it is cancelled, and what comes of it: the file,
    /// or an empty one when its pieces were passed on.
    ///
    /// The future ends with an error when the result is gone, the format has no room for it, it is cancelled, or the
    /// engine is lost meanwhile.
    pub fn export(
        self,
        query: CommandId,
        format: ExportFormat,
        order: Option<RowOrder>,
        sink: Sink,
    ) -> (CommandId, impl Future<Output = Result<Blob, ErrorInfo>>) {
        let inner = self.inner.get_value();
        let (done, receiver) = oneshot::channel();
        let id = inner.fresh_id();
        inner.pending.borrow_mut().insert(id, Pending::Export { sink, done });
        inner.post(Command::Export { id, query, format, order }, Vec::new());
        (id, async move { receiver.await.unwrap_or_else(|_| Err(lost())) })
    }

    /// What the threads do and did for a query, or for the one that began last; with at most so many spans
    /// and as many reads. `None` when no such query is known.
    ///
    /// # Errors
    /// When the engine is lost meanwhile.
    pub async fn timeline(
        self,
        query: Option<CommandId>,
        max_spans: u32,
    ) -> Result<Option<Timeline>, ErrorInfo> {
        let command = |id| Command::Timeline { id, query, max_spans };
        match self.inner.get_value().ask(command, Vec::new()).await? {
            Event::Timeline { timeline, .. } => Ok(timeline),
            other => Err(unexpected(&other)),
        }
    }

    /// Gives back the memory of a query's result.
    pub fn forget(self, query: CommandId) {
        let inner = self.inner.get_value();
        if inner.open.get() {
            inner.post(Command::Forget { query }, Vec::new());
        }
    }

    /// Breaks the engine on purpose, for tests. Answers never when the engine dies of it.
    pub fn fault(self, kind: FaultKind) {
        let inner = self.inner.get_value();
        let id = inner.fresh_id();
        inner.post(Command::Fault { id, kind }, Vec::new());
    }
}

fn lost() -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, t!("The engine stopped before it could answer."))
        .with_hint(t!("It has been started again with the same tables. Run the query again."))
}

fn unexpected(event: &Event) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, format!("The engine gave an answer that does not fit: {event:?}"))
}
