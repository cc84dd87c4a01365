//! Bottom-k sampling, which both samples share.
//!
//! A reservoir that draws random numbers gives other rows for other splits. Here a row's number is a
//! hash, and the `k` rows with the smallest numbers are the sample (Cohen, Kaplan: Summarizing data
//! using bottom-k sketches, PODC 2007). Merging keeps the smallest numbers of both sides, so that
//! order and division do not matter.
//!
//! What is hashed decides what is drawn from. Of the value alone, equal values are one:
//! `distinct_sample`. Rows can be drawn evenly only when something tells them apart: a state of
//! bounded size cannot know how often each value came in other splits, so it cannot number equal rows
//! in the same way for all splits. So `reservoir_sample` hashes a key.

use std::collections::BTreeSet;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;

use super::arguments::Arguments;
use super::bytes::{Saved, push_value};
use super::hash::hash;
use super::values::{Values, check_comparable, lists, plain};

const MAX_SIZE: u32 = 100_000;

/// Another one would draw another sample.
const SEED: u64 = u64::from_be_bytes(*b"millrace");

/// The number of what has these bytes.
pub(super) fn number(bytes: &[u8]) -> u64 {
    hash(SEED, bytes)
}

/// The values with the smallest numbers.
#[derive(Debug, Default)]
pub(super) struct Smallest {
    values: BTreeSet<(u64, Box<[u8]>)>,
    value_bytes: usize,
}

impl Smallest {
    pub(super) fn heap_bytes(&self) -> usize {
        // Nodes of a B-tree are two thirds full, as a rule.
        self.values.len() * size_of::<(u64, Box<[u8]>)>() * 3 / 2 + self.value_bytes
    }

    pub(super) fn save(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.value_bytes + self.values.len() * 10);
        for (number, value) in &self.values {
            out.extend_from_slice(&number.to_le_bytes());
            push_value(&mut out, value);
        }
        out
    }
}

/// How values are drawn.
#[derive(Debug)]
pub(super) struct Sampling {
    size: usize,
    pub(super) values: Values,
}

impl Sampling {
    /// # Errors
    /// When the second argument is not the size of a sample.
    pub(super) fn new(arguments: &Arguments<'_>) -> Result<Self> {
        let size = arguments.whole(1, "the size of the sample", 1..=MAX_SIZE)?.unwrap_or(1);
        let value_type = arguments.types().swap_remove(0);
        Ok(Self { size: size as usize, values: Values::new([value_type])? })
    }

    /// The type of a sample.
    ///
    /// # Errors
    /// When values of the type cannot be told apart.
    pub(super) fn return_type(name: &str, types: &[DataType]) -> Result<DataType> {
        check_comparable(name, &types[..1])?;
        Ok(DataType::new_list(plain(&types[0]), true))
    }

    /// Keeps the value if its number is among the smallest.
    pub(super) fn add(&self, state: &mut Smallest, number: u64, value: &[u8]) {
        if state.values.len() >= self.size {
            // With many rows it almost always ends here.
            let Some((largest, last)) = state.values.last() else { return };
            if (*largest, &**last) <= (number, value) {
                return;
            }
        }
        if state.values.insert((number, value.into())) {
            state.value_bytes += value.len();
            if state.values.len() > self.size
                && let Some((_, dropped)) = state.values.pop_last()
            {
                state.value_bytes -= dropped.len();
            }
        }
    }

    /// # Errors
    /// When the bytes are damaged.
    pub(super) fn merge(&self, state: &mut Smallest, saved: &[u8]) -> Result<()> {
        let mut saved = Saved(saved);
        while !saved.is_empty() {
            let number = u64::from_le_bytes(saved.array()?);
            self.add(state, number, saved.value()?);
        }
        Ok(())
    }

    /// The samples, in the order of the numbers, so that a smaller sample is the beginning of a larger one.
    ///
    /// # Errors
    /// When an array cannot be built.
    pub(super) fn finish(&self, states: &[Smallest]) -> Result<ArrayRef> {
        let values = states.iter().flat_map(|state| &state.values).map(|(_, value)| &**value);
        let items = self.values.array(values)?;
        let length = |state: &Smallest| Some(state.values.len()).filter(|length| *length > 0);
        lists(items, &states.iter().map(length).collect::<Vec<_>>())
    }
}
