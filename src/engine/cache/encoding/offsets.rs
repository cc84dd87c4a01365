//! Integers and points in time, as distances from the smallest of a split ("frame of reference",
//! Goldstein, Ramakrishnan and Shaft 1998).

use std::sync::Arc;

use arrow::array::{Array, ArrayData, ArrayRef, AsArray, Int64Array, make_array, new_empty_array};
use arrow::buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Int64Type};

use super::codes::{self, Codes};
use super::{Encoded, Encoding, Part, null_bytes, nulls_of, single};

pub(super) struct Offsets;

/// Distances are counted in the largest of these that divides all of them: points in time are often
/// whole seconds or milliseconds of a finer unit.
const UNITS: [i64; 4] = [1, 1_000, 1_000_000, 1_000_000_000];

impl Encoding for Offsets {
    fn name(&self) -> &'static str {
        "offsets"
    }

    fn encode(&self, batches: &[ArrayRef]) -> Option<Arc<dyn Encoded>> {
        let data_type = batches.first()?.data_type().clone();
        if !takes(&data_type) {
            return None;
        }
        let (mut base, mut top) = (i64::MAX, i64::MIN);
        for batch in batches {
            let (least, greatest) = range_of(batch);
            base = base.min(least);
            top = top.max(greatest);
        }
        // A column of nulls alone.
        if base > top {
            (base, top) = (0, 0);
        }
        let range = top.checked_sub(base)?;
        let fits = |unit: i64| u32::try_from(range / unit).is_ok();
        let unit = UNITS.into_iter().find(|&unit| fits(unit))?;
        if unit > 1 && batches.iter().flat_map(valid_values).any(|value| (value - base) % unit != 0) {
            return None;
        }
        // A null's place holds any value; its distance is cut off and never looked at.
        let codes = |batch: &ArrayRef| {
            let values = raw_values(batch);
            // A division takes longer than all else.
            let distances: Vec<u32> = if unit == 1 {
                values.iter().map(|value| value.wrapping_sub(base) as u32).collect()
            } else {
                values.iter().map(|value| (value.wrapping_sub(base) / unit) as u32).collect()
            };
            Codes::new(&distances)
        };
        let codes = batches.iter().map(codes).collect();
        Some(Arc::new(Distances { data_type, base, unit, codes, nulls: nulls_of(batches) }))
    }

    fn assemble(&self, parts: &[Part]) -> Option<Arc<dyn Encoded>> {
        let [of_type, base, unit, codes @ ..] = parts else { return None };
        let data_type = of_type.first()?.data_type().clone();
        let base = single(base)?.as_primitive_opt::<Int64Type>()?.value(0);
        let unit = single(unit)?.as_primitive_opt::<Int64Type>()?.value(0);
        let (codes, nulls) = codes::of_parts(codes)?;
        takes(&data_type)
            .then(|| Arc::new(Distances { data_type, base, unit, codes, nulls }) as Arc<dyn Encoded>)
    }
}

fn takes(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int64 | DataType::Timestamp(..))
}

#[derive(Debug)]
struct Distances {
    data_type: DataType,
    base: i64,
    unit: i64,
    codes: Vec<Codes>,
    nulls: Vec<Option<NullBuffer>>,
}

impl Encoded for Distances {
    fn batch(&self, index: usize) -> Option<ArrayRef> {
        let (base, unit) = (self.base, self.unit);
        let codes = self.codes.get(index)?;
        let values = if unit == 1 {
            codes.map(|code| base.wrapping_add(code.into()))
        } else {
            codes.map(|code| base.wrapping_add(i64::from(code) * unit))
        };
        let data = ArrayData::builder(self.data_type.clone())
            .len(values.len())
            .nulls(self.nulls.get(index).cloned().flatten())
            .add_buffer(Buffer::from_vec(values));
        Some(make_array(data.build().ok()?))
    }

    fn bytes(&self) -> usize {
        self.codes.iter().map(Codes::bytes).sum::<usize>() + null_bytes(&self.nulls)
    }

    fn parts(&self) -> (&'static str, Vec<Part>) {
        let base: ArrayRef = Arc::new(Int64Array::from(vec![self.base]));
        let unit: ArrayRef = Arc::new(Int64Array::from(vec![self.unit]));
        let of_type = vec![new_empty_array(&self.data_type)];
        let mut parts = vec![of_type, vec![base], vec![unit]];
        parts.extend(codes::to_parts(&self.codes, &self.nulls));
        (Offsets.name(), parts)
    }
}

/// Values of an array of 64-bit integers of any meaning, nulls included.
fn raw_values(array: &ArrayRef) -> ScalarBuffer<i64> {
    let data = array.to_data();
    ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), array.len())
}

/// The least and the greatest value; the wrong way round when all are null.
fn range_of(array: &ArrayRef) -> (i64, i64) {
    let widen = |(least, greatest): (i64, i64), value: i64| (least.min(value), greatest.max(value));
    let nothing = (i64::MAX, i64::MIN);
    if array.null_count() == 0 {
        return raw_values(array).iter().copied().fold(nothing, widen);
    }
    valid_values(array).fold(nothing, widen)
}

fn valid_values(array: &ArrayRef) -> impl Iterator<Item = i64> {
    let nulls = array.nulls().cloned();
    let valid = move |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
    let values = raw_values(array);
    (0..values.len()).filter(move |row| valid(row)).map(move |row| values[row])
}
