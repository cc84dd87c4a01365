//! What a pattern makes of the lines of a file.

use serde::{Deserialize, Serialize};

/// The first lines of a file, and what a pattern finds in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PatternPreview {
    /// Names of the fields.
    pub columns: Vec<String>,
    /// The lines that are not blank.
    pub lines: Vec<PatternLine>,
    /// How many of them fit.
    pub matched: u64,
    /// How many of them do not.
    pub unmatched: u64,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PatternLine {
    /// Its number in the file, from 1.
    pub line: u64,
    /// The line.
    pub text: String,
    /// Where each field is in `text`, from its first byte to behind its last, absent where the pattern left it out; no
    /// fields when the line does not fit.
    pub fields: Option<Vec<Option<(u32, u32)>>>,
}
