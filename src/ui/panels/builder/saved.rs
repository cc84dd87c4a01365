//! What choices refer to, by name, so that they can be written down and read again.
//!
//! A name that is not known makes the choices unreadable as a whole, and the query keeps its text.

/// Name of a unit of the calendar: serde would take a bare reference for one into the text that it reads.
pub type UnitName = &'static str;

/// A unit of the calendar, by its name.
pub mod calendar_unit {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::panels::builder::query::CALENDAR_UNITS;

    /// Writes the name.
    pub fn serialize<S: Serializer>(unit: &Option<&'static str>, serializer: S) -> Result<S::Ok, S::Error> {
        unit.serialize(serializer)
    }

    /// Finds the unit of the name.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'static str>, D::Error> {
        let Some(name) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let known = CALENDAR_UNITS.iter().copied().find(|unit| *unit == name);
        known.map(Some).ok_or_else(|| Error::custom(format!("there is no unit {name}")))
    }
}

/// A unit of lengths, by its name.
pub mod unit {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::panels::builder::window::Unit;

    /// Writes the name.
    pub fn serialize<S: Serializer>(unit: &Unit, serializer: S) -> Result<S::Ok, S::Error> {
        unit.name.serialize(serializer)
    }

    /// Finds the unit of the name.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Unit, D::Error> {
        let name = String::deserialize(deserializer)?;
        Unit::named(&name).ok_or_else(|| Error::custom(format!("there is no unit {name}")))
    }
}

/// A kind of windows, by its function.
pub mod window_kind {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::panels::builder::window::{WINDOW_KINDS, WindowKind};

    /// Writes the name of the function.
    pub fn serialize<S: Serializer>(kind: &&'static WindowKind, serializer: S) -> Result<S::Ok, S::Error> {
        kind.function.serialize(serializer)
    }

    /// Finds the kind of the name.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static WindowKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        let kind = WINDOW_KINDS.iter().find(|kind| kind.function == name);
        kind.ok_or_else(|| Error::custom(format!("there are no windows {name}")))
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use crate::panels::builder::{
        query::{Aggregate, BuilderQuery, Filter, Function, Group, Operator},
        test_table::table,
        window::WINDOW_KINDS,
    };

    #[wasm_bindgen_test]
    fn choices_come_back_as_they_were() {
        let table = table("t", &[("ts", "TIMESTAMP"), ("price", "DOUBLE"), ("city", "VARCHAR")]);
        let mut choices = BuilderQuery {
            filters: vec![Filter {
                column: "price".to_owned(),
                operator: Operator::Between,
                values: ["1".to_owned(), "2".to_owned()],
            }],
            groups: vec![Group { column: "ts".to_owned(), unit: Some("hour") }],
            aggregates: vec![Aggregate { function: Function::CountRows, column: String::new() }],
            ..BuilderQuery::first_of(&table)
        };
        for kind in std::iter::once(None).chain(WINDOW_KINDS.iter().map(Some)) {
            choices.choose_window(kind, &table);
            let written = serde_json::to_value(&choices).expect("plain data");
            assert_eq!(serde_json::from_value::<BuilderQuery>(written).ok().as_ref(), Some(&choices));
        }
        assert!(
            serde_json::from_str::<BuilderQuery>(r#"{"groups": [{"column": "a", "unit": "moon"}]}"#).is_err()
        );
    }
}
