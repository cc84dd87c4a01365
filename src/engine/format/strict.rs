//! Rows of which every field must fit, whichever columns a query uses.

use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter_record_batch;

use super::batch::internal;
use super::{BadRecords, DecodeError, Decoded, Decoder, FormatError, Selection, SplitBytes};

/// Decodes all columns of every row, so that a row is bad or not for every query. Bad rows are counted once each, as
/// records of the wrong shape are; they are left out, or stay for an error that is told at the end.
///
/// This takes as long as a query over all columns does: the price of the same answer for every query.
#[derive(Debug)]
pub struct Strict {
    inner: Arc<dyn Decoder>,
    columns: usize,
    skips: bool,
}

impl Strict {
    /// A stricter decoder for a table of so many columns, which leaves out bad rows if it `skips`; `None` when the
    /// decoder cannot list all that is bad.
    pub fn try_new(decoder: &Arc<dyn Decoder>, columns: usize, skips: bool) -> Option<Self> {
        Some(Self { inner: decoder.listing_all()?, columns, skips })
    }
}

impl Decoder for Strict {
    fn format_name(&self) -> Option<&'static str> {
        self.inner.format_name()
    }

    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        let all: Vec<usize> = (0..self.columns).collect();
        let mut decoded = self.inner.decode(split, &all, None)?;
        let bad = BadRecords::by_rows(std::iter::once(&decoded.bad_shapes).chain(&decoded.bad_fields));
        let mut bad_rows = bad.listed.iter().map(|bad| bad.row_in_split).peekable();
        let mut first = 0;
        let mut batches = Vec::with_capacity(decoded.batches.len());
        for (index, batch) in decoded.batches.drain(..).enumerate() {
            let end = first + batch.num_rows() as u64;
            let mut batch = batch.project(projection).map_err(internal)?;
            if self.skips && bad_rows.peek().is_some_and(|&row| row < end) {
                let mut good = vec![true; batch.num_rows()];
                while let Some(row) = bad_rows.next_if(|&row| row < end) {
                    if let Some(good) = usize::try_from(row - first).ok().and_then(|row| good.get_mut(row)) {
                        *good = false;
                    }
                }
                batch = only(&batch, good.into())?;
            }
            first = end;
            if let Some(selected) = selection.and_then(|selection| selection.batch(index)) {
                batch = only(&batch, selected.clone())?;
            }
            batches.push(batch);
        }
        if self.skips {
            decoded.rows -= bad.count.min(decoded.rows);
        }
        decoded.batches = batches;
        decoded.bad_shapes = bad.cut();
        decoded.bad_fields = vec![BadRecords::default(); projection.len()];
        Ok(decoded)
    }

    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        Some(Arc::clone(&self.inner))
    }
}

fn only(batch: &RecordBatch, rows: BooleanBuffer) -> Result<RecordBatch, FormatError> {
    filter_record_batch(batch, &BooleanArray::new(rows, None)).map_err(internal)
}
