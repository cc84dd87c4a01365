//! The statement that a stream starts with when nobody wrote another.

use millrace_protocol::ColumnInfo;

use crate::{charts::ColumnClass, panels::builder::literal::identifier, state::stream::Kind};

/// A statement over `table`, by its event time where that is named. Columns are known of files only.
pub fn suggestion(kind: Kind, table: &str, columns: &[ColumnInfo], event_time: &str) -> String {
    let table = identifier(table);
    let is_time = |column: &&ColumnInfo| ColumnClass::of(column) == ColumnClass::Timestamp;
    let time = match event_time {
        "" => columns.iter().find(is_time).map(|column| column.name.as_str()),
        named => Some(named),
    };
    let windows = |seconds: u32, time: &str| {
        format!("FROM TUMBLE(TABLE {table}, DESCRIPTOR({}), INTERVAL '{seconds}' SECOND)", identifier(time))
    };
    match (kind, time) {
        (Kind::Generator, Some(time)) => format!(
            "SELECT window_start, key, count(*) AS events, avg(value) AS mean\n{}\nGROUP BY window_start, window_end, key",
            windows(2, time)
        ),
        (_, Some(time)) => format!(
            "SELECT window_start, count(*) AS events\n{}\nGROUP BY window_start, window_end",
            windows(10, time)
        ),
        (_, None) => format!("SELECT * FROM {table}"),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn windows_are_suggested_where_there_is_a_time() {
        let column = |name: &str, type_name: &str| ColumnInfo {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
        };
        let columns = [column("n", "BIGINT"), column("At", "TIMESTAMP")];
        let sql = suggestion(Kind::File, "log", &columns, "");
        assert!(sql.contains("TUMBLE(TABLE log, DESCRIPTOR(\"At\"), INTERVAL '10' SECOND)"), "{sql}");
        assert_eq!(suggestion(Kind::Socket, "My log", &[], ""), "SELECT * FROM \"My log\"");
        assert!(suggestion(Kind::Generator, "s", &[], "ts").contains("DESCRIPTOR(ts)"));
        let by_arrival = suggestion(Kind::Socket, "s", &[], "arrival_time");
        assert!(by_arrival.contains("DESCRIPTOR(arrival_time)"), "{by_arrival}");
    }
}
