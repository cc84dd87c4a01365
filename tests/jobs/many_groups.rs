//! So many rows between stages that these are divided before they are read.

use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_protocol::Cell;
use parquet::arrow::ArrowWriter;

use super::{engine_of, first_row, run};

const ROWS: i64 = 1_200_000;

/// A key for each row but every hundredth, which has that of the row before; and a text.
fn rows() -> Vec<u8> {
    let key = |row: i64| (row - i64::from(row % 100 == 99)) * 7_919 % 1_000_000_007;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("key", Arc::new((0..ROWS).map(|row| Some(key(row))).collect::<Int64Array>())),
        (
            "name",
            Arc::new((0..ROWS).map(|row| Some(format!("name of {}", key(row)))).collect::<StringArray>()),
        ),
        ("number", Arc::new((0..ROWS).map(Some).collect::<Int64Array>())),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a file");
    bytes
}

#[test]
fn many_rows_between_stages_are_all_read_once() {
    let engine = engine_of(1 << 20, 2 << 30, None);
    let source = Rc::new(MemorySource::new("t.parquet", rows()));
    block_on(engine.add_table(Some("t"), vec![source])).expect("a table");
    let groups = ROWS - ROWS / 100;
    let numbers = (ROWS - 1) * ROWS / 2;
    for (sql, expected) in [
        (
            "SELECT count(*), sum(n), sum(s), count(DISTINCT name) FROM \
             (SELECT key, name, count(*) AS n, sum(number) AS s FROM t GROUP BY key, name)",
            vec![groups, ROWS, numbers, groups],
        ),
        (
            // A row of each pair meets itself and the other one.
            "SELECT count(*), sum(a.number) FROM t AS a JOIN t AS b ON a.key = b.key AND a.name = b.name",
            vec![
                ROWS + 2 * (ROWS / 100),
                numbers + (0..ROWS / 100).map(|pair| 200 * pair + 197).sum::<i64>(),
            ],
        ),
        (
            "SELECT sum(place), sum(number) FROM \
             (SELECT number, row_number() OVER (PARTITION BY key ORDER BY number) AS place FROM t)",
            vec![ROWS + ROWS / 100, numbers],
        ),
        (
            "SELECT key, n FROM (SELECT key, count(*) AS n FROM t GROUP BY key) ORDER BY n DESC, key LIMIT 1",
            vec![(0..ROWS / 100).map(|pair| (pair * 100 + 98) * 7_919 % 1_000_000_007).min().unwrap_or(0), 2],
        ),
    ] {
        let expected: Vec<Cell> = expected.into_iter().map(Cell::Int).collect();
        assert_eq!(first_row(&run(&engine, sql)), expected, "{sql}");
    }
}
