//! One running query over streams. Read [`StreamQuery::step`] first.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use datafusion::execution::memory_pool::MemoryReservation;
use millrace_protocol::{BadRow, ErrorInfo, ErrorKind};

use super::event_time::arrived;
use super::late::{LateRows, event_times, part};
use super::options::{OutputMode, StreamOptions};
use super::plan::{Late, Merging, Shape, StateStage};
use super::run::{Chosen, Machine};
use super::state::{Kept, State};
use super::status::{SourceStatus, StreamStatus};
use super::table::{MicroBatch, StreamTable};
use super::watermark::{END, Watermarks};
use super::{Polled, StreamSource};
use crate::Error;
use crate::output::ResultSet;

/// Bad rows and notices that are kept to be shown.
const BAD_ROWS_KEPT: usize = 1_000;
const NOTICES_KEPT: usize = 100;

/// Steps after which hash tables of tables that are looked up are built anew, because each step leaves measurements
/// with them.
pub(super) const RENEW_STEPS: u32 = 64;

/// A query over streams. It runs only while it is asked to: [`StreamQuery::step`] takes rows,
/// [`StreamQuery::emit`] gives those of the result. After an error it is over; a checkpoint brings it back.
pub struct StreamQuery {
    pub(super) sql: String,
    pub(super) options: StreamOptions,
    pub(super) machine: Machine,
    pub(super) schema: arrow::datatypes::SchemaRef,
    pub(super) shape: Shape,
    pub(super) stages: Vec<StateStage>,
    /// As the stages are.
    pub(super) states: Vec<State>,
    pub(super) tables: Vec<StreamTable>,
    pub(super) inputs: Vec<Input>,
    pub(super) watermarks: Watermarks,
    pub(super) late: LateRows,
    /// Windows that end up to here have closed, in microseconds.
    pub(super) dropped: i64,
    /// Rows of the result that have not been asked for yet.
    pub(super) pending: Vec<RecordBatch>,
    /// The memory that they take.
    pub(super) waiting: MemoryReservation,
    /// The memory of the tables that are looked up.
    pub(super) _lookups: MemoryReservation,
    /// Steps until their hash tables are built anew.
    pub(super) steps_to_renew: u32,
    pub(super) counts: Counts,
    pub(super) bad_rows: Vec<BadRow>,
    pub(super) notices: VecDeque<String>,
    pub(super) now_millis: Option<i64>,
    /// Whether rows have come or windows have closed since the result was given last.
    pub(super) has_changed: bool,
    /// Whether a step has begun that has not come to its end.
    pub(super) is_broken: bool,
}

/// A source of a query.
pub(super) struct Input {
    pub(super) table: usize,
    pub(super) source: Box<dyn StreamSource>,
    pub(super) rows: u64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Counts {
    pub(super) rows_in: u64,
    pub(super) rows_out: u64,
    pub(super) rows_without_time: u64,
    pub(super) bad_rows: u64,
    pub(super) notices: u64,
}

/// What a step took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Rows that came.
    pub rows: u64,
    /// Whether all sources have ended.
    pub ended: bool,
}

impl StreamQuery {
    /// Takes the rows that the sources have at this time, in milliseconds, which must not go back. Rows are
    /// late or not by the watermark as it stood before; then it advances, and windows close.
    ///
    /// # Errors
    /// When a source fails, a value makes the query fail, or the state does not fit into the budget. The query
    /// is then over, as it is when the future is dropped before its end.
    pub async fn step(&mut self, now_millis: i64) -> Result<Step, Error> {
        self.begin()?;
        self.take_step(now_millis).await.map_err(|error| self.explain(error))
    }

    async fn take_step(&mut self, now_millis: i64) -> Result<Step, Error> {
        let now_millis = self.now_millis.map_or(now_millis, |before| before.max(now_millis));
        self.now_millis = Some(now_millis);
        self.steps_to_renew = self.steps_to_renew.saturating_sub(1);
        if self.steps_to_renew == 0 {
            self.steps_to_renew = RENEW_STEPS;
            self.machine.renew()?;
        }
        let mut tables = vec![Vec::new(); self.tables.len()];
        let mut rows = 0;
        for number in 0..self.inputs.len() {
            if self.watermarks.sources()[number].ended {
                continue;
            }
            let polled = self.inputs[number].source.poll(now_millis, self.options.step_rows).await?;
            rows += self.take(number, polled, now_millis, &mut tables)?;
        }
        if tables.iter().any(|batches| !batches.is_empty()) {
            self.ingest(tables).await?;
        }
        self.watermarks.advance(now_millis);
        self.close().await?;
        self.is_broken = false;
        Ok(Step { rows, ended: self.watermarks.current() == Some(END) })
    }

