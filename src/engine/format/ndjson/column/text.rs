//! `VARCHAR`: strings, or the text of any JSON.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewBuilder};

use super::Column;
use crate::format::ndjson::issues::Issues;
use crate::format::ndjson::scan::{Kind, Value};
use crate::format::ndjson::unescape::string_bytes;
use crate::format::value::LONGEST_TEXT_BYTES;

/// Which values become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Strings only.
    Strings,
    /// Strings, and the JSON of other values.
    Anything,
    /// The JSON of all values, strings in quotes.
    Json,
}

/// Texts and nulls of a batch.
pub struct Text {
    path: String,
    takes: Takes,
    values: StringViewBuilder,
}

impl Text {
    /// An empty column.
    pub fn new(path: String, takes: Takes) -> Self {
        Self { path, takes, values: StringViewBuilder::new() }
    }

    fn push(&mut self, text: &[u8], issues: &mut Issues<'_>) {
        if text.len() > LONGEST_TEXT_BYTES {
            issues.too_long(&self.path);
            return self.values.append_null();
        }
        let pushed = match std::str::from_utf8(text) {
            Ok(text) => self.values.try_append_value(text),
            Err(_) => {
                issues.not_utf8(&self.path);
                self.values.try_append_value(String::from_utf8_lossy(text))
            }
        };
        // Only texts longer than those that were sorted out before are refused.
        if pushed.is_err() {
            self.values.append_null();
        }
    }
}

impl Column for Text {
    fn append(&mut self, bytes: &[u8], value: Option<Value>, issues: &mut Issues<'_>) {
        let Some(value) = value else { return self.values.append_null() };
        match (value.kind, self.takes) {
            (Kind::Null, _) => self.values.append_null(),
            (Kind::Plain, Takes::Strings | Takes::Anything) => {
                self.push(&bytes[value.start..value.end], issues);
            }
            (Kind::Escaped, Takes::Strings | Takes::Anything) => {
                let (text, replaced) = string_bytes(bytes, value);
                if replaced {
                    issues.lone_surrogate(&self.path);
                }
                self.push(&text, issues);
            }
            (_, Takes::Anything | Takes::Json) => self.push(value.raw(bytes), issues),
            (_, Takes::Strings) => {
                issues.not_a_value(&self.path, value, "VARCHAR");
                self.values.append_null();
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }
}
