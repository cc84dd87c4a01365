//! A source whose rows are handed in as messages of Arrow IPC.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use millrace_protocol::BadRow;

use super::push::{PushHandle, Waiting, count_on};
use super::{EventTime, Polled, Position, StreamSource};
use crate::Error;
use crate::engine::Engine;
use crate::format::FormatError;
use crate::format::arrow_ipc::{LiveIpc, looks_like_ipc};

/// So many bytes of a message that does not fit are shown.
const SHOWN_BYTES: usize = 24;

/// Rows of Arrow IPC that were handed in. Each message is a stream of its own, with schema, dictionaries and batches
/// of rows, or goes on behind the schema of one before it.
pub struct ArrowPushSource {
    name: String,
    engine: Engine,
    schema: SchemaRef,
    event_time: Option<usize>,
    /// Lent to the pool while it decodes.
    decoder: Option<LiveIpc>,
    waiting: Rc<RefCell<Waiting>>,
    position: Position,
}

impl Engine {
    /// Whether a message is of Arrow IPC, for [`Engine::push_arrow`].
    pub fn is_arrow(message: &[u8]) -> bool {
        looks_like_ipc(message)
    }

    /// A source for messages of Arrow IPC that are handed in, with the columns of the schema that `first` begins
    /// with. The rows of that message are the first ones.
    ///
    /// # Errors
    /// When it does not begin with a schema, or has no such event time.
    pub fn push_arrow(
        &self,
        name: &str,
        first: &[u8],
        event_time: impl Into<EventTime>,
    ) -> Result<(ArrowPushSource, PushHandle), Error> {
        let decoder = LiveIpc::of_first(first).map_err(|error| FormatError {
            message: format!("The first message of {name} is no stream of Arrow IPC: {}.", error.message),
            ..error
        })?;
        let schema = Arc::clone(decoder.table());
        let event_time = event_time.into().column(name, &schema)?;
        let (waiting, handle) = PushHandle::of_messages();
        // Whatever its length, the first message is taken.
        let _ = handle.push(first);
        let source = ArrowPushSource {
            name: name.to_owned(),
            engine: self.clone(),
            schema,
            event_time,
            decoder: Some(decoder),
            waiting,
            position: Position::default(),
        };
        Ok((source, handle))
    }
}

impl ArrowPushSource {
    async fn next(&mut self, most_rows: usize) -> Result<Polled, Error> {
        let mut polled = Polled::default();
        let mut rows = 0;
        while rows < most_rows {
            let Some(message) = self.waiting.borrow_mut().pop() else { break };
            let lost = || Error::Internal("messages without a decoder".to_owned());
            let mut decoder = self.decoder.take().ok_or_else(lost)?;
            let decoded = self.engine.on_pool(move || {
                let (batches, failure) = decoder.take(&message);
                (decoder, batches, failure.map(|failure| (failure, shown(&message))))
            });
            let (decoder, batches, failure) = decoded.await?;
            self.decoder = Some(decoder);
            self.position.lines += 1;
            let taken: usize = batches.iter().map(|batch| batch.num_rows()).sum();
            self.position.offset += taken as u64;
            rows += taken;
            polled.batches.extend(batches);
            if let Some((failure, text)) = failure {
                let reason = format!("the message is no Arrow IPC of this stream: {}", failure.message);
                polled.bad_count += 1;
                let file = self.name.clone();
                polled.bad_rows.push(BadRow { file, line: self.position.lines, reason, text });
            }
        }
        self.waiting.borrow_mut().finish(&mut polled);
        Ok(polled)
    }
}

/// The beginning of a message, as text if it is one.
fn shown(message: &[u8]) -> String {
    let head = &message[..message.len().min(SHOWN_BYTES)];
    match std::str::from_utf8(head) {
        Ok(text) if !text.trim_end().chars().any(char::is_control) => text.trim_end().to_owned(),
        _ => head.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
    }
}

impl StreamSource for ArrowPushSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn event_time(&self) -> Option<usize> {
        self.event_time
    }

    fn poll(&mut self, _: i64, most_rows: usize) -> LocalBoxFuture<'_, Result<Polled, Error>> {
        self.next(most_rows).boxed_local()
    }

    fn position(&self) -> Position {
        self.position.clone()
    }

    /// As for rows that are text: only counts on.
    fn seek<'a>(&'a mut self, position: &'a Position) -> LocalBoxFuture<'a, Result<(), Error>> {
        count_on(&self.name, &mut self.position, position, &self.waiting)
    }
}
