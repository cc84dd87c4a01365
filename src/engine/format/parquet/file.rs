//! What is known of a file: columns, row groups, and the blocks that these are read in.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Fields, Schema, SchemaRef};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels, parquet_to_arrow_schema};
use parquet::basic::Type;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use super::bounds;
use super::chunk::arrow_schema_of;
use super::decode::Decoding;
use super::pages::{ChunkPages, index_of_pages};
use crate::format::blocks::{Block, BlockDecoder, BlockFile, Bounds, Steps, Wanted};
use crate::format::column_types::{table_fields, type_in_table};
use crate::format::names::unique_names;

/// Fewest rows that a row group is divided into.
const LEAST_ROWS: usize = 1 << 10;

/// A file whose footer was read.
#[derive(Debug)]
pub(super) struct ParquetFile {
    pub(super) metadata: Arc<ParquetMetaData>,
    /// Of the table.
    pub(super) schema: SchemaRef,
    /// What the arrays of each column are decoded as.
    pub(super) hint: Fields,
    /// The leaves of the schema that each column is made of.
    pub(super) leaves: Vec<Vec<usize>>,
    pub(super) windows: Vec<Window>,
    blocks: Vec<Block>,
    /// Pages of chunks that were found by their headers, by row group and leaf.
    found: Mutex<HashMap<(usize, usize), ChunkPages>>,
}

/// Rows of a row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) group: usize,
    pub(super) rows: Range<usize>,
}

impl ParquetFile {
    /// # Errors
    /// When the footer contradicts itself or the file, or there is nothing to read.
    pub(super) fn new(
        file: &BlockFile,
        metadata: ParquetMetaData,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ParquetError> {
        check(&metadata, file.len_bytes)?;
        let descriptor = metadata.file_metadata().schema_descr();
        let roots = descriptor.root_schema().get_fields();
        let kept = metadata.file_metadata().key_value_metadata();
        let of_file = parquet_to_arrow_schema(descriptor, kept)
            .or_else(|_| parquet_to_arrow_schema(descriptor, None))?;
        if of_file.fields().len() != roots.len() || roots.is_empty() {
            return Err(ParquetError::General("it has no columns, or some without fields".to_owned()));
        }
        let mut leaves = vec![Vec::new(); roots.len()];
        for leaf in 0..descriptor.num_columns() {
            leaves[descriptor.get_column_root_idx(leaf)].push(leaf);
        }
        // Dates before 1677 and after 2262 do not fit into the nanoseconds of which old writers are fond.
        let is_int96 = |root: &Vec<usize>| match root.as_slice() {
            [leaf] => descriptor.column(*leaf).physical_type() == Type::INT96,
            _ => false,
        };
        let micros = arrow::datatypes::DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None);
        let hint: Fields = table_fields(of_file.fields())
            .iter()
            .zip(&leaves)
            .map(|(field, root)| match is_int96(root) && !field.data_type().is_nested() {
                true => Arc::new(Field::new(field.name(), micros.clone(), true)),
                false => Arc::clone(field),
            })
            .collect();
        let decoded = {
            let levels = parquet_to_arrow_field_levels(descriptor, ProjectionMask::all(), Some(&hint))?;
            arrow_schema_of(&levels, &metadata)?
        };
        let given: Vec<String> = decoded.fields().iter().map(|field| field.name().clone()).collect();
        let names = unique_names(&given, given.len(), warnings);
        let field =
            |(name, field): (String, &Arc<Field>)| Field::new(name, type_in_table(field.data_type()), true);
        let fields: Vec<Field> = names.into_iter().zip(decoded.fields()).map(field).collect();
        let schema = Arc::new(Schema::new(fields));
        let windows = windows(&metadata, &schema, file.decoded_bytes);
        let block = |window: &Window| {
            let group = metadata.row_group(window.group);
            let share = window.rows.len() as f64 / group.num_rows().max(1) as f64;
            let bytes = (group.compressed_size() as f64 * share) as u64;
            Block { rows: window.rows.len(), bytes: bytes.max(1) }
        };
        let blocks = windows.iter().map(block).collect();
        let metadata = Arc::new(metadata);
        Ok(Self { metadata, schema, hint, leaves, windows, blocks, found: Mutex::default() })
    }

