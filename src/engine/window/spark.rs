//! Spark's `window(ts, size [, slide [, start]])` and `session_window(ts, gap)`, in GROUP BY or SELECT.
//!
//! To the planner they are functions that give a struct of start and end. Before a plan is optimised
//! they are replaced by the same nodes that the table functions make ([`super::spark_calls`]), below the
//! aggregation or projection that calls them, as Spark's rule `TimeWindowing` does.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::internal_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use millrace_protocol::{ErrorInfo, ErrorKind};

use super::time::{common_unit, in_unit, is_time, unit_of};
use super::{Complaint, length_nanos};
use crate::Error;

pub(super) const WINDOW: &str = "window";
pub(super) const SESSION_WINDOW: &str = "session_window";

/// Whether a function of this name, in lower case, is a window.
pub(crate) fn is_spark_window(name: &str) -> bool {
    name == WINDOW || name == SESSION_WINDOW
}

/// The functions, as the planner sees them.
pub(super) fn functions() -> [ScalarUDF; 2] {
    [WINDOW, SESSION_WINDOW].map(|name| {
        ScalarUDF::from(SparkWindow { name, signature: Signature::variadic_any(Volatility::Immutable) })
    })
}

/// Stands for a window until the plan is rewritten.
#[derive(Debug, PartialEq, Eq, Hash)]
struct SparkWindow {
    name: &'static str,
    signature: Signature,
}

impl ScalarUDFImpl for SparkWindow {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("the type of a window depends on its lengths")
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> Result<FieldRef> {
        let fields = arguments.arg_fields;
        let time = match fields.first() {
            Some(time) if is_time(time.data_type()) => time.data_type(),
            Some(time) => {
                return Err(complain(Complaint {
                    message: format!("The first argument of {} must be a timestamp.", self.name),
                    hint: format!("Convert it: CAST({} AS TIMESTAMP).", time.name()),
                }));
            }
            None => return Err(usage(self.name)),
        };
        let lengths = arguments.scalar_arguments.iter().skip(1).flatten();
        let lengths = lengths.map(|length| length_nanos(&lit((*length).clone())).map_err(complain));
        let unit = common_unit(unit_of(time), &lengths.collect::<Result<Vec<_>>>()?);
        let bound = |name| Field::new(name, in_unit(time, unit), false);
        let bounds = Fields::from(vec![bound("start"), bound("end")]);
        Ok(Arc::new(Field::new(self.name, DataType::Struct(bounds), false)))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Err(complain(Complaint {
            message: format!("{} can stand in GROUP BY and in SELECT only.", self.name),
            hint: "Elsewhere, write the window as a table in FROM: TUMBLE(TABLE t, DESCRIPTOR(ts), …)."
                .to_owned(),
        }))
    }
}

/// A complaint as an error of planning.
pub(super) fn complain(complaint: Complaint) -> DataFusionError {
    let info = ErrorInfo::new(ErrorKind::Sql, complaint.message).with_hint(complaint.hint);
    Error::Sql(Box::new(info)).into_datafusion()
}

/// The error of a call with arguments that it does not have.
pub(super) fn usage(name: &str) -> DataFusionError {
    complain(Complaint {
        message: format!("{name} is not called like this."),
        hint: match name {
            SESSION_WINDOW => "It is called as session_window(ts, '5 minutes').".to_owned(),
            _ => {
                "It is called as window(ts, '10 minutes' [, '5 minutes' [, '1 minute']]): size, slide, start."
                    .to_owned()
            }
        },
    })
}
