//! Commands to calls. Each runs as a task of its own on the event loop, so none waits for another.

use std::cell::{Cell, OnceCell};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{AbortHandle, Either, abortable, select};
use millrace_engine::source::Source;
use millrace_engine::spill::SpillStore;
use millrace_engine::{Engine, EngineOptions, Pool, TableRequest};
use millrace_protocol::{
    AddProgress, Command, CommandId, ErrorInfo, ErrorKind, Event, FaultKind, FileMeta, StartOptions,
    StreamAction, TableInfo, TableOptions,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::clock::{WorkerClock, sleep_millis};
use crate::event::{post, post_bytes};
use crate::query::Queries;
use crate::source::{BlobSource, Readers};
use crate::spill::{PrivateFileStore, Spill};
use crate::stream::{Checkpoints, Connections, Streams};

/// What queries may take when the page does not say: half of what a wasm module can address.
const MEMORY_BUDGET_BYTES: u64 = 2 << 30;

/// What kept columns may take of it.
const CACHE_BYTES: u64 = 56 << 20;
/// The engine is warmed up when nobody has asked for anything for so long: what somebody has in hand comes first, and
/// warming up would hold it up.
const WARM_UP_AFTER_MILLIS: f64 = 300.0;

/// Files that take longer to be added tell how far they are, so often.
const ADDING_EVERY_MILLIS: f64 = 200.0;

/// Everything that commands work on.
pub(crate) struct Worker {
    pub(crate) engine: Engine,
    pub(crate) threads: u32,
    pub(crate) queries: Queries,
    pub(crate) streams: Streams,
    /// Where checkpoints are kept, if the browser has private files.
    pub(crate) checkpoints: Option<Checkpoints>,
    pub(crate) connections: Connections,
    readers: Rc<Readers>,
    warm_up: AbortHandle,
}

thread_local! {
    static WORKER: OnceCell<Rc<Worker>> = const { OnceCell::new() };
}

#[wasm_bindgen]
extern "C" {
    /// The workers that do for the engine what it cannot, as `www/worker/engine.worker.js` puts them together.
    pub type Services;

    #[wasm_bindgen(method, getter)]
    fn readers(this: &Services) -> Readers;

    /// For what memory does not hold, if the browser has private files.
    #[wasm_bindgen(method, getter)]
    fn spill(this: &Services) -> Option<Spill>;

    /// For what memory does not hold of kept columns, likewise.
    #[wasm_bindgen(method, getter, js_name = cacheStore)]
    fn cache_store(this: &Services) -> Option<Spill>;

    /// For checkpoints of streams, likewise.
    #[wasm_bindgen(method, getter)]
    fn checkpoints(this: &Services) -> Option<Checkpoints>;

    #[wasm_bindgen(method, getter)]
    fn connections(this: &Services) -> Connections;
}

/// Makes the engine and tells the page that it is ready. The pool of `threads` has been built; at most
/// `slots` splits of `split_bytes` each are read or decoded at one time.
///
/// # Errors
/// When the options cannot be understood or the engine cannot be made.
#[wasm_bindgen]
pub fn start(
    options: JsValue,
    threads: u32,
    slots: u32,
    split_bytes: u32,
    services: &Services,
) -> Result<(), JsError> {
    let options: StartOptions = serde_wasm_bindgen::from_value(options)?;
    let store = |spill: Spill| Arc::new(PrivateFileStore::new(spill)) as Arc<dyn SpillStore>;
    let engine = Engine::new(EngineOptions {
        threads: threads as usize,
        slots: slots as usize,
        split_bytes: split_bytes.into(),
        memory_budget_bytes: options.memory_budget_bytes.unwrap_or(MEMORY_BUDGET_BYTES),
        cache_bytes: options.cache_bytes.unwrap_or(CACHE_BYTES),
        pool: Pool::Global,
        clock: Some(Arc::new(WorkerClock::start())),
        spill: services.spill().map(store),
        cache_store: services.cache_store().map(store),
        cache_disk_bytes: options.cache_disk_bytes.unwrap_or(0),
    })?;
    let functions = engine.functions();
    let cold = engine.clone();
    let (warming, warm_up) = abortable(async move {
        sleep_millis(WARM_UP_AFTER_MILLIS).await;
        cold.warm_up().await
    });
    let worker = Worker {
        engine,
        threads,
        queries: Queries::default(),
        streams: Streams::default(),
        checkpoints: services.checkpoints(),
        connections: services.connections(),
        readers: Rc::new(services.readers()),
        warm_up,
    };
    if WORKER.with(|cell| cell.set(Rc::new(worker))).is_err() {
        return Err(JsError::new("the engine has been started before"));
    }
    post(Event::Ready { threads, version: env!("CARGO_PKG_VERSION").to_owned(), functions });
    spawn_local(async move {
        if let Ok(Err(error)) = warming.await {
            crate::log_error(&format!("warming up failed: {error}"));
        }
    });
    Ok(())
}

/// Carries out one command. `files` belong to [`Command::AddFiles`], `handles` to [`Command::Stream`].
///
/// # Errors
/// When the message is no command, or comes before [`start`]: mistakes of the page.
#[wasm_bindgen]
pub fn dispatch(command: JsValue, files: Vec<File>, handles: Vec<JsValue>) -> Result<(), JsError> {
    let command: Command = serde_wasm_bindgen::from_value(command)?;
    let Some(worker) = WORKER.with(|cell| cell.get().cloned()) else {
        return Err(JsError::new("a command came before the engine was started"));
    };
    match command {
        Command::Start { .. } => return Err(JsError::new("the engine has been started before")),
        Command::AddFiles { id, table, files: metas, options } => answer(id, async move {
            let bytes_read = Rc::new(Cell::new(0));
            let adding = worker.add_files(table.as_deref(), &metas, files, &options, &bytes_read);
            let tables = worker.telling(id, &metas, &bytes_read, adding).await?;
            Ok(Event::TablesAdded { id, tables })
        }),
        Command::PreviewPattern { id, table, pattern } => answer(id, async move {
            let preview = worker.engine.preview_pattern(&table, &pattern).await;
            Ok(Event::PatternPreviewed { id, preview: preview.map_err(|error| error.info())? })
        }),
        Command::SetOptions { id, table, options } => answer(id, async move {
            let table = worker.engine.set_options(&table, options).await.map_err(|error| error.info())?;
            Ok(Event::TablesAdded { id, tables: vec![table] })
        }),
        Command::ExportBadRows { id, table } => answer(id, async move {
            let post_part = |part: Vec<u8>| post_bytes(Event::Exported { id, last: false }, &part);
            let exported = worker.engine.export_bad_rows(&table, post_part).await;
            exported.map_err(|error| error.info())?;
            Ok(Event::Exported { id, last: true })
        }),
        Command::RemoveTable { id, table } => answer(id, async move {
            match worker.engine.remove_table(&table) {
                true => Ok(Event::TableRemoved { id }),
                false => Err(ErrorInfo::new(ErrorKind::Sql, format!("There is no table {table}."))),
            }
        }),
        Command::Check { id, sql } => answer(id, async move {
            let error = worker.engine.check(&sql).await.err().map(|error| error.info());
            Ok(Event::Checked { id, error })
        }),
        Command::Query { id, sql, snapshots } => {
            // What somebody waits for goes first.
            worker.warm_up.abort();
            answer(id, async move { worker.run_query(id, &sql, snapshots).await });
        }
        Command::Cancel { id } => {
            worker.queries.cancel(id);
            worker.streams.control(id, StreamAction::Stop { close_windows: false });
        }
        Command::Stream { id, spec, checkpoint } => {
            worker.warm_up.abort();
            answer(id, async move { worker.run_stream(id, spec, checkpoint, handles).await });
        }
        Command::Control { stream, action } => worker.streams.control(stream, action),
        Command::LateRows { id, stream, table } => {
            answer(id, async move { worker.late_rows(id, stream, table).await });
        }
        Command::Checkpoint { id, stream } => {
            answer(id, async move { worker.checkpoint(id, stream).await });
        }
        Command::DropCheckpoint { id, name } => {
            answer(id, async move { worker.drop_checkpoint(id, &name).await });
        }
        Command::Rows { id, query, order, offset, count } => {
            answer(id, async move { worker.rows(id, query, order, offset, count).await });
        }
        Command::Series { id, query, request } => {
            answer(id, async move { worker.series(id, query, request).await });
        }
        Command::Export { id, query, format, order } => {
            answer(id, async move { worker.export(id, query, format, order).await });
        }
        Command::Cached { id } => {
            answer(id, async move { Ok(Event::Cached { id, cache: worker.engine.cached() }) });
        }
        Command::ClearCache { id } => answer(id, async move {
            worker.engine.clear_cache();
            Ok(Event::Cached { id, cache: worker.engine.cached() })
        }),
        Command::SetCache { id, disk_bytes } => answer(id, async move {
            worker.engine.set_cache_disk_bytes(disk_bytes);
            Ok(Event::Cached { id, cache: worker.engine.cached() })
        }),
        Command::Timeline { id, query, max_spans } => answer(id, async move {
            let timeline = worker.queries.timeline(query, max_spans as usize);
            Ok(Event::Timeline { id, timeline })
        }),
        Command::Forget { query } => {
            worker.streams.forget(query);
            worker.queries.forget(query);
        }
        Command::Fault { id, kind } => answer(id, async move { worker.fault(kind).await }),
    }
    Ok(())
}

/// Runs a command's future and posts what it gives. A panic in it ends the command alone.
fn answer(id: CommandId, work: impl Future<Output = Result<Event, ErrorInfo>> + 'static) {
    spawn_local(async move {
        post(match AssertUnwindSafe(work).catch_unwind().await {
            Ok(Ok(event)) => event,
            Ok(Err(error)) => Event::Failed { id, error },
            Err(_) => Event::Failed { id, error: panicked() },
        });
    });
}

fn panicked() -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, "The engine made a mistake while it carried out this command.")
        .with_hint("The engine goes on. The browser's console says where it happened; please report it.")
}

