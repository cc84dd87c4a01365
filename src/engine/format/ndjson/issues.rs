//! The words for what does not fit in JSON.

use super::scan::{Fault, Value};
use super::unescape::string_bytes;
use crate::format::bad::{not_a_value, not_utf8, too_long};
pub use crate::format::issues::Issues;

impl Issues<'_> {
    /// The record is no JSON object.
    #[cold]
    pub fn no_object(&mut self, fault: Fault) {
        let place = fault.at.saturating_sub(self.record.start) + 1;
        self.add(|| format!("this is no JSON object: {} at byte {place}", fault.what));
    }

    /// A value is not of its column's type. `path` names the column and the keys that lead to it.
    #[cold]
    pub fn not_a_value(&mut self, path: &str, value: Value, sql_name: &str) {
        let bytes = self.bytes;
        self.add(|| not_a_value(path, &string_bytes(bytes, value).0, sql_name));
    }

    /// A text holds bytes that are not UTF-8.
    #[cold]
    pub fn not_utf8(&mut self, path: &str) {
        self.add(|| not_utf8(path));
    }

    /// A string holds an escape that stands for half a character.
    #[cold]
    pub fn lone_surrogate(&mut self, path: &str) {
        self.add(|| format!("column {path}: half a surrogate pair was replaced by \u{fffd}"));
    }

    /// A text is longer than a column can hold.
    #[cold]
    pub fn too_long(&mut self, path: &str) {
        self.add(|| too_long(path));
    }

    /// The record has a key that is no column, inside the objects that `path` leads to.
    #[cold]
    pub fn unknown_key(&mut self, path: &str, key: Value) {
        let key = String::from_utf8_lossy(&string_bytes(self.bytes, key).0).into_owned();
        self.unknown(if path.is_empty() { key } else { format!("{path}.{key}") });
    }
}
