//! Streams that run: who asks what of them, and where their rows, files and checkpoints are.
//!
//! Owns: the loop that drives a query with the clock ([`drive`]), sources of the browser ([`sources`],
//! [`handle_file`], [`handle_folder`], [`connection`]), and checkpoints in private files ([`checkpoint`]).
//! Touches: the engine's `stream`, the results that are kept in [`crate::query`].

mod checkpoint;
mod connection;
mod drive;
mod handle_file;
mod handle_folder;
mod pace;
mod sources;

pub use checkpoint::Checkpoints;
pub use connection::Connections;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures::channel::oneshot;
use millrace_engine::output::ResultSet;
use millrace_protocol::{CheckpointInfo, CommandId, ErrorInfo, ErrorKind, Event, StreamAction};

use crate::dispatch::Worker;

/// The streams of this worker, also those that have ended and are not forgotten.
#[derive(Default)]
pub(crate) struct Streams {
    by_id: RefCell<HashMap<CommandId, Rc<Controls>>>,
}

/// What a stream's loop is asked; it looks between two steps.
#[derive(Default)]
struct Controls {
    paused: Cell<bool>,
    /// Whether it shall end, and then whether windows close first.
    stop: Cell<Option<bool>>,
    wishes: RefCell<Vec<Wish>>,
    /// The late rows of one that has ended, by table.
    late: RefCell<Option<Vec<(String, ResultSet)>>>,
}

/// What only the loop can answer, as it has the query.
enum Wish {
    Late(oneshot::Sender<Vec<(String, ResultSet)>>),
    Checkpoint(oneshot::Sender<Result<CheckpointInfo, ErrorInfo>>),
}

impl Streams {
    /// Tells a stream what to do; one that is not known is left alone.
    pub(crate) fn control(&self, id: CommandId, action: StreamAction) {
        let by_id = self.by_id.borrow();
        let Some(controls) = by_id.get(&id) else { return };
        match action {
            StreamAction::Pause => controls.paused.set(true),
            StreamAction::Resume => controls.paused.set(false),
            StreamAction::Stop { close_windows } => controls.stop.set(Some(close_windows)),
        }
    }

    /// Ends a stream, if it is one, and forgets it.
    pub(crate) fn forget(&self, id: CommandId) {
        self.control(id, StreamAction::Stop { close_windows: false });
        self.by_id.borrow_mut().remove(&id);
    }

    fn add(&self, id: CommandId) -> Rc<Controls> {
        let controls = Rc::new(Controls::default());
        self.by_id.borrow_mut().insert(id, Rc::clone(&controls));
        controls
    }

    fn get(&self, id: CommandId) -> Result<Rc<Controls>, ErrorInfo> {
        let known = self.by_id.borrow().get(&id).cloned();
        known.ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, format!("There is no stream {id}.")))
    }
}

impl Worker {
    /// Answers [`millrace_protocol::Command::LateRows`].
    pub(crate) async fn late_rows(
        &self,
        id: CommandId,
        stream: CommandId,
        table: Option<String>,
    ) -> Result<Event, ErrorInfo> {
        let controls = self.streams.get(stream)?;
        let at_the_end = controls.late.borrow().clone();
        let late = match at_the_end {
            Some(late) => late,
            None => asked(&controls, Wish::Late).await?,
        };
        let wanted = late.into_iter().find(|(name, _)| table.as_ref().is_none_or(|table| table == name));
        let Some((_, rows)) = wanted else {
            let message = format!("The stream has no table {}.", table.unwrap_or_default());
            return Err(ErrorInfo::new(ErrorKind::Sql, message));
        };
        self.queries.add_result(id);
        Ok(Event::LateRows { id, result: self.queries.keep(id, 1.0, rows) })
    }

    /// Answers [`millrace_protocol::Command::Checkpoint`].
    pub(crate) async fn checkpoint(&self, id: CommandId, stream: CommandId) -> Result<Event, ErrorInfo> {
        let controls = self.streams.get(stream)?;
        if controls.late.borrow().is_some() {
            return Err(ended());
        }
        let checkpoint = asked(&controls, Wish::Checkpoint).await??;
        Ok(Event::Checkpointed { id, checkpoint })
    }

    /// Answers [`millrace_protocol::Command::DropCheckpoint`].
    pub(crate) async fn drop_checkpoint(&self, id: CommandId, name: &str) -> Result<Event, ErrorInfo> {
        if let Some(checkpoints) = &self.checkpoints {
            checkpoint::remove(checkpoints, name).await?;
        }
        Ok(Event::CheckpointDropped { id })
    }
}

async fn asked<T>(controls: &Controls, wish: fn(oneshot::Sender<T>) -> Wish) -> Result<T, ErrorInfo> {
    let (answer, answered) = oneshot::channel();
    controls.wishes.borrow_mut().push(wish(answer));
    answered.await.map_err(|_| ended())
}

fn ended() -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Cancelled, "The stream has ended.")
}
