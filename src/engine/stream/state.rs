//! What is kept of the rows of a stream: the output of a stage that scans, by partition.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;

use super::plan::StateWindows;
use crate::stage::{batch_bytes, drop_unused_text};

/// Rows are merged when so many, and as many again as the last merge left, have come.
const MERGE_ROWS: usize = 16 << 10;
/// The same for bytes, as the states of sketches are few and large.
const MERGE_BYTES: usize = 4 << 20;
/// Or when they have come in so many pieces, which take more room than their rows.
const MERGE_PIECES: usize = 1 << 10;

/// The state of one stage. Rows are fresh until their effect on the result has been given.
#[derive(Debug)]
pub(super) struct State {
    pub(super) settled: Kept,
    pub(super) fresh: Kept,
    reservation: MemoryReservation,
}

/// Rows by partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) partitions: Vec<Vec<RecordBatch>>,
    rows: usize,
    bytes: usize,
    pieces: usize,
    /// What the last merge left.
    merged_rows: usize,
    merged_bytes: usize,
    merged_pieces: usize,
    /// The windows or panes that there are rows of, by the values of their column.
    values: BTreeSet<i64>,
}

impl State {
    pub(super) fn new(partitions: usize, reservation: MemoryReservation) -> Self {
        let empty = Kept { partitions: vec![Vec::new(); partitions], ..Kept::default() };
        Self { settled: empty.clone(), fresh: empty, reservation }
    }

    pub(super) fn rows(&self) -> usize {
        self.settled.rows + self.fresh.rows
    }

    pub(super) fn bytes(&self) -> usize {
        self.settled.bytes + self.fresh.bytes
    }

    /// The values of all windows or panes.
    pub(super) fn values(&self) -> impl Iterator<Item = i64> + '_ {
        self.settled.values.union(&self.fresh.values).copied()
    }

    /// The values of those with fresh rows.
    pub(super) fn fresh_values(&self) -> impl Iterator<Item = i64> + '_ {
        self.fresh.values.iter().copied()
    }

    /// Counts what there is against the budget.
    ///
    /// # Errors
    /// When it is used up.
    pub(super) fn reserve(&mut self) -> Result<()> {
        let bytes = self.bytes();
        self.reservation.try_resize(bytes)
    }

    /// All rows whose value is wanted, by partition.
    pub(super) fn select(
        &self,
        windows: &StateWindows,
        wanted: &dyn Fn(i64) -> bool,
    ) -> Result<Vec<Vec<RecordBatch>>> {
        let mut selected = self.settled.select(windows, wanted)?;
        for (pieces, fresh) in selected.iter_mut().zip(self.fresh.select(windows, wanted)?) {
            pieces.extend(fresh);
        }
        Ok(selected)
    }

    /// Forgets rows whose value is not kept.
    pub(super) fn retain(&mut self, windows: &StateWindows, keeps: &dyn Fn(i64) -> bool) -> Result<()> {
        for kept in [&mut self.settled, &mut self.fresh] {
            if !kept.values.iter().all(|value| keeps(*value)) {
                let partitions = kept.select(windows, keeps)?;
                let merged = (kept.merged_rows, kept.merged_bytes, kept.merged_pieces);
                *kept = Kept::of(partitions, windows)?;
                kept.merged_rows = merged.0.min(kept.rows);
                kept.merged_bytes = merged.1.min(kept.bytes);
                kept.merged_pieces = merged.2.min(kept.pieces);
            }
        }
        self.reserve()
    }

    /// Takes fresh rows for settled ones.
    pub(super) fn settle(&mut self, windows: &StateWindows) -> Result<()> {
        let partitions = vec![Vec::new(); self.fresh.partitions.len()];
        let fresh = std::mem::replace(&mut self.fresh, Kept { partitions, ..Kept::default() });
        for (partition, pieces) in fresh.partitions.into_iter().enumerate() {
            for piece in pieces {
                self.settled.append(partition, piece, windows)?;
            }
        }
        Ok(())
    }
}

impl Kept {
    /// Rows that have just been merged.
    pub(super) fn merged(partitions: Vec<Vec<RecordBatch>>, windows: &StateWindows) -> Result<Self> {
        let mut kept = Self::of(partitions, windows)?;
        (kept.merged_rows, kept.merged_bytes, kept.merged_pieces) = (kept.rows, kept.bytes, kept.pieces);
        Ok(kept)
    }

    /// These rows, of which nobody knows whether they can be merged.
    pub(super) fn of(partitions: Vec<Vec<RecordBatch>>, windows: &StateWindows) -> Result<Self> {
        let mut kept = Self { partitions: vec![Vec::new(); partitions.len()], ..Self::default() };
        for (partition, pieces) in partitions.into_iter().enumerate() {
            for piece in pieces {
                kept.append(partition, piece, windows)?;
            }
        }
        Ok(kept)
    }

    pub(super) fn append(
        &mut self,
        partition: usize,
        piece: RecordBatch,
        windows: &StateWindows,
    ) -> Result<()> {
        if piece.num_rows() == 0 {
            return Ok(());
        }
        if let Some(column) = windows.column() {
            let mut last = None;
            for value in
                values(&piece, column)?.into_iter().filter(|value| last.replace(*value) != Some(*value))
            {
                self.values.insert(value);
            }
        }
        let piece = drop_unused_text(piece);
        self.rows += piece.num_rows();
        self.bytes += batch_bytes(&piece);
        self.pieces += 1;
        if let Some(pieces) = self.partitions.get_mut(partition) {
            pieces.push(piece);
        }
        Ok(())
    }

    /// Whether merging is worth its while.
    pub(super) fn wants_merging(&self) -> bool {
        let is_due = |now: usize, merged: usize, least: usize| now - merged.min(now) > least.max(merged);
        is_due(self.rows, self.merged_rows, MERGE_ROWS)
            || is_due(self.bytes, self.merged_bytes, MERGE_BYTES)
            || is_due(self.pieces, self.merged_pieces, MERGE_PIECES)
    }

    /// Whether no row has come since the last merge.
    pub(super) fn is_merged(&self) -> bool {
        self.rows == self.merged_rows
    }

    fn select(&self, windows: &StateWindows, wanted: &dyn Fn(i64) -> bool) -> Result<Vec<Vec<RecordBatch>>> {
        let Some(column) = windows.column() else { return Ok(self.partitions.clone()) };
        if self.values.iter().all(|value| wanted(*value)) {
            return Ok(self.partitions.clone());
        }
        let chosen: BTreeSet<i64> = self.values.iter().copied().filter(|value| wanted(*value)).collect();
        let select = |pieces: &Vec<RecordBatch>| {
            let mut selected = Vec::new();
            for piece in pieces {
                let mut last = None;
                let mask: BooleanArray = values(piece, column)?
                    .into_iter()
                    .map(|value| match last {
                        Some((same, is_chosen)) if same == value => Some(is_chosen),
                        _ => {
                            let is_chosen = chosen.contains(&value);
                            last = Some((value, is_chosen));
                            Some(is_chosen)
                        }
                    })
                    .collect();
                if mask.true_count() > 0 {
                    selected.push(filter_record_batch(piece, &mask)?);
                }
            }
            Ok(selected)
        };
        self.partitions.iter().map(select).collect()
    }
}

/// The values of a column of timestamps, as numbers. A window's bound is never NULL.
fn values(batch: &RecordBatch, column: usize) -> Result<Vec<i64>> {
    let numbers = cast(batch.column(column), &DataType::Int64)?;
    debug_assert_eq!(numbers.null_count(), 0);
    Ok(numbers.as_primitive::<Int64Type>().values().to_vec())
}
