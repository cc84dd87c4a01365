//! Running queries: progress, the pace of snapshots, and the newest result of each.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use futures::future::{Either, select};
use millrace_engine::output::{ResultSet, SortedOrder};
use millrace_engine::{JobHandle, Recording};
use millrace_protocol::{CommandId, ErrorInfo, ErrorKind, Event, Progress, QueryStats, ResultInfo, Timeline};

use crate::clock::{now_millis, sleep_millis};
use crate::dispatch::Worker;
use crate::event::post;

/// How often the page hears of progress, and the grain of everything else that is timed.
const PROGRESS_EVERY_MILLIS: f64 = 40.0;

/// When the first snapshot is asked for: earlier, and short queries would only be delayed.
const FIRST_SNAPSHOT_MILLIS: f64 = 80.0;

/// The least time between two snapshots.
const SNAPSHOT_EVERY_MILLIS: f64 = 80.0;

/// How long a snapshot may wait for a thread of a busy pool. Only what it takes beyond that is taken
/// for its cost, since nobody but the engine could tell the two apart and it has no clock.
const SNAPSHOT_WAIT_MILLIS: f64 = 150.0;

/// Snapshots may cost one part in so many of the time.
const SNAPSHOT_SHARE: f64 = 4.0;

/// When a wish for a snapshot is taken for one that the engine could not grant.
const SNAPSHOT_LOST_MILLIS: f64 = 2000.0;

/// Queries that run, and results that are kept until they are forgotten.
#[derive(Default)]
pub(crate) struct Queries {
    by_id: RefCell<HashMap<CommandId, Entry>>,
    /// Exports that go on; one that is no longer among them ends.
    exports: RefCell<HashSet<CommandId>>,
    /// What was recorded of the query that began last, kept when it is forgotten.
    last: RefCell<Option<(CommandId, Recording)>>,
}

struct Entry {
    /// None of a stream, or of rows that are only read.
    handle: Option<JobHandle>,
    newest: Option<Rc<Kept>>,
}

/// A result that can be read.
pub(crate) struct Kept {
    pub(crate) info: ResultInfo,
    pub(crate) rows: ResultSet,
    /// The order in which it was read last.
    pub(crate) order: RefCell<Option<SortedOrder>>,
}

impl Queries {
    /// Ends a query or an export; one that has ended already, or that is not known, is left alone.
    pub(crate) fn cancel(&self, id: CommandId) {
        self.exports.borrow_mut().remove(&id);
        if let Some(handle) = self.by_id.borrow().get(&id).and_then(|entry| entry.handle.as_ref()) {
            handle.cancel();
        }
    }

    /// An export goes on from now on, until it ends or is cancelled.
    pub(crate) fn begin_export(&self, id: CommandId) {
        self.exports.borrow_mut().insert(id);
    }

    /// Whether an export goes on.
    pub(crate) fn exports(&self, id: CommandId) -> bool {
        self.exports.borrow().contains(&id)
    }

    /// An export has ended.
    pub(crate) fn end_export(&self, id: CommandId) {
        self.exports.borrow_mut().remove(&id);
    }

    /// Drops a query's result, and ends it when it runs still.
    pub(crate) fn forget(&self, id: CommandId) {
        let entry = self.by_id.borrow_mut().remove(&id);
        if let Some(handle) = entry.and_then(|entry| entry.handle) {
            handle.cancel();
        }
    }

    /// The newest result of a query.
    ///
    /// # Errors
    /// When it has none, or has been forgotten.
    pub(crate) fn newest(&self, id: CommandId) -> Result<Rc<Kept>, ErrorInfo> {
        let by_id = self.by_id.borrow();
        by_id.get(&id).and_then(|entry| entry.newest.clone()).ok_or_else(|| {
            ErrorInfo::new(ErrorKind::Internal, format!("Query {id} has no result that could be read."))
        })
    }

    fn add(&self, id: CommandId, handle: JobHandle) {
        *self.last.borrow_mut() = handle.recording().map(|recording| (id, recording));
        self.by_id.borrow_mut().insert(id, Entry { handle: Some(handle), newest: None });
    }

    /// Has a place for results that no query gives.
    pub(crate) fn add_result(&self, id: CommandId) {
        self.by_id.borrow_mut().insert(id, Entry { handle: None, newest: None });
    }

