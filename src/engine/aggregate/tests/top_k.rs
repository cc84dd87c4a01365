//! Frequent values: none is missed, counts are near, order does not matter.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringViewArray};
use arrow::datatypes::Int64Type;
use datafusion::scalar::ScalarValue;

use super::{Random, answer, arguments, in_order, merged, sketch};
use crate::aggregate::top_k::TopK;

const CAPACITY: usize = 50;

fn constants(most: i64) -> [ScalarValue; 2] {
    [ScalarValue::from(most), ScalarValue::from(CAPACITY as i64)]
}

/// Numbers of which the `n`-th is about `1 / n` as frequent as the first.
fn zipf(rows: usize, different: usize, random: &mut Random) -> Vec<i64> {
    (0..rows).map(|_| ((different as f64).powf(random.fraction()) - 1.0) as i64).collect()
}

/// What makes counting by few counters hard: rare values first, last and in between.
fn adversarial(rows: usize) -> Vec<i64> {
    let frequent = |row: usize| [-1, -1, -2][row % 3];
    let rare = |row: usize| row as i64;
    let halves = (0..rows).map(|row| if row < rows / 2 { rare(row) } else { frequent(row) });
    let turns = (0..rows).map(|row| if row % 10 == 0 { frequent(row / 10) } else { rare(row) });
    halves.chain(turns).chain((0..rows).map(rare)).collect()
}

fn column(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn pairs(answer: &ArrayRef) -> Vec<(i64, u64)> {
    let items = answer.as_list::<i32>().value(0);
    let items = items.as_struct();
    let column = |index: usize| items.column(index).as_primitive::<Int64Type>().values().to_vec();
    column(0).into_iter().zip(column(1).into_iter().map(|count| count as u64)).collect()
}

#[test]
fn frequent_values_are_found_and_counted_nearly() {
    let mut random = Random::new(1);
    for values in [zipf(40_000, 20_000, &mut random), adversarial(10_000), (0..5_000).collect()] {
        let mut counts = BTreeMap::<i64, u64>::new();
        values.iter().for_each(|value| *counts.entry(*value).or_default() += 1);
        let columns = [column(&values)];
        let sketch: TopK = sketch(&columns, &constants(CAPACITY as i64)).expect("a sketch");
        let arguments = arguments(&columns, &constants(CAPACITY as i64));
        let expected = answer(&sketch, &mut in_order(&sketch, &arguments));
        let found = pairs(&expected);
        let limit = values.len() as u64 / CAPACITY as u64;
        for (value, count) in counts.iter().filter(|(_, count)| **count > limit) {
            assert!(found.iter().any(|(found, _)| found == value), "{value} came {count} times");
        }
        for (value, count) in &found {
            let exact = counts[value];
            assert!((exact..=exact + limit / 2).contains(count), "{value}: {count}, not {exact}");
        }
        assert!(found.windows(2).all(|pair| (pair[1].1, pair[0].0) < (pair[0].1, pair[1].0)), "{found:?}");
        for _ in 0..20 {
            let state = &mut merged(&sketch, &arguments, 30, &mut random);
            assert_eq!(&answer(&sketch, state), &expected);
        }
    }
}

#[test]
fn few_different_values_are_counted_exactly() {
    let mut random = Random::new(2);
    let values = zipf(10_000, 2 * CAPACITY, &mut random);
    let mut counts = BTreeMap::<i64, u64>::new();
    values.iter().for_each(|value| *counts.entry(*value).or_default() += 1);
    let mut expected: Vec<(i64, u64)> = counts.into_iter().collect();
    expected.sort_by_key(|(value, count)| (std::cmp::Reverse(*count), *value));
    expected.truncate(20);
    let columns = [column(&values)];
    let sketch: TopK = sketch(&columns, &constants(20)).expect("a sketch");
    let arguments = arguments(&columns, &constants(20));
    for most_parts in [1, 2, 10, 100] {
        let found = answer(&sketch, &mut merged(&sketch, &arguments, most_parts, &mut random));
        assert_eq!(pairs(&found), expected);
    }
}

#[test]
fn equally_frequent_values_come_in_their_order() {
    let words = ["pear", "fig", "apple", "fig", "apple", "pear", "ä", "", "Zoo"];
    let columns: [ArrayRef; 1] = [Arc::new(StringViewArray::from(words.to_vec()))];
    let sketch: TopK = sketch(&columns, &constants(5)).expect("a sketch");
    let found = answer(&sketch, &mut in_order(&sketch, &arguments(&columns, &constants(5))));
    let items = found.as_list::<i32>().value(0);
    let values: Vec<_> = items.as_struct().column(0).as_string_view().iter().flatten().collect();
    assert_eq!(values, ["apple", "fig", "pear", "", "Zoo"]);
}

#[test]
fn memory_does_not_grow_with_different_values() {
    let values: Vec<i64> = (0..100_000).collect();
    let columns = [column(&values)];
    let sketch: TopK = sketch(&columns, &constants(1)).expect("a sketch");
    let state = in_order(&sketch, &arguments(&columns, &constants(1)));
    let bytes = state.heap_bytes();
    // 32 counters of 8 bytes for each value of the capacity, and a hash table of four values.
    assert!(bytes < CAPACITY * (32 * 8 + 8 * 64), "{bytes} bytes");
    assert!(answer(&sketch, &mut { state }).as_list::<i32>().value(0).is_empty(), "none is frequent");
}
