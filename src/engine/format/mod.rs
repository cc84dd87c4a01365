//! Turns bytes of a split into Arrow batches.
//!
//! Owns: the [`FORMATS`] table, one file or folder per format, and the contract between a format
//! and the scan; [`BLOCK_FORMATS`] and the contract of formats made of blocks are in `blocks.rs`. Touches: Arrow only;
//! it reads no files and starts no threads.
//!
//! # Contract
//!
//! A split owns the records that *start* inside its range. The scan hands over the bytes from one
//! byte before the range (to see whether a record starts at its first byte) to some way behind it,
//! because the last record may end there. A decoder that does not know where the first record
//! starts guesses, and says what it took; the scan compares neighbouring splits at the end and
//! repeats the scan with the right starts when a guess was wrong. So results are exact whatever
//! the guesses were.

pub mod arrow_ipc;
pub mod avro;
mod bad;
mod batch;
mod binary;
#[cfg(test)]
mod block_testing;
mod blocks;
mod column_types;
pub mod csv;
pub mod excel;
pub mod fixed_width;
mod issues;
pub mod json;
mod lines;
pub mod log;
mod memory_rows;
mod merged;
mod merged_blocks;
mod names;
pub mod ndjson;
pub mod parquet;
mod selection;
pub mod sqlite;
mod strict;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod text;
mod value;

pub use bad::{BadRecord, BadRecords, Listing, MAX_BAD_PER_SPLIT, UnknownKey, misfit_value};
pub use blocks::{
    BLOCK_FORMATS, Block, BlockDecoder, BlockFile, BlockFormat, BlockTable, Bounds, Step, Steps, Wanted,
    batch_lengths,
};
pub use merged::{Merged, MergedColumn};
pub use merged_blocks::MergedBlocks;
pub use selection::Selection;
pub use strict::Strict;
pub use value::ColumnType;
pub use value::{parse_date as parse_iso_date, parse_timestamp as parse_iso_timestamp};

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use millrace_protocol::{Dialect, TableOptions};

/// Set in the metadata of a field whose column had no value in the sample, so that its type means nothing.
pub const NO_VALUES: &str = "millrace.no_values";

/// All formats, in the order in which they are asked whether a file is theirs.
pub static FORMATS: &[&dyn Format] =
    &[&json::Json, &ndjson::Ndjson, &log::Logs, &fixed_width::FixedWidth, &csv::Csv, &text::Text];

/// A way to read rows from files.
pub trait Format: Debug + Send + Sync {
    /// Short lower-case name.
    fn name(&self) -> &'static str;

    /// Whether a file of this name and start is probably of this format.
    fn claims(&self, file_name: &str, head: &[u8]) -> bool;

    /// Finds dialect, columns and types.
    ///
    /// # Errors
    /// When the sample cannot be rows of this format.
    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError>;
}

/// Parts of a file, read before anything is known about it.
#[derive(Clone, Debug)]
pub struct Sample<'a> {
    /// The first bytes of the file.
    pub head: &'a [u8],
    /// Pieces from further on, each beginning and ending anywhere, so that types do not depend on
    /// the first rows alone. Empty when `head` is the whole file.
    pub pieces: Vec<&'a [u8]>,
    /// Length of the whole file in bytes.
    pub file_len: u64,
    /// What the user says about the file.
    pub options: TableOptions,
    /// When the file was changed last, in milliseconds since 1970-01-01 UTC, if that is known.
    pub modified_millis: Option<i64>,
}

/// What a format found out from a sample.
#[derive(Clone, Debug)]
pub struct Sniffed {
    /// Names and types of all columns, all nullable.
    pub schema: SchemaRef,
    /// How the text was understood.
    pub dialect: Option<Dialect>,
    /// Offset in the file of the first record after byte order mark and header.
    pub first_record: u64,
    /// Line number on which that record stands, from 1.
    pub first_line: u64,
    /// Mean length of a record in the sample in bytes, at least 1.
    pub mean_record_bytes: f64,
    /// Reads the records. Shared by all tasks.
    pub decoder: Arc<dyn Decoder>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Decodes splits of one file.
pub trait Decoder: Debug + Send + Sync {
    /// Decodes the records that the split owns, only the columns in `projection` (indices into the
    /// schema, in the order wanted, possibly none: batches then carry only row counts).
    ///
    /// With a `selection`, only fields of its rows are decoded: there are as many batches as without, each
    /// with its selected rows alone, if any, and `bad_fields` concern no other rows. All else is as without.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when the last owned record does not end within the bytes; the
    /// scan then calls again with more of them.
    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError>;

    /// What the format of the file is called, where [`Format::name`] says too little.
    fn format_name(&self) -> Option<&'static str> {
        None
    }

    /// A decoder of the same that lists all bad records and not only the first; `None` when this one cannot.
    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        None
    }
}

/// The bytes that a decoder gets.
#[derive(Clone, Debug)]
pub struct SplitBytes<'a> {
    /// Bytes of the file from `offset` on.
    pub bytes: &'a [u8],
    /// Where `bytes` begins in the file: `owned.start`, or one byte earlier if there is one.
    pub offset: u64,
    /// The range whose records belong to this split, as offsets in the file.
    pub owned: Range<u64>,
    /// Whether `bytes` reaches the end of the file.
    pub at_end_of_file: bool,
    /// Where the first owned record starts.
    pub start: RecordStart,
    /// Rows a batch at most.
    pub batch_rows: usize,
}

/// What is known about the first record of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordStart {
    /// It starts at this offset in the file, or no record starts in the split when this is at or
    /// behind its end.
    At(u64),
    /// Unknown: the decoder looks at the bytes and guesses whether they begin inside quotes.
    Guess,
}

/// What a split held.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The rows, in the order of the file.
    pub batches: Vec<RecordBatch>,
    /// Offset of the first owned record; `None` when no record starts in the split.
    pub first_record: Option<u64>,
    /// Where the next record starts, in whichever split: behind the last owned record, its line end
    /// and what else may stand between records; the length of the file when there is no next one.
    /// Without an owned record this is meaningless and `None`.
    pub next_record: Option<u64>,
    /// Number of owned records.
    pub rows: u64,
    /// Line ends between `first_record` and `next_record`, those inside quotes included.
    pub lines: u64,
    /// Records of the wrong shape, whichever columns were decoded.
    pub bad_shapes: BadRecords,
    /// For each decoded column, the records whose field is no value of it.
    pub bad_fields: Vec<BadRecords>,
}

impl Decoded {
    /// A split in which no record starts.
    pub fn empty() -> Self {
        Self {
            batches: Vec::new(),
            first_record: None,
            next_record: None,
            rows: 0,
            lines: 0,
            bad_shapes: BadRecords::default(),
            bad_fields: Vec::new(),
        }
    }

    /// All that is bad, in one list.
    pub fn bad(&self) -> BadRecords {
        BadRecords::merge(std::iter::once(&self.bad_shapes).chain(&self.bad_fields))
    }
}

/// Why a split could not be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The last owned record ends behind the bytes given.
    #[error("the last record is longer than the bytes read so far")]
    Truncated,
    /// The bytes are not what the format says.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// A file that is not what it seems, or that we cannot take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormatError {
    /// What is wrong and where.
    pub message: String,
    /// What the user can do.
    pub hint: Option<String>,
}
