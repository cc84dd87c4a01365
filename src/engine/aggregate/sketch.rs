//! What a sketch is, and how it becomes an aggregate function of DataFusion.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use super::Aggregate;
use super::arguments::{Arguments, wrong};
use super::groups::Groups;

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
