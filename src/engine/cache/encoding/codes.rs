//! Small unsigned numbers in as few whole bytes as the largest of them needs.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt8Array, UInt16Array, UInt32Array};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, UInt8Type, UInt16Type, UInt32Type};

/// Numbers of one batch.
#[derive(Debug)]
pub(super) enum Codes {
    /// Up to 255.
    One(ScalarBuffer<u8>),
    /// Up to 65,535.
    Two(ScalarBuffer<u16>),
    /// Up to 4,294,967,295.
    Four(ScalarBuffer<u32>),
}

impl Codes {
    /// Numbers of which none is larger than `largest`, which a caller has made sure of.
    pub(super) fn new(largest: u32, numbers: impl Iterator<Item = u32>) -> Self {
        if largest <= u32::from(u8::MAX) {
            Self::One(numbers.map(|number| number as u8).collect())
        } else if largest <= u32::from(u16::MAX) {
            Self::Two(numbers.map(|number| number as u16).collect())
        } else {
            Self::Four(numbers.collect())
        }
    }

    /// Turns each number into a value.
    pub(super) fn map<T>(&self, value: impl Fn(u32) -> T) -> Vec<T> {
        match self {
            Self::One(codes) => codes.iter().map(|&code| value(code.into())).collect(),
            Self::Two(codes) => codes.iter().map(|&code| value(code.into())).collect(),
            Self::Four(codes) => codes.iter().map(|&code| value(code)).collect(),
        }
    }

    /// The largest number, 0 when there is none.
    pub(super) fn largest(&self) -> u32 {
        match self {
            Self::One(codes) => codes.iter().max().map_or(0, |&code| code.into()),
            Self::Two(codes) => codes.iter().max().map_or(0, |&code| code.into()),
            Self::Four(codes) => codes.iter().max().copied().unwrap_or(0),
        }
    }

    /// Memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::One(codes) => codes.len(),
            Self::Two(codes) => codes.len() * 2,
            Self::Four(codes) => codes.len() * 4,
        }
    }

    /// The numbers and which of them stand for nulls as an array, without a copy.
    fn to_array(&self, nulls: Option<NullBuffer>) -> ArrayRef {
        match self {
            Self::One(codes) => Arc::new(UInt8Array::new(codes.clone(), nulls)),
            Self::Two(codes) => Arc::new(UInt16Array::new(codes.clone(), nulls)),
            Self::Four(codes) => Arc::new(UInt32Array::new(codes.clone(), nulls)),
        }
    }

    /// What [`Self::to_array`] made; nothing of other arrays.
    fn of_array(array: &ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::UInt8 => Self::One(array.as_primitive_opt::<UInt8Type>()?.values().clone()),
            DataType::UInt16 => Self::Two(array.as_primitive_opt::<UInt16Type>()?.values().clone()),
            DataType::UInt32 => Self::Four(array.as_primitive_opt::<UInt32Type>()?.values().clone()),
            _ => return None,
        })
    }
}

/// Numbers and nulls of all batches as arrays.
pub(super) fn to_arrays(codes: &[Codes], nulls: &[Option<NullBuffer>]) -> Vec<ArrayRef> {
    codes.iter().zip(nulls).map(|(codes, nulls)| codes.to_array(nulls.clone())).collect()
}

/// What [`to_arrays`] made of numbers and nulls; nothing when these are other arrays.
pub(super) fn of_arrays(arrays: &[ArrayRef]) -> Option<(Vec<Codes>, Vec<Option<NullBuffer>>)> {
    let codes = arrays.iter().map(Codes::of_array).collect::<Option<_>>()?;
    Some((codes, super::nulls_of(arrays)))
}
