//! Runs the query of a chart again whenever its statement changes, one run at a time.

use std::{cell::RefCell, rc::Rc};

use futures::channel::oneshot;
use leptos::prelude::*;
use millrace_protocol::{CommandId, ErrorKind, TableInfo};
use wasm_bindgen_futures::spawn_local;

use crate::{
    browser,
    engine_client::{EngineClient, QueryEvent},
    state::QueryState,
};

/// How long a run may go on when something else is wanted: answers of kept columns come within this time, so that
/// a selection that is being dragged is followed instead of being ended again and again.
const PATIENCE_MILLIS: i32 = 120;

/// What is asked of the engine. The same text over other tables, or of another engine, is asked again.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The statement.
    pub sql: String,
    /// The tables that it reads.
    pub tables: Vec<TableInfo>,
    /// How many engines were lost before.
    pub generation: u32,
}

/// Puts the results of what is asked into `query`, the newest in place of the one before.
pub fn follow(asked: Memo<Option<Asked>>, query: QueryState, client: EngineClient) {
    let busy = StoredValue::new(false);
    let run = TileRun { query, client };
    Effect::new(move || {
        let wanted = asked.get();
        if busy.get_value() {
            run.give_way();
            return;
        }
        if wanted.is_none() {
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            let mut done = None;
            // The chart may be taken away meanwhile.
            while let Some(Some(next)) = asked.try_get_untracked() {
                if done.as_ref() == Some(&next) {
                    break;
                }
                run.run(&next).await;
                done = Some(next);
            }
            let _ = busy.try_set_value(false);
        });
    });
    on_cleanup(move || {
        let running = query.running_id.try_get_untracked().flatten();
        if let Some(id) = running {
            client.cancel(id);
        }
        if let Some(id) = query.id.try_get_untracked().flatten().filter(|id| running != Some(*id)) {
            client.forget(id);
        }
    });
}

#[derive(Clone, Copy)]
struct TileRun {
    query: QueryState,
    client: EngineClient,
}

impl TileRun {
    /// Ends the run soon if it does not end by itself.
    fn give_way(self) {
        let running = self.query.running_id.get_untracked();
        spawn_local(async move {
            browser::sleep(PATIENCE_MILLIS).await;
            if let Some(id) = running.filter(|_| self.query.running_id.try_get_untracked() == Some(running)) {
                self.client.cancel(id);
            }
        });
    }

    async fn run(self, asked: &Asked) {
        let (done, ended) = oneshot::channel();
        let done = Rc::new(RefCell::new(Some(done)));
        let sql = asked.sql.clone();
        let id = self.client.query(asked.sql.clone(), true, move |id, event| {
            let is_last = event.is_last();
            self.hear(id, &sql, event);
            if is_last && let Some(done) = done.borrow_mut().take() {
                // Nobody waits any more when the chart was taken away.
                let _ = done.send(());
            }
        });
        let began =
            self.query.running_id.try_set(Some(id)).is_none() && self.query.running.try_set(true).is_none();
        if !began {
            self.client.cancel(id);
        }
        // An engine that is lost fails its queries; the next one is asked again.
        let _ = ended.await;
        let _ = self.query.running_id.try_set(None);
        let _ = self.query.running.try_set(false);
    }

    fn hear(self, id: CommandId, sql: &str, event: QueryEvent) {
        let query = self.query;
        if query.id.try_get_untracked().is_none() {
            // The chart was taken away, and nobody reads its results.
            if event.is_last() {
                self.client.forget(id);
            }
            return;
        }
        batch(move || match event {
            QueryEvent::Progress(progress) => query.progress.set(Some(progress)),
            QueryEvent::Snapshot(result) | QueryEvent::Done { result, .. } => {
                let before = query.id.get_untracked();
                if before != Some(id) {
                    query.result_sql.set(sql.to_owned());
                    query.error.set(None);
                    if let Some(before) = before {
                        self.client.forget(before);
                    }
                }
                query.show(id, result);
            }
            QueryEvent::Failed(error) if error.kind != ErrorKind::Cancelled => query.error.set(Some(error)),
            // Streams pass through their tabs.
            QueryEvent::Failed(_) | QueryEvent::Stream(_) | QueryEvent::StreamEnded { .. } => {}
        });
    }
}
