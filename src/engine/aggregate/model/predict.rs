//! `predict(model, x, …)`: what a linear model says of a row.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::rows::{Numbers, check_numbers};
use crate::aggregate::arguments::wrong;

/// The function.
pub(super) fn function() -> ScalarUDF {
    ScalarUDF::from(Predict { signature: Signature::variadic_any(Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Predict {
    signature: Signature,
}

const USAGE: &str = "predict is called as predict(model, x, …), with what linear_regression gave and as many numbers as \
    it was given.";

impl ScalarUDFImpl for Predict {
    fn name(&self) -> &str {
        "predict"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [DataType::Struct(fields), numbers @ ..] = types else { return Err(wrong(USAGE.to_owned())) };
        if fields.find("intercept").is_none() || fields.find("coefficients").is_none() || numbers.is_empty() {
            return Err(wrong(USAGE.to_owned()));
        }
        check_numbers(self.name(), numbers)?;
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [model, numbers @ ..] = arrays.as_slice() else { return Err(wrong(USAGE.to_owned())) };
        Ok(ColumnarValue::Array(Arc::new(predict(model, numbers)?)))
    }
}

fn predict(model: &ArrayRef, numbers: &[ArrayRef]) -> Result<Float64Array> {
    let rows = Numbers::read(numbers)?;
    let internal = || DataFusionError::Internal("predict was given something else than a model".to_owned());
    let models = model.as_struct_opt().ok_or_else(internal)?;
    let column = |name| models.column_by_name(name).ok_or_else(internal);
    let intercepts = column("intercept")?.as_primitive_opt::<Float64Type>().ok_or_else(internal)?;
    let coefficients = column("coefficients")?.as_list_opt::<i32>().ok_or_else(internal)?;
    let mut row_numbers = Vec::with_capacity(numbers.len());
    let predicted = (0..model.len()).map(|row| {
        row_numbers.clear();
        if models.is_null(row) || coefficients.is_null(row) || !rows.push(row, &mut row_numbers) {
            return Ok(None);
        }
        let factors = coefficients.value(row);
        let factors = factors.as_primitive_opt::<Float64Type>().ok_or_else(internal)?;
        if factors.len() != row_numbers.len() {
            let (wanted, given) = (factors.len(), row_numbers.len());
            return Err(DataFusionError::Execution(format!(
                "predict was given {given} numbers for a model of {wanted}."
            )));
        }
        let products = factors.values().iter().zip(&row_numbers).map(|(factor, number)| factor * number);
        Ok(Some(intercepts.value(row) + products.sum::<f64>()))
    });
    predicted.collect()
}
