//! Bytes of column chunks as the `parquet` crate wants them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use bytes::{Buf, Bytes};
use parquet::arrow::FieldLevels;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::column::page::{PageIterator, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};

/// Parts of a file, by their places, ascending.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts(pub(super) Vec<(u64, Bytes)>);

impl Parts {
    /// What there is from a place on.
    fn from(&self, start: u64) -> Result<Bytes> {
        let part = self.0.iter().rev().find(|(first, _)| *first <= start);
        let bytes = part.and_then(|(first, bytes)| {
            let skipped = usize::try_from(start - first).ok()?;
            (skipped <= bytes.len()).then(|| bytes.slice(skipped..))
        });
        bytes.ok_or_else(|| ParquetError::EOF(format!("nothing was read at byte {start}")))
    }
}

impl Length for Parts {
    fn len(&self) -> u64 {
        self.0.last().map_or(0, |(first, bytes)| first + bytes.len() as u64)
    }
}

impl ChunkReader for Parts {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.from(start)?;
        if length > bytes.len() {
            return Err(ParquetError::EOF(format!("a page ends behind what was read at byte {start}")));
        }
        Ok(bytes.slice(..length))
    }
}

/// What was read of one chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadChunk {
    pub(super) parts: Arc<Parts>,
    /// Its pages and how many rows these have, when they are read by their places.
    pub(super) pages: Option<(Vec<PageLocation>, usize)>,
}

/// What was read of a row group.
pub(super) struct ReadGroup<'a> {
    pub(super) metadata: &'a ParquetMetaData,
    pub(super) group: usize,
    /// By number of the leaf.
    pub(super) chunks: HashMap<usize, ReadChunk>,
}

impl RowGroups for ReadGroup<'_> {
    fn num_rows(&self) -> usize {
        usize::try_from(self.metadata.row_group(self.group).num_rows()).unwrap_or(0)
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>> {
        let chunk = self.chunks.get(&leaf).cloned().unwrap_or_default();
        let (locations, rows) =
            chunk.pages.map_or((None, self.num_rows()), |(pages, rows)| (Some(pages), rows));
        let of_chunk = self.metadata.row_group(self.group).column(leaf);
        let reader = SerializedPageReader::new(chunk.parts, of_chunk, rows, locations)?;
        Ok(Box::new(OneChunk(Some(Box::new(reader)))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.metadata.row_group(self.group)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}

struct OneChunk(Option<Box<dyn PageReader>>);

impl Iterator for OneChunk {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneChunk {}

/// Columns without rows.
struct NoGroups<'a>(&'a ParquetMetaData);

impl RowGroups for NoGroups<'_> {
    fn num_rows(&self) -> usize {
        0
    }

    fn column_chunks(&self, _: usize) -> Result<Box<dyn PageIterator>> {
        Ok(Box::new(OneChunk(None)))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::empty())
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.0
    }
}

/// The types that columns are decoded as.
pub(super) fn arrow_schema_of(levels: &FieldLevels, metadata: &ParquetMetaData) -> Result<SchemaRef> {
    let reader = ParquetRecordBatchReader::try_new_with_row_groups(levels, &NoGroups(metadata), 1, None)?;
    Ok(arrow::array::RecordBatchReader::schema(&reader))
}
