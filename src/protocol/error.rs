//! Failures, told so that a person knows whose they are and what to do.

use serde::{Deserialize, Serialize};

/// A failure as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorInfo {
    /// Whose failure it is.
    pub kind: ErrorKind,
    /// What is wrong, in one or two sentences.
    pub message: String,
    /// What to do next, when we know.
    pub hint: Option<String>,
    /// Where in the SQL text, when it is there.
    pub position: Option<Position>,
}

/// Whose failure something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The SQL text cannot be understood or does not fit the tables.
    Sql,
    /// A value met while the query ran made it fail (division by zero, a cast that cannot be).
    Data,
    /// A file's contents cannot be read as its format says.
    File,
    /// The file changed, vanished or cannot be read any more.
    FileChanged,
    /// The memory budget is used up.
    Memory,
    /// The storage for what memory does not hold is full or fails.
    Storage,
    /// The user ended it.
    Cancelled,
    /// The browser lacks something or refuses it.
    Browser,
    /// SQL that is right but that this engine cannot run.
    Unsupported,
    /// A mistake of ours.
    Internal,
}

/// A stretch of the SQL text. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

impl ErrorInfo {
    /// A failure without hint or position.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, position: None }
    }

    /// The same failure with advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
