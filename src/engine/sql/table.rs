//! A table of files, as DataFusion sees it.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use millrace_protocol::BadRowPolicy;

use crate::coding::Coded;
use crate::format::{BlockDecoder, Decoder};
use crate::stage::ScanExec;

/// Files with the same columns, cut into splits.
#[derive(Debug)]
pub(crate) struct Table {
    /// Unique in the engine, also over time.
    pub(crate) id: usize,
    pub(crate) schema: SchemaRef,
    pub(crate) files: Vec<TableFile>,
    pub(crate) splits: Vec<Split>,
    /// Estimated from the sample.
    pub(crate) rows_estimate: u64,
    /// What becomes of rows that do not fit.
    pub(crate) bad_rows: BadRowPolicy,
    /// Where the first record of each split starts, once a whole scan has been verified: `None`
    /// until then. A split in which no record starts holds the offset of the next record.
    pub(crate) starts: RwLock<Option<Arc<Vec<u64>>>>,
}

/// One file of a table.
#[derive(Debug)]
pub(crate) struct TableFile {
    /// Index of its source in the engine.
    pub(crate) source: usize,
    pub(crate) name: String,
    pub(crate) len_bytes: u64,
    /// Offset of the first record behind the header.
    pub(crate) first_record: u64,
    /// Line number of that record.
    pub(crate) first_line: u64,
    pub(crate) reading: Reading,
    /// How its bytes become text, unless they are it.
    pub(crate) coded: Option<Arc<Coded>>,
    /// Columns of the table that have one value in the whole file: arrays of this value alone.
    pub(crate) constants: Vec<(usize, ArrayRef)>,
}

/// How the rows of a file are come by.
#[derive(Clone, Debug)]
pub(crate) enum Reading {
    /// A split is a range of bytes, which are read and decoded.
    Lines(Arc<dyn Decoder>),
    /// A split is a block, of which only what is needed is read.
    Blocks(Arc<dyn BlockDecoder>),
}

/// A range of a file whose records one task reads.
#[derive(Clone, Debug)]
pub(crate) struct Split {
    /// Index into the table's files.
    pub(crate) file: usize,
    /// Offsets in the file. What a compressed file has there is in [`Coded::text_range`]. Of a block, a range as long
    /// as its bytes, behind those of the blocks before it: where it starts is known, and what of the file it is has
    /// its format to say.
    pub(crate) owned: Range<u64>,
    /// Its number in the file.
    pub(crate) block: usize,
}

impl Table {
    /// Where the records of a split end, as an offset in the text of its file. Of a compressed file this is
    /// known when the split has been unpacked, and behind everything until then.
    pub(crate) fn owned_end(&self, split: usize) -> u64 {
        let Some(Split { file, owned, .. }) = self.splits.get(split) else { return u64::MAX };
        match self.files.get(*file).and_then(|file| file.coded.as_ref()) {
            Some(coded) => coded.text_range(split).map_or(u64::MAX, |text| text.end),
            None => owned.end,
        }
    }

    /// Starts of all splits, when they are known.
    pub(crate) fn known_starts(&self) -> Option<Arc<Vec<u64>>> {
        self.starts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers the verified starts of all splits.
    pub(crate) fn learn_starts(&self, starts: Vec<u64>) {
        *self.starts.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(starts));
    }
}

/// What DataFusion's catalog holds: the table behind an `Arc`, so that a scan can share it.
#[derive(Clone, Debug)]
pub(crate) struct TableHandle(pub(crate) Arc<Table>);

#[async_trait]
impl TableProvider for TableHandle {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.0.schema.fields().len()).collect();
        let projection = projection.cloned().unwrap_or_else(all);
        Ok(Arc::new(ScanExec::try_new(Arc::clone(&self.0), projection)?))
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(ScanExec::table_statistics(&self.0, &self.0.schema))
    }
}
