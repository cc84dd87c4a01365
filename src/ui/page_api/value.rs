//! Values of the page API.

use js_sys::{Array, Object, Reflect};
use millrace_protocol::{
    CacheInfo, CachedColumn, ColumnInfo, DiskCacheInfo, ErrorInfo, QueryStats, TableInfo,
};
use wasm_bindgen::JsValue;

use crate::panels::error_card::kind_name;

/// Sets a property of a plain object.
pub fn set(object: &Object, name: &str, value: &JsValue) {
    // Fails only for frozen objects; all of these were just made.
    let _ = Reflect::set(object, &name.into(), value);
}

/// `{table, format, bytes, rowsEstimate, columns, warnings}`.
pub fn table_value(table: &TableInfo) -> JsValue {
    let object = Object::new();
    set(&object, "table", &table.name.as_str().into());
    set(&object, "format", &table.format.as_str().into());
    set(&object, "bytes", &number(table.bytes));
    set(&object, "rowsEstimate", &number(table.rows_estimate));
    set(&object, "columns", &columns_value(&table.columns));
    set(&object, "warnings", &table.warnings.iter().map(JsValue::from).collect::<Array>());
    object.into()
}

/// `[{name, type}]`.
pub fn columns_value(columns: &[ColumnInfo]) -> JsValue {
    let column = |column: &ColumnInfo| {
        let object = Object::new();
        set(&object, "name", &column.name.as_str().into());
        set(&object, "type", &column.type_name.as_str().into());
        object
    };
    columns.iter().map(column).collect::<Array>().into()
}

/// `{bytes, limitBytes, disk: {bytes, limitBytes, failure}, columns: [{table, column, bytes, diskBytes, fraction}]}`.
pub fn cache_value(cache: &CacheInfo) -> JsValue {
    let column = |kept: &CachedColumn| {
        let object = Object::new();
        set(&object, "table", &kept.table.as_str().into());
        set(&object, "column", &kept.column.as_str().into());
        set(&object, "bytes", &number(kept.bytes));
        set(&object, "diskBytes", &number(kept.disk_bytes));
        set(&object, "fraction", &kept.fraction.into());
        object
    };
    let disk = |disk: &DiskCacheInfo| {
        let object = Object::new();
        set(&object, "bytes", &number(disk.bytes));
        set(&object, "limitBytes", &number(disk.limit_bytes));
        set(&object, "failure", &disk.failure.as_deref().map_or(JsValue::NULL, JsValue::from));
        JsValue::from(object)
    };
    let object = Object::new();
    set(&object, "bytes", &number(cache.bytes));
    set(&object, "limitBytes", &number(cache.limit_bytes));
    set(&object, "disk", &cache.disk.as_ref().map_or(JsValue::NULL, disk));
    set(&object, "columns", &cache.columns.iter().map(column).collect::<Array>());
    object.into()
}

/// `{bytesRead, rowsRead, badRows, rowsWithoutTime, spilledBytes, elapsedMillis, threads, snapshots, threadsBusyMax}`.
pub fn stats_value(stats: &QueryStats) -> JsValue {
    let object = Object::new();
    set(&object, "bytesRead", &number(stats.bytes_read));
    set(&object, "rowsRead", &number(stats.rows_read));
    set(&object, "badRows", &number(stats.bad_rows));
    set(&object, "rowsWithoutTime", &number(stats.rows_without_time));
    set(&object, "spilledBytes", &number(stats.spilled_bytes));
    set(&object, "elapsedMillis", &stats.elapsed_millis.into());
    set(&object, "threads", &stats.threads.into());
    set(&object, "snapshots", &stats.snapshots.into());
    set(&object, "threadsBusyMax", &stats.threads_busy_max.into());
    object.into()
}

/// An `Error` with `kind`, `hint` and `position`, named `MillraceError`.
pub fn error_value(error: &ErrorInfo) -> JsValue {
    let value = js_sys::Error::new(&error.message);
    value.set_name("MillraceError");
    let object: &Object = value.as_ref();
    set(object, "kind", &kind_name(error.kind).into());
    set(object, "hint", &error.hint.as_deref().map_or(JsValue::NULL, JsValue::from));
    let position = error.position.and_then(|position| serde_wasm_bindgen::to_value(&position).ok());
    set(object, "position", &position.unwrap_or(JsValue::NULL));
    value.into()
}

/// Counts stay below 2^53, where numbers are exact.
#[expect(clippy::cast_precision_loss, reason = "a file of 2^53 bytes does not fit any disk")]
pub fn number(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}

#[cfg(test)]
mod tests {
    use millrace_protocol::{ErrorKind, Position};
    use wasm_bindgen::JsCast;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn field(value: &JsValue, name: &str) -> JsValue {
        Reflect::get(value, &name.into()).expect("it is an object")
    }

    #[wasm_bindgen_test]
    fn failures_are_errors_with_kind_hint_and_position() {
        let position = Position { line: 1, column: 8, end_line: 1, end_column: 13 };
        let error = ErrorInfo::new(ErrorKind::FileChanged, "It changed.").with_hint("Add it again.");
        let value = error_value(&ErrorInfo { position: Some(position), ..error });
        assert!(value.is_instance_of::<js_sys::Error>());
        assert_eq!(field(&value, "message").as_string().as_deref(), Some("It changed."));
        assert_eq!(field(&value, "kind").as_string().as_deref(), Some("file_changed"));
        assert_eq!(field(&value, "hint").as_string().as_deref(), Some("Add it again."));
        assert_eq!(field(&field(&value, "position"), "endColumn").as_f64(), Some(13.0));
        let bare = error_value(&ErrorInfo::new(ErrorKind::Sql, "No."));
        assert!(field(&bare, "hint").is_null() && field(&bare, "position").is_null());
    }
}
