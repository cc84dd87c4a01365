//! What the user says about files instead of leaving it to a guess.

use serde::{Deserialize, Serialize};

/// How the files of a table are to be read. What is absent is found out from a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TableOptions {
    /// What every line is made of: a regular expression with named groups, grok, or both.
    pub pattern: Option<String>,
}
