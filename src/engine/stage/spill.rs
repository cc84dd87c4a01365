//! What an exchange does with rows that memory does not hold: blocks in the job's storage.
//!
//! Rows that were routed by hash are routed anew as they are written, to [`REFINED_PARTITIONS`] partitions
//! or so, a multiple of those they had: `hash % (p * k)` refines `hash % p`. So each of them is small enough
//! for the hash table of one task (GRACE: Kitsuregawa, Tanaka and Moto-oka, 1983), and equal keys are still
//! in one partition, of all inputs of a join alike.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::human_readable_size;
use datafusion::physical_plan::Partitioning;
use datafusion::physical_plan::metrics::Time;
use datafusion::physical_plan::repartition::BatchPartitioner;
use futures::lock::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard};

use super::batch::batch_bytes;
use super::{Exchange, JobContext, Routing};
use crate::Error;
use crate::spill::{SpillLease, decode, encode, unshare};

/// Partitions of hashed rows in the storage: about so many, and at least four times those in memory.
const REFINED_PARTITIONS: usize = 128;
const LEAST_FACTOR: usize = 4;

/// Bytes of rows that are routed, encoded and written at a time; twice as many are in memory meanwhile.
const CHUNK_BYTES: usize = 16 << 20;

/// Rows whose order counts are read back in blocks of about so many bytes. A merge of sorted rows has a few
/// blocks of each task in memory, so that there are smaller ones when tasks are many, down to the least.
const BLOCK_BYTES: usize = 256 << 10;
const LEAST_BLOCK_BYTES: usize = 4 << 10;
const BLOCKS_OF_A_TASK: usize = 8;

/// Rows of a batch that is read back, as operators expect them.
const BATCH_ROWS: usize = 8192;

/// The storage as one job uses it.
#[derive(Debug)]
pub(crate) struct JobSpill {
    lease: SpillLease,
    job: Arc<JobContext>,
    turn: AsyncMutex<()>,
    exchanges: Mutex<Vec<Weak<Exchange>>>,
    /// Bytes that exchanges may hold in memory together; the rest of the budget is for operators.
    limit_bytes: usize,
}

impl JobSpill {
    /// A job's part of the storage, when it may keep `limit_bytes` of rows between stages in memory.
    pub(crate) fn new(lease: SpillLease, job: Arc<JobContext>, limit_bytes: usize) -> Self {
        Self { lease, job, turn: AsyncMutex::new(()), exchanges: Mutex::default(), limit_bytes }
    }

    /// From now on the exchange goes to the storage when room is needed.
    pub(crate) fn register(&self, exchange: &Arc<Exchange>) {
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.push(Arc::downgrade(exchange));
    }

    fn exchanges(&self) -> Vec<Arc<Exchange>> {
        let exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.iter().filter_map(Weak::upgrade).collect()
    }

    /// Writes all that an exchange holds in memory, when its turn comes.
    ///
    /// # Errors
    /// When the storage fails, or the job is cancelled.
    pub(crate) async fn put_aside(&self, exchange: &Exchange) -> Result<()> {
        let _turn = self.turn().await;
        exchange.spill().await
    }

    /// Writes whatever can leave memory.
    ///
    /// # Errors
    /// When the storage fails, or the job is cancelled.
    pub(crate) async fn put_all_aside(&self) -> Result<()> {
        let _turn = self.turn().await;
        while let Some(fullest) = self.fullest() {
            fullest.spill().await?;
        }
        Ok(())
    }

    /// The right to write, which one task has at a time.
    pub(crate) async fn turn(&self) -> AsyncMutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The exchange that holds most that can leave memory, if any holds something.
    pub(crate) fn fullest(&self) -> Option<Arc<Exchange>> {
        let holding = self.exchanges().into_iter().map(|exchange| (exchange.loose_bytes(), exchange));
        let fullest = holding.max_by_key(|(bytes, _)| *bytes);
        fullest.filter(|(bytes, _)| *bytes > 0).map(|(_, exchange)| exchange)
    }
}

