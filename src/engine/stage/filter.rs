//! Conditions that a scan evaluates itself, so that the columns that they do not need are decoded for
//! the rows that pass only.
//!
//! A condition that may fail, as a division does, is evaluated only at rows that all conditions which
//! cannot fail, and those written before it, let pass. So whether conditions joined by AND fail depends on
//! the rows alone, and not on how they were cut into splits and batches.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, CastExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, LikeExpr, Literal, NotExpr,
};
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};

use super::prune::Pruning;
use crate::format::Selection;

/// Conditions that must all hold.
#[derive(Debug)]
pub(crate) struct Filter {
    /// As they were given, over all columns of the table.
    expressions: Vec<Arc<dyn PhysicalExpr>>,
    /// In the order in which they are evaluated.
    conjuncts: Vec<Conjunct>,
    /// Numbers in the table of the columns that they need, ascending.
    columns: Vec<usize>,
    /// How many rows of the split before passed: [`NONE`], [`SOME`] or [`MOST`].
    passed_before: AtomicU8,
    /// What can be asked of blocks before they are read.
    pruning: OnceLock<Pruning>,
}

#[derive(Debug)]
struct Conjunct {
    /// Over the columns at `places`.
    expression: Arc<dyn PhysicalExpr>,
    /// Of these columns.
    schema: SchemaRef,
    /// Which of the filter's columns it needs.
    places: Vec<usize>,
    cannot_fail: bool,
}

/// No row, or nobody knows yet.
const NONE: u8 = 0;
/// Up to [`SHARE_DECODED_ALONE`].
const SOME: u8 = 1;
/// More.
const MOST: u8 = 2;
/// Up to this share of rows, those that pass are decoded alone. Each run of neighbours costs about as much
/// as the decoding of one more field, so that above it there is little left to save.
const SHARE_DECODED_ALONE: f64 = 0.5;
/// When more rows than this share are left, a condition that cannot fail is evaluated for all of them
/// rather than for a copy of those that are left.
const WORTH_A_COPY: f64 = 0.2;

impl Filter {
    /// Conditions over columns of a table with this schema.
    ///
    /// # Errors
    /// When the table has no such columns.
    pub(crate) fn try_new(expressions: Vec<Arc<dyn PhysicalExpr>>, table: &Schema) -> Result<Self> {
        let of_table = |expression| reassign_expr_columns(expression, table);
        let expressions: Vec<_> = expressions.into_iter().map(of_table).collect::<Result<_>>()?;
        let mut columns: Vec<usize> = expressions.iter().flat_map(columns_of).collect();
        columns.sort_unstable();
        columns.dedup();
        let mut conjuncts = Vec::with_capacity(expressions.len());
        for expression in &expressions {
            let mut needed = columns_of(expression);
            needed.sort_unstable();
            needed.dedup();
            let place = |column: &usize| columns.iter().position(|other| other == column);
            let schema = table.project(&needed)?;
            conjuncts.push(Conjunct {
                expression: reassign_expr_columns(Arc::clone(expression), &schema)?,
                places: needed.iter().filter_map(place).collect(),
                schema: Arc::new(schema),
                cannot_fail: cannot_fail(expression, table),
            });
        }
        conjuncts.sort_by_key(|conjunct| {
            let cost = cost(&conjunct.expression, &conjunct.schema);
            // Those that may fail stay in the order in which they were written.
            (!conjunct.cannot_fail, if conjunct.cannot_fail { cost } else { 0 })
        });
        Ok(Self {
            expressions,
            conjuncts,
            columns,
            passed_before: AtomicU8::new(NONE),
            pruning: OnceLock::new(),
        })
    }

    /// The conditions, over all columns of the table.
    pub(crate) fn expressions(&self) -> &[Arc<dyn PhysicalExpr>] {
        &self.expressions
    }

    /// Numbers in the table of the columns that are needed.
    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// What of it can be asked of blocks of this table before they are read.
    pub(super) fn pruning(&self, table: &SchemaRef) -> &Pruning {
        self.pruning.get_or_init(|| {
            let safe = self.expressions.iter().filter(|expression| cannot_fail(expression, table));
            let columns = |expression| {
                let mut columns = columns_of(expression);
                columns.sort_unstable();
                columns.dedup();
                columns
            };
            Pruning::new(safe.map(|expression| (expression, columns(expression))), table)
        })
    }

