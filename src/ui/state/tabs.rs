//! The tabs of queries. The open one is in the signals of [`QueryState`] and [`StreamState`]; the others are
//! put aside as plain values, so that switching is a matter of setting signals, and runs go on meanwhile.

use std::collections::HashMap;

use leptos::prelude::*;
use millrace_protocol::{
    BadRow, ColumnMisfits, CommandId, ErrorInfo, ErrorKind, Progress, QueryStats, ResultInfo,
};
use millrace_recipe::{Query, free_name};
use serde_json::Value;

use super::{QueryState, StreamState, stream::StreamAside};
use crate::{engine_client::QueryEvent, panels::builder::query::BuilderQuery};

/// Tells tabs apart; that of the query in the recipe.
pub type TabId = u32;

/// What is to be seen of a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its id.
    pub id: TabId,
    /// Name of its query.
    pub name: String,
}

/// All tabs. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Tabs {
    /// In their order; at least one.
    pub list: RwSignal<Vec<Tab>>,
    /// The one on screen.
    pub open: RwSignal<TabId>,
    /// Those with a query that runs.
    pub running: RwSignal<Vec<TabId>>,
    aside: StoredValue<HashMap<TabId, Aside>, LocalStorage>,
    /// Counts changes of texts and choices that were put aside.
    changes: RwSignal<u32>,
    /// Counts what is heard of runs that are put aside.
    runs: RwSignal<u32>,
    last_id: StoredValue<TabId>,
}

/// A query that is not on screen.
#[derive(Clone, Default)]
pub struct Aside {
    /// See [`QueryState::sql`].
    pub sql: String,
    /// See [`QueryState::builder`].
    pub builder: BuilderQuery,
    /// See [`QueryState::chart`].
    pub chart: Value,
    /// Its stream, if it has one.
    pub stream: StreamAside,
    /// Its last run.
    pub run: RunAside,
}

/// The last run of a query that is not on screen; see the fields of [`QueryState`].
#[derive(Clone, Default)]
pub struct RunAside {
    /// Id of the running query.
    pub running_id: Option<CommandId>,
    /// The query whose result can be read.
    pub id: Option<CommandId>,
    progress: Option<Progress>,
    result: Option<ResultInfo>,
    result_sql: String,
    stats: Option<QueryStats>,
    bad_rows: Vec<BadRow>,
    misfits: Vec<ColumnMisfits>,
    cancelled: bool,
    error: Option<ErrorInfo>,
    error_sql: String,
}

impl Tabs {
    /// One empty tab.
    pub fn new() -> Self {
        let first = Tab { id: 1, name: free_name(std::iter::empty(), "") };
        Self {
            list: RwSignal::new(vec![first]),
            open: RwSignal::new(1),
            running: RwSignal::new(Vec::new()),
            aside: StoredValue::new_local(HashMap::new()),
            changes: RwSignal::new(0),
            runs: RwSignal::new(0),
            last_id: StoredValue::new(1),
        }
    }

    /// A tab that is not in the list yet, named after the wish or after its number.
    pub fn fresh(self, wish: &str) -> Tab {
        let highest =
            self.list.with_untracked(|list| list.iter().map(|tab| tab.id).max()).unwrap_or_default();
        let id = self.last_id.get_value().max(highest) + 1;
        self.last_id.set_value(id);
        let name = self.list.with_untracked(|list| free_name(list.iter().map(|tab| tab.name.as_str()), wish));
        Tab { id, name }
    }

    /// Ids up to this one have been given away.
    pub fn reserve(self, id: TabId) {
        self.last_id.update_value(|last| *last = id.max(*last));
    }

    /// Name of a tab.
    pub fn name(self, id: TabId) -> Option<String> {
        self.list.with_untracked(|list| list.iter().find(|tab| tab.id == id).map(|tab| tab.name.clone()))
    }

    /// The queries of all tabs. Follows them.
    pub fn queries(self, query: QueryState) -> Vec<Query> {
        self.changes.track();
        let (list, open) = (self.list.get(), self.open.get());
        // Choices of no table are none.
        let saved = |builder: &BuilderQuery| match builder.table.is_empty() {
            true => Value::Null,
            false => serde_json::to_value(builder).unwrap_or_default(),
        };
        let of_tab = |tab: Tab| {
            let Tab { id, name } = tab;
            if id == open {
                let builder = query.builder.with(saved);
                return Query { id, name, sql: query.sql.get(), builder, chart: query.chart.get() };
            }
            self.aside.with_value(|aside| {
                let Some(aside) = aside.get(&id) else { return Query { id, name, ..Query::default() } };
                let (sql, chart) = (aside.sql.clone(), aside.chart.clone());
                Query { id, name, sql, builder: saved(&aside.builder), chart }
            })
        };
        list.into_iter().map(of_tab).collect()
    }

    /// Columns of the results of the other tabs, by their names, for completion. Follows the tabs.
    pub fn other_results(self) -> Vec<(String, Vec<millrace_protocol::ColumnInfo>)> {
        self.changes.track();
        let (list, open) = (self.list.get(), self.open.get());
        let others = list.into_iter().filter(|tab| tab.id != open);
        let with_columns = others.map(|tab| {
            let columns = self.with_aside(tab.id, |aside| aside.run.result.clone()).flatten();
            (tab.name, columns.map(|result| result.columns).unwrap_or_default())
        });
        with_columns.collect()
    }

