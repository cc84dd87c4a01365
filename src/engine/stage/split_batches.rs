//! The rows that a scan hands out of a split, batch by batch.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, NullArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{BatchCoalescer, FilterBuilder};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};

use crate::cache::Encoded;
use crate::format::{BadRecords, Selection};

/// A column of a split.
#[derive(Clone)]
pub(super) struct SplitColumn {
    pub(super) values: Values,
    /// Records whose field is no value of the column, among the rows that were decoded.
    pub(super) bad: Arc<BadRecords>,
}

/// Where the arrays of a column come from.
#[derive(Clone)]
pub(super) enum Values {
    /// Just decoded.
    Fresh(Vec<ArrayRef>),
    /// Just decoded, only the rows that pass the filter.
    Selected(Vec<ArrayRef>),
    /// Kept in the cache; made when they are wanted.
    Kept(Arc<dyn Encoded>),
}

impl Values {
    /// The array of one batch.
    pub(super) fn batch(&self, index: usize) -> Option<ArrayRef> {
        match self {
            Self::Fresh(arrays) | Self::Selected(arrays) => arrays.get(index).cloned(),
            Self::Kept(values) => values.batch(index),
        }
    }
}

/// The rows of a split that pass, batch by batch.
pub(super) struct SplitBatches {
    schema: SchemaRef,
    batch_rows: Vec<usize>,
    columns: Vec<Values>,
    next: usize,
    passing: Option<Passing>,
}

/// Rows that pass a filter, put together into batches of a good size.
struct Passing {
    selection: Selection,
    batches: BatchCoalescer,
}

impl SplitBatches {
    pub(super) fn empty() -> Self {
        Self::new(Arc::new(Schema::empty()), Vec::new(), Vec::new(), None)
    }

    /// The selected rows of batches with so many rows; all without a selection.
    pub(super) fn new(
        schema: SchemaRef,
        batch_rows: Vec<usize>,
        columns: Vec<Values>,
        selection: Option<Selection>,
    ) -> Self {
        let passing = selection.map(|selection| {
            let wanted_rows = batch_rows.first().copied().unwrap_or(0).max(1);
            let batches = BatchCoalescer::new(Arc::clone(&schema), wanted_rows)
                .with_biggest_coalesce_batch_size(Some(wanted_rows / 2));
            Passing { selection, batches }
        });
        Self { schema, batch_rows, columns, next: 0, passing }
    }

    /// The array of each column for a batch. What was just decoded is given away, so that it is freed
    /// as it is used.
    fn take(&mut self, index: usize) -> impl Iterator<Item = (bool, ArrayRef)> {
        self.columns.iter_mut().filter_map(move |values| match values {
            Values::Fresh(arrays) => Some((true, take(arrays, index)?)),
            Values::Selected(arrays) => Some((false, take(arrays, index)?)),
            Values::Kept(values) => Some((true, values.batch(index)?)),
        })
    }

    fn batch(&self, arrays: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options);
        batch.map_err(DataFusionError::from)
    }

    /// The rows of a batch that pass, if there are any.
    fn passing_batch(&mut self, index: usize) -> Result<Option<RecordBatch>> {
        let passing = self.passing.as_ref().and_then(|passing| passing.selection.batch(index).cloned());
        let Some(bits) = passing else { return Ok(None) };
        let selected = bits.count_set_bits();
        if selected == 0 {
            return Ok(None);
        }
        let some = selected < bits.len();
        let filter = some.then(|| FilterBuilder::new(&BooleanArray::new(bits, None)).optimize().build());
        let filtered = |(whole, array): (bool, ArrayRef)| match &filter {
            Some(filter) if whole => filter.filter(&array),
            _ => Ok(array),
        };
        let arrays = self.take(index).map(filtered).collect::<Result<Vec<_>, _>>()?;
        self.batch(arrays, selected).map(Some)
    }

    /// Puts batches together until one is large enough.
    fn next_passing(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            let batches = self.passing.as_mut().map(|passing| &mut passing.batches);
            let made = batches.and_then(BatchCoalescer::next_completed_batch);
            let index = self.next;
            if made.is_some() || index > self.batch_rows.len() {
                return Ok(made);
            }
            self.next += 1;
            let batch = self.passing_batch(index)?;
            let Some(passing) = &mut self.passing else { return Ok(None) };
            match batch {
                Some(batch) => passing.batches.push_batch(batch)?,
                None if index == self.batch_rows.len() => passing.batches.finish_buffered_batch()?,
                None => (),
            }
        }
    }
}

/// An array that nobody will ask for again.
fn take(arrays: &mut [ArrayRef], index: usize) -> Option<ArrayRef> {
    Some(std::mem::replace(arrays.get_mut(index)?, Arc::new(NullArray::new(0))))
}

impl Iterator for SplitBatches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.passing.is_some() {
            return self.next_passing().transpose();
        }
        let index = self.next;
        let rows = *self.batch_rows.get(index)?;
        self.next += 1;
        let arrays = self.take(index).map(|(_, array)| array).collect();
        Some(self.batch(arrays, rows))
    }
}
