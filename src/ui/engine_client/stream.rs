//! What the handle on the engine says about streams.

use std::rc::Rc;

use leptos::prelude::GetValue;
use millrace_protocol::{
    CheckpointInfo, CheckpointPlan, Command, CommandId, ErrorInfo, Event, ResultInfo, StreamAction,
    StreamSpec,
};
use wasm_bindgen::JsValue;

use super::{EngineClient, QueryEvent, pending::Pending, unexpected};

impl EngineClient {
    /// Runs a query over streams and returns its id. `handles` are those of its files, in their order.
    /// `on_event` hears everything until `StreamEnded` or `Failed`.
    pub fn stream(
        self,
        spec: StreamSpec,
        checkpoint: Option<CheckpointPlan>,
        handles: Vec<JsValue>,
        on_event: impl Fn(CommandId, QueryEvent) + 'static,
    ) -> CommandId {
        let inner = self.inner.get_value();
        let id = inner.fresh_id();
        let on_event = move |event| on_event(id, event);
        inner.pending.borrow_mut().insert(id, Pending::Query(Rc::new(on_event)));
        inner.post(Command::Stream { id, spec, checkpoint }, handles);
        id
    }

    /// Pauses, resumes or stops a stream.
    pub fn control(self, stream: CommandId, action: StreamAction) {
        self.inner.get_value().post(Command::Control { stream, action }, Vec::new());
    }

    /// Makes a result of the rows that came too late, and gives its id. It is kept until it is forgotten.
    ///
    /// # Errors
    /// When there is no such stream or table, or the engine is lost meanwhile.
    pub async fn late_rows(
        self,
        stream: CommandId,
        table: Option<String>,
    ) -> Result<(CommandId, ResultInfo), ErrorInfo> {
        let command = |id| Command::LateRows { id, stream, table };
        match self.inner.get_value().ask(command, Vec::new()).await? {
            Event::LateRows { id, result } => Ok((id, result)),
            other => Err(unexpected(&other)),
        }
    }

    /// Makes and keeps a checkpoint of a stream now.
    ///
    /// # Errors
    /// When the stream keeps none or has ended, or it cannot be written.
    pub async fn checkpoint(self, stream: CommandId) -> Result<CheckpointInfo, ErrorInfo> {
        match self.inner.get_value().ask(|id| Command::Checkpoint { id, stream }, Vec::new()).await? {
            Event::Checkpointed { checkpoint, .. } => Ok(checkpoint),
            other => Err(unexpected(&other)),
        }
    }

    /// Removes what is kept of a stream.
    ///
    /// # Errors
    /// When the stream runs, or the browser refuses.
    pub async fn drop_checkpoint(self, name: String) -> Result<(), ErrorInfo> {
        self.inner.get_value().ask(|id| Command::DropCheckpoint { id, name }, Vec::new()).await.map(drop)
    }
}
