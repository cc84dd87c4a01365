//! What lies between two stages: batches, by partition, in the order of the tasks that made them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::MemoryReservation;

use super::Routing;
use super::batch::{batch_bytes, drop_unused_text};
use super::spill::{ExchangeSpill, Gone, Loose, SpilledPiece};

/// A piece of output: which task made it, and its rows.
pub(super) type Piece = (usize, RecordBatch);

/// Collects the output of a stage. A task's output becomes visible all at once.
///
/// Output that finds no room in memory goes to the job's storage, if it has one, with all that is there
/// already: the pieces of different partitions are often slices of the same batches, so that giving up
/// some of them would free little.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Rows of a partition that are read at most.
    fetch: Option<usize>,
    pub(super) spill: Option<ExchangeSpill>,
    content: Mutex<Content>,
}

#[derive(Debug)]
pub(super) struct Content {
    pub(super) partitions: Vec<Vec<Piece>>,
    /// What is in the storage, by the partitions of [`ExchangeSpill`]; empty as long as nothing is.
    spilled: Vec<Vec<SpilledPiece>>,
    /// Rows and bytes in memory.
    pub(super) rows: usize,
    pub(super) bytes: usize,
    /// Rows that were left after the last compaction.
    pub(super) merged_rows: usize,
    /// Rows and bytes from which the next one counts.
    pub(super) compacted_rows: usize,
    pub(super) compacted_bytes: usize,
    /// How often pieces went to the storage.
    pub(super) spills: usize,
    /// Whether pieces are on their way there, and have to stay where they are until they are written.
    pub(super) spilling: bool,
    /// Whether a stage reads it, so that what is in memory stays there.
    pinned: bool,
    /// Whether the stage has ended: all that read the exchange from now on read the same batches.
    pub(super) sealed: bool,
    /// Bytes counted against the budget; a frozen copy shares its batches and counts nothing.
    pub(super) reservation: Option<MemoryReservation>,
}

/// Where the rows of a partition are, in the order of the tasks.
pub(super) enum Found {
    /// All in memory.
    Memory(Vec<RecordBatch>),
    /// Some in the storage.
    Mixed { pieces: Vec<FoundPiece>, spill: ExchangeSpill, fetch: Option<usize> },
}

pub(super) enum FoundPiece {
    Memory(RecordBatch),
    Spilled(SpilledPiece),
}

impl Exchange {
    /// An empty exchange behind a stage with so many tasks. With `spill` it may use the job's storage.
    pub(crate) fn new(
        routing: &Routing,
        tasks: usize,
        reservation: MemoryReservation,
        spill: Option<ExchangeSpill>,
    ) -> Self {
        let partitions = vec![Vec::new(); routing.partitions(tasks)];
        Self {
            fetch: routing.fetch(),
            spill,
            content: Mutex::new(Content {
                partitions,
                spilled: Vec::new(),
                rows: 0,
                bytes: 0,
                merged_rows: 0,
                compacted_rows: 0,
                compacted_bytes: 0,
                spills: 0,
                spilling: false,
                pinned: false,
                sealed: false,
                reservation: Some(reservation),
            }),
        }
    }

    pub(super) fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the whole output of a task. When memory does not hold it, the fullest exchanges of the job go
    /// to the storage first.
    ///
    /// # Errors
    /// When the memory budget is used up, and there is no storage or it fails.
    pub(crate) async fn commit(&self, task: usize, output: Vec<(usize, RecordBatch)>) -> Result<()> {
        let mut output: Vec<_> =
            output.into_iter().map(|(partition, batch)| (partition, drop_unused_text(batch))).collect();
        let bytes = output.iter().map(|(_, batch)| batch_bytes(batch)).sum();
        let Err(refused) = self.add(task, &mut output, bytes) else { return Ok(()) };
        let Some(job) = self.spill.as_ref().map(ExchangeSpill::job) else { return Err(refused) };
        // One task at a time: the others wait, and make no more output meanwhile.
        let _turn = job.turn().await;
        loop {
            let Err(refused) = self.add(task, &mut output, bytes) else { return Ok(()) };
            if let Some(fullest) = job.fullest() {
                fullest.spill().await?;
            } else if self.spill.as_ref().is_some_and(ExchangeSpill::is_open) {
                let loose = |(partition, batch)| Loose { partition, task, batch, index: None };
                return self.write_out(output.into_iter().map(loose).collect()).await;
            } else {
                return Err(refused);
            }
        }
    }

