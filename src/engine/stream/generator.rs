//! A source that makes up its rows: each is a function of the seed and of its number.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray, TimestampMillisecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, ready};

use super::{Polled, Position, StreamSource};
use crate::Error;

/// Rows of a batch at most.
const BATCH_ROWS: usize = 8192;

/// What a generator makes.
#[derive(Clone, Debug)]
pub struct GeneratorOptions {
    /// The same seed gives the same rows.
    pub seed: u64,
    /// Rows of a second, by the time that is passed in and by event time.
    pub rows_per_second: u64,
    /// How many rows there are; without it they do not end.
    pub rows: Option<u64>,
    /// Event time of the first row, were it not delayed, in milliseconds.
    pub start_millis: i64,
    /// Event times stand up to so many milliseconds behind the order of the rows.
    pub delay_millis: u32,
    /// Share of the rows, from 0 to 1, that stand further behind.
    pub late_share: f64,
    /// How many milliseconds further at most, and at least one.
    pub late_millis: u32,
    /// Number of different keys.
    pub keys: u32,
    /// Whether the event time is the time at which rows arrive instead of `ts`.
    pub by_arrival: bool,
}

impl Default for GeneratorOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            rows_per_second: 1_000,
            rows: None,
            start_millis: 0,
            delay_millis: 0,
            late_share: 0.0,
            late_millis: 60_000,
            keys: 8,
            by_arrival: false,
        }
    }
}

/// Rows of `ts` (the event time, unless that is their arrival), `key`, `value` from 0 to 999, and `number`, which counts the rows.
#[derive(Debug)]
pub struct Generator {
    name: String,
    options: GeneratorOptions,
    schema: SchemaRef,
    given: u64,
    /// When row 0 was or would have been due.
    began_millis: Option<i64>,
}

impl Generator {
    /// A generator of this name.
    pub fn new(name: impl Into<String>, options: GeneratorOptions) -> Self {
        let schema = Schema::new(vec![
            Field::new("ts", DataType::Timestamp(TimeUnit::Millisecond, None), true),
            Field::new("key", DataType::Utf8View, true),
            Field::new("value", DataType::Int64, true),
            Field::new("number", DataType::Int64, true),
        ]);
        Self { name: name.into(), options, schema: Arc::new(schema), given: 0, began_millis: None }
    }

    /// The next `count` rows, whatever time it is.
    ///
    /// # Errors
    /// When Arrow does not take the columns.
    fn take(&mut self, count: u64) -> Result<Vec<RecordBatch>, Error> {
        let end = self.given + count;
        let mut batches = Vec::new();
        while self.given < end {
            let numbers = self.given..end.min(self.given + BATCH_ROWS as u64);
            self.given = numbers.end;
            batches.push(self.batch(numbers)?);
        }
        Ok(batches)
    }

    fn batch(&self, numbers: std::ops::Range<u64>) -> Result<RecordBatch, Error> {
        let rows: Vec<(i64, u64)> = numbers.clone().map(|number| self.row(number)).collect();
        let keys = u64::from(self.options.keys.max(1));
        let key = |mixed: u64| format!("k{}", (mixed >> 8) % keys);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(TimestampMillisecondArray::from_iter_values(rows.iter().map(|row| row.0))),
            Arc::new(StringViewArray::from_iter_values(rows.iter().map(|row| key(row.1)))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| ((row.1 >> 20) % 1000) as i64))),
            Arc::new(Int64Array::from_iter_values(numbers.map(|number| number as i64))),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        Ok(batch.map_err(datafusion::error::DataFusionError::from)?)
    }

    /// Event time of a row, and bits for its other columns.
    fn row(&self, number: u64) -> (i64, u64) {
        let options = &self.options;
        let mixed = mix(options.seed.wrapping_add(mix(number)));
        let chance = mix(mixed);
        let in_order = options.start_millis + self.millis_of(number);
        let is_late = (chance >> 11) as f64 / (1u64 << 53) as f64 >= 1.0 - options.late_share;
        let delay = if is_late {
            u64::from(options.delay_millis) + 1 + mix(chance) % u64::from(options.late_millis.max(1))
        } else {
            mix(chance) % (u64::from(options.delay_millis) + 1)
        };
        (in_order - delay as i64, mixed)
    }

    /// When a row comes, in milliseconds from the first.
    fn millis_of(&self, number: u64) -> i64 {
        (u128::from(number) * 1000 / u128::from(self.options.rows_per_second.max(1))) as i64
    }
}

impl StreamSource for Generator {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn event_time(&self) -> Option<usize> {
        (!self.options.by_arrival).then_some(0)
    }

    fn poll(&mut self, now_millis: i64, most_rows: usize) -> LocalBoxFuture<'_, Result<Polled, Error>> {
        let behind = self.millis_of(self.given);
        let began = *self.began_millis.get_or_insert(now_millis - behind);
        let passed = u128::try_from(now_millis - began).unwrap_or(0);
        let due = (passed * u128::from(self.options.rows_per_second) / 1000) as u64;
        let due = due.saturating_add(1).min(self.options.rows.unwrap_or(u64::MAX));
        let count = due.saturating_sub(self.given).min(most_rows as u64);
        let batches = self.take(count);
        let ended = self.options.rows.is_some_and(|rows| self.given >= rows);
        ready(batches.map(|batches| Polled { batches, ended, ..Polled::default() })).boxed_local()
    }

    fn position(&self) -> Position {
        Position { offset: self.given, ..Position::default() }
    }

    fn seek<'a>(&'a mut self, position: &'a Position) -> LocalBoxFuture<'a, Result<(), Error>> {
        self.given = position.offset;
        self.began_millis = None;
        ready(Ok(())).boxed_local()
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): neighbouring numbers become bits that have nothing in common.
fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
