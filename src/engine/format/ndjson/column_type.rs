//! The types that columns and what is nested in them can have.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields};

use crate::format::value::ColumnType;

/// The type of a column, of a field of a struct, or of the items of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// One of the types that values of other formats have too.
    Simple(ColumnType),
    /// The sample had no value: strings as text, others as the text of their JSON.
    Unknown,
    /// The sample had values of several kinds: all as the text of their JSON.
    Json,
    /// Objects, with these keys.
    Struct(Vec<(String, JsonType)>),
    /// Arrays of this type.
    List(Box<JsonType>),
}

impl JsonType {
    /// The type in Arrow.
    pub fn arrow_type(&self) -> DataType {
        match self {
            Self::Simple(simple) => simple.arrow_type(),
            Self::Unknown | Self::Json => DataType::Utf8View,
            Self::Struct(members) => DataType::Struct(struct_fields(members)),
            Self::List(items) => DataType::List(list_field(items)),
        }
    }
}

/// The fields of a struct with these members.
pub fn struct_fields(members: &[(String, JsonType)]) -> Fields {
    members.iter().map(|(key, kind)| Field::new(key, kind.arrow_type(), true)).collect()
}

/// The field that describes the items of a list.
pub fn list_field(items: &JsonType) -> Arc<Field> {
    Arc::new(Field::new_list_field(items.arrow_type(), true))
}
