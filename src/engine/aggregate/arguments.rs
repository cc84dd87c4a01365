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
        let number = self.number(index).filter(|number| (0.0..=1.0).contains(number));
        number.ok_or_else(|| self.not_written_out(meaning, "a number", &0, &1))
    }

    /// Argument number `index`, counted from 0.
    ///
    /// # Errors
    /// When it is not a number above 0, written out.
    pub(super) fn positive(&self, index: usize, meaning: &str) -> Result<f64> {
        self.number(index)
            .filter(|number| *number > 0.0 && number.is_finite())
            .ok_or_else(|| wrong(format!("{}: {meaning} must be a number above 0, written out.", self.name)))
    }

    /// The number that is written out as argument number `index`.
    fn number(&self, index: usize) -> Option<f64> {
        let literal = self.args.exprs.get(index).and_then(|expr| expr.downcast_ref::<Literal>())?;
        let value = Some(literal.value()).filter(|value| value.data_type().is_numeric())?;
        match value.cast_to(&arrow::datatypes::DataType::Float64) {
            Ok(ScalarValue::Float64(number)) => number,
            _ => None,
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
