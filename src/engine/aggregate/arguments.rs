//! The arguments of a call that must be written out, and what is said when they are not.

use std::ops::RangeInclusive;

use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::physical_expr::expressions::Literal;
use datafusion::scalar::ScalarValue;

/// The arguments of one call.
pub(super) struct Arguments<'a> {
    name: &'static str,
    args: &'a AccumulatorArgs<'a>,
}

impl<'a> Arguments<'a> {
    /// # Errors
    /// When the call says DISTINCT, which would change what a sketch counts.
    pub(super) fn new(name: &'static str, args: &'a AccumulatorArgs<'a>) -> Result<Self> {
        if args.is_distinct {
            return Err(wrong(format!("{name} does not take DISTINCT.")));
        }
        Ok(Self { name, args })
    }

    /// Types of all arguments.
    pub(super) fn types(&self) -> Vec<arrow::datatypes::DataType> {
        self.args.expr_fields.iter().map(|field| field.data_type().clone()).collect()
    }

    /// Argument number `index`, counted from 0, when the call has it.
    ///
    /// # Errors
    /// When it is not a whole number in `range`, written out.
    pub(super) fn whole(
        &self,
        index: usize,
        meaning: &str,
        range: RangeInclusive<u32>,
    ) -> Result<Option<u32>> {
        let Some(expr) = self.args.exprs.get(index) else { return Ok(None) };
        let number = expr.downcast_ref::<Literal>().and_then(|literal| match *literal.value() {
            ScalarValue::Int64(number) => number,
            ScalarValue::UInt64(number) => number.and_then(|number| i64::try_from(number).ok()),
            _ => None,
        });
        let number = number.and_then(|number| u32::try_from(number).ok());
        match number.filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.not_written_out(meaning, "a whole number", range.start(), range.end())),
        }
    }

    /// Argument number `index`, counted from 0.
    ///
    /// # Errors
    /// When it is not a number from 0 to 1, written out.
    pub(super) fn fraction(&self, index: usize, meaning: &str) -> Result<f64> {
        let literal = self.args.exprs.get(index).and_then(|expr| expr.downcast_ref::<Literal>());
        let number = literal
            .map(|literal| literal.value())
            .filter(|value| value.data_type().is_numeric())
            .and_then(|value| value.cast_to(&arrow::datatypes::DataType::Float64).ok());
        match number {
            Some(ScalarValue::Float64(Some(number))) if (0.0..=1.0).contains(&number) => Ok(number),
            _ => Err(self.not_written_out(meaning, "a number", &0, &1)),
        }
    }

    fn not_written_out(&self, meaning: &str, kind: &str, from: &u32, to: &u32) -> DataFusionError {
        wrong(format!("{}: {meaning} must be {kind} from {from} to {to}, written out.", self.name))
    }
}

/// An error in the text of the query.
pub(super) fn wrong(message: String) -> DataFusionError {
    DataFusionError::Plan(message)
}
