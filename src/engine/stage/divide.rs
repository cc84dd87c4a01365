//! Divides hashed rows into more partitions than they were routed to, before a stage reads them and when they are
//! many: the hash table that a task builds of its partition then stays in the processor's caches, where finding a
//! row's group costs a tenth (Manegold, Boncz and Kersten, 2002; Balkesen, Teubner, Alonso and Özsu, 2013).
//! `hash % (p * k)` refines `hash % p`, so that equal keys are still in one partition, of all inputs of a join alike.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::Partitioning;
use datafusion::physical_plan::metrics::Time;
use datafusion::physical_plan::repartition::BatchPartitioner;

use super::batch::drop_unused_text;
use super::exchange::Piece;
use super::refine::hashed_inputs;
use super::schedule::Run;
use super::{JobContext, Routing, Runner};
use crate::Error;
use crate::pool::Priority;
use crate::timeline::Work;

/// Rows of a partition from which it is divided.
const DIVIDE_ROWS: usize = 128 << 10;
/// Rows of a part of it, about.
const PART_ROWS: usize = 64 << 10;
/// Parts of a partition at most: each takes memory for batches that are being filled.
const MOST_PARTS: usize = 32;
/// Rows of a batch of a part, about.
const BATCH_ROWS: usize = 4 << 10;

impl Runner<'_> {
    /// Divides what a stage reads by hash and is in memory, when it is much. All that read it from now on read it
    /// so, which snapshots of stages before this one must not.
    ///
    /// # Errors
    /// When rows cannot be routed, or the job is cancelled.
    pub(super) async fn divide(&self, run: &Run, index: usize) -> Result<(), Error> {
        let inputs = hashed_inputs(&run.stages, &run.stages[index]);
        let exchanges = || inputs.iter().map(|input| &run.exchanges[*input]);
        if exchanges().any(|exchange| exchange.has_spilled()) {
            return Ok(());
        }
        let most = exchanges().map(|exchange| exchange.partitions()).max().unwrap_or(1).max(1);
        let rows = exchanges().map(|exchange| exchange.rows()).max().unwrap_or(0) / most;
        let parts =
            if rows < DIVIDE_ROWS { 1 } else { (rows / PART_ROWS).next_power_of_two().min(MOST_PARTS) };
        for input in inputs {
            let (exchange, routing) = (&run.exchanges[input], &run.stages[input].routing);
            let Routing::Partition(Partitioning::Hash(keys, _)) = routing else { continue };
            if exchange.partitions() == most * parts {
                continue;
            }
            let partitioning = Partitioning::Hash(keys.clone(), most * parts);
            let mut tasks = Vec::new();
            for (partition, pieces) in exchange.take_pieces().into_iter().enumerate() {
                let (partitioning, job) = (partitioning.clone(), Arc::clone(&self.job));
                let work = async move { divided(pieces, partitioning, parts, &job) };
                let work = self.job.recorder.record(Work::task(input, partition), work);
                tasks.push(self.executor.spawn(Priority::Normal, work));
            }
            let mut partitions = vec![Vec::new(); most * parts];
            for task in tasks {
                for (partition, piece) in task.await? {
                    partitions[partition].push(piece);
                }
            }
            exchange.put_pieces(partitions);
        }
        Ok(())
    }
}

/// The pieces of a partition by their new partitions, in their order.
fn divided(
    mut pieces: Vec<Piece>,
    partitioning: Partitioning,
    parts: usize,
    job: &JobContext,
) -> Result<Vec<(usize, Piece)>, Error> {
    pieces.sort_by_key(|(task, _)| *task);
    let mut partitioner = BatchPartitioner::try_new(partitioning, Time::new(), 0, 1)?;
    let mut output = Vec::new();
    let mut pieces = pieces.into_iter().map(|(_, batch)| batch).peekable();
    let mut number = 0;
    while let Some(first) = pieces.peek() {
        job.check()?;
        let (schema, mut chunk, mut rows) = (first.schema(), Vec::new(), 0);
        while let Some(batch) = pieces.next_if(|_| rows < BATCH_ROWS * parts) {
            rows += batch.num_rows();
            chunk.push(batch);
        }
        let whole = concat_batches(&schema, &chunk).map_err(DataFusionError::from)?;
        drop(chunk);
        let mut push = |partition: usize, part: RecordBatch| {
            output.push((partition, (number, drop_unused_text(part))));
            Ok(())
        };
        partitioner.partition(whole, &mut push)?;
        number += 1;
    }
    Ok(output)
}
