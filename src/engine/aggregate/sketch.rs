//! How a sketch becomes an aggregate of DataFusion, alone and by groups.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, LargeBinaryArray, LargeBinaryBuilder};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::Aggregate;
use super::arguments::{Arguments, wrong};

/// A summary of values, by the constant arguments of one call. Rows whose first argument is NULL do
/// not reach it.
pub(super) trait Sketch: Sized + Debug + Send + Sync + 'static {
    /// The entry of the table.
    const AGGREGATE: Aggregate;
    /// How it is called, and the least and the most arguments.
    const USAGE: (&'static str, usize, usize);

    /// What is kept of one group.
    type State: Debug + Send + Sync + 'static;
    /// A batch of arguments, ready to be added row by row.
    type Rows;

    /// The type of the answer for arguments of these types, of which there are enough.
    ///
    /// # Errors
    /// When it cannot be had for these types; the message is for a person.
    fn return_type(types: &[DataType]) -> Result<DataType>;

    /// The sketch for one call.
    ///
    /// # Errors
    /// When a constant argument is not what it must be; the message is for a person.
    fn new(arguments: &Arguments<'_>) -> Result<Self>;

    /// The state of no values.
    fn empty(&self) -> Self::State;

    /// Makes a batch ready.
    ///
    /// # Errors
    /// When a column is not of the type that was promised.
    fn read(&self, columns: &[ArrayRef]) -> Result<Self::Rows>;

    /// Adds one row.
    fn add(&self, state: &mut Self::State, rows: &Self::Rows, row: usize);

    /// Adds what [`Self::save`] gave.
    ///
    /// # Errors
    /// When the bytes are damaged.
    fn merge(&self, state: &mut Self::State, saved: &[u8]) -> Result<()>;

    /// The state as bytes. The state may be tidied up, but stays what it is.
    fn save(&self, state: &mut Self::State) -> Vec<u8>;

    /// Bytes that the state has on the heap, none while it is empty. It is asked for each row.
    fn heap_bytes(state: &Self::State) -> usize;

    /// One answer for each state, which stay what they are; NULL where there were no values.
    ///
    /// # Errors
    /// When an array cannot be built.
    fn finish(&self, states: &mut [Self::State]) -> Result<ArrayRef>;
}

/// The aggregate function of a sketch.
pub(super) fn function<S: Sketch>() -> AggregateUDF {
    let aliases = S::AGGREGATE.aliases.iter().map(|alias| (*alias).to_owned()).collect();
    let signature = Signature::variadic_any(Volatility::Immutable);
    AggregateUDF::from(Function::<S> { aliases, signature, sketch: PhantomData })
}

#[derive(Debug)]
struct Function<S> {
    aliases: Vec<String>,
    signature: Signature,
    sketch: PhantomData<fn() -> S>,
}

// By hand, since derived ones would ask the same of the sketch.
impl<S> PartialEq for Function<S> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<S> Eq for Function<S> {}

impl<S: Sketch> Hash for Function<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        S::AGGREGATE.name.hash(state);
    }
}

impl<S: Sketch> Function<S> {
    fn sketch(args: &AccumulatorArgs<'_>) -> Result<S> {
        S::new(&Arguments::new(S::AGGREGATE.name, args)?)
    }
}

impl<S: Sketch> AggregateUDFImpl for Function<S> {
    fn name(&self) -> &str {
        S::AGGREGATE.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let (usage, least, most) = S::USAGE;
        if !(least..=most).contains(&types.len()) {
            return Err(wrong(format!("{} is called as {usage}.", S::AGGREGATE.name)));
        }
        S::return_type(types)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format_state_name(args.name, "sketch");
        Ok(vec![Arc::new(Field::new(name, DataType::LargeBinary, false))])
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let mut states = Groups::new(Self::sketch(&args)?);
        states.grow(1);
        Ok(Box::new(states))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::new(Self::sketch(&args)?)))
    }
}

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

    fn grow(&mut self, groups: usize) {
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
