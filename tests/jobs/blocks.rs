//! Files made of blocks: the same rows as of CSV, and only what is needed is read.

use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use futures::executor::block_on;
use millrace_engine::output::ResultSet;
use millrace_engine::source::MemorySource;
use millrace_engine::{Engine, Finished};
use millrace_protocol::{Cell, ErrorKind};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::{engine, run};

const ROWS: i64 = 60_000;

/// Events in the order of time, with a number of columns that no query asks for.
fn events(more_columns: usize) -> RecordBatch {
    let rows = || 0..ROWS;
    let noise = |row: i64| (row * 7_919 + 13) % 10_007;
    let mut columns: Vec<(String, ArrayRef)> = vec![
        (
            "at".to_owned(),
            Arc::new(TimestampMicrosecondArray::from_iter_values(rows().map(|row| row * 500_000))),
        ),
        ("id".to_owned(), Arc::new(Int64Array::from_iter_values(rows()))),
        (
            "kind".to_owned(),
            Arc::new(rows().map(|row| Some(format!("kind {}", noise(row) % 9))).collect::<StringArray>()),
        ),
        (
            "amount".to_owned(),
            Arc::new(rows().map(|row| (row % 11 != 4).then(|| noise(row))).collect::<Int64Array>()),
        ),
    ];
    for number in 0..more_columns {
        let values = rows().map(|row| noise(row + number as i64 * 31) * 1_000_003);
        columns.push((format!("more_{number}"), Arc::new(Int64Array::from_iter_values(values))));
    }
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}

fn parquet(rows: &RecordBatch, with_index: bool) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        // A dictionary has to be read whole for any of its pages.
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled("kind".into(), true)
        .set_max_row_group_row_count(Some(20_000))
        .set_data_page_row_count_limit(2_000)
        .set_write_batch_size(1_000);
    let properties = match with_index {
        true => properties,
        false => properties.set_statistics_enabled(EnabledStatistics::Chunk).set_offset_index_disabled(true),
    };
    let mut writer =
        ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties.build())).expect("a writer");
    writer.write(rows).expect("rows");
    writer.into_inner().expect("a file")
}

fn arrow_file(rows: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = arrow::ipc::writer::FileWriter::try_new(&mut bytes, &rows.schema()).expect("a writer");
    for first in (0..rows.num_rows()).step_by(7_000) {
        writer.write(&rows.slice(first, 7_000.min(rows.num_rows() - first))).expect("rows");
    }
    writer.finish().expect("a footer");
    drop(writer);
    bytes
}

fn csv(rows: &RecordBatch) -> Vec<u8> {
    ResultSet::new(rows.schema(), vec![rows.clone()]).csv(None).collect::<Vec<_>>().concat()
}

fn add(engine: &Engine, name: &str, bytes: Vec<u8>) {
    let source = Rc::new(MemorySource::new(name, bytes));
    let table =
        block_on(engine.add_table(Some("t"), vec![source])).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(table.preview.len(), 50);
}

fn rows_of(finished: &Finished) -> Vec<Vec<Cell>> {
    finished.result.rows(None, 0, 10_000)
}

const QUERIES: &[&str] = &[
    "SELECT count(*) FROM t",
    "SELECT kind, count(*), sum(amount), min(at), max(id) FROM t GROUP BY kind ORDER BY kind",
    "SELECT id, kind FROM t WHERE id BETWEEN 41990 AND 42010 ORDER BY id",
    "SELECT count(*), sum(amount) FROM t WHERE kind = 'kind 3' AND id >= 39000 AND amount < 500",
    "SELECT count(*) FROM t WHERE amount IS NULL AND at < TIMESTAMP '1970-01-01 01:00:00'",
    "SELECT id FROM t WHERE id IN (5, 25000, 59999) OR id < 0 ORDER BY id",
    "SELECT window_start, kind, count(*) AS n FROM TUMBLE(TABLE t, DESCRIPTOR(at), INTERVAL '1' HOUR) \
     GROUP BY window_start, kind ORDER BY window_start, kind",
    "SELECT id, lag(id) OVER (PARTITION BY kind ORDER BY id) AS before FROM t ORDER BY id LIMIT 40",
    "SELECT a.id FROM t a JOIN t b ON a.id = b.id + 59990 ORDER BY a.id",
    "SELECT * FROM t LIMIT 3",
    "SELECT id FROM t WHERE id > 100000",
];

