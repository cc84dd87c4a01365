//! When the partial aggregate states in an exchange are merged, and how merged ones take their place.

use arrow::array::RecordBatch;
use datafusion::error::Result;

use super::Exchange;
use super::batch::batch_bytes;

/// Partial states are merged when so many rows of them, and as many again as were left by the last
/// merge, have come together: then each row is merged a logarithmic number of times.
const COMPACT_ROWS: usize = 128 * 1024;

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
        let (spills, rows_before, counts): (usize, usize, Vec<usize>) = {
            let frozen = frozen.content();
            (frozen.spills, frozen.rows, frozen.partitions.iter().map(Vec::len).collect())
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
        // With as many rows as there are groups, a third of them are of the same group as others: merging before
        // would leave nearly as many as there were.
        let groups = expected_groups(rows_before, content.merged_rows, merged_rows);
        content.merged_rows = merged_rows;
        content.compacted_rows = merged_rows.max(groups / 2);
        content.compacted_bytes = merged_bytes;
        if let Some(reservation) = &mut content.reservation {
            reservation.try_resize(bytes)?;
        }
        Ok(())
    }
}

/// How many groups there probably are, when `rows` states, of which the first `merged_before` were of different
/// groups, are of `merged` groups: rows are taken for drawn at random, as balls are thrown into bins. Most when
/// hardly any two were of one group.
fn expected_groups(rows: usize, merged_before: usize, merged: usize) -> usize {
    /// Halvings of the range of logarithms, enough for an estimate.
    const STEPS: usize = 32;
    let before = merged_before.min(merged) as f64;
    let new_rows = rows.saturating_sub(merged_before) as f64;
    let merged_of = |groups: f64| before + (groups - before) * -(-new_rows / groups).exp_m1();
    let (mut low, mut high) = ((merged.max(1) as f64).ln(), (usize::MAX as f64).ln());
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if merged_of(middle.exp()) < merged as f64 { low = middle } else { high = middle }
    }
    high.exp() as usize
}

#[cfg(test)]
mod tests {
    use super::expected_groups;

    #[test]
    fn groups_are_expected_from_those_that_meet() {
        let close = |found: usize, groups: f64| (found as f64 / groups - 1.0).abs() < 0.02;
        for groups in [100.0, 10_000.0, 1e6] {
            let distinct = |rows: f64| groups * (1.0 - (-rows / groups).exp());
            let (first, second) = (distinct(128e3), distinct(512e3));
            assert!(close(expected_groups(128_000, 0, first as usize), groups), "{groups}");
            let rows = first as usize + 384_000;
            assert!(close(expected_groups(rows, first as usize, second as usize), groups), "{groups}");
        }
    }

    #[test]
    fn rows_that_are_all_groups_are_not_expected_to_meet() {
        assert!(expected_groups(128_000, 0, 128_000) > 1 << 40);
        assert!(expected_groups(256_000, 128_000, 256_000) > 1 << 40);
        assert_eq!(expected_groups(0, 0, 0).max(1), 1);
    }
}
