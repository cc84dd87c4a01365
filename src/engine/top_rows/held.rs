//! The rows that may be among the first of their group.

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use datafusion::error::Result;
use datafusion::logical_expr::EmitTo;
use datafusion::physical_plan::aggregates::group_values::GroupValues;

use super::order_key::OrderKey;

/// Rows that are held are looked through again when there are this many more of them than the last time, and as
/// many again.
const MORE_ROWS: usize = 64 * 1024;

/// Holds rows until it is known that so many of their group come before them. Of rows with the same key none
/// comes before another, so all of them are held or none.
pub(super) struct TopRows {
    table: Box<dyn GroupValues>,
    count: usize,
    /// The first `count` keys of each group in ascending order, the greatest possible ones where there are no
    /// more rows.
    first: Vec<OrderKey>,
    held: Vec<Held>,
    held_rows: usize,
    /// Rows that were left when they were last looked through.
    left_rows: usize,
    /// The groups of a batch.
    groups: Vec<usize>,
}

/// Rows, and their groups and keys.
struct Held {
    batch: RecordBatch,
    groups: Vec<u32>,
    keys: Vec<OrderKey>,
}

impl TopRows {
    pub(super) fn new(table: Box<dyn GroupValues>, count: usize) -> Self {
        Self {
            table,
            count,
            first: Vec::new(),
            held: Vec::new(),
            held_rows: 0,
            left_rows: 0,
            groups: Vec::new(),
        }
    }

    /// Number of groups.
    pub(super) fn groups(&self) -> usize {
        self.table.len()
    }

    /// Memory in bytes, without long texts, which are not copied.
    pub(super) fn bytes(&self) -> usize {
        let columns = self.held.first().map_or(0, |held| held.batch.num_columns());
        let of_row = size_of::<u32>() + size_of::<OrderKey>() + columns * size_of::<u128>();
        self.table.size() + self.first.capacity() * size_of::<OrderKey>() + self.held_rows * of_row
    }

    /// Holds the rows of `batch` that may be among the first. `arrays` say to which groups they belong, and
    /// `keys` in which order they are.
    ///
    /// # Errors
    /// When an array is not of the type that was planned.
    pub(super) fn add(&mut self, batch: &RecordBatch, arrays: &[ArrayRef], keys: &[OrderKey]) -> Result<()> {
        self.table.intern(arrays, &mut self.groups)?;
        let count = self.count;
        self.first.resize(self.table.len() * count, OrderKey::MAX);
        let mut may_be = Vec::with_capacity(batch.num_rows());
        for (&group, &key) in self.groups.iter().zip(keys) {
            let first = &mut self.first[group * count..][..count];
            let is_one = key <= first[count - 1];
            if is_one {
                let place = first.partition_point(|other| *other <= key);
                if place < count {
                    first.copy_within(place..count - 1, place + 1);
                    first[place] = key;
                }
            }
            may_be.push(is_one);
        }
        let rows = may_be.iter().filter(|may_be| **may_be).count();
        if rows == 0 {
            return Ok(());
        }
        let pick = |index: usize| may_be[index];
        let groups =
            self.groups.iter().enumerate().filter(|(row, _)| pick(*row)).map(|(_, group)| *group as u32);
        let held_keys = keys.iter().enumerate().filter(|(row, _)| pick(*row)).map(|(_, key)| *key);
        let (groups, keys) = (groups.collect(), held_keys.collect());
        let batch = if rows == batch.num_rows() {
            batch.clone()
        } else {
            filter_record_batch(batch, &BooleanArray::from(may_be))?
        };
        self.held.push(Held { batch, groups, keys });
        self.held_rows += rows;
        if self.held_rows > 2 * self.left_rows + MORE_ROWS {
            self.look_through()?;
        }
        Ok(())
    }

    /// Drops the rows that later ones have overtaken.
    fn look_through(&mut self) -> Result<()> {
        let (first, count) = (&self.first, self.count);
        for held in &mut self.held {
            let is_one = |(group, key): (&u32, &OrderKey)| *key <= first[*group as usize * count + count - 1];
            let still: Vec<bool> = held.groups.iter().zip(&held.keys).map(is_one).collect();
            if still.iter().all(|still| *still) {
                continue;
            }
            let mut row = 0..;
            held.groups.retain(|_| row.next().is_some_and(|row| still[row]));
            let mut row = 0..;
            held.keys.retain(|_| row.next().is_some_and(|row| still[row]));
            held.batch = filter_record_batch(&held.batch, &BooleanArray::from(still))?;
        }
        self.held.retain(|held| !held.groups.is_empty());
        self.held_rows = self.held.iter().map(|held| held.groups.len()).sum();
        self.left_rows = self.held_rows;
        Ok(())
    }

    /// The rows that are left, in the order in which they came. Nothing is known any more afterwards.
    ///
    /// # Errors
    /// When rows cannot be filtered, which is a mistake here.
    pub(super) fn take(&mut self) -> Result<Vec<RecordBatch>> {
        self.look_through()?;
        self.table.emit(EmitTo::All)?;
        self.first = Vec::new();
        (self.held_rows, self.left_rows) = (0, 0);
        Ok(std::mem::take(&mut self.held).into_iter().map(|held| held.batch).collect())
    }
}