    /// What the threads did for a query, or for the one that began last.
    pub(crate) fn timeline(&self, id: Option<CommandId>, max_spans: usize) -> Option<Timeline> {
        let last = self.last.borrow();
        let last = last.as_ref().filter(|(last, _)| id.is_none_or(|id| id == *last));
        let recording = match last {
            Some((_, recording)) => recording.clone(),
            None => self.by_id.borrow().get(&id?)?.handle.as_ref()?.recording()?,
        };
        Some(recording.timeline(max_spans))
    }

    /// Keeps a result in place of the one before it and says how the page is told of it.
    pub(crate) fn keep(&self, id: CommandId, fraction: f64, rows: ResultSet) -> ResultInfo {
        let mut by_id = self.by_id.borrow_mut();
        let entry = by_id.get_mut(&id);
        let before = entry.as_ref().and_then(|entry| entry.newest.as_ref());
        let info = ResultInfo {
            number: before.map_or(1, |before| before.info.number + 1),
            fraction,
            columns: rows.columns(),
            row_count: rows.row_count(),
        };
        if let Some(entry) = entry {
            entry.newest = Some(Rc::new(Kept { info: info.clone(), rows, order: RefCell::new(None) }));
        }
        info
    }
}

/// What a running query's timer and its job tell each other.
struct Pace {
    started_millis: f64,
    /// When the snapshot that is awaited was asked for.
    asked_millis: Cell<Option<f64>>,
    /// When the next one may be asked for.
    next_millis: Cell<f64>,
    snapshots: Cell<u32>,
    threads_busy_max: Cell<u32>,
}

impl Worker {
    /// Runs a query to its exact result.
    pub(crate) async fn run_query(
        &self,
        id: CommandId,
        sql: &str,
        snapshots: bool,
    ) -> Result<Event, ErrorInfo> {
        let started_millis = now_millis();
        let job = self.engine.query(sql);
        let handle = job.handle();
        self.queries.add(id, handle.clone());
        let pace = Pace {
            started_millis,
            asked_millis: Cell::new(None),
            next_millis: Cell::new(started_millis + FIRST_SNAPSHOT_MILLIS),
            snapshots: Cell::new(0),
            threads_busy_max: Cell::new(0),
        };
        let run = job.run(|partial| {
            let result = self.queries.keep(id, partial.fraction, partial.result);
            pace.arrived();
            post(Event::Snapshot { id, result });
        });
        let watch = pace.watch(id, &handle, snapshots);
        let finished = match select(std::pin::pin!(run), std::pin::pin!(watch)).await {
            Either::Left((finished, _)) => finished.map_err(|error| error.info())?,
            Either::Right((never, _)) => match never {},
        };
        let Progress {
            bytes_read, rows_read, bad_rows, rows_without_time, spilled_bytes, threads_busy, ..
        } = finished.progress;
        Ok(Event::Done {
            id,
            result: self.queries.keep(id, 1.0, finished.result),
            stats: QueryStats {
                bytes_read,
                rows_read,
                bad_rows,
                rows_without_time,
                spilled_bytes,
                elapsed_millis: now_millis() - started_millis,
                threads: self.threads,
                snapshots: pace.snapshots.get(),
                threads_busy_max: pace.threads_busy_max.get().max(threads_busy),
            },
            bad_rows: finished.bad_rows,
            misfits: finished.misfits,
            cache: self.engine.cached(),
        })
    }
}

impl Pace {
    /// A snapshot has arrived: the next may come when this one's cost has become a small share.
    fn arrived(&self) {
        self.snapshots.set(self.snapshots.get() + 1);
        if let Some(asked) = self.asked_millis.take() {
            let cost = now_millis() - asked - SNAPSHOT_WAIT_MILLIS;
            self.next_millis.set(asked + SNAPSHOT_EVERY_MILLIS.max(SNAPSHOT_SHARE * cost));
        }
    }

    /// Reports progress and asks for snapshots until it is dropped.
    async fn watch(&self, id: CommandId, handle: &JobHandle, snapshots: bool) -> std::convert::Infallible {
        loop {
            sleep_millis(PROGRESS_EVERY_MILLIS).await;
            let now = now_millis();
            let progress = Progress { elapsed_millis: now - self.started_millis, ..handle.progress() };
            self.threads_busy_max.set(self.threads_busy_max.get().max(progress.threads_busy));
            post(Event::Progress { id, progress });
            let free = self.asked_millis.get().is_none_or(|asked| now - asked > SNAPSHOT_LOST_MILLIS);
            if snapshots && free && now >= self.next_millis.get() {
                self.asked_millis.set(Some(now));
                handle.request_snapshot();
            }
        }
    }
}
