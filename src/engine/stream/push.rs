//! A source whose rows are handed in: messages of a WebSocket, or server-sent events.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, ready};
use millrace_protocol::{ErrorInfo, ErrorKind, TableOptions};

use super::records::Records;
use super::{EventTime, Polled, Position, StreamSource};
use crate::Error;
use crate::engine::Engine;
use crate::source::{MemorySource, Source};

/// Bytes that may wait to be read; who hands in more has to wait.
const WAITING_BYTES: usize = 16 << 20;

/// Rows of CSV or JSON lines that were handed in. Those of Arrow IPC are in `push_arrow`.
pub struct PushSource {
    name: String,
    engine: Engine,
    records: Arc<Records>,
    waiting: Rc<RefCell<Waiting>>,
    position: Position,
    /// The beginning of a record whose end has not come yet.
    rest: Vec<u8>,
}

/// Hands rows to a [`PushSource`] or an [`ArrowPushSource`](super::ArrowPushSource). It may be cloned.
#[derive(Clone, Debug)]
pub struct PushHandle(Rc<RefCell<Waiting>>);

/// What was handed in and has not been taken.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Whether messages are lines, each of which needs an end.
    is_text: bool,
    messages: VecDeque<Vec<u8>>,
    bytes: usize,
    ended: bool,
    notices: Vec<String>,
}

impl Waiting {
    /// The next message.
    pub(super) fn pop(&mut self) -> Option<Vec<u8>> {
        let message = self.messages.pop_front()?;
        self.bytes = self.bytes.saturating_sub(message.len());
        Some(message)
    }

    /// Adds what is to be told.
    pub(super) fn finish(&mut self, polled: &mut Polled) {
        polled.notices = std::mem::take(&mut self.notices);
        polled.ended = self.ended && self.messages.is_empty();
    }
}

/// The source has not kept up: the message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rows come faster than they are processed: {WAITING_BYTES} bytes wait")]
pub struct Full;

impl Engine {
    /// A source for rows that are handed in, of the format, columns and types of `sample`: its first messages,
    /// with a header if it is CSV that has one. The rows of the sample are the first ones.
    ///
    /// # Errors
    /// When the sample is of no format that has columns, or has no such event time.
    pub async fn push_source(
        &self,
        name: &str,
        sample: &[u8],
        event_time: impl Into<EventTime>,
    ) -> Result<(PushSource, PushHandle), Error> {
        let source: Rc<dyn Source> = Rc::new(MemorySource::new(name, sample));
        let (_, sniffed, _) = self.sniff(&source, &TableOptions::default()).await?;
        let records = Records::try_new(name, &sniffed, &event_time.into())?;
        let waiting = Waiting { is_text: true, ..Waiting::default() };
        let waiting = Rc::new(RefCell::new(waiting));
        let handle = PushHandle(Rc::clone(&waiting));
        let first = usize::try_from(sniffed.first_record).unwrap_or(usize::MAX).min(sample.len());
        // Whatever its length, a sample that was sniffed is taken.
        let _ = handle.push(&sample[first..]);
        let position = Position { lines: 1, ..Position::default() };
        let source = PushSource {
            name: name.to_owned(),
            engine: self.clone(),
            records: Arc::new(records),
            waiting,
            position,
            rest: Vec::new(),
        };
        Ok((source, handle))
    }
}

impl PushHandle {
    /// A handle for messages that are taken as they are, and what waits of them.
    pub(super) fn of_messages() -> (Rc<RefCell<Waiting>>, Self) {
        let waiting = Rc::new(RefCell::new(Waiting::default()));
        (Rc::clone(&waiting), Self(waiting))
    }

    /// Hands in a message. Of text it has one or more lines, the last of which needs no line end; a line end within
    /// quotes ends no record: the record goes on with the next message.
    ///
    /// # Errors
    /// [`Full`] when too much waits already; nothing was taken then.
    pub fn push(&self, message: &[u8]) -> Result<(), Full> {
        let mut waiting = self.0.borrow_mut();
        if waiting.bytes > 0 && waiting.bytes + message.len() > WAITING_BYTES {
            return Err(Full);
        }
        if message.is_empty() {
            return Ok(());
        }
        let mut message = message.to_vec();
        if waiting.is_text && message.last() != Some(&b'\n') {
            message.push(b'\n');
        }
        waiting.bytes += message.len();
        waiting.messages.push_back(message);
        Ok(())
    }

    /// Says what became of where the rows come from, for the status.
    pub fn notice(&self, text: String) {
        self.0.borrow_mut().notices.push(text);
    }

    /// Says that no more rows come.
    pub fn end(&self) {
        self.0.borrow_mut().ended = true;
    }
}

impl PushSource {
    async fn next(&mut self, most_rows: usize) -> Result<Polled, Error> {
        let mut polled = Polled::default();
        let mut rows = 0;
        while rows < most_rows as u64 {
            let Some(message) = self.waiting.borrow_mut().pop() else { break };
            self.rest.extend_from_slice(&message);
            let mut bytes = self.rest.clone();
            let records = Arc::clone(&self.records);
            let complete = self.engine.on_pool(move || records.complete(&mut bytes)).await??;
            self.rest.drain(..complete.bytes);
            if self.rest.len() > WAITING_BYTES {
                return Err(Error::RecordTooLong {
                    file: self.name.clone(),
                    offset: self.position.offset,
                    limit_bytes: WAITING_BYTES as u64,
                });
            }
            let line = self.position.lines;
            self.position.lines += complete.lines;
            self.position.offset += complete.rows;
            rows += complete.rows;
            let more = self.records.polled(&self.name, complete, line);
            polled.batches.extend(more.batches);
            polled.bad_count += more.bad_count;
            polled.bad_rows.extend(more.bad_rows);
        }
        self.waiting.borrow_mut().finish(&mut polled);
        Ok(polled)
    }
}

impl StreamSource for PushSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.records.schema)
    }

    fn event_time(&self) -> Option<usize> {
        self.records.event_time
    }

    fn poll(&mut self, _: i64, most_rows: usize) -> LocalBoxFuture<'_, Result<Polled, Error>> {
        self.next(most_rows).boxed_local()
    }

    fn position(&self) -> Position {
        self.position.clone()
    }

    /// Only counts on: what was handed in before is gone, and whoever hands in rows has to begin with the row
    /// behind the position.
    fn seek<'a>(&'a mut self, position: &'a Position) -> LocalBoxFuture<'a, Result<(), Error>> {
        count_on(&self.name, &mut self.position, position, &self.waiting)
    }
}

/// Goes on counting from a position.
pub(super) fn count_on<'a>(
    name: &str,
    own: &mut Position,
    position: &Position,
    waiting: &Rc<RefCell<Waiting>>,
) -> LocalBoxFuture<'a, Result<(), Error>> {
    if position.offset < own.offset {
        let info = ErrorInfo::new(ErrorKind::Data, format!("{name} cannot give its rows again."));
        return ready(Err(Error::Sql(Box::new(info)))).boxed_local();
    }
    let mut waiting = waiting.borrow_mut();
    waiting.messages.clear();
    waiting.bytes = 0;
    *own = position.clone();
    ready(Ok(())).boxed_local()
}
