//! What a stream is told when it begins.

use millrace_protocol::{ErrorInfo, ErrorKind};
use serde::{Deserialize, Serialize};

use super::StreamSource;
use crate::Error;

/// Which rows of the result are given, as Spark names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputMode {
    /// Rows that are final, once: those of a window when it closes.
    #[default]
    Append,
    /// All rows of the windows, or of the groups without a window, in which something changed since they were
    /// given last.
    Update,
    /// All rows of the result.
    Complete,
}

/// How a stream runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamOptions {
    /// Which rows are given.
    pub mode: OutputMode,
    /// How long, in milliseconds of event time, a window takes further rows after the watermark has passed
    /// its end.
    pub lateness_millis: i64,
    /// A source that has been silent for so long, by the time that is passed in, is not waited for. Without it
    /// every source is.
    pub idle_after_millis: Option<i64>,
    /// About how many rows a source gives in a step.
    pub step_rows: usize,
    /// Late rows that are kept to be looked at; the others are only counted.
    pub late_rows_kept: usize,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            mode: OutputMode::default(),
            lateness_millis: 0,
            idle_after_millis: None,
            step_rows: 64 << 10,
            late_rows_kept: 1_000,
        }
    }
}

impl StreamOptions {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// When a length of time is negative, or no row would be taken.
    pub(super) fn check(&self, inputs: &[StreamInput]) -> Result<(), Error> {
        let delay = inputs.iter().map(|input| input.delay_millis).min().unwrap_or(0);
        let idle = self.idle_after_millis.unwrap_or(1);
        let wrong = [
            (delay < 0, "The delay of a stream must not be negative."),
            (self.lateness_millis < 0, "The allowed lateness must not be negative."),
            (self.step_rows == 0, "A step must take at least one row."),
            (idle <= 0, "The time after which a source is idle must be longer than zero."),
        ];
        match wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            Some((_, message)) => Err(Error::Sql(Box::new(ErrorInfo::new(ErrorKind::Sql, message)))),
            None => Ok(()),
        }
    }
}

/// A source, and the table that it gives rows to. Several sources of the same columns may give rows to one.
pub struct StreamInput {
    /// The name by which the query reads it.
    pub table: String,
    /// Where its rows come from.
    pub source: Box<dyn StreamSource>,
    /// How far, in milliseconds, rows may stand behind the highest event time before them without being late.
    pub delay_millis: i64,
}
