//! What lies between two stages: batches, by partition, in the order of the tasks that made them.

use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::Partitioning;

/// How the output of a stage's tasks becomes the input of the next stage.
#[derive(Clone, Debug)]
pub(crate) enum Routing {
    /// All into one partition, in the order of the tasks. Once the first tasks in order have given
    /// `fetch` rows, the others need not run.
    Gather {
        /// Rows that are enough.
        fetch: Option<usize>,
    },
    /// By the values of expressions, or round robin.
    Partition(Partitioning),
    /// Each task's output stays a partition of its own.
    Keep,
}

impl Routing {
    /// Number of partitions behind the exchange of a stage with so many tasks.
    pub(crate) fn partitions(&self, tasks: usize) -> usize {
        match self {
            Self::Gather { .. } => 1,
            Self::Partition(partitioning) => partitioning.partition_count(),
            Self::Keep => tasks,
        }
    }

    /// Rows that are enough, when there is such a number.
    pub(crate) fn fetch(&self) -> Option<usize> {
        match self {
            Self::Gather { fetch } => *fetch,
            _ => None,
        }
    }
}

/// A piece of output: which task made it, and its rows.
type Piece = (usize, RecordBatch);

/// Collects the output of a stage. A task's output becomes visible all at once.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Rows of a partition that are read at most.
    fetch: Option<usize>,
    content: Mutex<Content>,
}

#[derive(Debug)]
struct Content {
    partitions: Vec<Vec<Piece>>,
    rows: usize,
    bytes: usize,
    /// Rows and bytes that were left after the last compaction.
    compacted_rows: usize,
    compacted_bytes: usize,
    /// Whether the stage has ended: all that read the exchange from now on read the same batches.
    sealed: bool,
    /// Bytes counted against the budget; a frozen copy shares its batches and counts nothing.
    reservation: Option<MemoryReservation>,
}

/// Partial states are merged when so many rows of them, and as many again as were left by the last
/// merge, have come together: then each row is merged a logarithmic number of times.
const COMPACT_ROWS: usize = 128 * 1024;

/// The same for the bytes of sketches, of which few rows are already large.
const COMPACT_SKETCH_BYTES: usize = 8 << 20;

impl Exchange {
    /// An empty exchange behind a stage with so many tasks.
    pub(crate) fn new(routing: &Routing, tasks: usize, reservation: MemoryReservation) -> Self {
        let partitions = vec![Vec::new(); routing.partitions(tasks)];
        Self {
            fetch: routing.fetch(),
            content: Mutex::new(Content {
                partitions,
                rows: 0,
                bytes: 0,
                compacted_rows: 0,
                compacted_bytes: 0,
                sealed: false,
                reservation: Some(reservation),
            }),
        }
    }

