//! Arrays as they are, for what no other encoding takes.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};

use super::{Encoded, Encoding};

pub(super) struct Plain;

impl Encoding for Plain {
    #[cfg(test)]
    fn name(&self) -> &'static str {
        "plain"
    }

    fn encode(&self, batches: &[ArrayRef]) -> Option<Arc<dyn Encoded>> {
        Some(hold(batches))
    }
}

/// Shares the arrays.
pub(super) fn hold(batches: &[ArrayRef]) -> Arc<dyn Encoded> {
    Arc::new(Arrays(batches.to_vec()))
}

#[derive(Debug)]
struct Arrays(Vec<ArrayRef>);

impl Encoded for Arrays {
    fn batch(&self, index: usize) -> Option<ArrayRef> {
        self.0.get(index).cloned()
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|array| array.get_array_memory_size()).sum()
    }
}
