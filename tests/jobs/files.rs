//! Tables of several files, and tables that are read again in another way.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures::executor::block_on;
use millrace_engine::source::{MemorySource, Source};
use millrace_engine::{Engine, TableRequest};
use millrace_protocol::{Cell, TableInfo, TableOptions};

use super::{engine, first_row, run};

fn add(engine: &Engine, files: &[(&str, &str)], options: TableOptions) -> TableInfo {
    let source = |(name, text): &(&str, &str)| Rc::new(MemorySource::new(*name, *text)) as Rc<dyn Source>;
    let sources = files.iter().map(source).collect();
    block_on(engine.add(TableRequest { name: Some("t".to_owned()), sources, options })).expect("a table")
}

fn columns(table: &TableInfo) -> Vec<String> {
    table.columns.iter().map(|column| format!("{} {}", column.name, column.type_name)).collect()
}

fn texts(engine: &Engine, sql: &str) -> Vec<String> {
    let finished = run(engine, sql);
    let rows = finished.result.rows(None, 0, 1_000);
    let text = |cell: &Cell| match cell {
        Cell::Null => "∅".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
    };
    rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join(",")).collect()
}

#[test]
fn columns_are_merged_by_name_and_types_widened() {
    let files = [
        ("a.csv", "id,price,day\n1,5,2024-01-01\n2,6,2024-01-02\n"),
        ("b.csv", "price,id,note\n2.5,3,x\n3.5,4,y\n"),
        ("c.csv", "id,price,day,note\nA7,,2024-01-03 12:00,\n"),
    ];
    for split_bytes in [1 << 20, 5] {
        let engine = engine(split_bytes);
        let table = add(&engine, &files, TableOptions::default());
        assert_eq!(
            columns(&table),
            ["id VARCHAR", "price DOUBLE", "day TIMESTAMP", "note VARCHAR", "filename VARCHAR"]
        );
        for _ in 0..2 {
            assert_eq!(
                texts(&engine, "SELECT * FROM t"),
                [
                    "1,5,2024-01-01T00:00:00.000Z,∅,a.csv",
                    "2,6,2024-01-02T00:00:00.000Z,∅,a.csv",
                    "3,2.5,∅,x,b.csv",
                    "4,3.5,∅,y,b.csv",
                    "A7,∅,2024-01-03T12:00:00.000Z,∅,c.csv",
                ]
            );
            let sums = "SELECT filename, sum(price) FROM t WHERE note IS NOT NULL GROUP BY 1";
            assert_eq!(texts(&engine, sums), ["b.csv,6"]);
        }
    }
}

#[test]
fn folders_are_columns_and_conditions_on_them_leave_out_files() {
    let body = |first: i32| -> String {
        let rows = (first..first + 200).map(|id| format!("{id},\"text, {id}\"\n"));
        format!("id,text\n{}", rows.collect::<String>())
    };
    let texts_of: Vec<String> = [0, 1_000, 2_000].into_iter().map(body).collect();
    let files = [
        ("sales/year=2024/month=01/a.csv", texts_of[0].as_str()),
        ("sales/year=2024/month=02/a.csv", texts_of[1].as_str()),
        ("sales/year=2025/month=01/a.csv", texts_of[2].as_str()),
    ];
    for split_bytes in [1 << 20, 100] {
        let engine = engine(split_bytes);
        let table = add(&engine, &files, TableOptions::default());
        assert_eq!(
            columns(&table),
            ["id BIGINT", "text VARCHAR", "year BIGINT", "month BIGINT", "filename VARCHAR"]
        );
        let one = run(&engine, "SELECT min(id), count(*) FROM t WHERE year = 2025 AND id > 5");
        assert_eq!(first_row(&one), [2_000, 200].map(Cell::Int));
        let read = one.progress.bytes_read;
        assert!(read <= texts_of[2].len() as u64, "{read} bytes of files that cannot matter were read");
        assert_eq!(one.progress.bytes_done, one.progress.bytes_total);
        let by_name = "SELECT count(*), min(month) FROM t WHERE filename LIKE '%month=02%'";
        assert_eq!(texts(&engine, by_name), ["200,2"]);
        let all = "SELECT year, month, count(*), min(id) FROM t GROUP BY 1, 2 ORDER BY 1, 2";
        assert_eq!(texts(&engine, all), ["2024,1,200,0", "2024,2,200,1000", "2025,1,200,2000"]);
        assert_eq!(texts(&engine, "SELECT count(*) FROM t WHERE year = 1999"), ["0"]);
    }
}