    /// Takes all of `output` if memory holds it, and nothing otherwise.
    fn add(&self, task: usize, output: &mut Vec<(usize, RecordBatch)>, bytes: usize) -> Result<()> {
        if let Some(spill) = &self.spill {
            spill.check_limit(bytes)?;
        }
        let mut content = self.content();
        if let Some(reservation) = &mut content.reservation {
            reservation.try_grow(bytes)?;
        }
        content.bytes += bytes;
        for (partition, batch) in output.drain(..) {
            content.rows += batch.num_rows();
            if let Some(pieces) = content.partitions.get_mut(partition) {
                pieces.push((task, batch));
            }
        }
        Ok(())
    }

    /// Writes all that is in memory to the storage. No stage may be reading the exchange, and the job's turn
    /// to write must be held. A piece leaves memory when it has been written, so that nothing is lost when the
    /// future is dropped on the way.
    ///
    /// # Errors
    /// When the storage fails, or the job is cancelled.
    pub(super) async fn spill(&self) -> Result<()> {
        let loose = {
            let mut content = self.content();
            content.spills += 1;
            content.spilling = true;
            content.prepare_spilled(self.spill.as_ref());
            (content.merged_rows, content.compacted_rows, content.compacted_bytes) = (0, 0, 0);
            content.drop_written();
            let partitions = content.partitions.iter().enumerate();
            let loose = partitions.flat_map(|(partition, pieces)| {
                pieces.iter().enumerate().map(move |(index, (task, batch))| Loose {
                    partition,
                    task: *task,
                    batch: batch.clone(),
                    index: Some(index),
                })
            });
            loose.collect()
        };
        self.write_out(loose).await?;
        let mut content = self.content();
        content.spilling = false;
        content.drop_written();
        Ok(())
    }

    /// Writes pieces, which are gone from memory then if they were there.
    async fn write_out(&self, loose: Vec<Loose>) -> Result<()> {
        let Some(spill) = &self.spill else {
            return Err(DataFusionError::Internal("an exchange without storage was to use it".to_owned()));
        };
        spill
            .write(loose, |gone, written| {
                let mut content = self.content();
                content.prepare_spilled(Some(spill));
                // What was being merged meanwhile is of no use any more.
                content.spills += 1;
                for (partition, piece) in written {
                    if let Some(pieces) = content.spilled.get_mut(partition) {
                        pieces.push(piece);
                    }
                }
                for Gone { partition, index, bytes } in gone {
                    let pieces = content.partitions.get_mut(partition);
                    if let Some((_, batch)) = pieces.and_then(|pieces| pieces.get_mut(index)) {
                        let rows = batch.num_rows();
                        *batch = RecordBatch::new_empty(batch.schema());
                        content.rows = content.rows.saturating_sub(rows);
                        content.bytes = content.bytes.saturating_sub(bytes);
                    }
                }
                let bytes = content.bytes;
                if let Some(reservation) = &mut content.reservation {
                    reservation.shrink(reservation.size().saturating_sub(bytes));
                }
            })
            .await
    }

    /// Takes all that is in memory, by partition, to give it back in other partitions ([`Self::put_pieces`]).
    pub(super) fn take_pieces(&self) -> Vec<Vec<Piece>> {
        std::mem::take(&mut self.content().partitions)
    }

    /// The same rows as were taken, in partitions that take the place of those before.
    pub(super) fn put_pieces(&self, partitions: Vec<Vec<Piece>>) {
        let mut content = self.content();
        content.bytes = partitions.iter().flatten().map(|(_, batch)| batch_bytes(batch)).sum();
        content.partitions = partitions;
        let bytes = content.bytes;
        if let Some(reservation) = &mut content.reservation {
            reservation.resize(bytes);
        }
    }

