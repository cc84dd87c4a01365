//! Names of SQL types.

use arrow::datatypes::DataType;

/// The SQL name of a type, as the page and `window.millrace` show it. Encodings of the same SQL
/// type (dictionaries, views, large offsets, units of time) share a name.
pub fn column_type_name(data_type: &DataType) -> String {
    use DataType as T;
    match data_type {
        T::Null => "NULL".into(),
        T::Boolean => "BOOLEAN".into(),
        T::Int8 => "TINYINT".into(),
        T::Int16 => "SMALLINT".into(),
        T::Int32 => "INTEGER".into(),
        T::Int64 => "BIGINT".into(),
        T::UInt8 => "TINYINT UNSIGNED".into(),
        T::UInt16 => "SMALLINT UNSIGNED".into(),
        T::UInt32 => "INTEGER UNSIGNED".into(),
        T::UInt64 => "BIGINT UNSIGNED".into(),
        T::Float16 | T::Float32 => "REAL".into(),
        T::Float64 => "DOUBLE".into(),
        T::Timestamp(_, None) => "TIMESTAMP".into(),
        T::Timestamp(_, Some(_)) => "TIMESTAMP WITH TIME ZONE".into(),
        T::Date32 | T::Date64 => "DATE".into(),
        T::Time32(_) | T::Time64(_) => "TIME".into(),
        T::Duration(_) | T::Interval(_) => "INTERVAL".into(),
        T::Binary | T::FixedSizeBinary(_) | T::LargeBinary | T::BinaryView => "BYTEA".into(),
        T::Utf8 | T::LargeUtf8 | T::Utf8View => "VARCHAR".into(),
        T::Decimal32(precision, scale)
        | T::Decimal64(precision, scale)
        | T::Decimal128(precision, scale)
        | T::Decimal256(precision, scale) => format!("DECIMAL({precision}, {scale})"),
        T::List(item)
        | T::ListView(item)
        | T::FixedSizeList(item, _)
        | T::LargeList(item)
        | T::LargeListView(item) => format!("{}[]", column_type_name(item.data_type())),
        T::Struct(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|field| format!("{} {}", field.name(), column_type_name(field.data_type())))
                .collect();
            format!("STRUCT({})", fields.join(", "))
        }
        T::Dictionary(_, values) => column_type_name(values),
        T::RunEndEncoded(_, values) => column_type_name(values.data_type()),
        T::Map(..) => "MAP".into(),
        T::Union(..) => "UNION".into(),
    }
}
