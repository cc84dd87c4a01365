//! Floating point numbers that were decimals of a few digits, as whole numbers of their last digit
//! (after ALP, Afroozeh and Boncz 2023, without its exceptions).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int32Array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{Float64Type, Int32Type};

use super::codes::{self, Codes};
use super::{Encoded, Encoding, Part, null_bytes, nulls_of, single};

pub(super) struct Decimal;

/// What a last digit may be worth, the other way round.
const SCALES: [f64; 6] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e6];
/// Values that choose the scale; all others are then tried with it alone.
const SAMPLE_VALUES: usize = 32;

impl Encoding for Decimal {
    fn name(&self) -> &'static str {
        "decimal"
    }

    fn encode(&self, batches: &[ArrayRef]) -> Option<Arc<dyn Encoded>> {
        let arrays: Vec<&Float64Array> =
            batches.iter().map(|batch| batch.as_primitive_opt::<Float64Type>()).collect::<Option<_>>()?;
        let sample: Vec<f64> =
            arrays.iter().flat_map(|array| array.iter().flatten()).take(SAMPLE_VALUES).collect();
        let suits = |scale: &f64| sample.iter().all(|&value| whole(value, *scale).is_some());
        let scale = SCALES.into_iter().find(suits)?;
        let mut base = i32::MAX;
        let mut wholes = Vec::with_capacity(arrays.len());
        for array in &arrays {
            let mut numbers = Vec::with_capacity(array.len());
            for (row, &value) in array.values().iter().enumerate() {
                let number = match whole(value, scale) {
                    Some(number) => number,
                    None if array.is_null(row) => 0,
                    None => return None,
                };
                base = base.min(number);
                numbers.push(number);
            }
            wholes.push(numbers);
        }
        let codes = |numbers: Vec<i32>| {
            let distances: Vec<u32> = numbers.iter().map(|number| number.wrapping_sub(base) as u32).collect();
            Codes::new(&distances)
        };
        let codes = wholes.into_iter().map(codes).collect();
        Some(Arc::new(Wholes { base, scale, codes, nulls: nulls_of(batches) }))
    }

    fn assemble(&self, parts: &[Part]) -> Option<Arc<dyn Encoded>> {
        let [base, scale, codes @ ..] = parts else { return None };
        let base = single(base)?.as_primitive_opt::<Int32Type>()?.value(0);
        let scale = single(scale)?.as_primitive_opt::<Float64Type>()?.value(0);
        let (codes, nulls) = codes::of_parts(codes)?;
        Some(Arc::new(Wholes { base, scale, codes, nulls }))
    }
}

/// The whole number that gives exactly this value when divided by `scale`.
#[inline]
fn whole(value: f64, scale: f64) -> Option<i32> {
    let number = (value * scale).round_ties_even() as i32;
    ((f64::from(number) / scale).to_bits() == value.to_bits()).then_some(number)
}

#[derive(Debug)]
struct Wholes {
    base: i32,
    scale: f64,
    codes: Vec<Codes>,
    nulls: Vec<Option<NullBuffer>>,
}

impl Encoded for Wholes {
    fn batch(&self, index: usize) -> Option<ArrayRef> {
        let (base, scale) = (self.base, self.scale);
        let values = self.codes.get(index)?.map(|code| f64::from(base.wrapping_add(code as i32)) / scale);
        let nulls = self.nulls.get(index).cloned().flatten();
        Some(Arc::new(Float64Array::new(values.into(), nulls)))
    }

    fn bytes(&self) -> usize {
        self.codes.iter().map(Codes::bytes).sum::<usize>() + null_bytes(&self.nulls)
    }

    fn parts(&self) -> (&'static str, Vec<Part>) {
        let base: ArrayRef = Arc::new(Int32Array::from(vec![self.base]));
        let scale: ArrayRef = Arc::new(Float64Array::from(vec![self.scale]));
        let mut parts = vec![vec![base], vec![scale]];
        parts.extend(codes::to_parts(&self.codes, &self.nulls));
        (Decimal.name(), parts)
    }
}
