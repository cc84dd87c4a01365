//! Samples: which they are does not depend on order, and each value or row is drawn as often.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array};
use arrow::datatypes::Int64Type;
use datafusion::scalar::ScalarValue;

use super::{Random, answer, arguments, in_order, merged, sketch};
use crate::aggregate::distinct_sample::DistinctSample;
use crate::aggregate::reservoir_sample::ReservoirSample;
use crate::aggregate::sketch::Sketch;

fn column(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Int64Array>())
}

fn drawn<S: Sketch>(columns: &[ArrayRef], size: i64) -> Vec<i64> {
    let constants = [ScalarValue::from(size)];
    let sketch: S = sketch(columns, &constants).expect("a sketch");
    let answer = answer(&sketch, &mut in_order(&sketch, &arguments(columns, &constants)));
    answer.as_list::<i32>().value(0).as_primitive::<Int64Type>().values().to_vec()
}

fn same_in_any_order<S: Sketch>(columns: &[ArrayRef], size: i64) {
    let constants = [ScalarValue::from(size)];
    let sketch: S = sketch(columns, &constants).expect("a sketch");
    let arguments = arguments(columns, &constants);
    let expected = answer(&sketch, &mut in_order(&sketch, &arguments));
    let mut random = Random::new(3);
    for most_parts in [1, 2, 5, 20, 100] {
        let state = &mut merged(&sketch, &arguments, most_parts, &mut random);
        assert_eq!(&answer(&sketch, state), &expected, "{most_parts} parts");
    }
}

#[test]
fn order_and_division_do_not_matter() {
    let mut random = Random::new(4);
    for size in [1, 10, 1_000] {
        let values = column((0..3_000).map(|_| random.below(800) as i64));
        same_in_any_order::<DistinctSample>(std::slice::from_ref(&values), size);
        same_in_any_order::<ReservoirSample>(&[values, column(0..3_000)], size);
    }
}

#[test]
fn a_smaller_sample_is_the_beginning_of_a_larger_one() {
    let columns = [column(0..1_000)];
    let large = drawn::<DistinctSample>(&columns, 100);
    assert_eq!(drawn::<DistinctSample>(&columns, 7), large[..7]);
    assert_eq!(large.iter().collect::<BTreeSet<_>>().len(), 100);
    assert_eq!(drawn::<DistinctSample>(&columns, 5_000).len(), 1_000);
}

#[test]
fn distinct_values_are_drawn_however_often_they_came() {
    let columns = [column((0..100_000).map(|row| if row % 100 == 0 { row } else { -1 }))];
    let sample = drawn::<DistinctSample>(&columns, 100);
    assert!(sample.iter().filter(|value| **value == -1).count() <= 1);
    assert_eq!(sample.iter().collect::<BTreeSet<_>>().len(), 100);
}

/// Each tenth of the rows has a tenth of the sample: chi-squared with 9 degrees of freedom is above 27.9
/// in one of a thousand fair samples.
#[test]
fn rows_are_drawn_evenly_also_equal_ones() {
    for (seed, size) in [(0, 1_000), (1, 500), (2, 2_000)] {
        let keys = (0..50_000).map(|row| row * 3 + seed * 1_000_000_007);
        let tenths = (0..50_000).map(|row| row / 5_000);
        let sample = drawn::<ReservoirSample>(&[column(tenths), column(keys)], size);
        assert_eq!(sample.len() as i64, size);
        let expected = size as f64 / 10.0;
        let chi_squared: f64 = (0..10)
            .map(|tenth| sample.iter().filter(|drawn| **drawn == tenth).count() as f64)
            .map(|count| (count - expected).powi(2) / expected)
            .sum();
        assert!(chi_squared < 27.9, "{chi_squared}");
    }
}

#[test]
fn columns_sampled_by_one_key_give_the_same_rows() {
    let key = column((0..1_000).map(|row| row * 7));
    let doubled = column((0..1_000).map(|row| row * 2));
    let rows = drawn::<ReservoirSample>(&[column(0..1_000), Arc::clone(&key)], 20);
    let twice = drawn::<ReservoirSample>(&[doubled, key], 20);
    assert_eq!(twice, rows.iter().map(|row| row * 2).collect::<Vec<_>>());
}
