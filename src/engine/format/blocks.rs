//! The contract with formats whose files are made of blocks: groups of rows whose places the file itself
//! tells, so that nobody guesses where one begins.
//!
//! Such a format reads nothing itself either. Both the finding of blocks and their decoding go in [`Steps`]:
//! each says which bytes it needs next, and whoever drives it reads them. So only what is needed is read, the
//! same code runs in the page and in a terminal, and no thread waits.

use std::fmt::Debug;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{concat, filter};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use bytes::Bytes;

use super::{FormatError, Selection};

/// All formats of blocks, in the order in which they are asked whether a file is theirs; before those of lines.
pub static BLOCK_FORMATS: &[&dyn BlockFormat] = &[
    &super::parquet::Parquet,
    &super::arrow_ipc::ArrowIpc,
    &super::excel::Excel,
    &super::avro::Avro,
    &super::sqlite::Sqlite,
];

/// A way to read rows from files that are made of blocks.
pub trait BlockFormat: Debug + Send + Sync {
    /// Short lower-case name.
    fn name(&self) -> &'static str;

    /// Whether a file of this name and start is of this format.
    fn claims(&self, file_name: &str, head: &[u8]) -> bool;

    /// Finds the tables of a file.
    fn open(&self, file: &BlockFile) -> Box<dyn Steps<Vec<BlockTable>>>;
}

/// A file of blocks, before anything is known of it.
#[derive(Clone, Debug)]
pub struct BlockFile {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub len_bytes: u64,
    /// About how many bytes of decoded columns a task should have at one time; larger blocks are split where
    /// the format allows it.
    pub decoded_bytes: u64,
    /// Memory for everything, in bytes.
    pub memory_bytes: u64,
}

/// A table that a file holds.
#[derive(Clone, Debug)]
pub struct BlockTable {
    /// What it is called in the file, if that has several.
    pub title: Option<String>,
    /// Names and types of all columns, all nullable.
    pub schema: SchemaRef,
    /// Reads the blocks. Shared by all tasks.
    pub decoder: Arc<dyn BlockDecoder>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Rows that one task reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// How many; at least one.
    pub rows: usize,
    /// Bytes of the file that all of its columns take, at least one.
    pub bytes: u64,
}

/// Decodes blocks of one table.
pub trait BlockDecoder: Debug + Send + Sync {
    /// The blocks, in the order of rows.
    fn blocks(&self) -> &[Block];

    /// Decodes columns of a block: batches of [`Wanted::batch_rows`] rows, the last of the rest. With a
    /// selection there are as many batches, each with its selected rows alone.
    fn decode(&self, wanted: Wanted) -> Box<dyn Steps<Vec<RecordBatch>>>;

    /// What is known of the values of a column in a block without reading it, for the whole block or, when
    /// `fine`, for the parts into which the file divides it. `None` where nothing is known.
    fn bounds(&self, block: usize, column: usize, fine: bool) -> Option<Bounds> {
        let _ = (block, column, fine);
        None
    }
}

/// What is wanted of a block.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its number.
    pub block: usize,
    /// Numbers of the columns, in the order wanted.
    pub columns: Vec<usize>,
    /// Rows; all without one.
    pub selection: Option<Selection>,
    /// Rows a batch at most.
    pub batch_rows: usize,
}

/// Between which values those of a column lie, for each of some ranges of rows. A value that is null is not known.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The ranges, in rows of the block, ascending and without gaps.
    pub rows: Vec<Range<usize>>,
    /// No value is less.
    pub min: ArrayRef,
    /// No value is greater.
    pub max: ArrayRef,
    /// Number of nulls, as unsigned 64-bit integers.
    pub nulls: ArrayRef,
}

/// Work that needs bytes of a file on its way.
pub trait Steps<T>: Send {
    /// Goes on with the bytes that the step before asked for, range by range; with none at first.
    ///
    /// # Errors
    /// When the file is not what it says.
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<T>, FormatError>;
}

/// How far it has come.
#[derive(Debug)]
pub enum Step<T> {
    /// These ranges of the file are needed; they lie within it.
    Read(Vec<Range<u64>>),
    /// What was wanted.
    Done(T),
}

