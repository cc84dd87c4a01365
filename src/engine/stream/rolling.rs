//! The newest rows that a stream has given: what can be looked at while it goes on.

use std::collections::{HashSet, VecDeque};

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::error::{DataFusionError, Result};
use millrace_protocol::{ErrorInfo, ErrorKind};

use super::OutputMode;
use crate::Error;
use crate::output::ResultSet;
use crate::spill::{decode, encode, unshare};
use crate::stage::batch_bytes;

/// Rows that are kept, and bytes that they may take. The oldest batches go first.
const ROWS: usize = 100_000;
const BYTES: usize = 64 << 20;

/// Batches that came one after the other are put together up to so many rows.
const BATCH_ROWS: usize = 8192;

/// Columns that tell windows apart.
const WINDOW_COLUMNS: &[&str] = &["window_start", "window_end", "window_time"];

/// Rows of a stream's result, by the mode in which they are given: appended, or the newest ones of each window,
/// or those of the last time. In the mode update rows without a column of their window are appended.
#[derive(Debug)]
pub struct RollingResult {
    schema: SchemaRef,
    mode: OutputMode,
    /// The columns whose values a later row of the same window has.
    window: Vec<usize>,
    batches: VecDeque<RecordBatch>,
    rows: usize,
    most_rows: usize,
}

impl RollingResult {
    /// No rows yet.
    pub fn new(schema: SchemaRef, mode: OutputMode) -> Self {
        let fields = schema.fields().iter().enumerate();
        let window = fields.filter(|(_, field)| {
            WINDOW_COLUMNS.contains(&field.name().as_str())
                && matches!(field.data_type(), DataType::Timestamp(..))
        });
        let window = window.map(|(column, _)| column).collect();
        Self { schema, mode, window, batches: VecDeque::new(), rows: 0, most_rows: ROWS }
    }

    /// The same with so many rows that are kept, for tests.
    #[must_use]
    pub fn keeping(mut self, rows: usize) -> Self {
        self.most_rows = rows;
        self
    }

    /// Takes the rows that were given last.
    ///
    /// # Errors
    /// When Arrow does not take the columns.
    pub fn add(&mut self, given: &ResultSet) -> std::result::Result<(), Error> {
        match self.mode {
            OutputMode::Complete => {
                self.batches.clear();
                self.rows = 0;
            }
            OutputMode::Update if !self.window.is_empty() => self.drop_windows_of(given)?,
            OutputMode::Append | OutputMode::Update => {}
        }
        for batch in given.batches() {
            self.push(batch.clone())?;
        }
        if self.mode != OutputMode::Complete {
            self.forget_the_oldest();
        }
        Ok(())
    }

    /// The rows as they are now.
    pub fn result(&self) -> ResultSet {
        ResultSet::new(self.schema.clone(), self.batches.iter().cloned().collect())
    }

    /// The rows as bytes, to be kept beside a checkpoint.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn to_bytes(&self) -> std::result::Result<Vec<u8>, Error> {
        let batches: std::result::Result<Vec<_>, _> = self.batches.iter().map(unshare).collect();
        let mut bytes = Vec::new();
        batches.and_then(|batches| encode(&batches, &mut bytes)).map_err(DataFusionError::from)?;
        Ok(bytes)
    }

    /// Takes the place of what is there with rows that were kept.
    ///
    /// # Errors
    /// When the bytes are no rows of these columns.
    pub fn restore(&mut self, bytes: &[u8]) -> std::result::Result<(), Error> {
        let batches = if bytes.is_empty() { Ok(Vec::new()) } else { decode(bytes) };
        let batches = batches.map_err(|error| unusable(&error.to_string()))?;
        let types = |schema: &SchemaRef| -> Vec<DataType> {
            schema.fields().iter().map(|field| field.data_type().clone()).collect()
        };
        if batches.iter().any(|batch| types(&batch.schema()) != types(&self.schema)) {
            return Err(unusable("its result has other columns than the query now"));
        }
        self.rows = batches.iter().map(RecordBatch::num_rows).sum();
        self.batches = batches.into();
        Ok(())
    }

    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        let mut newest = batch;
        // Each batch is put together with others a number of times that grows with the logarithm of its rows.
        while let Some(before) = self.batches.pop_back() {
            let together = before.num_rows() + newest.num_rows();
            if together > BATCH_ROWS || before.num_rows() > 2 * newest.num_rows() {
                self.batches.push_back(before);
                break;
            }
            newest = concat_batches(&self.schema, [&before, &newest])?;
        }
        self.batches.push_back(newest);
        Ok(())
    }

    fn forget_the_oldest(&mut self) {
        let mut bytes: usize = self.batches.iter().map(batch_bytes).sum();
        while self.batches.len() > 1 && (self.rows > self.most_rows || bytes > BYTES) {
            let Some(oldest) = self.batches.pop_front() else { return };
            let surplus = self.rows.saturating_sub(self.most_rows);
            if bytes <= BYTES && surplus < oldest.num_rows() {
                self.rows -= surplus;
                self.batches.push_front(oldest.slice(surplus, oldest.num_rows() - surplus));
                return;
            }
            self.rows -= oldest.num_rows();
            bytes -= batch_bytes(&oldest);
        }
        if let Some(only) = self.batches.front().filter(|_| self.rows > self.most_rows).cloned() {
            let surplus = self.rows - self.most_rows;
            self.rows = self.most_rows;
            self.batches[0] = only.slice(surplus, only.num_rows() - surplus);
        }
    }

    /// Drops the rows of those windows of which all rows are given anew.
    fn drop_windows_of(&mut self, given: &ResultSet) -> Result<()> {
        let fields = self.window.iter().map(|column| self.schema.field(*column).data_type().clone());
        let converter = RowConverter::new(fields.map(SortField::new).collect())?;
        let keys = |batch: &RecordBatch| {
            let columns: Vec<_> = self.window.iter().map(|column| batch.column(*column).clone()).collect();
            converter.convert_columns(&columns)
        };
        let mut again: HashSet<OwnedRow> = HashSet::new();
        for batch in given.batches() {
            again.extend(keys(batch)?.iter().map(|row| row.owned()));
        }
        let mut kept = VecDeque::new();
        for batch in &self.batches {
            let stays: BooleanArray =
                keys(batch)?.iter().map(|row| Some(!again.contains(&row.owned()))).collect();
            if stays.true_count() == batch.num_rows() {
                kept.push_back(batch.clone());
            } else if stays.true_count() > 0 {
                kept.push_back(filter_record_batch(batch, &stays)?);
            }
        }
        self.rows = kept.iter().map(RecordBatch::num_rows).sum();
        self.batches = kept;
        Ok(())
    }
}

fn unusable(reason: &str) -> Error {
    let info = ErrorInfo::new(ErrorKind::File, format!("The checkpoint cannot be used: {reason}."))
        .with_hint("Start the query anew.");
    Error::Sql(Box::new(info))
}
