//! What a column's SQL type means for drawing, aligning and filtering it.

use millrace_protocol::ColumnInfo;
use serde::{Deserialize, Serialize};

/// The kinds of columns that the page treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnClass {
    /// `TIMESTAMP` with or without time zone.
    Timestamp,
    /// `DATE`.
    Date,
    /// Integers, floating point numbers and decimals.
    Number,
    /// `BOOLEAN`.
    Boolean,
    /// Everything else, shown as text.
    Text,
}

impl ColumnClass {
    /// The class of a result's or table's column.
    pub fn of(column: &ColumnInfo) -> Self {
        Self::of_type(&column.type_name)
    }

    /// The class of an SQL type by its name, in any case.
    pub fn of_type(type_name: &str) -> Self {
        let upper = type_name.trim().to_ascii_uppercase();
        let word = upper.split(['(', ' ', '<', '[']).next().unwrap_or_default();
        match word {
            // A list of numbers is not a number.
            _ if upper.ends_with("[]") => Self::Text,
            "TIMESTAMP" | "TIMESTAMPTZ" | "DATETIME" => Self::Timestamp,
            "DATE" => Self::Date,
            "BOOLEAN" | "BOOL" => Self::Boolean,
            "TINYINT" | "SMALLINT" | "INT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT"
            | "UINTEGER" | "UBIGINT" | "UNSIGNED" | "REAL" | "FLOAT" | "DOUBLE" | "DECIMAL" | "NUMERIC" => {
                Self::Number
            }
            _ => Self::Text,
        }
    }

    /// Whether a column's values can be drawn as heights or averaged with sense: a number that does not
    /// look like a key.
    pub fn is_measure(column: &ColumnInfo) -> bool {
        let name = column.name.to_ascii_lowercase();
        let is_key = name == "id" || ["_id", " id", "-id"].iter().any(|end| name.ends_with(end));
        Self::of(column) == Self::Number && !is_key && !column.name.ends_with("Id")
    }

    /// Whether values lie on a time axis.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Timestamp | Self::Date)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{
        ColumnClass::{self, *},
        ColumnInfo,
    };

    #[wasm_bindgen_test]
    fn keys_are_no_measures() {
        for (name, is_measure) in [
            ("price", true),
            ("id", false),
            ("user_id", false),
            ("userId", false),
            ("paid", true),
            ("ID", false),
        ] {
            let column = ColumnInfo { name: name.into(), type_name: "BIGINT".into() };
            assert_eq!(ColumnClass::is_measure(&column), is_measure, "{name}");
        }
    }

    #[wasm_bindgen_test]
    fn types_have_their_class() {
        for (type_name, class) in [
            ("BIGINT", Number),
            ("BIGINT UNSIGNED", Number),
            ("DECIMAL(38, 10)", Number),
            ("double", Number),
            ("DOUBLE PRECISION", Number),
            ("TIMESTAMP", Timestamp),
            ("TIMESTAMP(3)", Timestamp),
            ("TIMESTAMP WITH TIME ZONE", Timestamp),
            ("DATE", Date),
            ("BOOLEAN", Boolean),
            ("VARCHAR", Text),
            ("INTERVAL", Text),
            ("TIME", Text),
            ("BIGINT[]", Text),
            ("", Text),
        ] {
            assert_eq!(ColumnClass::of_type(type_name), class, "{type_name}");
        }
    }
}