/// How one exchange uses the job's storage.
#[derive(Clone, Debug)]
pub(crate) struct ExchangeSpill {
    job: Arc<JobSpill>,
    /// How rows are routed again as they are written.
    routing: Rerouting,
}

#[derive(Clone, Debug)]
enum Rerouting {
    /// Its own rows are the result, which stays in memory; others give way to it.
    Closed,
    /// Each partition stays as it is.
    Same { partitions: usize },
    /// By hash, to more partitions.
    Refined(Partitioning),
}

/// Rows that are about to be written.
pub(crate) struct Loose {
    pub(crate) partition: usize,
    pub(crate) task: usize,
    pub(crate) batch: RecordBatch,
    /// Where in the partition they are, if they are in memory.
    pub(crate) index: Option<usize>,
}

/// Rows that were in memory and have been written.
pub(crate) struct Gone {
    pub(crate) partition: usize,
    pub(crate) index: usize,
    pub(crate) bytes: usize,
}

/// Rows in the storage.
#[derive(Clone, Debug)]
pub(crate) struct SpilledPiece {
    /// The task that made them, or the first of several.
    pub(crate) task: usize,
    /// Bytes that they took in memory.
    pub(crate) bytes: usize,
    place: Range<u64>,
}

impl ExchangeSpill {
    /// For the exchange behind a stage with so many tasks.
    pub(crate) fn new(job: Arc<JobSpill>, routing: &Routing, tasks: usize) -> Self {
        let routing = match routing {
            Routing::Partition(Partitioning::Hash(keys, count)) => {
                let factor = (REFINED_PARTITIONS / count.max(&1)).max(LEAST_FACTOR);
                Rerouting::Refined(Partitioning::Hash(keys.clone(), count * factor))
            }
            other => Rerouting::Same { partitions: other.partitions(tasks) },
        };
        Self { job, routing }
    }

    /// For the result, which does not go to the storage itself.
    pub(crate) fn of_result(job: Arc<JobSpill>) -> Self {
        Self { job, routing: Rerouting::Closed }
    }

    pub(crate) fn job(&self) -> &Arc<JobSpill> {
        &self.job
    }

