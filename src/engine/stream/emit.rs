//! When windows close, and which rows of the result are given.

use std::collections::{BTreeSet, HashSet};

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::error::DataFusionError;

use super::options::OutputMode;
use super::plan::{Merging, Shape};
use super::query::{StreamQuery, merge_fresh};
use super::run::Chosen;
use super::state::State;
use crate::Error;
use crate::output::ResultSet;
use crate::stage::{batch_bytes, drop_unused_text};

impl StreamQuery {
    /// The rows of the result that are due: in the mode append those of windows that have closed since the
    /// last call, in the mode update those of windows or groups that have changed, in the mode complete all.
    ///
    /// # Errors
    /// As for [`StreamQuery::step`].
    pub async fn emit(&mut self) -> Result<ResultSet, Error> {
        self.begin()?;
        self.rows_due().await.map_err(|error| self.explain(error))
    }

    async fn rows_due(&mut self) -> Result<ResultSet, Error> {
        let mut rows = std::mem::take(&mut self.pending);
        if self.shape != Shape::Passing {
            match self.options.mode {
                OutputMode::Append => {}
                OutputMode::Update if self.shape == Shape::Windowed => {
                    let changed = self.changed_windows(|_| true);
                    rows.extend(self.rows_of(&Chosen::These(changed)).await?);
                    self.settle()?;
                }
                OutputMode::Update => {
                    rows.extend(self.changed_groups().await?);
                    self.settle()?;
                }
                OutputMode::Complete => {
                    self.merge_sessions().await?;
                    rows = self.rows_of(&Chosen::All).await?;
                }
            }
        }
        self.waiting.free();
        self.has_changed = false;
        let given = rows.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
        self.counts.rows_out += given;
        self.is_broken = false;
        Ok(ResultSet::new(std::sync::Arc::clone(&self.schema), rows))
    }

    /// Closes the windows that the watermark has passed: their rows are given at the next call, and their
    /// state is dropped.
    pub(super) async fn close(&mut self) -> Result<(), Error> {
        if self.shape != Shape::Windowed || self.options.mode == OutputMode::Complete {
            return Ok(());
        }
        let (before, Some(closed)) = (self.dropped, self.closed()) else { return Ok(()) };
        if closed <= before {
            return Ok(());
        }
        let closing = Chosen::Between(before, closed);
        if self.has_windows(&closing) {
            self.merge_sessions().await?;
            let chosen = match self.options.mode {
                OutputMode::Update => Chosen::These(self.changed_windows(|end| closing.contains(end))),
                _ => closing,
            };
            let rows = self.rows_of(&chosen).await?;
            self.wait(rows)?;
            for (stage, state) in self.stages.iter().zip(&mut self.states) {
                state.retain(&stage.windows, &|value| stage.windows.last_end(value) > closed)?;
            }
        }
        self.dropped = closed;
        Ok(())
    }

    /// Keeps rows of the result until somebody asks for them.
    pub(super) fn wait(&mut self, rows: Vec<RecordBatch>) -> Result<(), Error> {
        let rows = rows.into_iter().filter(|batch| batch.num_rows() > 0).map(drop_unused_text);
        for batch in rows {
            self.waiting.try_grow(batch_bytes(&batch))?;
            self.pending.push(batch);
        }
        Ok(())
    }

    /// Whether the first window that is open is among these: later values have later windows. A row that is
    /// late for one use of its stream, and not for another, may stand before it.
    fn has_windows(&self, chosen: &Chosen) -> bool {
        self.stages.iter().zip(&self.states).any(|(stage, state)| {
            let first = state.values().find(|value| stage.windows.last_end(*value) > self.dropped);
            let mut found = false;
            first.into_iter().for_each(|value| {
                stage.windows.ends(value, &mut |end| found |= chosen.contains(end));
            });
            found
        })
    }

    /// The ends of open windows with fresh rows.
    fn changed_windows(&self, is_meant: impl Fn(i64) -> bool) -> BTreeSet<i64> {
        let mut changed = BTreeSet::new();
        for (stage, state) in self.stages.iter().zip(&self.states) {
            for value in state.fresh_values() {
                stage.windows.ends(value, &mut |end| {
                    if end > self.dropped && is_meant(end) {
                        changed.insert(end);
                    }
                });
            }
        }
        changed
    }

    /// The rows of the result in these windows.
    async fn rows_of(&self, chosen: &Chosen) -> Result<Vec<RecordBatch>, Error> {
        if matches!(chosen, Chosen::These(ends) if ends.is_empty()) {
            return Ok(Vec::new());
        }
        let mut kept = Vec::new();
        for (stage, state) in self.stages.iter().zip(&self.states) {
            let wanted = |value| {
                let mut wanted = matches!(chosen, Chosen::All);
                stage.windows.ends(value, &mut |end| wanted |= chosen.contains(end));
                wanted
            };
            kept.push((stage.stage, state.select(&stage.windows, &wanted)?));
        }
        let is_empty = kept.iter().flat_map(|(_, partitions)| partitions).all(Vec::is_empty);
        if is_empty && !matches!(chosen, Chosen::All) {
            return Ok(Vec::new());
        }
        self.machine.result(kept, chosen).await
    }

    /// The rows of groups without a window that have changed.
    async fn changed_groups(&self) -> Result<Vec<RecordBatch>, Error> {
        let (Some(stage), Some(state)) = (self.stages.first(), self.states.first()) else {
            return Ok(Vec::new());
        };
        if state.fresh.partitions.iter().all(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let chosen = rows_of_fresh_groups(state, stage.group_columns)?;
        self.machine.result(vec![(stage.stage, chosen)], &Chosen::All).await
    }

    /// Takes what was given for given, and merges it with what was given before.
    fn settle(&mut self) -> Result<(), Error> {
        for (stage, state) in self.stages.iter().zip(&mut self.states) {
            state.settle(&stage.windows)?;
        }
        Ok(())
    }

    /// Merges parts of sessions, so that each is whole.
    async fn merge_sessions(&mut self) -> Result<(), Error> {
        for (stage, state) in self.stages.iter().zip(&mut self.states) {
            if matches!(stage.merging, Merging::Sessions(_)) && !state.fresh.is_merged() {
                merge_fresh(&self.machine, stage, state).await?;
                state.reserve()?;
            }
        }
        Ok(())
    }
}

/// The rows of all groups that have a fresh row, by partition.
fn rows_of_fresh_groups(state: &State, groups: usize) -> Result<Vec<Vec<RecordBatch>>, DataFusionError> {
    let mut chosen = state.fresh.partitions.clone();
    let Some(schema) = chosen.iter().flatten().map(RecordBatch::schema).next() else { return Ok(chosen) };
    let fields = schema.fields().iter().take(groups);
    let fields = fields.map(|field| SortField::new(field.data_type().clone())).collect();
    let converter = RowConverter::new(fields)?;
    for (chosen, settled) in chosen.iter_mut().zip(&state.settled.partitions) {
        if groups == 0 {
            chosen.extend(settled.iter().cloned());
            continue;
        }
        let mut fresh: HashSet<OwnedRow> = HashSet::new();
        for piece in &*chosen {
            fresh
                .extend(converter.convert_columns(&piece.columns()[..groups])?.iter().map(|row| row.owned()));
        }
        for piece in settled {
            let keys = converter.convert_columns(&piece.columns()[..groups])?;
            let mask: BooleanArray = keys.iter().map(|key| Some(fresh.contains(&key.owned()))).collect();
            if mask.true_count() > 0 {
                chosen.push(filter_record_batch(piece, &mask)?);
            }
        }
    }
    Ok(chosen)
}
