//! Quantiles: how far the rank of the answer is from the rank that was asked for.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::Float64Type;
use datafusion::scalar::ScalarValue;

use super::{Random, answer, arguments, in_order, merged, sketch};
use crate::aggregate::quantile::Quantile;

const FRACTIONS: [f64; 9] = [0.0, 0.001, 0.01, 0.1, 0.5, 0.75, 0.99, 0.999, 1.0];

/// How far the share of values below an answer is from what was asked for.
fn rank_error(sorted: &[f64], fraction: f64, answer: f64) -> f64 {
    let count = sorted.len() as f64;
    let below = sorted.partition_point(|value| *value < answer) as f64 / count;
    let up_to = sorted.partition_point(|value| *value <= answer) as f64 / count;
    (below - fraction).max(fraction - up_to).max(0.0)
}

fn data(random: &mut Random) -> Vec<Vec<f64>> {
    let rows = 10_000;
    let mut draw =
        |make: &dyn Fn(&mut Random) -> f64| -> Vec<f64> { (0..rows).map(|_| make(random)).collect() };
    let mut all = vec![
        draw(&|random| random.fraction()),
        draw(&|random| -random.fraction().ln()),
        draw(&|random| 10_f64.powf(random.fraction() * 12.0)),
        draw(&|random| random.below(7) as f64),
        draw(&|random| if random.below(3) == 0 { 1e9 + random.fraction() } else { random.fraction() }),
    ];
    let mut sorted = all[0].clone();
    sorted.sort_by(f64::total_cmp);
    let backwards = sorted.iter().rev().copied().collect();
    // Values from both ends in turn, each farther in than the one before.
    let inwards = (0..rows).map(|row| sorted[if row % 2 == 0 { row / 2 } else { rows - 1 - row / 2 }]);
    all.push(inwards.collect());
    all.extend([sorted, backwards]);
    all
}

/// A centroid has no more than this share of the values, so an answer is not farther off.
fn bound(fraction: f64, centroids: f64, count: f64) -> f64 {
    (8.0 * fraction.min(1.0 - fraction)).sqrt() / centroids + 1.0 / count
}

#[test]
fn ranks_are_within_the_bound_in_any_order_and_merged_in_any_way() {
    let mut random = Random::new(9);
    for (values, centroids) in data(&mut random).into_iter().zip([100_i64, 50, 400].into_iter().cycle()) {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let columns: [ArrayRef; 1] = [Arc::new(Float64Array::from(values))];
        for fraction in FRACTIONS {
            let constants = [ScalarValue::from(fraction), ScalarValue::from(centroids)];
            let sketch: Quantile = sketch(&columns, &constants).expect("a sketch");
            let arguments = arguments(&columns, &constants);
            let mut states = vec![in_order(&sketch, &arguments)];
            states.extend([2, 30, 500].map(|parts| merged(&sketch, &arguments, parts, &mut random)));
            for mut state in states {
                let found = answer(&sketch, &mut state).as_primitive::<Float64Type>().value(0);
                let error = rank_error(&sorted, fraction, found);
                let bound = bound(fraction, centroids as f64, sorted.len() as f64);
                assert!(error <= bound, "{error} at {fraction}, with {centroids} centroids");
            }
        }
    }
}

#[test]
fn few_values_are_exact() {
    let columns: [ArrayRef; 1] = [Arc::new(Float64Array::from(vec![5.0, 1.0, 3.0, 2.0, 4.0]))];
    for (fraction, expected) in [(0.0, 1.0), (0.5, 3.0), (1.0, 5.0)] {
        let constants = [ScalarValue::from(fraction)];
        let sketch: Quantile = sketch(&columns, &constants).expect("a sketch");
        let state = &mut in_order(&sketch, &arguments(&columns, &constants));
        assert_eq!(answer(&sketch, state).as_primitive::<Float64Type>().value(0), expected);
    }
}
