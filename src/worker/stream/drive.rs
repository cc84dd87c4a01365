//! The loop of a stream: steps by the clock, rows and status at their pace, checkpoints.

use std::rc::Rc;

use millrace_engine::output::ResultSet;
use millrace_engine::stream::{RollingResult, StreamQuery, StreamStatus as EngineStatus};
use millrace_protocol::{
    CheckpointInfo, CheckpointPlan, CommandId, ErrorInfo, ErrorKind, Event, StreamPhase, StreamSourceStatus,
    StreamSpec, StreamStatus,
};
use wasm_bindgen::JsValue;

use super::checkpoint::{self, Place};
use super::pace::Pace;
use super::sources::{Opened, options};
use super::{Controls, Wish};
use crate::clock::{now_millis, since_1970_millis, sleep_millis};
use crate::dispatch::Worker;
use crate::event::post;

/// Time between two steps while few rows come, and while a file is looked at.
const STEP_MILLIS: f64 = 10.0;
const LOOK_MILLIS: f64 = 40.0;

/// How long a paused stream waits before it looks whether it shall go on.
const PAUSED_MILLIS: f64 = 40.0;

/// Bad rows that the status lists.
const BAD_ROWS_LISTED: usize = 20;

/// A running stream.
struct Drive<'a> {
    worker: &'a Worker,
    id: CommandId,
    query: StreamQuery,
    tables: Vec<String>,
    /// Lent to the pool while rows are added.
    shown: Option<RollingResult>,
    pace: Pace,
    started_millis: f64,
    place: Option<Place>,
    checkpoint: Option<CheckpointInfo>,
}

impl Worker {
    /// Runs a stream until it is stopped or its sources have ended.
    pub(crate) async fn run_stream(
        &self,
        id: CommandId,
        spec: StreamSpec,
        plan: Option<CheckpointPlan>,
        handles: Vec<JsValue>,
    ) -> Result<Event, ErrorInfo> {
        let controls = self.streams.add(id);
        self.queries.add_result(id);
        let ended = self.run_with(id, spec, plan, handles, &controls).await;
        controls.late.borrow_mut().get_or_insert_default();
        // Whoever still waits for an answer hears that there is none.
        controls.wishes.borrow_mut().clear();
        ended
    }

    async fn run_with(
        &self,
        id: CommandId,
        spec: StreamSpec,
        plan: Option<CheckpointPlan>,
        handles: Vec<JsValue>,
        controls: &Rc<Controls>,
    ) -> Result<Event, ErrorInfo> {
        let started_millis = now_millis();
        let place = match (&plan, &self.checkpoints) {
            (Some(plan), Some(checkpoints)) => Some(Place::open(checkpoints.clone(), &plan.name).await?),
            (Some(_), None) => return Err(no_private_files()),
            (None, _) => None,
        };
        let goes_on = plan.as_ref().is_some_and(|plan| plan.resume);
        let mut notices = Vec::new();
        let opened = self
            .open_sources(&spec, handles, goes_on, controls, |more| {
                notices.extend(more);
                let notice_count = notices.len() as u64;
                let status =
                    StreamStatus { notices: notices.clone(), notice_count, ..StreamStatus::default() };
                post(Event::StreamStatus { id, status });
            })
            .await?;
        let Opened { inputs, connections, has_files } = opened;
        let mut tables: Vec<String> = Vec::new();
        for source in &spec.sources {
            if !tables.contains(&source.table) {
                tables.push(source.table.clone());
            }
        }
        let kept = match (&plan, &place) {
            (Some(plan), Some(place)) if plan.resume => Some(place.read().await?.ok_or_else(nothing_kept)?),
            _ => None,
        };
        let options = options(&spec);
        let mode = options.mode;
        let (query, shown) = match &kept {
            Some(bytes) => {
                let (shown_rows, query) = checkpoint::parts(bytes)?;
                let query = self.engine.resume_stream(query, inputs).await.map_err(|error| error.info())?;
                let mut shown = RollingResult::new(query.schema().clone(), mode);
                shown.restore(shown_rows).map_err(|error| error.info())?;
                (query, shown)
            }
            None => {
                let query = self.engine.stream(&spec.sql, inputs, options).await;
                let query = query.map_err(|error| error.info())?;
                let shown = RollingResult::new(query.schema().clone(), mode);
                (query, shown)
            }
        };
        drop(kept);
        let every_millis = plan.as_ref().map_or(f64::INFINITY, |plan| plan.every_millis.max(500.0));
        let mut drive = Drive {
            worker: self,
            id,
            query,
            tables,
            pace: Pace::new(started_millis, every_millis),
            started_millis,
            checkpoint: plan.map(|_| CheckpointInfo::default()),
            place,
            shown: Some(shown),
        };
        let ended = drive.run(controls, if has_files { LOOK_MILLIS } else { STEP_MILLIS }).await;
        *controls.late.borrow_mut() = Some(drive.late_rows());
        drop(connections);
        ended
    }
}

