//! What says when rows happened: one of their columns, or the moment at which they arrive.

use std::sync::Arc;

use arrow::array::{RecordBatch, TimestampMillisecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::error::DataFusionError;
use millrace_protocol::{ARRIVAL_TIME, ErrorInfo, ErrorKind};

use crate::Error;

/// What the event time of the rows of a source is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EventTime {
    /// Their only timestamp.
    #[default]
    OnlyTimestamp,
    /// The timestamp in the column of this name.
    Column(String),
    /// The time at which they arrive, by the clock of whoever runs the stream ("processing time"). It becomes a
    /// column, [`ARRIVAL_TIME`], behind their own, and never goes back.
    Arrival,
}

impl From<Option<&str>> for EventTime {
    fn from(column: Option<&str>) -> Self {
        column.map_or(Self::OnlyTimestamp, |name| Self::Column(name.to_owned()))
    }
}

impl EventTime {
    /// Which of the columns of a source it is; none when it is the time of arrival.
    ///
    /// # Errors
    /// When there is no such column, it is no timestamp, or none is named and there are several.
    pub(super) fn column(&self, source: &str, schema: &SchemaRef) -> Result<Option<usize>, Error> {
        let is_time = |column: usize| matches!(schema.field(column).data_type(), DataType::Timestamp(..));
        let times: Vec<usize> = (0..schema.fields().len()).filter(|&column| is_time(column)).collect();
        let names: Vec<&str> = times.iter().map(|&column| schema.field(column).name().as_str()).collect();
        let (message, hint) = match (self, times.as_slice()) {
            (Self::Arrival, _) => return Ok(None),
            (Self::Column(name), _) => {
                let found = schema.fields().iter().position(|field| field.name().eq_ignore_ascii_case(name));
                match found {
                    Some(column) if is_time(column) => return Ok(Some(column)),
                    Some(_) => (
                        format!("The column `{name}` of {source} is no timestamp, so it is no event time."),
                        "Times are read as in 2024-01-31T12:00:00Z.".to_owned(),
                    ),
                    None => (
                        format!("{source} has no column `{name}` for the event time."),
                        format!("Its timestamps are: {}.", names.join(", ")),
                    ),
                }
            }
            (Self::OnlyTimestamp, [only]) => return Ok(Some(*only)),
            (Self::OnlyTimestamp, []) => (
                format!("{source} has no timestamp that could be the event time."),
                "A stream needs a column with times as in 2024-01-31T12:00:00Z, or takes the time at which rows \
                 arrive."
                    .to_owned(),
            ),
            (Self::OnlyTimestamp, _) => (
                format!("{source} has more than one timestamp, and it is not said which is the event time."),
                format!("Name one of {}.", names.join(", ")),
            ),
        };
        Err(Error::Sql(Box::new(ErrorInfo::new(ErrorKind::File, message).with_hint(hint))))
    }
}

/// The columns of a source, and behind them the time of arrival.
///
/// # Errors
/// When the source has a column of that name.
pub(super) fn with_arrival(source: &str, schema: &SchemaRef) -> Result<SchemaRef, Error> {
    if schema.fields().iter().any(|field| field.name().eq_ignore_ascii_case(ARRIVAL_TIME)) {
        let message =
            format!("{source} has a column `{ARRIVAL_TIME}`, and rows are to get one of that name.");
        let info = ErrorInfo::new(ErrorKind::File, message).with_hint(
            "Take that column as the event time, or give it another name where the rows come from.",
        );
        return Err(Error::Sql(Box::new(info)));
    }
    let arrival = Field::new(ARRIVAL_TIME, DataType::Timestamp(TimeUnit::Millisecond, None), true);
    let fields = schema.fields().iter().cloned().chain([Arc::new(arrival)]);
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

/// Rows that have arrived at a time, with that time behind their columns.
///
/// # Errors
/// When the columns are not those of `schema`.
pub(super) fn arrived(
    batch: &RecordBatch,
    schema: &SchemaRef,
    millis: i64,
) -> Result<RecordBatch, DataFusionError> {
    let times = TimestampMillisecondArray::from_value(millis, batch.num_rows());
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(times));
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