    /// Adds the whole output of a task.
    ///
    /// # Errors
    /// When the memory budget is used up.
    pub(crate) fn commit(&self, task: usize, output: Vec<(usize, RecordBatch)>) -> Result<()> {
        let output: Vec<_> =
            output.into_iter().map(|(partition, batch)| (partition, drop_unused_text(batch))).collect();
        let bytes = output.iter().map(|(_, batch)| batch_bytes(batch)).sum();
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reservation) = &mut content.reservation {
            reservation.try_grow(bytes)?;
        }
        content.bytes += bytes;
        for (partition, batch) in output {
            content.rows += batch.num_rows();
            if let Some(pieces) = content.partitions.get_mut(partition) {
                pieces.push((task, batch));
            }
        }
        Ok(())
    }

    /// The rows of a partition, in the order of the tasks.
    pub(crate) fn read(&self, partition: usize) -> Vec<RecordBatch> {
        let content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pieces = content.partitions.get(partition).cloned().unwrap_or_default();
        drop(content);
        pieces.sort_by_key(|(task, _)| *task);
        let mut wanted = self.fetch.unwrap_or(usize::MAX);
        let mut batches = Vec::with_capacity(pieces.len());
        for (_, batch) in pieces {
            if wanted == 0 {
                break;
            }
            let batch = if batch.num_rows() > wanted { batch.slice(0, wanted) } else { batch };
            wanted -= batch.num_rows();
            batches.push(batch);
        }
        batches
    }

    /// Rows of all partitions.
    pub(crate) fn rows(&self) -> usize {
        self.content.lock().unwrap_or_else(PoisonError::into_inner).rows
    }

    /// A copy that later output does not change. It shares the batches.
    pub(crate) fn freeze(&self) -> Self {
        let content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            fetch: self.fetch,
            content: Mutex::new(Content {
                partitions: content.partitions.clone(),
                rows: content.rows,
                bytes: content.bytes,
                compacted_rows: content.compacted_rows,
                compacted_bytes: content.compacted_bytes,
                sealed: true,
                reservation: None,
            }),
        }
    }

    /// Keeps what has come as it is, because the stage has ended.
    pub(crate) fn seal(&self) {
        self.content.lock().unwrap_or_else(PoisonError::into_inner).sealed = true;
    }

    /// Whether merging partial states is due; `sketches` tells whether they are sketches.
    pub(crate) fn wants_compaction(&self, sketches: bool) -> bool {
        let content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due =
            |now: usize, compacted: usize, least: usize| now.saturating_sub(compacted) > least.max(compacted);
        is_due(content.rows, content.compacted_rows, COMPACT_ROWS)
            || sketches && is_due(content.bytes, content.compacted_bytes, COMPACT_SKETCH_BYTES)
    }

    /// Whether sketches come faster than they are merged.
    pub(crate) fn merging_is_behind(&self) -> bool {
        let content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting_bytes = content.bytes.saturating_sub(content.compacted_bytes);
        waiting_bytes > 2 * COMPACT_SKETCH_BYTES.max(content.compacted_bytes)
    }

    /// Replaces, partition by partition, the first pieces by their merged form. What came since
    /// `frozen` was taken stays behind it. Comes to nothing when the stage has ended meanwhile.
    ///
    /// # Errors
    /// When the memory budget is used up.
    pub(crate) fn replace(&self, frozen: &Self, merged: Vec<Vec<RecordBatch>>) -> Result<()> {
        let counts: Vec<usize> = {
            let frozen = frozen.content.lock().unwrap_or_else(PoisonError::into_inner);
            frozen.partitions.iter().map(Vec::len).collect()
        };
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        if content.sealed {
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
        content.compacted_rows = merged_rows;
        content.compacted_bytes = merged_bytes;
        if let Some(reservation) = &mut content.reservation {
            reservation.try_resize(bytes)?;
        }
        Ok(())
    }
}

/// Bytes that the rows of a batch take. Operators emit slices of larger batches, whose whole buffers
/// must not be counted for each slice.
fn batch_bytes(batch: &RecordBatch) -> usize {
    let column_bytes = |column: &ArrayRef| match column.as_string_view_opt() {
        Some(text) => text.len() * size_of::<u128>() + text.total_buffer_bytes_used(),
        None => column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size()),
    };
    batch.columns().iter().map(column_bytes).sum()
}

/// Text columns are views into shared buffers: a filtered or routed batch would keep the text of all
/// rows alive, so batches that use little of their buffers get buffers of their own.
fn drop_unused_text(batch: RecordBatch) -> RecordBatch {
    let views = |column: &dyn Array| *column.data_type() == DataType::Utf8View;
    if !batch.columns().iter().any(|column| views(column)) {
        return batch;
    }
    let columns = batch
        .columns()
        .iter()
        .map(|column| match column.as_string_view_opt() {
            Some(text) if text.get_buffer_memory_size() > 2 * text.total_buffer_bytes_used() + (64 << 10) => {
                std::sync::Arc::new(text.gc()) as _
            }
            _ => std::sync::Arc::clone(column),
        })
        .collect();
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options).unwrap_or(batch)
}
