//! Groups: each has the answer of its own rows, by any way through DataFusion's contract, and what is
//! held is told.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::scalar::ScalarValue;

use super::{Random, answer, arguments, in_order, sketch};
use crate::aggregate::distinct_sample::DistinctSample;
use crate::aggregate::groups::Groups;
use crate::aggregate::histogram::Histogram;
use crate::aggregate::quantile::Quantile;
use crate::aggregate::sketch::Sketch;
use crate::aggregate::top_k::TopK;

const GROUPS: usize = 17;

fn whole(number: i64) -> [ScalarValue; 1] {
    [ScalarValue::from(number)]
}

fn each_sketch(check: &dyn Fn(Check)) {
    check(Check::of::<TopK>(&whole(3)));
    check(Check::of::<Histogram>(&whole(5)));
    check(Check::of::<DistinctSample>(&whole(4)));
    check(Check::of::<Quantile>(&[ScalarValue::from(0.5)]));
}

/// A column with NULLs, the group of each row, the accumulators, and the expected answers.
struct Check {
    arguments: Vec<ArrayRef>,
    groups: Vec<usize>,
    filter: BooleanArray,
    make: Box<dyn Fn() -> Box<dyn GroupsAccumulator>>,
    expected: Vec<ScalarValue>,
}

impl Check {
    fn of<S: Sketch>(constants: &[ScalarValue]) -> Self {
        let mut random = Random::new(11);
        let rows = 500;
        let column: Int64Array =
            (0..rows).map(|_| (random.below(10) > 0).then(|| random.below(30) as i64)).collect();
        let groups: Vec<usize> = (0..rows).map(|_| random.below(GROUPS)).collect();
        let filter: BooleanArray =
            (0..rows).map(|_| (random.below(20) > 0).then(|| random.below(4) > 0)).collect();
        let columns: [ArrayRef; 1] = [Arc::new(column)];
        let expected = (0..GROUPS)
            .map(|group| {
                let wanted = |row: &usize| {
                    groups[*row] == group
                        && filter.is_valid(*row)
                        && filter.value(*row)
                        && columns[0].is_valid(*row)
                };
                let rows: Int64Array = (0..rows).filter(wanted).map(|row| row as i64).collect();
                let taken = [arrow::compute::take(&columns[0], &rows, None).expect("rows")];
                let sketch: S = sketch(&columns, constants).expect("a sketch");
                let mut state = in_order(&sketch, &arguments(&taken, constants));
                ScalarValue::try_from_array(&answer(&sketch, &mut state), 0).expect("an answer")
            })
            .collect();
        let (arguments, constants) = (arguments(&columns, constants), constants.to_vec());
        let make =
            move || Box::new(Groups::new(sketch::<S>(&columns, &constants).expect("a sketch"))) as Box<_>;
        Self { arguments, groups, filter, make: Box::new(make), expected }
    }

    fn updated(&self) -> Box<dyn GroupsAccumulator> {
        let mut accumulator = (self.make)();
        accumulator
            .update_batch(&self.arguments, &self.groups, Some(&self.filter), GROUPS)
            .expect("an update");
        accumulator
    }
}

fn scalars(array: &ArrayRef) -> Vec<ScalarValue> {
    (0..array.len()).map(|row| ScalarValue::try_from_array(array, row).expect("a value")).collect()
}

#[test]
fn groups_have_the_answers_of_their_rows() {
    each_sketch(&|check| {
        let mut accumulator = check.updated();
        let first = scalars(&accumulator.evaluate(EmitTo::First(5)).expect("five answers"));
        let rest = scalars(&accumulator.evaluate(EmitTo::All).expect("the other answers"));
        assert_eq!([first, rest].concat(), check.expected);
    });
}

#[test]
fn states_pass_through_merges() {
    each_sketch(&|check| {
        let mut accumulator = (check.make)();
        let states = check.updated().state(EmitTo::All).expect("states");
        let group_indices: Vec<usize> = (0..GROUPS).collect();
        accumulator.merge_batch(&states, &group_indices, GROUPS).expect("a merge");
        assert_eq!(scalars(&accumulator.evaluate(EmitTo::All).expect("answers")), check.expected);
    });
}

#[test]
fn rows_can_be_states() {
    each_sketch(&|check| {
        let mut accumulator = (check.make)();
        let states = accumulator.convert_to_state(&check.arguments, Some(&check.filter)).expect("states");
        assert_eq!(states[0].len(), check.groups.len());
        accumulator.merge_batch(&states, &check.groups, GROUPS).expect("a merge");
        assert_eq!(scalars(&accumulator.evaluate(EmitTo::All).expect("answers")), check.expected);
    });
}

#[test]
fn what_is_held_is_told() {
    each_sketch(&|check| {
        let empty_bytes = (check.make)().size();
        let mut accumulator = check.updated();
        let full_bytes = accumulator.size();
        assert!(full_bytes > empty_bytes + GROUPS * 30, "{full_bytes} bytes");
        accumulator.state(EmitTo::First(GROUPS / 2)).expect("states");
        assert!(accumulator.size() < full_bytes);
        accumulator.state(EmitTo::All).expect("states");
        assert_eq!(accumulator.size(), empty_bytes);
    });
}