    /// What is known of the pages of a chunk; nothing as yet when `None`.
    pub(super) fn pages(&self, group: usize, leaf: usize) -> Option<ChunkPages> {
        index_of_pages(&self.metadata, group, leaf).or_else(|| {
            let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.get(&(group, leaf)).cloned()
        })
    }

    /// Remembers the pages of a chunk, unless more of them are known already.
    pub(super) fn learn_pages(&self, group: usize, leaf: usize, pages: &ChunkPages) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found.entry((group, leaf)).or_insert_with(|| pages.clone());
        if pages.known_rows() > known.known_rows() {
            *known = pages.clone();
        }
    }

    /// Whether headers of pages say how many rows these have.
    pub(super) fn is_flat(&self, leaf: usize) -> bool {
        self.metadata.file_metadata().schema_descr().column(leaf).max_rep_level() == 0
    }
}

impl BlockDecoder for Arc<ParquetFile> {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn decode(&self, wanted: Wanted) -> Box<dyn Steps<Vec<RecordBatch>>> {
        Box::new(Decoding::new(Arc::clone(self), wanted))
    }

    fn bounds(&self, block: usize, column: usize, fine: bool) -> Option<Bounds> {
        bounds::bounds(self, block, column, fine)
    }
}

/// Whether chunks lie in the file, beside each other, and belong to the columns that there are.
fn check(metadata: &ParquetMetaData, file_bytes: u64) -> Result<(), ParquetError> {
    let wrong = |what: &str| Err(ParquetError::General(format!("its footer names {what}")));
    let columns = metadata.file_metadata().schema_descr().num_columns();
    let mut total_bytes = 0u64;
    for group in metadata.row_groups() {
        if group.num_rows() < 0 || group.num_columns() != columns {
            return wrong("a row group without its columns");
        }
        for chunk in group.columns() {
            let start = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
            let (Ok(start), Ok(length)) = (u64::try_from(start), u64::try_from(chunk.compressed_size()))
            else {
                return wrong("a column before the start of the file");
            };
            if chunk.file_path().is_some() {
                return wrong("other files, in which its columns are");
            }
            total_bytes = total_bytes.saturating_add(length);
            if start.saturating_add(length) > file_bytes || total_bytes > file_bytes {
                return wrong("columns behind the end of the file");
            }
        }
    }
    Ok(())
}

/// Row groups, divided so that all columns of a part take about `decoded_bytes` when they are decoded.
fn windows(metadata: &ParquetMetaData, schema: &Schema, decoded_bytes: u64) -> Vec<Window> {
    let descriptor = metadata.file_metadata().schema_descr();
    let fixed: u64 =
        schema.fields().iter().map(|field| field.data_type().primitive_width().unwrap_or(16) as u64).sum();
    let mut windows = Vec::new();
    for (group, of_group) in metadata.row_groups().iter().enumerate() {
        let rows = usize::try_from(of_group.num_rows()).unwrap_or(0);
        let encoded = u64::try_from(of_group.total_byte_size()).unwrap_or(0) / rows.max(1) as u64;
        let fitting = decoded_bytes / fixed.max(encoded).max(1);
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX).max(LEAST_ROWS);
        let divisible = (0..descriptor.num_columns()).all(|leaf| {
            descriptor.column(leaf).max_rep_level() == 0 || index_of_pages(metadata, group, leaf).is_some()
        });
        let parts = if divisible && rows > fitting + fitting / 2 { rows.div_ceil(fitting) } else { 1 };
        let step = rows.div_ceil(parts).next_multiple_of(LEAST_ROWS);
        let window = |first| Window { group, rows: first..rows.min(first + step) };
        windows.extend((0..rows).step_by(step.max(1)).map(window));
    }
    windows
}