    /// Looks at what is put aside of a tab; nothing for the open one.
    pub fn with_aside<T>(self, id: TabId, look: impl FnOnce(&Aside) -> T) -> Option<T> {
        self.aside.with_value(|aside| aside.get(&id).map(look))
    }

    /// Changes a run that is put aside; `None` when the tab is open or closed.
    pub fn update_run<T>(self, id: TabId, update: impl FnOnce(&mut Aside) -> T) -> Option<T> {
        let updated = self.aside.try_update_value(|aside| aside.get_mut(&id).map(update)).flatten();
        self.runs.update(|runs| *runs = runs.wrapping_add(1));
        updated
    }

    /// The stream that a tab shows, and the newest of its rows. Follows it.
    pub fn stream_of(
        self,
        id: TabId,
        query: QueryState,
        stream: StreamState,
    ) -> Option<(CommandId, Option<ResultInfo>)> {
        if self.open.get() == id {
            let of = stream.id.get()?;
            return Some((of, query.result.get().filter(|_| query.id.get() == Some(of))));
        }
        self.runs.track();
        self.changes.track();
        let of_aside = |aside: &Aside| {
            let of = aside.stream.id?;
            Some((of, aside.run.result.clone().filter(|_| aside.run.id == Some(of))))
        };
        self.with_aside(id, of_aside).flatten()
    }

    /// Puts a query aside, in place of what is there of the tab.
    pub fn put(self, id: TabId, query: Aside) {
        self.aside.update_value(|aside| drop(aside.insert(id, query)));
        self.changes.update(|changes| *changes = changes.wrapping_add(1));
    }

    /// Takes what is put aside of a tab.
    pub fn take(self, id: TabId) -> Option<Aside> {
        self.aside.try_update_value(|aside| aside.remove(&id)).flatten()
    }

    /// Whether a query of the tab runs.
    pub fn set_running(self, id: TabId, runs: bool) {
        if self.running.with_untracked(|running| running.contains(&id)) != runs {
            self.running.update(|running| {
                running.retain(|other| *other != id);
                running.extend(runs.then_some(id));
            });
        }
    }

    /// Forgets which results can be read, of tabs that are not on screen: their engine is gone.
    pub fn lose_results(self) {
        self.aside.update_value(|aside| aside.values_mut().for_each(|aside| aside.run.id = None));
    }
}

impl QueryState {
    /// The query of the tab that leaves the screen.
    pub fn put_aside(self, stream: StreamState) -> Aside {
        Aside {
            sql: self.sql.get_untracked(),
            builder: self.builder.get_untracked(),
            chart: self.chart.get_untracked(),
            stream: stream.put_aside(),
            run: RunAside {
                running_id: self.running_id.get_untracked(),
                progress: self.progress.get_untracked(),
                id: self.id.get_untracked(),
                result: self.result.get_untracked(),
                result_sql: self.result_sql.get_untracked(),
                stats: self.stats.get_untracked(),
                bad_rows: self.bad_rows.get_untracked(),
                misfits: self.misfits.get_untracked(),
                cancelled: self.cancelled.get_untracked(),
                error: self.error.get_untracked(),
                error_sql: self.error_sql.get_untracked(),
            },
        }
    }

    /// Shows the query of the tab that comes on the screen.
    pub fn bring_back(self, stream: StreamState, aside: Aside) {
        let run = aside.run;
        self.sql.set(aside.sql);
        self.builder.set(aside.builder);
        self.chart.set(aside.chart);
        self.order.set(None);
        self.check_error.set(None);
        self.running.set(run.running_id.is_some());
        self.running_id.set(run.running_id);
        self.progress.set(run.progress);
        self.id.set(run.id);
        self.result.set(run.result);
        self.result_sql.set(run.result_sql);
        self.stats.set(run.stats);
        self.bad_rows.set(run.bad_rows);
        self.misfits.set(run.misfits);
        self.cancelled.set(run.cancelled);
        self.error.set(run.error);
        self.error_sql.set(run.error_sql);
        stream.bring_back(aside.stream);
    }
}

impl Aside {
    /// Takes an event of a run of this text, and gives the result that is of no more use to anybody.
    pub fn hear(&mut self, id: CommandId, sql: &str, event: QueryEvent) -> Option<CommandId> {
        let run = &mut self.run;
        if run.running_id != Some(id) {
            return event.is_last().then_some(id).filter(|id| run.id != Some(*id));
        }
        if event.is_last() {
            run.running_id = None;
        }
        let is_stream = self.stream.id == Some(id);
        let mut unused = None;
        let mut show = |run: &mut RunAside, result: ResultInfo| {
            if run.id != Some(id) {
                run.result_sql = sql.to_owned();
                unused = run.id.replace(id);
            }
            run.result = Some(result);
        };
        match event {
            QueryEvent::Progress(progress) => run.progress = Some(progress),
            QueryEvent::Snapshot(result) => show(run, result),
            QueryEvent::Done { result, stats, bad_rows, misfits } => {
                show(run, result);
                run.stats = Some(stats);
                run.bad_rows = bad_rows;
                run.misfits = misfits;
            }
            QueryEvent::Stream(status) => self.stream.status = Some(*status),
            QueryEvent::StreamEnded { result, status } => {
                show(run, result);
                self.stream.status = Some(*status);
            }
            QueryEvent::Failed(error) if error.kind == ErrorKind::Cancelled => run.cancelled = !is_stream,
            QueryEvent::Failed(error) if is_stream => self.stream.error = Some(error),
            QueryEvent::Failed(error) => {
                run.error_sql = sql.to_owned();
                run.error = Some(error);
            }
        }
        unused
    }
}
