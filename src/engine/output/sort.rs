//! Sorting a result for display.
//!
//! A permutation is sorted, not the rows. Numbers, times and the first bytes of texts are turned
//! into 64-bit keys that compare as the values do, so that most comparisons touch no array.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, make_comparator};
use arrow::compute::{SortOptions, cast, concat};
use arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use arrow::error::ArrowError;
use millrace_protocol::RowOrder;

use super::ResultSet;

/// The rows of a result in a sorted order. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct SortedOrder {
    order: RowOrder,
    rows: Arc<[u32]>,
}

impl SortedOrder {
    /// What the rows are sorted by.
    pub fn order(&self) -> &RowOrder {
        &self.order
    }

    /// Index in the result of the row that stands at this position.
    pub(super) fn row_at(&self, position: u64) -> Option<u64> {
        let position = usize::try_from(position).ok()?;
        self.rows.get(position).map(|&row| row.into())
    }
}

pub(super) fn sort(result: &ResultSet, order: &RowOrder) -> Result<SortedOrder, ArrowError> {
    let column = result.check_column(order.column)?;
    if u32::try_from(result.row_count()).is_err() {
        let message = format!("{} rows are too many to sort for display", result.row_count());
        return Err(ArrowError::NotYetImplemented(message));
    }
    let data_type = result.schema.field(column).data_type();
    let comparable = comparable_type(data_type);
    let parts = result
        .batches
        .iter()
        .map(|batch| match &comparable {
            Some(to) => cast(batch.column(column), to),
            None => Ok(Arc::clone(batch.column(column))),
        })
        .collect::<Result<Vec<ArrayRef>, _>>()?;
    let rows = if parts.is_empty() {
        Vec::new()
    } else {
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        sorted_rows(concat(&parts)?.as_ref(), order.descending)?
    };
    Ok(SortedOrder { order: order.clone(), rows: rows.into() })
}

/// A type with the same order that [`sorted_rows`] has keys for, and whose arrays can be joined to
/// more than 2 GiB; `None` to compare the values as they are.
fn comparable_type(data_type: &DataType) -> Option<DataType> {
    use DataType as T;
    match data_type {
        T::Int8 | T::Int16 | T::Int32 | T::Date32 | T::UInt8 | T::UInt16 | T::UInt32 | T::Boolean => {
            Some(T::Int64)
        }
        T::Timestamp(..) | T::Date64 | T::Duration(_) | T::Time64(_) => Some(T::Int64),
        T::Float16 | T::Float32 => Some(T::Float64),
        T::Utf8 | T::LargeUtf8 => Some(T::Utf8View),
        T::Dictionary(_, values) => Some(comparable_type(values).unwrap_or_else(|| values.as_ref().clone())),
        _ => None,
    }
}

fn sorted_rows(array: &dyn Array, descending: bool) -> Result<Vec<u32>, ArrowError> {
    let rows = 0..array.len() as u32;
    let mut nulls: Vec<u32> = rows.clone().filter(|&row| array.is_null(row as usize)).collect();
    let valid = rows.filter(|&row| array.is_valid(row as usize));
    let mut sorted = match array.data_type() {
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>();
            by_key(valid, descending, |row| values.value(row) as u64 ^ (1 << 63))
        }
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            by_key(valid, descending, |row| values.value(row))
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            by_key(valid, descending, |row| float_key(values.value(row)))
        }
        DataType::Utf8View => {
            let texts = array.as_string_view();
            let compare = |a, b| texts.value(a).cmp(texts.value(b));
            by_prefix(valid, descending, |row| text_prefix(texts.value(row)), compare)
        }
        _ => {
            let compare = make_comparator(array, array, SortOptions::default())?;
            by_prefix(valid, descending, |_| 0, compare)
        }
    };
    sorted.append(&mut nulls);
    Ok(sorted)
}

/// Sorts by keys alone. Equal keys keep the order of the rows, which is part of what is compared.
fn by_key(rows: impl Iterator<Item = u32>, descending: bool, key: impl Fn(usize) -> u64) -> Vec<u32> {
    let flip = if descending { u64::MAX } else { 0 };
    let mut keyed: Vec<_> = rows.map(|row| (key(row as usize) ^ flip, row)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// Sorts by keys, and by the values themselves where the keys are equal.
fn by_prefix(
    rows: impl Iterator<Item = u32>,
    descending: bool,
    key: impl Fn(usize) -> u64,
    compare: impl Fn(usize, usize) -> Ordering,
) -> Vec<u32> {
    let mut keyed: Vec<_> = rows.map(|row| (key(row as usize), row)).collect();
    keyed.sort_unstable_by(|&(key_a, a), &(key_b, b)| {
        let ordering = key_a.cmp(&key_b).then_with(|| compare(a as usize, b as usize));
        if descending { ordering.reverse() } else { ordering }.then(a.cmp(&b))
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// Bits of a float that compare as the float does: negative zero is zero, and NaN is largest.
fn float_key(value: f64) -> u64 {
    if value.is_nan() {
        return u64::MAX;
    }
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// The first eight bytes of a text as a number; shorter texts are filled up with zeros, which is
/// right because equal prefixes are compared in full.
fn text_prefix(text: &str) -> u64 {
    let mut prefix = [0; 8];
    let len = text.len().min(8);
    prefix[..len].copy_from_slice(&text.as_bytes()[..len]);
    u64::from_be_bytes(prefix)
}
