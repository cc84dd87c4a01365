//! Texts that mean that there is no value.

use std::sync::Arc;

/// What programs write for a missing value. In a column of text each of them may be meant as it stands.
const USUAL: &[&str] = &[
    "NA", "N/A", "n/a", "na", "#N/A", "<NA>", "NULL", "null", "Null", "(null)", "None", "none", "nil", "NaN",
    "nan", "NAN", "\\N", "-", "--",
];

/// The words for NULL in the columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NullWords {
    words: Arc<[Box<[u8]>]>,
    given: bool,
}

impl Default for NullWords {
    fn default() -> Self {
        Self { words: USUAL.iter().map(|word| word.as_bytes().into()).collect(), given: false }
    }
}

impl NullWords {
    /// The words that the user gave: they hold in all columns, text included, and no other do.
    pub fn given(words: &[String]) -> Self {
        Self { words: words.iter().map(|word| word.as_bytes().into()).collect(), given: true }
    }

    /// Whether the user gave them.
    pub fn are_given(&self) -> bool {
        self.given
    }

    /// Whether this text is one of them.
    pub fn contains(&self, text: &[u8]) -> bool {
        self.words.iter().any(|word| **word == *text)
    }

    /// The words.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.words.iter().map(|word| &**word)
    }
}