    /// Rows of a batch of these columns that pass.
    ///
    /// # Errors
    /// When a condition cannot be evaluated at a row.
    pub(super) fn select(&self, columns: &[ArrayRef], rows: usize) -> Result<BooleanBuffer> {
        let mut passing = BooleanBuffer::new_set(rows);
        for conjunct in &self.conjuncts {
            let left = passing.count_set_bits();
            if left == 0 {
                break;
            }
            let arrays = conjunct.places.iter().filter_map(|&place| columns.get(place).map(Arc::clone));
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            let schema = Arc::clone(&conjunct.schema);
            let batch = RecordBatch::try_new_with_options(schema, arrays.collect(), &options)?;
            let all = conjunct.cannot_fail && left as f64 > rows as f64 * WORTH_A_COPY;
            let holds = if all {
                conjunct.expression.evaluate(&batch)?
            } else {
                let selection = BooleanArray::new(passing.clone(), None);
                conjunct.expression.evaluate_selection(&batch, &selection)?
            };
            let holds = holds.into_array(rows)?;
            passing = &passing & &true_rows(holds.as_boolean());
        }
        Ok(passing)
    }

    /// Whether no row of a file passes in which some columns have one value only: arrays of it, by the columns'
    /// numbers in the table. Only conditions that cannot fail, and need no other columns, are asked.
    ///
    /// # Errors
    /// When a condition cannot be evaluated.
    pub(super) fn rejects(&self, constants: &[(usize, ArrayRef)]) -> Result<bool> {
        let value = |place: &usize| {
            let column = self.columns.get(*place)?;
            constants.iter().find(|(constant, _)| constant == column).map(|(_, value)| Arc::clone(value))
        };
        for conjunct in self.conjuncts.iter().filter(|conjunct| conjunct.cannot_fail) {
            let values: Option<Vec<ArrayRef>> = conjunct.places.iter().map(value).collect();
            let Some(values) = values.filter(|values| !values.is_empty()) else { continue };
            let batch = RecordBatch::try_new(Arc::clone(&conjunct.schema), values)?;
            let holds = conjunct.expression.evaluate(&batch)?.into_array(1)?;
            if true_rows(holds.as_boolean()).count_set_bits() == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a split whose rows are `selection` is worth decoding whole columns; `kept` says that whole
    /// columns would be kept, from which a later query with another filter has something.
    pub(super) fn wants_whole(&self, selection: &Selection, kept: bool) -> bool {
        let alone = selection.rows() as f64 * SHARE_DECODED_ALONE;
        let passed = match selection.selected() {
            0 => NONE,
            selected if selected as f64 <= alone => SOME,
            _ => MOST,
        };
        self.passed_before.store(passed, Ordering::Relaxed);
        wants_whole(passed, kept)
    }

    /// Whether the next split will probably be worth that, so that all can be decoded in one go.
    pub(super) fn expects_whole(&self, kept: bool) -> bool {
        wants_whole(self.passed_before.load(Ordering::Relaxed), kept)
    }
}

fn wants_whole(passed: u8, kept: bool) -> bool {
    passed == MOST || (passed == SOME && kept)
}

fn columns_of(expression: &Arc<dyn PhysicalExpr>) -> Vec<usize> {
    collect_columns(expression).iter().map(Column::index).collect()
}

/// Rows at which a condition is true, neither false nor null.
fn true_rows(holds: &BooleanArray) -> BooleanBuffer {
    match holds.nulls() {
        Some(nulls) => holds.values() & nulls.inner(),
        None => holds.values().clone(),
    }
}

/// Whether an expression is known to have a value at every row.
fn cannot_fail(expression: &Arc<dyn PhysicalExpr>, table: &Schema) -> bool {
    use Operator::{And, Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq, Or};
    let this = if let Some(binary) = expression.downcast_ref::<BinaryExpr>() {
        let compares = matches!(binary.op(), Eq | NotEq | Lt | LtEq | Gt | GtEq);
        compares || matches!(binary.op(), And | Or | IsDistinctFrom | IsNotDistinctFrom)
    } else if let Some(cast) = expression.downcast_ref::<CastExpr>() {
        let from_number = cast.expr().data_type(table).is_ok_and(|kind| kind.is_numeric());
        from_number && *cast.cast_type() == DataType::Float64
    } else {
        expression.is::<Column>()
            || expression.is::<Literal>()
            || expression.is::<InListExpr>()
            || expression.is::<IsNotNullExpr>()
            || expression.is::<IsNullExpr>()
            || expression.is::<LikeExpr>()
            || expression.is::<NotExpr>()
    };
    this && expression.children().into_iter().all(|child| cannot_fail(child, table))
}

/// About how long a condition takes for a row, against others.
fn cost(expression: &Arc<dyn PhysicalExpr>, schema: &Schema) -> usize {
    let mut cost = 0;
    let counted = expression.apply(|part| {
        cost += if part.is::<LikeExpr>() {
            16
        } else if part.data_type(schema).is_ok_and(|kind| kind == DataType::Utf8View) {
            4
        } else {
            1
        };
        Ok(TreeNodeRecursion::Continue)
    });
    counted.map_or(usize::MAX, |_| cost)
}