impl Drive<'_> {
    async fn run(&mut self, controls: &Rc<Controls>, wait_millis: f64) -> Result<Event, ErrorInfo> {
        // Its columns can be shown at once.
        self.show();
        let mut was_paused = false;
        let phase = loop {
            self.grant(controls).await;
            if let Some(close_windows) = controls.stop.get() {
                // What is kept goes on where the sources were; windows that are closed now would close twice.
                self.keep().await;
                if close_windows {
                    self.query.finish().await.map_err(|error| error.info())?;
                }
                break StreamPhase::Stopped;
            }
            let is_paused = controls.paused.get();
            if is_paused {
                if !was_paused || self.pace.takes_status(now_millis()) {
                    self.tell(StreamPhase::Paused);
                }
                was_paused = true;
                sleep_millis(PAUSED_MILLIS).await;
                continue;
            }
            was_paused = false;
            let step = self.query.step(since_1970_millis() as i64).await.map_err(|error| error.info())?;
            if self.query.has_news() && self.pace.rows_are_due(now_millis()) {
                self.give().await?;
            }
            if self.pace.takes_status(now_millis()) {
                self.tell(StreamPhase::Running);
            }
            if self.pace.checkpoint_is_due(now_millis()) {
                self.keep().await;
            }
            if step.ended {
                break StreamPhase::Ended;
            }
            // A source that had many rows may have more.
            sleep_millis(if step.rows > 10_000 { 0.0 } else { wait_millis }).await;
        };
        if self.query.has_news() {
            self.give().await?;
        }
        if phase == StreamPhase::Ended {
            self.keep().await;
        }
        let result = self.show();
        Ok(Event::StreamEnded { id: self.id, result, status: self.status(phase) })
    }

    /// Gives the rows that are due.
    async fn give(&mut self) -> Result<(), ErrorInfo> {
        let began = now_millis();
        let given = self.query.emit().await.map_err(|error| error.info())?;
        if let Some(mut shown) = self.shown.take() {
            let added = self.worker.engine.on_pool(move || {
                let added = shown.add(&given);
                (shown, added)
            });
            let (shown, added) = added.await.map_err(|error| error.info())?;
            self.shown = Some(shown);
            added.map_err(|error| error.info())?;
        }
        let result = self.show();
        post(Event::Snapshot { id: self.id, result });
        self.pace.rows_given(began, now_millis());
        Ok(())
    }

    /// Lets the page read the rows as they are now.
    fn show(&self) -> millrace_protocol::ResultInfo {
        let empty = || ResultSet::new(self.query.schema().clone(), Vec::new());
        let rows = self.shown.as_ref().map_or_else(empty, RollingResult::result);
        self.worker.queries.keep(self.id, 1.0, rows)
    }

    fn tell(&mut self, phase: StreamPhase) {
        let status = self.status(phase);
        post(Event::StreamStatus { id: self.id, status });
    }

    /// Makes a checkpoint where they are kept. One that fails is told, and the stream goes on.
    async fn keep(&mut self) {
        let Some(place) = &self.place else { return };
        let Some(shown) = &self.shown else { return };
        let kept = match checkpoint::to_bytes(&self.query, shown) {
            Ok(bytes) => place.write(&bytes).await,
            Err(error) => Err(error.info()),
        };
        let last = self.checkpoint.get_or_insert_default();
        match kept {
            Ok(bytes) => {
                *last =
                    CheckpointInfo { made_millis: Some(since_1970_millis().floor()), bytes, failure: None };
            }
            Err(error) => last.failure = Some(error.message),
        }
        self.pace.checkpoint_made(now_millis());
    }

    /// Answers what only the owner of the query can.
    async fn grant(&mut self, controls: &Rc<Controls>) {
        let wishes = std::mem::take(&mut *controls.wishes.borrow_mut());
        for wish in wishes {
            // Whoever asked may have gone.
            match wish {
                Wish::Late(answer) => drop(answer.send(self.late_rows())),
                Wish::Checkpoint(answer) => {
                    self.keep().await;
                    drop(answer.send(match &self.checkpoint {
                        Some(CheckpointInfo { failure: Some(failure), .. }) => {
                            Err(ErrorInfo::new(ErrorKind::Storage, failure.clone()))
                        }
                        Some(made) => Ok(made.clone()),
                        None => {
                            Err(ErrorInfo::new(ErrorKind::Unsupported, "This stream keeps no checkpoints."))
                        }
                    }));
                }
            }
        }
    }

    fn late_rows(&self) -> Vec<(String, ResultSet)> {
        let rows = |table: &String| Some((table.clone(), self.query.late_rows(table)?));
        self.tables.iter().filter_map(rows).collect()
    }

    fn status(&mut self, phase: StreamPhase) -> StreamStatus {
        let now = now_millis();
        let EngineStatus {
            rows_in,
            rows_out,
            late_rows,
            rows_without_time,
            bad_rows,
            watermark_millis,
            lag_millis,
            open_windows,
            state_rows,
            state_bytes,
            sources,
            notices,
            notice_count,
        } = self.query.status();
        let is_running = phase == StreamPhase::Running;
        let rows_per_second = self.pace.rows_per_second(now, rows_in);
        StreamStatus {
            phase,
            elapsed_millis: now - self.started_millis,
            rows_in,
            rows_out,
            rows_per_second: if is_running { rows_per_second } else { 0.0 },
            late_rows,
            rows_without_time,
            bad_rows,
            bad_row_list: self.query.bad_rows().iter().take(BAD_ROWS_LISTED).cloned().collect(),
            // Behind all times when everything has ended: then there is none to tell.
            watermark_millis: watermark_millis.filter(|_| lag_millis.is_some()).map(|millis| millis as f64),
            lag_millis: lag_millis.map(|millis| millis as f64),
            open_windows,
            state_rows,
            state_bytes,
            sources: sources
                .into_iter()
                .map(|source| StreamSourceStatus {
                    name: source.name,
                    rows: source.rows,
                    highest_millis: source.highest_millis.map(|millis| millis as f64),
                    idle: source.idle,
                    ended: source.ended,
                })
                .collect(),
            notices,
            notice_count,
            checkpoint: self.checkpoint.clone(),
        }
    }
}

fn no_private_files() -> ErrorInfo {
    ErrorInfo::new(
        ErrorKind::Browser,
        "This browser gives the site no private files, so checkpoints cannot be kept.",
    )
    .with_hint("Start the stream without checkpoints, or in a normal window.")
}

fn nothing_kept() -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Storage, "No checkpoint of this stream is kept.")
        .with_hint("Start the stream from its beginning.")
}