    /// Ends all sources: open windows close.
    ///
    /// # Errors
    /// As for [`StreamQuery::step`].
    pub async fn finish(&mut self) -> Result<(), Error> {
        self.begin()?;
        (0..self.inputs.len()).for_each(|number| self.watermarks.end(number));
        self.watermarks.advance(self.now_millis.unwrap_or(0));
        self.close().await.map_err(|error| self.explain(error))?;
        self.is_broken = false;
        Ok(())
    }

    /// Whether [`StreamQuery::emit`] would give something new: rows are due, or in the modes update and complete
    /// something has changed since it was called last.
    pub fn has_news(&self) -> bool {
        let follows_changes = self.options.mode != OutputMode::Append && self.shape != Shape::Passing;
        !self.pending.is_empty() || (follows_changes && self.has_changed)
    }

    pub(super) fn begin(&mut self) -> Result<(), Error> {
        if self.is_broken {
            let info = ErrorInfo::new(ErrorKind::Data, "This stream has failed before.")
                .with_hint("Start it anew, or go on from its last checkpoint.");
            return Err(Error::Sql(Box::new(info)));
        }
        self.is_broken = true;
        Ok(())
    }

    /// Sorts what a source gave into rows in time, which go to `tables`, and late ones.
    fn take(
        &mut self,
        number: usize,
        polled: Polled,
        now_millis: i64,
        tables: &mut [Vec<RecordBatch>],
    ) -> Result<u64, Error> {
        let table = self.inputs[number].table;
        let uses: Vec<&Late> =
            self.stages.iter().flat_map(|stage| &stage.late).filter(|late| late.table == table).collect();
        // Nothing closes in the mode complete, so that no row is too late.
        let closed = self.closed().filter(|_| self.options.mode != OutputMode::Complete);
        let mut rows = 0;
        let mut highest = None;
        let schema = &self.tables[table].schema;
        let arrival_millis = self.arrival_millis(number, now_millis);
        for mut batch in polled.batches {
            rows += batch.num_rows() as u64;
            if let Some(millis) = arrival_millis {
                batch = arrived(&batch, schema, millis)?;
            }
            let times = event_times(&batch, self.tables[table].event_time)?;
            self.counts.rows_without_time += times.null_count() as u64;
            highest = highest.max(arrow::compute::max(&times));
            let (in_time, late) = part(batch, &times, &uses, closed.unwrap_or(i64::MIN))?;
            if let Some(late) = late {
                self.late.add(table, late);
            }
            if in_time.num_rows() > 0 {
                tables[table].push(in_time);
            }
        }
        // Time goes on without a row where it is that of arrival: windows close by the clock.
        let highest = highest.max(arrival_millis.map(|millis| millis.saturating_mul(1000)));
        if rows > 0 || arrival_millis.is_some() {
            self.watermarks.observe(number, highest, now_millis);
        }
        if polled.ended {
            self.watermarks.end(number);
        }
        self.has_changed |= rows > 0;
        self.inputs[number].rows += rows;
        self.counts.rows_in += rows;
        self.counts.bad_rows += polled.bad_count;
        let room = BAD_ROWS_KEPT.saturating_sub(self.bad_rows.len());
        self.bad_rows.extend(polled.bad_rows.into_iter().take(room));
        for notice in polled.notices {
            if self.notices.back() != Some(&notice) {
                self.counts.notices += 1;
                self.notices.push_back(notice);
            }
        }
        self.notices.drain(..self.notices.len().saturating_sub(NOTICES_KEPT));
        Ok(rows)
    }

    /// The event time of rows that come now, if it is their arrival. A clock that was set back, also since a checkpoint,
    /// takes it nowhere.
    fn arrival_millis(&self, number: usize, now_millis: i64) -> Option<i64> {
        let before = self.watermarks.sources()[number].highest.map(|micros| micros.div_euclid(1000));
        let by_arrival = self.inputs[number].source.event_time().is_none();
        by_arrival.then(|| before.map_or(now_millis, |before| before.max(now_millis)))
    }