    /// Where the rows of a partition are.
    pub(super) fn find(&self, partition: usize) -> Found {
        let content = self.content();
        let spilled = content.spilled.get(partition).cloned().unwrap_or_default();
        let (false, Some(spill)) = (spilled.is_empty(), &self.spill) else {
            drop(content);
            return Found::Memory(self.read(partition));
        };
        let in_memory = content.partitions.get(partition).cloned().unwrap_or_default();
        drop(content);
        let spilled = spilled.into_iter().map(|piece| (piece.task, FoundPiece::Spilled(piece)));
        let in_memory = in_memory.into_iter().filter(|(_, batch)| batch.num_rows() > 0);
        let in_memory = in_memory.map(|(task, batch)| (task, FoundPiece::Memory(batch)));
        let mut pieces: Vec<_> = spilled.chain(in_memory).collect();
        pieces.sort_by_key(|(task, _)| *task);
        let pieces = pieces.into_iter().map(|(_, piece)| piece).collect();
        Found::Mixed { pieces, spill: spill.clone(), fetch: self.fetch }
    }

    /// The rows of a partition that are in memory, in the order of the tasks.
    pub(crate) fn read(&self, partition: usize) -> Vec<RecordBatch> {
        let mut pieces = self.content().partitions.get(partition).cloned().unwrap_or_default();
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

    /// Rows of all partitions that are in memory.
    pub(crate) fn rows(&self) -> usize {
        self.content().rows
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.content().bytes
    }

    /// Bytes in memory that can go to the storage now.
    pub(crate) fn loose_bytes(&self) -> usize {
        let content = self.content();
        if content.pinned { 0 } else { content.bytes }
    }

    /// Keeps in memory what is there, while a stage reads it, or no longer.
    pub(crate) fn pin(&self, pinned: bool) {
        self.content().pinned = pinned;
    }

    /// Whether some of it is in the storage.
    pub(crate) fn has_spilled(&self) -> bool {
        !self.content().spilled.is_empty()
    }

    /// How many partitions there are to be read: more than the routing has, once hashed rows are in the
    /// storage.
    pub(crate) fn partitions(&self) -> usize {
        let content = self.content();
        if content.spilled.is_empty() { content.partitions.len() } else { content.spilled.len() }
    }

    /// Bytes that each partition in the storage had in memory.
    pub(crate) fn spilled_bytes(&self) -> Vec<usize> {
        let content = self.content();
        content.spilled.iter().map(|pieces| pieces.iter().map(|piece| piece.bytes).sum()).collect()
    }

    /// Forgets everything, because nobody will read it any more.
    pub(crate) fn clear(&self) {
        let mut content = self.content();
        content.partitions.iter_mut().for_each(|pieces| *pieces = Vec::new());
        content.spilled.clear();
        (content.rows, content.bytes) = (0, 0);
        if let Some(reservation) = &mut content.reservation {
            reservation.free();
        }
    }

    /// A copy of what is in memory that later output does not change. It shares the batches.
    pub(crate) fn freeze(&self) -> Self {
        let content = self.content();
        Self {
            fetch: self.fetch,
            spill: None,
            content: Mutex::new(Content {
                partitions: content.partitions.clone(),
                spilled: Vec::new(),
                rows: content.rows,
                bytes: content.bytes,
                merged_rows: content.merged_rows,
                compacted_rows: content.compacted_rows,
                compacted_bytes: content.compacted_bytes,
                spills: content.spills,
                spilling: false,
                pinned: true,
                sealed: true,
                reservation: None,
            }),
        }
    }

    /// Keeps what has come as it is, because the stage has ended.
    pub(crate) fn seal(&self) {
        self.content().sealed = true;
    }
}

impl Content {
    fn prepare_spilled(&mut self, spill: Option<&ExchangeSpill>) {
        if self.spilled.is_empty() {
            self.spilled = vec![Vec::new(); spill.map_or(0, ExchangeSpill::partitions)];
        }
    }

    /// Forgets what stands in the place of pieces that have been written.
    fn drop_written(&mut self) {
        self.partitions.iter_mut().for_each(|pieces| pieces.retain(|(_, batch)| batch.num_rows() > 0));
    }
}