#[test]
fn rows_are_those_of_csv_whatever_the_blocks() {
    let rows = events(0);
    let reference = engine(1 << 16);
    add(&reference, "t.csv", csv(&rows));
    let expected: Vec<_> = QUERIES.iter().map(|sql| rows_of(&run(&reference, sql))).collect();
    for (name, file) in [
        ("t.parquet", parquet(&rows, true)),
        ("t.parquet", parquet(&rows, false)),
        ("t.arrow", arrow_file(&rows)),
    ] {
        for split_bytes in [4 << 20, 1 << 14, 1] {
            let engine = engine(split_bytes);
            add(&engine, name, file.clone());
            for (sql, expected) in QUERIES.iter().zip(&expected) {
                for _ in 0..2 {
                    assert_eq!(rows_of(&run(&engine, sql)), *expected, "{name}, {split_bytes}: {sql}");
                }
            }
        }
    }
}

#[test]
fn two_of_twenty_columns_read_about_a_tenth() {
    let rows = events(16);
    let file = parquet(&rows, false);
    let len = file.len() as u64;
    let engine = engine(4 << 20);
    add(&engine, "t.parquet", file);
    let finished = run(&engine, "SELECT sum(more_3), max(more_7) FROM t");
    let read = finished.progress.bytes_read;
    assert!(read > len / 20 && read < len / 7, "{read} of {len}");
    assert_eq!(
        run(&engine, "SELECT sum(more_3), max(more_7) FROM t").progress.bytes_read,
        0,
        "they are kept"
    );
    assert_eq!(run(&engine, "SELECT count(*) FROM t").progress.bytes_read, 0);
}

#[test]
fn what_cannot_pass_is_not_read() {
    let rows = events(4);
    for with_index in [true, false] {
        let file = parquet(&rows, with_index);
        let len = file.len() as u64;
        let read = |sql: &str| {
            let engine = engine(4 << 20);
            add(&engine, "t.parquet", file.clone());
            run(&engine, sql).progress.bytes_read
        };
        assert_eq!(read("SELECT sum(amount) FROM t WHERE id > 60000"), 0);
        let of_group = read("SELECT * FROM t WHERE id = 30000");
        assert!(of_group > 0 && of_group < len / 2, "{of_group} of {len}");
        if with_index {
            assert!(of_group < len / 12, "a page or two of each column: {of_group} of {len}");
        }
        let at = "SELECT count(*) FROM t WHERE at < TIMESTAMP '1970-01-01 00:10:00' AND amount > 5";
        assert!(read(at) < len / 6, "{} of {len}", read(at));
        // Whether a condition that fails is evaluated must not depend on what is known of blocks.
        let engine = engine(4 << 20);
        add(&engine, "t.parquet", file.clone());
        let error = block_on(engine.query("SELECT id FROM t WHERE 1 / (id - 5) > 100").run(|_| ()));
        assert!(error.is_err());
    }
}

#[test]
fn a_limit_reads_the_first_blocks_only() {
    let engine = engine(1 << 14);
    let file = parquet(&events(16), false);
    let len = file.len() as u64;
    add(&engine, "t.parquet", file);
    let finished = run(&engine, "SELECT * FROM t LIMIT 5");
    assert_eq!(finished.result.row_count(), 5);
    assert!(finished.progress.bytes_read < len / 2, "{} of {len}", finished.progress.bytes_read);
}

#[test]
fn broken_files_are_told_by_their_names() {
    let file = parquet(&events(0), true);
    let mut broken = file.clone();
    let middle = broken.len() / 3;
    broken[middle..middle + 2_000].fill(0xff);
    let sound = engine(4 << 20);
    add(&sound, "t.parquet", broken);
    let error = block_on(sound.query("SELECT count(kind), sum(id), sum(amount), max(at) FROM t").run(|_| ()));
    let info = error.expect_err("bytes in the middle are wrong").info();
    assert_eq!(info.kind, ErrorKind::File, "{}", info.message);
    assert!(info.message.starts_with("t.parquet: ") && info.hint.is_some(), "{}", info.message);
    for (name, bytes) in
        [("a.parquet", &file[..1000]), ("b.arrow", b"ARROW1\0\0abc"), ("c.xlsx", b"PK\x03\x04abc")]
    {
        let source = Rc::new(MemorySource::new(name, bytes));
        let info = block_on(engine(1 << 20).add_table(None, vec![source])).expect_err("broken").info();
        assert!(info.kind == ErrorKind::File && info.message.starts_with(name), "{}", info.message);
        assert!(info.hint.is_some());
    }
}

