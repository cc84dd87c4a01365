//! Arrays as they are, for what no other encoding takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayData, ArrayRef};
use arrow::buffer::NullBuffer;

use super::{Encoded, Encoding, Part};

pub(super) struct Plain;

impl Encoding for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn encode(&self, batches: &[ArrayRef]) -> Option<Arc<dyn Encoded>> {
        Some(hold(batches))
    }

    fn assemble(&self, parts: &[Part]) -> Option<Arc<dyn Encoded>> {
        let [arrays] = parts else { return None };
        Some(hold(arrays))
    }
}

/// Shares the arrays.
pub(super) fn hold(batches: &[ArrayRef]) -> Arc<dyn Encoded> {
    Arc::new(Arrays(batches.to_vec()))
}

/// Addresses and lengths of the memory that an array refers to.
fn collect_allocations(data: &ArrayData, allocations: &mut BTreeMap<usize, usize>) {
    let nulls = data.nulls().map(NullBuffer::buffer);
    allocations.extend(
        data.buffers().iter().chain(nulls).map(|buffer| (buffer.data_ptr().addr().get(), buffer.capacity())),
    );
    data.child_data().iter().for_each(|child| collect_allocations(child, allocations));
}

#[derive(Debug)]
struct Arrays(Vec<ArrayRef>);

impl Encoded for Arrays {
    fn batch(&self, index: usize) -> Option<ArrayRef> {
        self.0.get(index).cloned()
    }

    /// Arrays of text share buffers, and those that were read in one piece share all of it.
    fn bytes(&self) -> usize {
        let mut allocations = BTreeMap::new();
        self.0.iter().for_each(|array| collect_allocations(&array.to_data(), &mut allocations));
        allocations.values().sum::<usize>() + self.0.len() * size_of::<ArrayData>()
    }

    fn parts(&self) -> (&'static str, Vec<Part>) {
        (Plain.name(), vec![self.0.clone()])
    }
}
