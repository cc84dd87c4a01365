//! The states of a sketch, by group, as DataFusion asks for them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, LargeBinaryArray, LargeBinaryBuilder};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use datafusion::scalar::ScalarValue;

use super::sketch::Sketch;

/// The states of all groups of a task; of one group where the query has none.
#[derive(Debug)]
pub(super) struct Groups<S: Sketch> {
    sketch: S,
    states: Vec<S::State>,
    heap_bytes: usize,
}

impl<S: Sketch> Groups<S> {
    pub(super) fn new(sketch: S) -> Self {
        Self { sketch, states: Vec::new(), heap_bytes: 0 }
    }

    /// Makes room for so many groups.
    pub(super) fn grow(&mut self, groups: usize) {
        if groups > self.states.len() {
            self.states.resize_with(groups, || self.sketch.empty());
        }
    }

    fn change(&mut self, group: usize, change: impl FnOnce(&S, &mut S::State) -> Result<()>) -> Result<()> {
        let Some(state) = self.states.get_mut(group) else {
            return Err(DataFusionError::Internal(format!("an aggregate has no group {group}")));
        };
        let before = S::heap_bytes(state);
        let outcome = change(&self.sketch, state);
        self.heap_bytes = self.heap_bytes + S::heap_bytes(state) - before;
        outcome
    }

    fn update(
        &mut self,
        columns: &[ArrayRef],
        filter: Option<&BooleanArray>,
        group_of: impl Fn(usize) -> usize,
    ) -> Result<()> {
        let rows = self.sketch.read(columns)?;
        for row in wanted_rows(columns, filter) {
            self.change(group_of(row), |sketch, state| {
                sketch.add(state, &rows, row);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn merge(&mut self, columns: &[ArrayRef], group_of: impl Fn(usize) -> usize) -> Result<()> {
        let saved: Option<&LargeBinaryArray> = columns.first().and_then(|column| column.as_binary_opt());
        let Some(saved) = saved else {
            return Err(DataFusionError::Internal("the state of an aggregate is not binary".to_owned()));
        };
        for (row, bytes) in saved.iter().enumerate() {
            if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
                self.change(group_of(row), |sketch, state| sketch.merge(state, bytes))?;
            }
        }
        Ok(())
    }

    fn take(&mut self, emit_to: EmitTo) -> Vec<S::State> {
        let taken = emit_to.take_needed(&mut self.states);
        self.heap_bytes -= taken.iter().map(S::heap_bytes).sum::<usize>();
        taken
    }

    fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.states.capacity() * size_of::<S::State>() + self.heap_bytes
    }
}

impl<S: Sketch> Accumulator for Groups<S> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.update(values, None, |_| 0)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.merge(states, |_| 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let saved = self.states.first_mut().map(|state| self.sketch.save(state)).unwrap_or_default();
        Ok(vec![ScalarValue::LargeBinary(Some(saved))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let answer = self.sketch.finish(&mut self.states)?;
        self.heap_bytes = self.states.iter().map(S::heap_bytes).sum();
        ScalarValue::try_from_array(&answer, 0)
    }

    fn size(&self) -> usize {
        self.size_bytes()
    }
}

impl<S: Sketch> GroupsAccumulator for Groups<S> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        groups: usize,
    ) -> Result<()> {
        self.grow(groups);
        self.update(values, filter, |row| group_indices[row])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], group_indices: &[usize], groups: usize) -> Result<()> {
        self.grow(groups);
        self.merge(states, |row| group_indices[row])
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let mut builder = LargeBinaryBuilder::new();
        for mut state in self.take(emit_to) {
            builder.append_value(self.sketch.save(&mut state));
        }
        Ok(vec![Arc::new(builder.finish())])
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let mut states = self.take(emit_to);
        self.sketch.finish(&mut states)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = self.sketch.read(values)?;
        let count = values.first().map_or(0, |column| column.len());
        let mut builder = LargeBinaryBuilder::with_capacity(count, 0);
        let mut done = 0;
        for row in wanted_rows(values, filter) {
            (done..row).for_each(|_| builder.append_value([]));
            let mut state = self.sketch.empty();
            self.sketch.add(&mut state, &rows, row);
            builder.append_value(self.sketch.save(&mut state));
            done = row + 1;
        }
        (done..count).for_each(|_| builder.append_value([]));
        Ok(vec![Arc::new(builder.finish())])
    }

    fn size(&self) -> usize {
        self.size_bytes()
    }
}

/// Rows that the filter lets through and whose first argument is not NULL.
fn wanted_rows(columns: &[ArrayRef], filter: Option<&BooleanArray>) -> impl Iterator<Item = usize> {
    let nulls = columns.first().and_then(|column| column.logical_nulls());
    let count = columns.first().map_or(0, |column| column.len());
    (0..count).filter(move |row| {
        nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row))
            && filter.is_none_or(|filter| filter.is_valid(*row) && filter.value(*row))
    })
}