#[test]
fn a_wrong_guess_in_one_file_is_repaired_when_others_are_left_out() {
    // Between quotes there is what looks like records, so that splits begin at wrong places.
    let tricky: String = (0..40).map(|id| format!("{id},\"\n1,a\n2,b\n3,c\n\"\n")).collect();
    let files =
        [("k=1/a.csv", format!("id,text\n1,x\n{tricky}")), ("k=2/b.csv", format!("id,text\n2,y\n{tricky}"))];
    let files = [(files[0].0, files[0].1.as_str()), (files[1].0, files[1].1.as_str())];
    for split_bytes in [7, 20, 64] {
        let engine = engine(split_bytes);
        add(&engine, &files, TableOptions::default());
        for k in [2, 1, 2] {
            let sql = format!("SELECT count(*), sum(id) FROM t WHERE k = {k}");
            assert_eq!(texts(&engine, &sql), [format!("41,{}", 780 + k)]);
        }
        assert_eq!(texts(&engine, "SELECT count(*) FROM t"), ["82"]);
    }
}

#[test]
fn a_table_is_read_again_in_another_way() {
    let engine = engine(20);
    let rows: String = (0..30).map(|id| format!("{id},01/02/2024\n")).collect();
    let text = format!("id,day\n{rows}x9,03/04/2024\n");
    let types = BTreeMap::from([("id".to_owned(), "BIGINT".to_owned())]);
    let table = add(&engine, &[("t.csv", &text)], TableOptions { types, ..TableOptions::default() });
    assert_eq!(columns(&table), ["id BIGINT", "day DATE"]);
    let finished = run(&engine, "SELECT count(id), min(day) FROM t");
    assert_eq!(finished.progress.bad_rows, 1);
    let [misfits] = finished.misfits.as_slice() else { panic!("one column has a value that does not fit") };
    assert_eq!((misfits.column.as_str(), misfits.count, misfits.wider_type.as_str()), ("id", 1, "VARCHAR"));
    assert_eq!(misfits.first.as_ref().map(|bad| bad.line), Some(32));
    assert!(run(&engine, "SELECT count(day) FROM t").misfits.is_empty(), "the column is not used");
    assert_eq!(texts(&engine, "SELECT count(id), min(day) FROM t"), ["30,2024-02-01"]);

    let other = [("ID".to_owned(), "VARCHAR".to_owned())];
    let table = block_on(engine.set_column_types("t", other)).expect("other types");
    assert_eq!(columns(&table), ["id VARCHAR", "day DATE"]);
    let finished = run(&engine, "SELECT count(id), max(id) FROM t");
    assert_eq!(
        (finished.progress.bad_rows, first_row(&finished)),
        (0, vec![Cell::Int(31), Cell::Text("x9".into())])
    );

    let refused = block_on(engine.set_column_types("t", [("no".to_owned(), "DATE".to_owned())]));
    assert!(refused.is_err_and(|error| error.info().message.contains("no column `no`")));
    assert_eq!(texts(&engine, "SELECT count(id) FROM t"), ["31"], "the table is as before");
    let options = TableOptions { header: Some(false), ..TableOptions::default() };
    let table = block_on(engine.set_options("t", options)).expect("another header");
    assert_eq!(columns(&table), ["column_1 VARCHAR", "column_2 VARCHAR"]);
    assert_eq!(texts(&engine, "SELECT count(*) FROM t"), ["32"]);
}