#[test]
fn files_of_several_formats_are_one_table_when_their_columns_agree() {
    let rows = events(0);
    let engine = engine(1 << 14);
    let sources: Vec<Rc<dyn millrace_engine::source::Source>> = vec![
        Rc::new(MemorySource::new("a.parquet", parquet(&rows, true))),
        Rc::new(MemorySource::new("b.arrow", arrow_file(&rows))),
    ];
    let table = block_on(engine.add_table(Some("t"), sources)).expect("a table");
    assert_eq!(table.rows_estimate, 2 * ROWS as u64);
    let finished = run(&engine, "SELECT count(*), sum(id) FROM t");
    assert_eq!(rows_of(&finished), [[Cell::Int(2 * ROWS), Cell::Int(ROWS * (ROWS - 1))]]);
}

#[test]
fn files_of_blocks_in_folders_are_merged_by_name_and_left_out_by_path() {
    let rows = events(0);
    let without_amount = rows.project(&[0, 2, 1]).expect("columns that are there");
    let doubled: ArrayRef =
        Arc::new((0..ROWS).map(|row| Some(row as f64 + 0.5)).collect::<arrow::array::Float64Array>());
    let doubles = RecordBatch::try_from_iter([("ID", doubled)]).expect("one column");
    let engine = engine(1 << 14);
    let sources: Vec<Rc<dyn millrace_engine::source::Source>> = vec![
        Rc::new(MemorySource::new("s/year=2024/kind_of=a%20b/p.parquet", parquet(&rows, true))),
        Rc::new(MemorySource::new("s/year=2025/kind_of=c/p.parquet", parquet(&without_amount, true))),
        Rc::new(MemorySource::new("s/year=2026/kind_of=c/p.arrow", arrow_file(&doubles))),
    ];
    let table = block_on(engine.add_table(Some("t"), sources)).expect("a table");
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("{} {}", column.name, column.type_name)).collect();
    assert_eq!(
        columns,
        [
            "at TIMESTAMP",
            "id DOUBLE",
            "kind VARCHAR",
            "amount BIGINT",
            "year BIGINT",
            "kind_of VARCHAR",
            "filename VARCHAR"
        ]
    );
    let sql =
        "SELECT year, kind_of, count(*), sum(id), count(amount), count(kind) FROM t GROUP BY 1, 2 ORDER BY 1";
    let sum = (ROWS * (ROWS - 1) / 2) as f64;
    let amounts = (0..ROWS).filter(|row| row % 11 != 4).count() as i64;
    let text = |text: &str| Cell::Text(text.to_owned());
    let expected = [
        [
            Cell::Int(2024),
            text("a b"),
            Cell::Int(ROWS),
            Cell::Number(sum),
            Cell::Int(amounts),
            Cell::Int(ROWS),
        ],
        [Cell::Int(2025), text("c"), Cell::Int(ROWS), Cell::Number(sum), Cell::Int(0), Cell::Int(ROWS)],
        [
            Cell::Int(2026),
            text("c"),
            Cell::Int(ROWS),
            Cell::Number(sum + ROWS as f64 / 2.0),
            Cell::Int(0),
            Cell::Int(0),
        ],
    ];
    for _ in 0..2 {
        assert_eq!(rows_of(&run(&engine, sql)), expected);
    }
    // What the path and the statistics exclude is not read.
    let all = run(&engine, "SELECT sum(id) FROM t WHERE filename LIKE '%.parquet'").progress.bytes_total;
    let late = "SELECT count(*) FROM t WHERE year = 2025 AND at >= TIMESTAMP '1970-01-01 08:11:40'";
    let one = run(&engine, late);
    assert_eq!(rows_of(&one), [[Cell::Int(1_000)]]);
    assert!(one.progress.bytes_read < all / 20, "{} of {all} bytes", one.progress.bytes_read);
}