    /// Whether the exchange's own rows may go to the storage.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.routing, Rerouting::Closed)
    }

    /// Partitions in the storage.
    pub(crate) fn partitions(&self) -> usize {
        match &self.routing {
            Rerouting::Closed => 0,
            Rerouting::Same { partitions } => *partitions,
            Rerouting::Refined(partitioning) => partitioning.partition_count(),
        }
    }

    /// Refuses bytes with which exchanges would hold more memory than they may.
    ///
    /// # Errors
    /// When that is so.
    pub(crate) fn check_limit(&self, bytes: usize) -> Result<()> {
        let held = self.job.exchanges().iter().map(|exchange| exchange.bytes()).sum::<usize>();
        if self.is_open() && held.saturating_add(bytes) > self.job.limit_bytes {
            let limit = human_readable_size(self.job.limit_bytes);
            return Err(resources_datafusion_err!("rows between stages may take {limit}"));
        }
        Ok(())
    }

    /// Writes rows, a chunk at a time; `written` hears of each chunk when it is in the storage: what can leave
    /// memory, and where its rows are by partition.
    ///
    /// # Errors
    /// When the storage fails, or the job is cancelled.
    pub(crate) async fn write(
        &self,
        mut loose: Vec<Loose>,
        mut written: impl FnMut(Vec<Gone>, Vec<(usize, SpilledPiece)>),
    ) -> Result<()> {
        loose.sort_by_key(|piece| piece.task);
        let mut loose = loose.into_iter().peekable();
        while loose.peek().is_some() {
            self.job.job.check().map_err(Error::into_datafusion)?;
            let (mut chunk, mut gone, mut chunk_bytes) = (Vec::new(), Vec::new(), 0);
            while let Some(piece) = loose.next_if(|_| chunk_bytes < CHUNK_BYTES) {
                let bytes = batch_bytes(&piece.batch);
                chunk_bytes += bytes;
                gone.extend(piece.index.map(|index| Gone { partition: piece.partition, index, bytes }));
                chunk.push(piece);
            }
            let (bytes, blocks) = self.encode(chunk)?;
            self.job.job.counters.spilled_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            let place = self.job.lease.write(bytes).await;
            let place = place.map_err(|error| Error::from(error).into_datafusion())?;
            let pieces = blocks.into_iter().map(|(partition, block)| {
                let at = |offset: usize| place.start + offset as u64;
                let place = at(block.encoded.start)..at(block.encoded.end);
                (partition, SpilledPiece { task: block.task, bytes: block.bytes, place })
            });
            written(gone, pieces.collect());
        }
        Ok(())
    }

    /// The rows of a chunk as bytes, with the partition and the place of each block in them.
    fn encode(&self, chunk: Vec<Loose>) -> Result<(Vec<u8>, Blocks)> {
        let (mut bytes, mut blocks) = (Vec::new(), Blocks::new());
        let mut block = |partition: usize, task: usize, batches: &[RecordBatch]| -> Result<()> {
            let start = bytes.len();
            encode(batches, &mut bytes)?;
            let taken = batches.iter().map(batch_bytes).sum();
            blocks.push((partition, Block { task, bytes: taken, encoded: start..bytes.len() }));
            Ok(())
        };
        let Rerouting::Refined(partitioning) = &self.routing else {
            let block_bytes = self.job.limit_bytes / (BLOCKS_OF_A_TASK * self.partitions().max(1));
            let block_bytes = block_bytes.clamp(LEAST_BLOCK_BYTES, BLOCK_BYTES);
            for Loose { partition, task, batch, .. } in chunk {
                // The order of rows counts here, so that each block is of one task.
                let rows = (batch.num_rows() * block_bytes / batch_bytes(&batch).max(1)).max(1);
                for part in slices(&batch, rows.min(BATCH_ROWS)) {
                    block(partition, task, &[unshare(&part)?])?;
                }
            }
            return Ok((bytes, blocks));
        };
        let mut partitioner = BatchPartitioner::try_new(partitioning.clone(), Time::new(), 0, 1)?;
        let first_task = chunk.first().map_or(0, |piece| piece.task);
        let mut parts: Vec<Vec<RecordBatch>> = vec![Vec::new(); self.partitions()];
        for Loose { batch, .. } in chunk {
            partitioner.partition(batch, |partition, part| {
                parts[partition].push(part);
                Ok(())
            })?;
        }
        for (partition, parts) in parts.into_iter().enumerate() {
            let Some(first) = parts.first() else { continue };
            let whole = unshare(&concat_batches(first.schema_ref(), &parts)?)?;
            block(partition, first_task, &slices(&whole, BATCH_ROWS).collect::<Vec<_>>())?;
        }
        Ok((bytes, blocks))
    }

    /// Reads rows back.
    ///
    /// # Errors
    /// When the storage fails, or the job is cancelled.
    pub(crate) async fn load(&self, piece: SpilledPiece) -> Result<Vec<RecordBatch>> {
        self.job.job.check().map_err(Error::into_datafusion)?;
        let bytes = self.job.lease.read(piece.place).await;
        Ok(decode(&bytes.map_err(|error| Error::from(error).into_datafusion())?)?)
    }
}

/// What a chunk was encoded to, with the partitions.
type Blocks = Vec<(usize, Block)>;

/// Rows of one partition, encoded.
struct Block {
    task: usize,
    bytes: usize,
    encoded: Range<usize>,
}

fn slices(batch: &RecordBatch, rows: usize) -> impl Iterator<Item = RecordBatch> + '_ {
    let starts = (0..batch.num_rows()).step_by(rows.max(1));
    starts.map(move |start| batch.slice(start, rows.min(batch.num_rows() - start)))
}
