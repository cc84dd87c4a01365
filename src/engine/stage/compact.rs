//! When the partial aggregate states in an exchange are merged, and how merged ones take their place.

use arrow::array::RecordBatch;
use datafusion::error::Result;

use super::Exchange;
use super::batch::batch_bytes;

/// Partial states are merged when so many rows of them, and as many again as were left by the last
/// merge, have come together: then each row is merged a logarithmic number of times.
const COMPACT_ROWS: usize = 128 * 1024;

/// When merging made hardly fewer of them, so many times as many come together before the next merge.
const UNMERGED_GROWTH: usize = 5;

/// The same for the bytes of sketches, of which few rows are already large.
const COMPACT_SKETCH_BYTES: usize = 8 << 20;

impl Exchange {
    /// Whether merging partial states is due; `sketches` tells whether they are sketches.
    pub(crate) fn wants_compaction(&self, sketches: bool) -> bool {
        let content = self.content();
        let is_due =
            |now: usize, compacted: usize, least: usize| now.saturating_sub(compacted) > least.max(compacted);
        is_due(content.rows, content.compacted_rows, COMPACT_ROWS)
            || sketches && is_due(content.bytes, content.compacted_bytes, COMPACT_SKETCH_BYTES)
    }

    /// Whether sketches come faster than they are merged.
    pub(crate) fn merging_is_behind(&self) -> bool {
        let content = self.content();
        let waiting_bytes = content.bytes.saturating_sub(content.compacted_bytes);
        waiting_bytes > 2 * COMPACT_SKETCH_BYTES.max(content.compacted_bytes)
    }

    /// Leaves states as they are for now, since memory did not suffice to merge them. Says whether they
    /// can go to the storage instead.
    pub(crate) fn postpone_compaction(&self) -> bool {
        let mut content = self.content();
        (content.compacted_rows, content.compacted_bytes) = (content.rows, content.bytes);
        self.spill.is_some()
    }

    /// Replaces, partition by partition, the first pieces by their merged form. What came since
    /// `frozen` was taken stays behind it. Comes to nothing when the stage has ended meanwhile, or the
    /// pieces have gone to the storage.
    ///
    /// # Errors
    /// When the memory budget is used up.
    pub(crate) fn replace(&self, frozen: &Self, merged: Vec<Vec<RecordBatch>>) -> Result<()> {
        let (spills, rows_before, counts): (usize, (usize, usize), Vec<usize>) = {
            let frozen = frozen.content();
            let rows = (frozen.rows, frozen.compacted_rows);
            (frozen.spills, rows, frozen.partitions.iter().map(Vec::len).collect())
        };
        let mut content = self.content();
        if content.sealed || content.spilling || content.spills != spills {
            return Ok(());
        }
        let (mut merged_rows, mut merged_bytes) = (0, 0);
        for ((pieces, count), batches) in content.partitions.iter_mut().zip(counts).zip(merged) {
            merged_rows += batches.iter().map(RecordBatch::num_rows).sum::<usize>();
            merged_bytes += batches.iter().map(batch_bytes).sum::<usize>();
            pieces.splice(..count, batches.into_iter().map(|batch| (0, batch)));
        }
        let pieces = || content.partitions.iter().flatten();
        let rows = pieces().map(|(_, batch)| batch.num_rows()).sum();
        let bytes = pieces().map(|(_, batch)| batch_bytes(batch)).sum();
        content.rows = rows;
        content.bytes = bytes;
        // Where few states were of the same group, merging them again is put off.
        let (rows_before, merged_before) = rows_before;
        let new_rows = rows_before.saturating_sub(merged_before);
        let few = merged_rows.saturating_sub(merged_before) > new_rows / 2;
        let put_off = if few { UNMERGED_GROWTH } else { 1 };
        content.compacted_rows = merged_rows * put_off;
        content.compacted_bytes = merged_bytes;
        if let Some(reservation) = &mut content.reservation {
            reservation.try_resize(bytes)?;
        }
        Ok(())
    }
}
