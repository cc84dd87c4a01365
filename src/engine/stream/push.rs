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
use super::{Polled, Position, StreamSource};
use crate::Error;
use crate::engine::Engine;
use crate::source::{MemorySource, Source};

/// Bytes that may wait to be read; who hands in more has to wait.
const WAITING_BYTES: usize = 16 << 20;

/// Rows of CSV or JSON lines that were handed in.
pub struct PushSource {
    name: String,
    engine: Engine,
    records: Arc<Records>,
    waiting: Rc<RefCell<Waiting>>,
    position: Position,
    /// The beginning of a record whose end has not come yet.
    rest: Vec<u8>,
}

/// Hands rows to a [`PushSource`]. It may be cloned.
#[derive(Clone, Debug)]
pub struct PushHandle(Rc<RefCell<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Vec<u8>>,
    bytes: usize,
    ended: bool,
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
        event_time: Option<&str>,
    ) -> Result<(PushSource, PushHandle), Error> {
        let source: Rc<dyn Source> = Rc::new(MemorySource::new(name, sample));
        let (_, sniffed, _) = self.sniff(&source, &TableOptions::default()).await?;
        let records = Records::try_new(name, &sniffed, event_time)?;
        let waiting = Rc::new(RefCell::new(Waiting::default()));
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
    /// Hands in a message of one or more lines, the last of which needs no line end. A line end within quotes
    /// ends no record: the record goes on with the next message.
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
        waiting.bytes += message.len() + 1;
        let mut message = message.to_vec();
        if message.last() != Some(&b'\n') {
            message.push(b'\n');
        }
        waiting.messages.push_back(message);
        Ok(())
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
            let message = {
                let mut waiting = self.waiting.borrow_mut();
                let message = waiting.messages.pop_front();
                waiting.bytes -= message.as_ref().map_or(0, |message| message.len().min(waiting.bytes));
                message
            };
            let Some(message) = message else { break };
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
            let more = self.records.polled(complete, line);
            polled.batches.extend(more.batches);
            polled.bad_count += more.bad_count;
            polled.bad_rows.extend(more.bad_rows);
        }
        let waiting = self.waiting.borrow();
        polled.ended = waiting.ended && waiting.messages.is_empty();
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

    fn event_time(&self) -> usize {
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
        if position.offset < self.position.offset {
            let info = ErrorInfo::new(ErrorKind::Data, format!("{} cannot give its rows again.", self.name));
            return ready(Err(Error::Sql(Box::new(info)))).boxed_local();
        }
        *self.waiting.borrow_mut() = Waiting::default();
        self.position = position.clone();
        ready(Ok(())).boxed_local()
    }
}