/// A file of a command, or one in an archive.
struct FoundSource {
    /// Which file of the command.
    file: u32,
    /// Which of the files in it.
    part: u32,
    /// Which of its tables is wanted alone.
    table: Option<u32>,
    source: Rc<dyn Source>,
}

impl Worker {
    async fn add_files(
        &self,
        name: Option<&str>,
        metas: &[FileMeta],
        files: Vec<File>,
        options: &TableOptions,
        bytes_read: &Rc<Cell<u64>>,
    ) -> Result<Vec<TableInfo>, ErrorInfo> {
        if metas.len() != files.len() || files.is_empty() {
            let message = format!("{} files were announced and {} came", metas.len(), files.len());
            return Err(ErrorInfo::new(ErrorKind::Internal, message));
        }
        let sources = metas.iter().zip(files).map(async |(meta, file)| {
            let source = BlobSource::open(file, meta, Rc::clone(&self.readers), Rc::clone(bytes_read));
            let source = source.await?;
            Ok(Rc::new(source) as Rc<dyn Source>)
        });
        let sources: Vec<_> = futures::future::try_join_all(sources).await.map_err(
            |error: millrace_engine::source::SourceError| millrace_engine::Error::from(error).info(),
        )?;
        let mut found = Vec::new();
        for (file, (source, meta)) in (0..).zip(sources.into_iter().zip(metas)) {
            let opened = self.engine.open_archives(vec![source]).await.map_err(|error| error.info())?;
            // Of an archive the number says which file, of any other file which table.
            let is_archive = opened.len() > 1;
            let is_wanted = |part: u32| !is_archive || meta.part.is_none_or(|wanted| wanted == part);
            let table = meta.part.filter(|_| !is_archive);
            let parts = (0..).zip(opened).filter(|(part, _)| is_wanted(*part));
            found.extend(parts.map(|(part, source)| FoundSource { file, part, table, source }));
        }
        let groups: Vec<Vec<FoundSource>> = match name {
            Some(_) => vec![found],
            None => found.into_iter().map(|source| vec![source]).collect(),
        };
        let mut tables: Vec<TableInfo> = Vec::with_capacity(groups.len());
        for group in groups {
            let Some(&FoundSource { file, part, table, .. }) = group.first() else { continue };
            let sources: Vec<_> = group.into_iter().map(|found| found.source).collect();
            let request = TableRequest { name: name.map(str::to_owned), sources, options: options.clone() };
            let added = match table {
                Some(table) => self.engine.add_part(request, table as usize).await.map(|table| vec![table]),
                None => self.engine.add_all(request).await,
            };
            match added {
                Ok(added) => {
                    let numbered = (part..).zip(added);
                    tables.extend(numbered.map(|(part, table)| TableInfo { file, part, ..table }));
                }
                Err(error) => {
                    // All files of a command become tables or none does.
                    for table in &tables {
                        self.engine.remove_table(&table.name);
                    }
                    return Err(error.info());
                }
            }
        }
        Ok(tables)
    }

