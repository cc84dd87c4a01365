//! Failures of the engine, and how they are told to a person.

use datafusion::error::DataFusionError;
use millrace_protocol::{BadRow, ErrorInfo, ErrorKind};

use crate::format::FormatError;
use crate::source::SourceError;
use crate::spill::SpillError;
use crate::sql;

/// Anything that ends a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Planning or running failed inside DataFusion.
    #[error(transparent)]
    DataFusion(#[from] DataFusionError),
    /// The SQL text is wrong; already told for a person.
    #[error("{}", .0.message)]
    Sql(Box<ErrorInfo>),
    /// A file's contents do not fit its format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What memory does not hold cannot be put aside.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// The user ended it.
    #[error("cancelled")]
    Cancelled,
    /// A record that is longer than we take.
    #[error("a record of {file} near byte {offset} is longer than {limit_bytes} bytes")]
    RecordTooLong {
        /// Name of the file.
        file: String,
        /// Where its split starts.
        offset: u64,
        /// The most bytes that a record may have.
        limit_bytes: u64,
    },
    /// Rows that do not fit, in a table whose policy is to stop at them.
    #[error("{}, line {}: {}", .first.file, .first.line, .first.reason)]
    BadRows {
        /// The first of them.
        first: Box<BadRow>,
        /// How many there are in what the query read.
        count: u64,
    },
    /// A task panicked: a mistake of ours that ended one job.
    #[error("a task panicked: {0}")]
    Panic(String),
    /// An invariant of ours does not hold.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// The failure as the page shows it.
    pub fn info(&self) -> ErrorInfo {
        match self {
            Self::DataFusion(error) => match find_ours(error) {
                Some(ours) => ours.info(),
                None => sql::error_info(error),
            },
            Self::Sql(info) => (**info).clone(),
            Self::Format(error) => ErrorInfo {
                hint: error.hint.clone(),
                ..ErrorInfo::new(ErrorKind::File, error.message.clone())
            },
            Self::Source(error @ SourceError::Changed { .. }) => {
                ErrorInfo::new(ErrorKind::FileChanged, error.to_string())
                    .with_hint("Add the file again to work with what it holds now.")
            }
            Self::Source(error @ SourceError::Unreadable { .. }) => {
                ErrorInfo::new(ErrorKind::FileChanged, error.to_string())
                    .with_hint("Check that the file still exists and may be read, then add it again.")
            }
            Self::Spill(SpillError::Missing { .. }) => sql::memory_error(&self.to_string()),
            Self::Spill(error) => {
                let message = format!("The query needs more memory than its budget, and {error}.");
                ErrorInfo::new(ErrorKind::Storage, message)
                    .with_hint("Free space on the disk, or give the query less to do: filter earlier, group into fewer groups.")
            }
            Self::Cancelled => ErrorInfo::new(ErrorKind::Cancelled, "The query was cancelled."),
            Self::RecordTooLong { .. } => ErrorInfo::new(ErrorKind::File, self.to_string())
                .with_hint("A quote that is opened and never closed is the usual reason."),
            Self::BadRows { first, count } => {
                let more =
                    if *count > 1 { format!(", and {} more bad rows", count - 1) } else { String::new() };
                ErrorInfo::new(ErrorKind::File, format!("{self}: {}{more}", first.text))
                    .with_hint("Correct the file, or let bad rows be kept or skipped.")
            }
            Self::Panic(_) | Self::Internal(_) => ErrorInfo::new(ErrorKind::Internal, self.to_string())
                .with_hint("This is a mistake in Millrace, not yours. The engine goes on; please report it."),
        }
    }

    /// Wraps the error so that it can pass through DataFusion's streams.
    pub(crate) fn into_datafusion(self) -> DataFusionError {
        match self {
            Self::DataFusion(error) => error,
            other => DataFusionError::External(Box::new(other)),
        }
    }
}

fn find_ours(error: &DataFusionError) -> Option<&Error> {
    match error {
        DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
            Some(ours) => Some(ours),
            None => inner.downcast_ref::<DataFusionError>().and_then(find_ours),
        },
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => find_ours(inner),
        DataFusionError::Shared(inner) => find_ours(inner),
        DataFusionError::ArrowError(inner, _) => match &**inner {
            arrow::error::ArrowError::ExternalError(inner) => {
                inner.downcast_ref::<DataFusionError>().and_then(find_ours)
            }
            _ => None,
        },
        _ => None,
    }
}
