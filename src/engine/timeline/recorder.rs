//! How the tasks of a job write into its recording.

use std::future::Future;

use millrace_protocol::SpanKind;

use super::{ReadMark, Recording, TableNames};
use crate::stage::Stage;

/// What a thread works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// Index of the stage; while it is handed to [`Recorder::record`], in its attempt.
    pub(super) stage: Option<u32>,
    pub(super) task: Option<u32>,
    pub(super) kind: SpanKind,
}

impl Work {
    /// A task of a stage.
    pub(crate) fn task(stage: usize, task: usize) -> Self {
        Self { stage: number(stage), task: number(task), kind: SpanKind::Operate }
    }

    /// Merging what the tasks of a stage have given so far.
    pub(crate) fn merge(stage: usize) -> Self {
        Self { stage: number(stage), task: None, kind: SpanKind::Merge }
    }

    /// A task of a stage over what has come so far.
    pub(crate) fn snapshot(stage: usize, task: usize) -> Self {
        Self { kind: SpanKind::Snapshot, ..Self::task(stage, task) }
    }

    /// Checking the starts of splits.
    pub(crate) fn verify() -> Self {
        Self { stage: None, task: None, kind: SpanKind::Verify }
    }

    /// Whether the two may be put together.
    pub(super) fn is_like(self, other: Self) -> bool {
        self.stage == other.stage && self.kind == other.kind
    }
}

fn number(index: usize) -> Option<u32> {
    u32::try_from(index).ok()
}

/// Writes what one attempt of a job does into the job's recording, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    recording: Option<Recording>,
    /// Stages of earlier attempts.
    first_stage: u32,
}

impl Recorder {
    /// For an attempt that runs these stages.
    pub(crate) fn new(recording: Option<&Recording>, stages: &[Stage], tables: &TableNames) -> Self {
        let first_stage = recording.map_or(0, |recording| recording.0.begin_attempt(stages, tables));
        Self { recording: recording.cloned(), first_stage }
    }

    /// The same future; each of its polls becomes a span.
    pub(crate) fn record<F: Future>(
        &self,
        work: Work,
        future: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        let recording = self.recording.clone();
        let work = Work { stage: work.stage.map(|stage| stage.saturating_add(self.first_stage)), ..work };
        let mut future = Box::pin(future);
        std::future::poll_fn(move |context| {
            let _open = recording.as_ref().map(|recording| Open::new(recording, work));
            future.as_mut().poll(context)
        })
    }

    /// Decodes; that part of the current span is told apart, unless the whole span is for something else
    /// than running a task.
    pub(crate) fn decoding<T>(&self, decode: impl FnOnce() -> T) -> T {
        self.telling_apart(SpanKind::Decode, decode)
    }

    /// The same for making text of compressed bytes.
    pub(crate) fn unpacking<T>(&self, unpack: impl FnOnce() -> T) -> T {
        self.telling_apart(SpanKind::Unpack, unpack)
    }

    fn telling_apart<T>(&self, kind: SpanKind, work_in_it: impl FnOnce() -> T) -> T {
        let current = self.recording.as_ref().and_then(|recording| Some((recording, recording.0.current()?)));
        let _open = current
            .filter(|(_, work)| work.kind == SpanKind::Operate)
            .map(|(recording, work)| Open::new(recording, Work { kind, ..work }));
        work_in_it()
    }

    /// A task wishes for bytes.
    pub(crate) fn wish(&self) -> ReadMark {
        self.recording.as_ref().map_or_else(ReadMark::none, ReadMark::now)
    }

    /// A task of a stage has ended and given so many rows.
    pub(crate) fn task_done(&self, stage: usize, rows: usize) {
        if let Some(recording) = &self.recording {
            recording.0.task_done(self.first_stage as usize + stage, rows as u64);
        }
    }
}

/// A thread at work, until it is dropped: then the thread is back at what it did before, also after a
/// panic. A thread that waits inside of rayon may be at another task in between.
struct Open<'a> {
    recording: &'a Recording,
    before: Option<Work>,
}

impl<'a> Open<'a> {
    fn new(recording: &'a Recording, work: Work) -> Self {
        Self { recording, before: recording.0.turn_to(Some(work)) }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.recording.0.turn_to(self.before);
    }
}