    /// Tells the page how far the adding of files is, as long as it takes.
    async fn telling<T>(
        &self,
        id: CommandId,
        metas: &[FileMeta],
        bytes_read: &Cell<u64>,
        work: impl Future<Output = T>,
    ) -> T {
        let bytes_total = metas.iter().map(|meta| meta.size_bytes).sum();
        let file = metas.first().map(|meta| meta.name.clone()).unwrap_or_default();
        let mut work = pin!(work);
        loop {
            let pause = pin!(sleep_millis(ADDING_EVERY_MILLIS));
            match select(work, pause).await {
                Either::Left((done, _)) => return done,
                Either::Right(((), rest)) => work = rest,
            }
            let progress = AddProgress {
                file: file.clone(),
                bytes_read: bytes_read.get().min(bytes_total),
                bytes_total,
                threads_busy: self.engine.threads_busy(),
                threads: self.threads,
            };
            post(Event::Adding { id, progress });
        }
    }

    async fn fault(&self, kind: FaultKind) -> Result<Event, ErrorInfo> {
        match kind {
            FaultKind::TaskPanic => {
                let wanted = self.engine.on_pool(|| panic!("a panic that was asked for")).await;
                let () = wanted.map_err(|error| error.info())?;
            }
            FaultKind::ThreadTrap => rayon::spawn(|| trap()),
            FaultKind::WorkerTrap => trap(),
        }
        // A trap ends this worker, so the command is never answered.
        futures::future::pending().await
    }
}

fn trap() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort();
}
