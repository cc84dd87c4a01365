//! Arrays as they are, for what no other encoding takes.

use std::sync::Arc;

use arrow::array::ArrayRef;

use super::{Encoded, Encoding, Part, allocated_bytes};

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

#[derive(Debug)]
struct Arrays(Vec<ArrayRef>);

impl Encoded for Arrays {
    fn batch(&self, index: usize) -> Option<ArrayRef> {
        self.0.get(index).cloned()
    }

    fn bytes(&self) -> usize {
        allocated_bytes(&self.0)
    }

    fn parts(&self) -> (&'static str, Vec<Part>) {
        (Plain.name(), vec![self.0.clone()])
    }
}
