//! Distinct counts: within the standard error, whatever the order.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringViewArray};
use datafusion::logical_expr::Accumulator;
use datafusion::scalar::ScalarValue;

use super::{Random, with_args};
use crate::aggregate::distinct::APPROX_DISTINCT;

/// 1.04 / √2^14.
const STANDARD_ERROR: f64 = 0.008_125;

fn accumulator(column: &ArrayRef) -> Box<dyn Accumulator> {
    with_args(std::slice::from_ref(column), &[], |args| {
        let args = datafusion::logical_expr::function::AccumulatorArgs {
            return_field: Arc::clone(&args.return_field),
            ..*args
        };
        (APPROX_DISTINCT.function)().accumulator(args).expect("an accumulator")
    })
}

fn count(accumulator: &mut dyn Accumulator) -> u64 {
    match accumulator.evaluate().expect("an answer") {
        ScalarValue::UInt64(Some(count)) => count,
        other => panic!("not a count: {other}"),
    }
}

/// The count of the parts of a column, merged in any order.
fn merged(column: &ArrayRef, random: &mut Random) -> u64 {
    let mut parts = Vec::new();
    let mut start = 0;
    while start < column.len() {
        let length = (1 + random.below(column.len())).min(column.len() - start);
        let mut part = accumulator(column);
        part.update_batch(&[column.slice(start, length)]).expect("an update");
        parts.push(part);
        start += length;
    }
    while parts.len() > 1 {
        let mut taken = parts.swap_remove(random.below(parts.len()));
        let state = taken.state().expect("a state").remove(0).to_array().expect("an array");
        let into = random.below(parts.len());
        parts[into].merge_batch(&[state]).expect("a merge");
    }
    count(&mut *parts[0])
}

#[test]
fn counts_are_within_the_standard_error_and_do_not_depend_on_order() {
    let mut random = Random::new(10);
    let mut errors = Vec::new();
    for different in [1, 10, 1_000, 20_000, 100_000_usize] {
        for series in 0..4 {
            let numbers = (0..different + different / 3).map(|row| row % different + series * 1_000_000);
            let numbers: Vec<usize> = numbers.collect();
            let text: StringViewArray =
                numbers.iter().map(|number| Some(format!("value {number}"))).collect();
            let whole: Int64Array = numbers.iter().map(|number| *number as i64 * 7).collect();
            let fractions: Float64Array = numbers.iter().map(|number| *number as f64 / 8.0).collect();
            for column in [Arc::new(text) as ArrayRef, Arc::new(whole), Arc::new(fractions)] {
                let mut all = accumulator(&column);
                all.update_batch(std::slice::from_ref(&column)).expect("an update");
                let counted = count(&mut *all);
                assert_eq!(merged(&column, &mut random), counted);
                let error = counted as f64 / different as f64 - 1.0;
                // Once in 30,000 fair draws a count is off by more than four times the standard error.
                assert!(error.abs() < 4.0 * STANDARD_ERROR, "{counted} of {different}");
                errors.push(error);
            }
        }
    }
    let large = &errors[errors.len() - 24..];
    let root_mean_square = (large.iter().map(|error| error * error).sum::<f64>() / large.len() as f64).sqrt();
    assert!(root_mean_square < 1.5 * STANDARD_ERROR, "{root_mean_square}");
}

#[test]
fn numbers_that_are_equal_are_one() {
    let zeros: ArrayRef = Arc::new(Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN]));
    let mut all = accumulator(&zeros);
    all.update_batch(&[zeros]).expect("an update");
    assert_eq!(count(&mut *all), 2);
}
