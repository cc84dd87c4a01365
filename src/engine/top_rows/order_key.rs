//! Values of a column as numbers in the order that is asked for.

use arrow::array::{Array, ArrayRef};
use arrow::compute::SortOptions;
use arrow::datatypes::DataType;

/// A null, or the bits of a value, in order: the least comes first.
pub(super) type OrderKey = u128;

const SIGN: u64 = 1 << 63;

/// Whether values of a type have an order among 64 bits.
pub(super) fn has_order_key(data_type: &DataType) -> bool {
    let signed = matches!(
        data_type,
        DataType::Int64
            | DataType::Timestamp(..)
            | DataType::Date64
            | DataType::Time64(_)
            | DataType::Duration(_)
    );
    signed
        || matches!(data_type, DataType::Int32 | DataType::Date32 | DataType::Time32(_) | DataType::Float64)
}

/// The keys of a column whose type has them, in `keys`. Floats are in their total order, as Arrow sorts them.
pub(super) fn order_keys(array: &ArrayRef, options: SortOptions, keys: &mut Vec<OrderKey>) {
    keys.clear();
    let data = array.to_data();
    let rows = array.len();
    let turned = if options.descending { u64::MAX } else { 0 };
    // Nulls have the place of the upper half, beyond all values on the side where they are wanted.
    let (null, value) = if options.nulls_first { (0, 1) } else { (1, 0) };
    let key = |bits: u64| value << 64 | OrderKey::from(bits ^ turned);
    match array.data_type() {
        DataType::Float64 => keys.extend(data.buffer::<u64>(0)[..rows].iter().map(|&bits| {
            let is_negative = bits & SIGN != 0;
            key(if is_negative { !bits } else { bits | SIGN })
        })),
        DataType::Int32 | DataType::Date32 | DataType::Time32(_) => {
            keys.extend(
                data.buffer::<i32>(0)[..rows].iter().map(|&number| key(i64::from(number) as u64 ^ SIGN)),
            );
        }
        _ => keys.extend(data.buffer::<u64>(0)[..rows].iter().map(|&bits| key(bits ^ SIGN))),
    }
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        for (row, key) in keys.iter_mut().enumerate() {
            if nulls.is_null(row) {
                *key = null << 64;
            }
        }
    }
}
