//! Who waits for which answer, and how events find them.

use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::Reflect;
use leptos::prelude::{Set, Update, WithUntracked, batch};
use millrace_protocol::{
    BadRow, ColumnMisfits, CommandId, ErrorInfo, ErrorKind, Event, Progress, QueryStats, ResultInfo,
    StreamStatus,
};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::{export_sink::Sink, inner::Inner, life, workers::NewWorker};
use crate::state::EngineStatus;

/// What happens to a query or a stream. `Done`, `StreamEnded` or `Failed` comes last and once.
#[derive(Clone, Debug)]
pub enum QueryEvent {
    /// Counters so far.
    Progress(Progress),
    /// A newer partial result can be read.
    Snapshot(ResultInfo),
    /// The exact result can be read.
    Done {
        /// The exact result.
        result: ResultInfo,
        /// Counters of the whole run.
        stats: QueryStats,
        /// The first bad rows.
        bad_rows: Vec<BadRow>,
        /// The columns with values that are not of their type.
        misfits: Vec<ColumnMisfits>,
    },
    /// How a stream is.
    Stream(Box<StreamStatus>),
    /// A stream has ended; its last result can be read.
    StreamEnded {
        /// The last result.
        result: ResultInfo,
        /// How it was in the end.
        status: Box<StreamStatus>,
    },
    /// The query ended without an exact result.
    Failed(ErrorInfo),
}

impl QueryEvent {
    /// Whether nothing comes after it.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::StreamEnded { .. } | Self::Failed(_))
    }
}

pub(super) enum Pending {
    Event(oneshot::Sender<Result<Event, ErrorInfo>>),
    RawRows(oneshot::Sender<Result<JsValue, ErrorInfo>>),
    Export { sink: Sink, done: oneshot::Sender<Result<Blob, ErrorInfo>> },
    Query(Rc<dyn Fn(QueryEvent)>),
}

pub(super) enum Answer {
    Event(Event),
    RawRows(JsValue),
    Failed(ErrorInfo),
}

impl Pending {
    fn resolve(self, answer: Answer) {
        // Whoever asked may have gone away meanwhile; an answer without a listener is dropped.
        match (self, answer) {
            (Self::Event(sender), Answer::Event(event)) => drop(sender.send(Ok(event))),
            (Self::Event(sender), Answer::Failed(error)) => drop(sender.send(Err(error))),
            (Self::RawRows(sender), Answer::RawRows(page)) => drop(sender.send(Ok(page))),
            (Self::RawRows(sender), Answer::Failed(error)) => drop(sender.send(Err(error))),
            (Self::Export { sink, done }, Answer::Event(_)) => drop(done.send(sink.end())),
            (Self::Export { done, .. }, Answer::Failed(error)) => drop(done.send(Err(error))),
            (Self::Query(hear), Answer::Event(Event::Done { result, stats, bad_rows, misfits, .. })) => {
                hear(QueryEvent::Done { result, stats, bad_rows, misfits });
            }
            (Self::Query(hear), Answer::Event(Event::StreamEnded { result, status, .. })) => {
                hear(QueryEvent::StreamEnded { result, status: Box::new(status) });
            }
            (Self::Query(hear), Answer::Failed(error)) => hear(QueryEvent::Failed(error)),
            (Self::Event(_) | Self::RawRows(_) | Self::Export { .. } | Self::Query(_), _) => {}
        }
    }
}

impl Inner {
    /// Gives an answer to whoever waits for it.
    pub(super) fn answer(&self, id: CommandId, answer: Answer) {
        // Listeners run without the borrow, so that they may send commands themselves.
        let waiting = self.pending.borrow_mut().remove(&id);
        self.forget_progress(id);
        if let Some(waiting) = waiting {
            waiting.resolve(answer);
        }
    }

    fn forget_progress(&self, id: CommandId) {
        let all = self.tables.adding_progress;
        if all.with_untracked(|all| all.iter().any(|(other, _)| *other == id)) {
            all.update(|all| all.retain(|(other, _)| *other != id));
        }
    }

