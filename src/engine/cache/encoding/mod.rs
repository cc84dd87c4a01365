//! Ways to hold decoded columns in less memory than Arrow's arrays take.
//!
//! Owns: the [`ENCODINGS`] table, one file per way. Touches: Arrow. Every encoding gives back
//! exactly the arrays that it was made of; it is chosen so that this takes a small part of what decoding text takes.
//! To leave memory, a column is taken apart into plain arrays ([`Encoded::parts`]), of which its encoding
//! puts it together again ([`assemble`]).

mod codes;
mod decimal;
mod dictionary;
mod offsets;
mod plain;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use arrow::array::{Array, ArrayData, ArrayRef};
use arrow::buffer::NullBuffer;

/// All encodings; the first that takes a column holds it. The last takes every column.
pub(super) static ENCODINGS: &[&dyn Encoding] =
    &[&dictionary::Dictionary, &offsets::Offsets, &decimal::Decimal, &plain::Plain];

/// A way to hold the values of one column of one split.
pub(super) trait Encoding: Sync {
    /// Short lower-case name, by which a column that has left memory finds its encoding again.
    fn name(&self) -> &'static str;

    /// Holds the arrays of all batches, or nothing when it would not save memory.
    fn encode(&self, batches: &[ArrayRef]) -> Option<Arc<dyn Encoded>>;

    /// Holds what [`Encoded::parts`] gave; nothing when these are no parts of this encoding.
    fn assemble(&self, parts: &[Part]) -> Option<Arc<dyn Encoded>>;
}

/// Arrays of one type: a value, values, or one array for each batch.
pub(super) type Part = Vec<ArrayRef>;

/// A column of a split.
pub(crate) trait Encoded: Debug + Send + Sync {
    /// The array of one batch, as it was given. Fewer batches were given when there is none.
    fn batch(&self, index: usize) -> Option<ArrayRef>;

    /// Memory that it takes, in bytes.
    fn bytes(&self) -> usize;

    /// The name of its encoding, and what that makes it of again. Each part has an array at least, unless
    /// there are no batches.
    fn parts(&self) -> (&'static str, Vec<Part>);
}

/// Holds a column by the first encoding that takes it.
pub(super) fn encode(batches: &[ArrayRef]) -> Arc<dyn Encoded> {
    let encoded = ENCODINGS.iter().find_map(|encoding| encoding.encode(batches));
    encoded.unwrap_or_else(|| plain::hold(batches))
}

/// The column that was taken apart into `parts` by the encoding of this name.
pub(super) fn assemble(name: &str, parts: &[Part]) -> Option<Arc<dyn Encoded>> {
    ENCODINGS.iter().find(|encoding| encoding.name() == name)?.assemble(parts)
}

/// The array of one value that a part is.
fn single(part: &Part) -> Option<&ArrayRef> {
    part.first().filter(|array| array.len() == 1)
}

/// Which rows are null, of each batch.
fn nulls_of(batches: &[ArrayRef]) -> Vec<Option<NullBuffer>> {
    batches.iter().map(|batch| batch.nulls().cloned()).collect()
}

fn null_bytes(nulls: &[Option<NullBuffer>]) -> usize {
    nulls.iter().flatten().map(|nulls| nulls.buffer().len()).sum()
}

/// Memory that arrays refer to, each piece once: arrays of text share buffers, and those that were read from disk
/// are parts of what was read.
fn allocated_bytes(arrays: &[ArrayRef]) -> usize {
    fn collect(data: &ArrayData, allocations: &mut BTreeMap<usize, usize>) {
        let buffers = data.buffers().iter().chain(data.nulls().map(NullBuffer::buffer));
        allocations.extend(buffers.map(|buffer| (buffer.data_ptr().addr().get(), buffer.capacity())));
        data.child_data().iter().for_each(|child| collect(child, allocations));
    }
    let mut allocations = BTreeMap::new();
    arrays.iter().for_each(|array| collect(&array.to_data(), &mut allocations));
    allocations.values().sum::<usize>() + size_of_val(arrays)
}

#[cfg(test)]
mod tests;
