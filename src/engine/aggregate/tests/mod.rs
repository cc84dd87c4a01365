//! Sketches against what they promise: bounds of their errors, and answers that do not depend on how
//! the rows were divided and merged.
//!
//! Owns: seeded data, random merges, and the tests, one file for each sketch. Touches: nothing else.

mod distinct;
mod groups;
mod histogram;
mod quantile;
mod sample;
mod table;
mod top_k;

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Field, FieldRef, Schema};
use datafusion::error::Result;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::scalar::ScalarValue;

use super::arguments::Arguments;
use super::hash::hash;
use super::sketch::Sketch;

/// Numbers that look random, the same for the same seed.
struct Random {
    seed: u64,
    drawn: u64,
}

impl Random {
    fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    fn number(&mut self) -> u64 {
        self.drawn += 1;
        hash(self.seed, &self.drawn.to_le_bytes())
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    /// From 0 to 1.
    fn fraction(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The sketch of a call whose first argument is a column like `x`, behind it constants, and then the
/// other columns.
fn sketch<S: Sketch>(columns: &[ArrayRef], constants: &[ScalarValue]) -> Result<S> {
    with_args(columns, constants, |args| S::new(&Arguments::new(S::AGGREGATE.name, args)?))
}

/// The arguments that DataFusion would hand over for such a call.
fn with_args<R>(
    columns: &[ArrayRef],
    constants: &[ScalarValue],
    take: impl FnOnce(&AccumulatorArgs<'_>) -> R,
) -> R {
    let column = |index: usize| Arc::new(Column::new("x", index)) as Arc<dyn PhysicalExpr>;
    let mut exprs: Vec<_> = (0..columns.len()).map(column).collect();
    let mut types: Vec<_> = columns.iter().map(|column| column.data_type().clone()).collect();
    for (index, constant) in constants.iter().enumerate() {
        exprs.insert(index + 1, Arc::new(Literal::new(constant.clone())));
        types.insert(index + 1, constant.data_type());
    }
    let fields: Vec<FieldRef> =
        types.into_iter().map(|data_type| Arc::new(Field::new("x", data_type, true))).collect();
    take(&AccumulatorArgs {
        return_field: Arc::clone(&fields[0]),
        schema: &Schema::new(fields.clone()),
        ignore_nulls: false,
        order_bys: &[],
        is_reversed: false,
        name: "test",
        is_distinct: false,
        exprs: &exprs,
        expr_fields: &fields,
    })
}

/// The columns of a batch as the call gets them, constants too.
fn arguments(columns: &[ArrayRef], constants: &[ScalarValue]) -> Vec<ArrayRef> {
    let mut arguments = columns.to_vec();
    for (index, constant) in constants.iter().enumerate() {
        arguments.insert(index + 1, constant.to_array_of_size(columns[0].len()).expect("an array"));
    }
    arguments
}

/// The state of all rows, in order.
fn in_order<S: Sketch>(sketch: &S, arguments: &[ArrayRef]) -> S::State {
    let rows = sketch.read(arguments).expect("rows");
    let mut state = sketch.empty();
    (0..arguments[0].len()).for_each(|row| sketch.add(&mut state, &rows, row));
    state
}

/// The state of all rows, shuffled, divided among up to `most_parts` states, and merged in a tree of
/// any form.
fn merged<S: Sketch>(sketch: &S, arguments: &[ArrayRef], most_parts: usize, random: &mut Random) -> S::State {
    let rows = sketch.read(arguments).expect("rows");
    let mut order: Vec<usize> = (0..arguments[0].len()).collect();
    // Sorted data and shuffled data are both what files hold.
    if random.below(2) == 0 {
        random.shuffle(&mut order);
    }
    let mut parts: Vec<S::State> = (0..=random.below(most_parts)).map(|_| sketch.empty()).collect();
    let (count, mut part) = (parts.len(), 0);
    for row in order {
        if random.below(50) == 0 {
            part = random.below(count);
        }
        sketch.add(&mut parts[part], &rows, row);
    }
    while parts.len() > 1 {
        let mut taken = parts.swap_remove(random.below(parts.len()));
        let saved = sketch.save(&mut taken);
        let into = random.below(parts.len());
        if !saved.is_empty() {
            sketch.merge(&mut parts[into], &saved).expect("a saved state");
        }
    }
    parts.swap_remove(0)
}

/// The answers of states.
fn answer<S: Sketch>(sketch: &S, state: &mut S::State) -> ArrayRef {
    sketch.finish(std::slice::from_mut(state)).expect("an answer")
}
