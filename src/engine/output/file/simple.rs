//! Columns as other programs read them everywhere: under names of their own, without the types that only few know.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::super::cell::{Value, value};

/// How columns are written.
pub(super) struct Simple {
    schema: SchemaRef,
    columns: Vec<Column>,
}

/// How a column is written.
enum Column {
    AsItIs,
    /// As another type of the same values.
    Cast(DataType),
    /// As the texts that the page shows.
    Text,
}

impl Simple {
    /// For a result with these columns. A name that an earlier column has gets a number.
    pub(super) fn of(schema: &Schema) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut columns = Vec::new();
        let mut fields = Vec::new();
        for field in schema.fields() {
            let column = column_of(field.data_type());
            let data_type = match &column {
                Column::AsItIs => field.data_type().clone(),
                Column::Cast(data_type) => data_type.clone(),
                Column::Text => DataType::Utf8,
            };
            let name = free_name(&names, field.name());
            // Whether a computed column can be null is not always known right.
            fields.push(Field::new(name.clone(), data_type, true));
            names.push(name);
            columns.push(column);
        }
        Self { schema: Arc::new(Schema::new(fields)), columns }
    }

    /// Columns of the file.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows as they are written.
    pub(super) fn rows(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let arrays = rows.columns().iter().zip(&self.columns).map(|(array, column)| match column {
            Column::AsItIs => Ok(Arc::clone(array)),
            Column::Cast(data_type) => cast(array, data_type),
            Column::Text => Ok(texts(array)),
        });
        let arrays = arrays.collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
    }
}

fn column_of(data_type: &DataType) -> Column {
    match data_type {
        DataType::Dictionary(_, values) => match column_of(values) {
            Column::AsItIs => Column::Cast(values.as_ref().clone()),
            other => other,
        },
        // A file of Arrow that many programs read has none of the younger types.
        DataType::Utf8View => Column::Cast(DataType::Utf8),
        DataType::BinaryView => Column::Cast(DataType::Binary),
        DataType::Interval(_) | DataType::Duration(_) | DataType::Union(..) | DataType::RunEndEncoded(..) => {
            Column::Text
        }
        _ => Column::AsItIs,
    }
}

fn texts(array: &ArrayRef) -> ArrayRef {
    let mut texts = StringBuilder::new();
    for row in 0..array.len() {
        match value(array, row) {
            Value::Null => texts.append_null(),
            Value::Bool(value) => texts.append_value(value.to_string()),
            Value::Int(value) => texts.append_value(value.to_string()),
            Value::Number(value) => texts.append_value(value.to_string()),
            Value::Text(text) => texts.append_value(text),
        }
    }
    Arc::new(texts.finish())
}

fn free_name(taken: &[String], wish: &str) -> String {
    if !taken.iter().any(|name| name == wish) {
        return wish.to_owned();
    }
    let numbered = (2_u32..).map(|number| format!("{wish}_{number}"));
    numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
}
