//! Histograms: exact counts, whatever the order, for numbers of any size.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, TimestampMillisecondArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::scalar::ScalarValue;

use super::{Random, answer, arguments, in_order, merged, sketch};
use crate::aggregate::histogram::Histogram;

/// The bins of all values; the same for any order and division.
fn bins(column: ArrayRef, bins: i64, random: &mut Random) -> Vec<(f64, f64, i64)> {
    let constants = [ScalarValue::from(bins)];
    let columns = [column];
    let sketch: Histogram = sketch(&columns, &constants).expect("a sketch");
    let arguments = arguments(&columns, &constants);
    let expected = answer(&sketch, &mut in_order(&sketch, &arguments));
    for most_parts in [1, 3, 20] {
        let state = &mut merged(&sketch, &arguments, most_parts, random);
        assert_eq!(&answer(&sketch, state), &expected, "{most_parts} parts");
    }
    let items = expected.as_list::<i32>().value(0);
    let edges = |index: usize| {
        let column = items.as_struct().column(index);
        let column = match column.data_type() {
            DataType::Float64 => Arc::clone(column),
            other => {
                let whole = arrow::compute::cast(column, &DataType::Int64);
                let whole = whole.unwrap_or_else(|_| panic!("{other} is whole"));
                arrow::compute::cast(&whole, &DataType::Float64).expect("numbers")
            }
        };
        column.as_primitive::<Float64Type>().values().to_vec()
    };
    let counts = items.as_struct().column(2).as_primitive::<Int64Type>().values().to_vec();
    edges(0).into_iter().zip(edges(1)).zip(counts).map(|((low, high), count)| (low, high, count)).collect()
}

fn check(values: &[f64], most: i64, found: &[(f64, f64, i64)]) {
    assert!(found.len() as i64 <= most, "{found:?}");
    assert_eq!(found.iter().map(|(_, _, count)| count).sum::<i64>(), values.len() as i64);
    assert!(found.windows(2).all(|pair| pair[0].1 == pair[1].0), "{found:?}");
    for (low, high, count) in found {
        let exact = values.iter().filter(|value| low == high || (low..high).contains(value)).count();
        assert_eq!(exact as i64, *count, "[{low}, {high}) of {found:?}");
    }
    let (first, last) = (found[0].0, found[found.len() - 1].1);
    if first.is_finite() && last.is_finite() {
        let width = found[0].1 - first;
        let rounding = 4.0 * f64::EPSILON * first.abs().max(last.abs());
        assert!(found.iter().all(|(low, high, _)| (high - low - width).abs() <= rounding), "{found:?}");
    }
}

#[test]
fn counts_are_exact_for_numbers_with_a_fraction() {
    let mut random = Random::new(5);
    let mut draw = |make: &dyn Fn(&mut Random) -> f64, rows: usize| -> Vec<f64> {
        (0..rows).map(|_| make(&mut random)).collect()
    };
    let data = [
        draw(&|random| random.fraction(), 3_000),
        draw(&|random| (random.below(2_000) as f64 - 700.0) / 10.0, 3_000),
        draw(&|random| 1e6 + random.fraction() * 1e-3, 1_000),
        draw(&|random| -random.fraction().ln() * 1e-30, 1_000),
        draw(&|random| (random.fraction() - 0.5) * 1e300, 1_000),
        draw(&|random| 10_f64.powf(random.fraction() * 40.0 - 20.0), 1_000),
        draw(&|random| if random.below(100) == 0 { 1e9 } else { random.fraction() }, 2_000),
        vec![f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, -5e-324, 0.0, -0.0],
        vec![0.1, 0.2, 0.3, 0.1 + 0.2],
        vec![4.0, 4.0],
        vec![0.0],
    ];
    for values in data {
        for most in [2, 3, 10, 100] {
            check(&values, most, &bins(Arc::new(Float64Array::from(values.clone())), most, &mut random));
        }
    }
}

#[test]
fn counts_are_exact_for_whole_numbers_and_instants() {
    let mut random = Random::new(6);
    let data: [Vec<i64>; 5] = [
        (0..3_000).map(|_| random.below(37) as i64 - 5).collect(),
        (0..3_000).map(|_| random.number() as i64 >> random.below(60)).collect(),
        (0..3_000).map(|_| 1_767_225_600_000 + random.below(864_000_000) as i64).collect(),
        vec![i64::MIN, i64::MAX, 0, -1],
        vec![12],
    ];
    for values in data {
        // Beyond 2^53 this test would compare rounded edges.
        let exact = values.iter().all(|value| value.unsigned_abs() < 1 << 53);
        let numbers: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        for most in [2, 10, 100] {
            let whole = bins(Arc::new(Int64Array::from(values.clone())), most, &mut random);
            let column = TimestampMillisecondArray::from(values.clone());
            let instants = bins(Arc::new(column), most, &mut random);
            for found in [whole, instants] {
                assert_eq!(found.iter().map(|(_, _, count)| count).sum::<i64>(), values.len() as i64);
                if exact {
                    check(&numbers, most, &found);
                }
            }
        }
    }
}

#[test]
fn there_are_about_as_many_bins_as_asked_for_and_their_width_is_round() {
    let mut random = Random::new(7);
    for most in [5, 10, 20, 50, 100] {
        for _ in 0..50 {
            let width = 10_f64.powf(random.fraction() * 6.0 - 3.0);
            let start = (random.fraction() - 0.5) * width * 10.0;
            let values: Vec<f64> = (0..2_000).map(|_| start + random.fraction() * width).collect();
            let found = bins(Arc::new(Float64Array::from(values)), most, &mut random);
            assert!(found.len() as i64 * 2 >= most - 2, "{} bins of {most}", found.len());
            let width = format!("{:.6e}", found[0].1 - found[0].0);
            let digits = width.split_once('e').map_or("", |(digits, _)| digits).trim_end_matches(['0', '.']);
            assert!(["1", "1.5", "2", "2.5", "3", "4", "5", "6", "8"].contains(&digits), "{width}");
        }
    }
}

#[test]
fn memory_is_bounded_by_the_number_of_bins() {
    let mut random = Random::new(8);
    let values: Vec<f64> = (0..20_000).map(|_| 10_f64.powf(random.fraction() * 100.0)).collect();
    let columns: [ArrayRef; 1] = [Arc::new(Float64Array::from(values))];
    let constants = [ScalarValue::from(10_i64)];
    let sketch: Histogram = sketch(&columns, &constants).expect("a sketch");
    let state = in_order(&sketch, &arguments(&columns, &constants));
    assert!(state.heap_bytes() <= 10 * 100 * 24, "{}", state.heap_bytes());
}