/// Steps that are done at once, or have failed.
pub(super) struct AtOnce<T>(pub(super) Option<Result<T, FormatError>>);

impl<T: Send> Steps<T> for AtOnce<T> {
    fn step(&mut self, _: Vec<Bytes>) -> Result<Step<T>, FormatError> {
        self.0.take().unwrap_or_else(|| Err(damaged("it was read before"))).map(Step::Done)
    }
}

/// Rows of each batch of a block.
pub fn batch_lengths(rows: usize, batch_rows: usize) -> Vec<usize> {
    let batch_rows = batch_rows.max(1);
    (0..rows).step_by(batch_rows).map(|first| batch_rows.min(rows - first)).collect()
}

/// Of decoded arrays of some ranges of rows, those that are selected, batch by batch. The ranges are in rows of the
/// block, ascending, hold all selected rows, and `arrays` together have one value for each of their rows.
pub(super) fn select_rows(
    arrays: &[ArrayRef],
    ranges: &[Range<usize>],
    selection: &Selection,
    lengths: &[usize],
) -> Result<Vec<ArrayRef>, ArrowError> {
    let values = joined(arrays)?;
    let (mut first, mut taken) = (0, 0);
    let mut selected = Vec::with_capacity(lengths.len());
    for (batch, &rows) in lengths.iter().enumerate() {
        let mut mask = arrow::array::BooleanBufferBuilder::new(rows);
        for range in ranges {
            let (start, end) = (range.start.max(first), range.end.min(first + rows));
            if let (true, Some(bits)) = (start < end, selection.batch(batch)) {
                mask.append_buffer(&bits.slice(start - first, end - start));
            }
        }
        let mask = BooleanArray::new(mask.finish(), None);
        let part = values.slice(taken, mask.len());
        selected.push(if mask.true_count() == mask.len() { part } else { filter(&part, &mask)? });
        taken += mask.len();
        first += rows;
    }
    Ok(selected)
}

/// Arrays cut anew to these lengths; as they are when they have them already.
pub(super) fn cut_rows(arrays: Vec<ArrayRef>, lengths: &[usize]) -> Result<Vec<ArrayRef>, ArrowError> {
    if arrays.iter().map(|array| array.len()).eq(lengths.iter().copied()) {
        return Ok(arrays);
    }
    let values = joined(&arrays)?;
    let mut first = 0;
    let part = |&rows: &usize| {
        first += rows;
        values.slice(first - rows, rows)
    };
    Ok(lengths.iter().map(part).collect())
}

fn joined(arrays: &[ArrayRef]) -> Result<ArrayRef, ArrowError> {
    match arrays {
        [single] => Ok(Arc::clone(single)),
        [] => Err(ArrowError::InvalidArgumentError("no rows".to_owned())),
        several => concat(&several.iter().map(|array| array.as_ref()).collect::<Vec<_>>()),
    }
}

/// Batches of columns, each a list of arrays, one a batch. Without columns they have only their lengths.
pub(super) fn assemble(
    schema: &SchemaRef,
    columns: &[Vec<ArrayRef>],
    lengths: &[usize],
) -> Result<Vec<RecordBatch>, FormatError> {
    let batch = |(index, &rows): (usize, &usize)| {
        let arrays: Vec<ArrayRef> = columns.iter().filter_map(|arrays| arrays.get(index).cloned()).collect();
        let rows = arrays.first().map_or(rows, |array| array.len());
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
    };
    lengths
        .iter()
        .enumerate()
        .map(batch)
        .collect::<Result<_, _>>()
        .map_err(|error| damaged(&error.to_string()))
}

/// Runs the code of a library over bytes that nobody vouches for: a panic in it is a file that is not as its format
/// demands.
pub(super) fn guarded<T, E: ToString>(work: impl FnOnce() -> Result<T, E>) -> Result<T, FormatError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(|error| damaged(&error.to_string())),
        Err(_) => Err(damaged("its parts contradict each other")),
    }
}

/// A file whose bytes contradict each other.
pub(super) fn damaged(reason: &str) -> FormatError {
    FormatError {
        message: format!("the file is damaged or not complete: {reason}"),
        hint: Some("Make or download it again.".to_owned()),
    }
}
