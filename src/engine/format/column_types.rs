//! Types of columns of files that have types themselves, and what of them becomes others.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::{can_cast_types, cast};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use arrow::error::ArrowError;

/// The offset of UTC. Instants of other zones are shown in UTC too, and Arrow knows no names of zones here.
const UTC: &str = "+00:00";

/// The type that a column of a type has in a table: one for each meaning, whatever its encoding. Texts are views,
/// lists have offsets of 32 bits, dictionaries and runs are their values, instants are in UTC.
pub(super) fn table_type(data_type: &DataType) -> DataType {
    use DataType as T;
    let item = |field: &FieldRef| with_type(field, table_type(field.data_type()));
    match data_type {
        T::Utf8 | T::LargeUtf8 => T::Utf8View,
        T::LargeBinary | T::BinaryView => T::Binary,
        T::Float16 => T::Float32,
        T::Decimal32(precision, scale) | T::Decimal64(precision, scale) => T::Decimal128(*precision, *scale),
        T::Timestamp(unit, Some(_)) => T::Timestamp(*unit, Some(UTC.into())),
        T::Dictionary(_, values) => table_type(values),
        T::RunEndEncoded(_, values) => table_type(values.data_type()),
        T::List(field) | T::LargeList(field) | T::ListView(field) | T::LargeListView(field) => {
            T::List(item(field))
        }
        T::FixedSizeList(field, length) => T::FixedSizeList(item(field), *length),
        T::Map(field, sorted) => T::Map(item(field), *sorted),
        T::Struct(fields) => T::Struct(table_fields(fields)),
        other => other.clone(),
    }
}

/// The same of fields.
pub(super) fn table_fields(fields: &Fields) -> Fields {
    fields.iter().map(|field| with_type(field, table_type(field.data_type()))).collect()
}

/// A field of another type and without what a file says of it besides.
fn with_type(field: &FieldRef, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
}

/// The type that a table gives to arrays of a type: what [`table_type`] says, if they can be made so.
pub(super) fn type_in_table(data_type: &DataType) -> DataType {
    let wanted = table_type(data_type);
    if can_cast_types(data_type, &wanted) { wanted } else { data_type.clone() }
}

/// An array as its table has it.
pub(super) fn to_type(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == data_type { Ok(Arc::clone(array)) } else { cast(array, data_type) }
}