    /// Fails everything that waits for the engine that is gone. Commands not sent yet go on waiting.
    pub(super) fn fail_all(&self, error: &ErrorInfo) {
        let unsent: Vec<_> =
            self.waiting.borrow().iter().filter_map(|(command, _)| command_id(command)).collect();
        let failed: Vec<_> = {
            let mut pending = self.pending.borrow_mut();
            let ids: Vec<_> = pending.keys().copied().filter(|id| !unsent.contains(id)).collect();
            ids.into_iter().filter_map(|id| pending.remove(&id)).collect()
        };
        self.tables.adding_progress.set(Vec::new());
        for waiting in failed {
            waiting.resolve(Answer::Failed(error.clone()));
        }
    }

    pub(super) fn receive(self: &Rc<Self>, message: &JsValue) {
        let event = Reflect::get(message, &"event".into()).unwrap_or(JsValue::UNDEFINED);
        if let Some((id, page)) = self.raw_rows_of(&event) {
            self.answer(id, Answer::RawRows(page));
            return;
        }
        match serde_wasm_bindgen::from_value(event) {
            Ok(event) => self.dispatch(event, message),
            Err(reason) => {
                let error = ErrorInfo::new(
                    ErrorKind::Internal,
                    format!("The engine sent a message that cannot be read: {reason}"),
                );
                life::lose(self, error);
            }
        }
    }

    fn raw_rows_of(&self, event: &JsValue) -> Option<(CommandId, JsValue)> {
        let kind = Reflect::get(event, &"type".into()).ok()?;
        if kind.as_string()? != "rows" {
            return None;
        }
        let id = Reflect::get(event, &"id".into()).ok()?.as_f64()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an id that we chose")]
        let id = id as CommandId;
        let wanted_raw = matches!(self.pending.borrow().get(&id), Some(Pending::RawRows(_)));
        if wanted_raw { Some((id, Reflect::get(event, &"page".into()).ok()?)) } else { None }
    }

    fn dispatch(self: &Rc<Self>, event: Event, message: &JsValue) {
        match event {
            Event::Boot { stage, loaded_bytes, total_bytes } => {
                if !self.open.get() {
                    self.engine.status.set(EngineStatus::Booting { stage, loaded_bytes, total_bytes });
                }
            }
            Event::Spawn { worker, kind, name, to } => {
                let port = Reflect::get(message, &"port".into()).unwrap_or(JsValue::UNDEFINED);
                life::spawn_worker(self, &NewWorker { number: worker, kind, name, to }, &port);
            }
            Event::End { worker } => {
                if let Some(running) = self.worker.borrow().as_ref() {
                    running.end(worker);
                }
            }
            Event::Ready { threads, version, functions } => {
                batch(|| {
                    self.engine.functions.set(functions);
                    life::ready(self, EngineStatus::Ready { threads, version });
                });
            }
            Event::Fatal { error } => life::lose(self, error),
            Event::Failed { id, error } => self.answer(id, Answer::Failed(error)),
            Event::Progress { id, progress } => self.tell(id, QueryEvent::Progress(progress)),
            Event::StreamStatus { id, status } => self.tell(id, QueryEvent::Stream(Box::new(status))),
            Event::Snapshot { id, result } => self.tell(id, QueryEvent::Snapshot(result)),
            Event::Exported { id, last } => self.exported(id, last, message),
            Event::Done { id, ref cache, .. } | Event::Cached { id, ref cache } => {
                self.tables.cache.set(cache.clone());
                let is_written = matches!(event, Event::Done { .. })
                    && cache.disk.as_ref().is_some_and(|disk| disk.limit_bytes > 0);
                if is_written {
                    self.ask_cache_soon();
                }
                self.answer(id, Answer::Event(event));
            }
            Event::Adding { id, progress } => self.tables.adding_progress.update(|all| {
                all.retain(|(other, _)| *other != id);
                all.push((id, progress));
            }),
            Event::TablesAdded { id, .. }
            | Event::PatternPreviewed { id, .. }
            | Event::TableRemoved { id }
            | Event::Checked { id, .. }
            | Event::Rows { id, .. }
            | Event::Series { id, .. }
            | Event::StreamEnded { id, .. }
            | Event::LateRows { id, .. }
            | Event::Checkpointed { id, .. }
            | Event::CheckpointDropped { id }
            | Event::Timeline { id, .. } => self.answer(id, Answer::Event(event)),
        }
    }

