//! Which rows of a block can pass a filter, by what its file says of their values.
//!
//! Only conditions that cannot fail are asked: one that fails at a row must do so whether or not the row is read.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::SchemaRef;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};

use crate::format::{BlockDecoder, Bounds, Selection};

/// Conditions that can be asked of bounds.
#[derive(Debug)]
pub(crate) struct Pruning {
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    predicate: PruningPredicate,
    /// Numbers in the table of the columns that it needs.
    columns: Vec<usize>,
}

/// What of a block can pass.
#[derive(Debug)]
pub(super) enum Candidates {
    All,
    None,
    /// Only rows among these.
    Some(Selection),
}

/// Up to this share of rows, those that can pass are read alone.
const WORTH_LEAVING_OUT: f64 = 0.75;

impl Pruning {
    /// Takes what it can of conditions over all columns of a table; none of them may fail.
    pub(crate) fn new<'a>(
        conditions: impl Iterator<Item = (&'a Arc<dyn PhysicalExpr>, Vec<usize>)>,
        table: &SchemaRef,
    ) -> Self {
        let condition = |(expression, columns): (&Arc<dyn PhysicalExpr>, Vec<usize>)| {
            let builder = PruningPredicateBuilder::new().with_file_schema(Arc::clone(table));
            let predicate = builder.try_build(Arc::clone(expression)).ok()?;
            (!predicate.always_true()).then_some(Condition { predicate, columns })
        };
        Self { conditions: conditions.filter_map(condition).collect() }
    }

    /// Which rows of a block can pass; the block's batches have so many rows.
    pub(super) fn candidates(
        &self,
        decoder: &dyn BlockDecoder,
        block: usize,
        table: &SchemaRef,
        batch_rows: &[usize],
    ) -> Candidates {
        let rows: usize = batch_rows.iter().sum();
        for condition in &self.conditions {
            let bounds: Vec<(usize, Bounds)> = condition
                .columns
                .iter()
                .filter_map(|&column| Some((column, decoder.bounds(block, column, false)?)))
                .collect();
            // One column of which nothing is known need not keep the others from excluding the block.
            let known = Known { table, bounds, containers: 1 };
            if condition.predicate.prune(&known).is_ok_and(|keeps| keeps == [false]) {
                return Candidates::None;
            }
        }
        let mut passing: Option<BooleanBuffer> = None;
        for condition in &self.conditions {
            // Pages of different columns do not hold the same rows.
            let [column] = condition.columns[..] else { continue };
            let Some(bounds) = decoder.bounds(block, column, true) else { continue };
            let ranges = bounds.rows.clone();
            let known = Known { table, containers: ranges.len(), bounds: vec![(column, bounds)] };
            let Ok(keeps) = condition.predicate.prune(&known) else { continue };
            let mut bits = arrow::array::BooleanBufferBuilder::new(rows);
            ranges.iter().zip(keeps).for_each(|(range, keep)| bits.append_n(range.len(), keep));
            let bits = bits.finish();
            if bits.len() == rows {
                passing = Some(passing.map_or(bits.clone(), |before| &before & &bits));
            }
        }
        let Some(passing) = passing else { return Candidates::All };
        match passing.count_set_bits() {
            0 => Candidates::None,
            some if some as f64 > rows as f64 * WORTH_LEAVING_OUT => Candidates::All,
            _ => {
                let mut first = 0;
                let batch = |&rows: &usize| {
                    first += rows;
                    passing.slice(first - rows, rows)
                };
                Candidates::Some(Selection::new(batch_rows.iter().map(batch).collect()))
            }
        }
    }
}

/// Bounds as DataFusion asks for them.
struct Known<'a> {
    table: &'a SchemaRef,
    bounds: Vec<(usize, Bounds)>,
    containers: usize,
}

impl Known<'_> {
    fn of(&self, column: &Column) -> Option<&Bounds> {
        let number = self.table.index_of(&column.name).ok()?;
        self.bounds.iter().find(|(known, _)| *known == number).map(|(_, bounds)| bounds)
    }
}

impl PruningStatistics for Known<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column).map(|bounds| Arc::clone(&bounds.min))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column).map(|bounds| Arc::clone(&bounds.max))
    }

    fn num_containers(&self) -> usize {
        self.containers
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column).map(|bounds| Arc::clone(&bounds.nulls))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let (_, bounds) = self.bounds.first()?;
        Some(Arc::new(UInt64Array::from_iter_values(bounds.rows.iter().map(|rows| rows.len() as u64))))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