    /// Runs the stages that scan over rows, and keeps what they give.
    async fn ingest(&mut self, tables: Vec<Vec<RecordBatch>>) -> Result<(), Error> {
        let partitions = self.tables.first().map_or(1, |table| table.partitions);
        let rows = Arc::new(MicroBatch::new(tables, partitions));
        let mut passed = Vec::new();
        for (stage, state) in self.stages.iter().zip(&mut self.states) {
            let output = self.machine.scan(stage, &rows).await?;
            if self.shape == Shape::Passing {
                passed.push((stage.stage, output));
                continue;
            }
            for (partition, pieces) in output.into_iter().enumerate() {
                for piece in pieces {
                    state.fresh.append(partition, piece, &stage.windows)?;
                }
            }
            let is_full = state.reserve().is_err();
            if is_full || state.fresh.wants_merging() {
                merge_fresh(&self.machine, stage, state).await?;
            }
            if is_full || state.settled.wants_merging() {
                let settled = std::mem::take(&mut state.settled.partitions);
                state.settled = Kept::merged(self.machine.merge(stage, settled).await?, &stage.windows)?;
            }
            state.reserve()?;
        }
        if !passed.is_empty() {
            let rows = self.machine.result(passed, &Chosen::All).await?;
            self.wait(rows)?;
        }
        Ok(())
    }

    /// Windows that end up to here take no more rows, in microseconds.
    pub(super) fn closed(&self) -> Option<i64> {
        let watermark = self.watermarks.current()?;
        let lateness = self.options.lateness_millis.saturating_mul(1000);
        Some(if watermark == END { END } else { watermark.saturating_sub(lateness) })
    }

    /// Names and types of the result's columns.
    pub fn schema(&self) -> &arrow::datatypes::SchemaRef {
        &self.schema
    }

    /// The rows of a stream that came too late, as far as they are kept.
    pub fn late_rows(&self, table: &str) -> Option<ResultSet> {
        let table = self.tables.iter().find(|other| other.name == table)?;
        Some(self.late.rows(table.id, &table.schema))
    }

    /// The first records that did not fit.
    pub fn bad_rows(&self) -> &[BadRow] {
        &self.bad_rows
    }

    /// What is known at this moment.
    pub fn status(&self) -> StreamStatus {
        let millis = |micros: i64| micros.div_euclid(1000);
        let watermark = self.watermarks.current();
        let going_on = watermark.filter(|watermark| *watermark != END);
        let source = |(input, time): (&Input, &super::watermark::SourceTime)| SourceStatus {
            name: input.source.name().to_owned(),
            rows: input.rows,
            highest_millis: time.highest.map(millis),
            idle: time.idle,
            ended: time.ended,
            position: input.source.position(),
        };
        StreamStatus {
            rows_in: self.counts.rows_in,
            rows_out: self.counts.rows_out,
            late_rows: self.late.count,
            rows_without_time: self.counts.rows_without_time,
            bad_rows: self.counts.bad_rows,
            watermark_millis: watermark.map(millis),
            lag_millis: going_on.zip(self.now_millis).map(|(watermark, now)| now - millis(watermark)),
            open_windows: self.open_windows(),
            state_rows: self.states.iter().map(|state| state.rows() as u64).sum(),
            state_bytes: self.states.iter().map(|state| state.bytes() as u64).sum(),
            sources: self.inputs.iter().zip(self.watermarks.sources()).map(source).collect(),
            notices: self.notices.iter().cloned().collect(),
            notice_count: self.counts.notices,
        }
    }

    fn open_windows(&self) -> u64 {
        let mut ends = std::collections::BTreeSet::new();
        let mut parts = 0;
        for (stage, state) in self.stages.iter().zip(&self.states) {
            if matches!(stage.merging, Merging::Sessions(_)) {
                parts += state.rows() as u64;
                continue;
            }
            for value in state.values() {
                stage.windows.ends(value, &mut |end| {
                    if end > self.dropped {
                        ends.insert(end);
                    }
                });
            }
        }
        ends.len() as u64 + parts
    }
}

/// Merges the fresh rows of a state.
pub(super) async fn merge_fresh(
    machine: &Machine,
    stage: &StateStage,
    state: &mut State,
) -> Result<(), Error> {
    let fresh = std::mem::take(&mut state.fresh.partitions);
    state.fresh = Kept::merged(machine.merge(stage, fresh).await?, &stage.windows)?;
    Ok(())
}