    fn tell(&self, id: CommandId, event: QueryEvent) {
        let hear = match self.pending.borrow().get(&id) {
            Some(Pending::Query(hear)) => Rc::clone(hear),
            _ => return,
        };
        hear(event);
    }

    fn exported(&self, id: CommandId, last: bool, message: &JsValue) {
        let bytes = Reflect::get(message, &"bytes".into()).unwrap_or(JsValue::UNDEFINED);
        if !bytes.is_undefined()
            && !bytes.is_null()
            && let Some(Pending::Export { sink, .. }) = self.pending.borrow().get(&id)
        {
            sink.take(bytes);
        }
        if last {
            self.answer(id, Answer::Event(Event::Exported { id, last }));
        }
    }
}

fn command_id(command: &millrace_protocol::Command) -> Option<CommandId> {
    use millrace_protocol::Command;
    match command {
        Command::Start { .. } | Command::Cancel { .. } | Command::Forget { .. } | Command::Control { .. } => {
            None
        }
        Command::AddFiles { id, .. }
        | Command::SetOptions { id, .. }
        | Command::PreviewPattern { id, .. }
        | Command::ExportBadRows { id, .. }
        | Command::RemoveTable { id, .. }
        | Command::Check { id, .. }
        | Command::Query { id, .. }
        | Command::Stream { id, .. }
        | Command::LateRows { id, .. }
        | Command::Checkpoint { id, .. }
        | Command::DropCheckpoint { id, .. }
        | Command::Rows { id, .. }
        | Command::Series { id, .. }
        | Command::Timeline { id, .. }
        | Command::Cached { id }
        | Command::ClearCache { id }
        | Command::SetCache { id, .. }
        | Command::Export { id, .. }
        | Command::Fault { id, .. } => Some(*id),
    }
}

#[cfg(test)]
mod tests {
    use millrace_protocol::{Cell, ColumnInfo, RowPage};
    use serde::Serialize;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn as_sent(event: &Event) -> JsValue {
        let serializer = serde_wasm_bindgen::Serializer::new()
            .serialize_missing_as_null(true)
            .serialize_large_number_types_as_bigints(true);
        event.serialize(&serializer).expect("events are plain data")
    }

    #[wasm_bindgen_test]
    fn rows_keep_their_values_on_the_way() {
        let column = ColumnInfo { name: "a".to_owned(), type_name: "BIGINT".to_owned() };
        let result = ResultInfo { number: 3, fraction: 0.43, columns: vec![column], row_count: 1 << 40 };
        let row = vec![
            Cell::Null,
            Cell::Bool(true),
            Cell::Int(i64::MIN),
            Cell::Int(9_007_199_254_740_993),
            Cell::Number(2.5),
            Cell::Text("1".to_owned()),
        ];
        let event = Event::Rows {
            id: 7,
            page: RowPage { result, offset: 1 << 33, rows: vec![row], estimates: Vec::new() },
        };
        let received: Event = serde_wasm_bindgen::from_value(as_sent(&event)).expect("it fits");
        assert_eq!(received, event);
    }

    #[wasm_bindgen_test]
    fn counters_and_absent_errors_are_understood() {
        let progress = Progress { bytes_read: 5_000_000_000, threads_busy: 2, ..Progress::default() };
        for event in [Event::Progress { id: 1, progress }, Event::Checked { id: 2, error: None }] {
            let received: Event = serde_wasm_bindgen::from_value(as_sent(&event)).expect("it fits");
            assert_eq!(received, event);
        }
    }
}
