//! Streams on their way from one task to the next.
//!
//! Tasks of one scan are started in the order of the file, so whoever waits here waits for a task that has
//! been started. A task that needs no bytes, ends with an error, or is dropped lets the next one wait for the
//! one before it in its place.

use std::sync::{Mutex, PoisonError};

use futures::channel::oneshot::{Receiver, Sender, channel};

use super::Stream;

/// What a task hands to the next one.
enum Baton {
    Stream(Stream),
    /// Not here: what the task itself was waiting for.
    Behind(Receiver<Baton>),
}

/// The turns of the tasks of one scan, split by split.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    turns: Mutex<Vec<Turn>>,
}

/// What one task waits for, and whom it hands on to. Nothing where tasks go their own ways.
#[derive(Default)]
pub(crate) struct Turn {
    before: Option<Receiver<Baton>>,
    after: Option<Sender<Baton>>,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Turn")
    }
}

impl Chain {
    /// Begins anew. The items say of each split whether it goes on where the split before it ended.
    pub(crate) fn begin(&self, goes_on: impl Iterator<Item = bool>) {
        let mut turns: Vec<Turn> = Vec::new();
        for goes_on in goes_on {
            let mut turn = Turn::default();
            if goes_on && let Some(last) = turns.last_mut() {
                let (after, before) = channel();
                last.after = Some(after);
                turn.before = Some(before);
            }
            turns.push(turn);
        }
        *self.turns.lock().unwrap_or_else(PoisonError::into_inner) = turns;
    }

    /// The turn of a split's task; it can be had once.
    pub(crate) fn turn(&self, split: usize) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.get_mut(split).map(std::mem::take).unwrap_or_default()
    }
}

impl Turn {
    /// Waits for the stream of the tasks before; nothing when none of them had one.
    pub(crate) async fn stream(&mut self) -> Option<Stream> {
        let mut before = self.before.take()?;
        loop {
            match before.await {
                Ok(Baton::Stream(stream)) => return Some(stream),
                Ok(Baton::Behind(further)) => before = further,
                Err(_) => return None,
            }
        }
    }

    /// Hands a stream on; gives it back when nobody wants it.
    pub(crate) fn hand_on(&mut self, stream: Stream) -> Option<Stream> {
        let Some(after) = self.after.take() else { return Some(stream) };
        match after.send(Baton::Stream(stream)) {
            Err(Baton::Stream(stream)) => Some(stream),
            _ => None,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let (Some(mut before), Some(after)) = (self.before.take(), self.after.take()) {
            // What has come already is handed on itself, so that many tasks that need nothing make no long
            // row of receivers inside of each other.
            let _ = match before.try_recv() {
                Ok(Some(baton)) => after.send(baton),
                Ok(None) => after.send(Baton::Behind(before)),
                Err(_) => return,
            };
        }
    }
}
