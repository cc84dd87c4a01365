//! Policies for bad rows: whatever the splits and the query, good and bad rows together are those of the file.

use std::rc::Rc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::{Engine, TableRequest};
use millrace_protocol::{BadRowPolicy, Cell, ErrorKind, TableOptions};
use proptest::prelude::*;

use super::{CacheBytes, empty_engine, rows};

/// Records that settle dialect and types.
const SURE_RECORDS: usize = 30;

/// Each record, and whether it is bad.
fn records() -> impl Strategy<Value = Vec<(String, bool)>> {
    let record = prop_oneof![
        5 => (any::<i32>(), -1e6..1e6, "[a-z]{1,4}").prop_map(|(a, b, c)| (format!("{a},{b:.3},{c}"), false)),
        1 => Just((",,".to_owned(), false)),
        1 => Just(("NA,1.5,\"x,\ny\"".to_owned(), false)),
        1 => "[a-z]{1,5}".prop_map(|text| (format!("q{text},1.5,x"), true)),
        1 => Just(("7,what,x".to_owned(), true)),
        1 => Just(("q,what,x".to_owned(), true)),
        1 => Just(("1,2.5".to_owned(), true)),
        1 => Just(("1,2.5,x,\"and\nmore\"".to_owned(), true)),
    ];
    proptest::collection::vec(record, 0..60)
}

fn text(records: &[(String, bool)]) -> String {
    let sure = "1,2.5,x\n".repeat(SURE_RECORDS);
    let records: String = records.iter().map(|(record, _)| format!("{record}\n")).collect();
    format!("a,b,c\n{sure}{records}")
}

fn engine_with(text: &str, policy: BadRowPolicy, threads: usize, split_bytes: u64) -> Engine {
    let engine = empty_engine(threads, split_bytes, CacheBytes { memory: 1 << 20, disk: 0 });
    // The sample is the whole file, bad rows and all.
    let types = [("a", "BIGINT"), ("b", "DOUBLE")].map(|(name, sql)| (name.to_owned(), sql.to_owned()));
    let options = TableOptions {
        bad_rows: Some(policy),
        types: types.into(),
        header: Some(true),
        ..TableOptions::default()
    };
    let sources: Vec<Rc<dyn millrace_engine::source::Source>> =
        vec![Rc::new(MemorySource::new("t.csv", text))];
    let request = TableRequest { name: Some("t".to_owned()), sources, options };
    let info = block_on(engine.add(request)).expect("a table");
    let types: Vec<_> = info.columns.iter().map(|column| column.type_name.as_str()).collect();
    assert_eq!(types, ["BIGINT", "DOUBLE", "VARCHAR"]);
    engine
}

fn integer(cell: &Cell) -> u64 {
    match cell {
        Cell::Int(value) => u64::try_from(*value).expect("a count"),
        other => panic!("no count: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn good_and_bad_rows_are_all_rows(
        records in records(),
        threads in 1usize..=4,
        split_bytes in prop_oneof![5u64..=30, 31u64..=200, Just(1 << 20)],
    ) {
        let text = text(&records);
        let total = (SURE_RECORDS + records.len()) as u64;
        let bad = records.iter().filter(|(_, bad)| *bad).count() as u64;

        let skipping = engine_with(&text, BadRowPolicy::Skip, threads, split_bytes);
        for sql in [
            "SELECT count(*) FROM t",
            "SELECT count(*), sum(b) FROM t",
            "SELECT count(*) FROM t WHERE c IS NOT NULL OR a IS NULL",
            "SELECT count(*) FROM t WHERE c IS NOT NULL OR a IS NULL",
        ] {
            let finished = super::finish(&skipping, sql);
            let good = integer(&finished.result.rows(None, 0, 1)[0][0]);
            prop_assert_eq!(finished.progress.bad_rows, bad, "{}", sql);
            prop_assert_eq!(good + bad, total, "{}", sql);
        }
        prop_assert_eq!(rows(&skipping, "SELECT * FROM t").len() as u64, total - bad);

        let keeping = engine_with(&text, BadRowPolicy::Keep, threads, split_bytes);
        prop_assert_eq!(integer(&rows(&keeping, "SELECT count(*) FROM t")[0][0]), total);
        let mut exported = Vec::new();
        let count = block_on(keeping.export_bad_rows("t", |part| exported.extend(part))).expect("a walk");
        let mut reader = csv::Reader::from_reader(exported.as_slice());
        let listed: Vec<csv::StringRecord> =
            reader.records().map(|record| record.expect("CSV")).collect();
        prop_assert_eq!(listed.len() as u64, count);
        let mut lines: Vec<u64> = listed.iter().map(|record| record[1].parse().expect("a line")).collect();
        lines.dedup();
        let mut line = 2 + SURE_RECORDS as u64;
        let mut expected = Vec::new();
        for (record, bad) in &records {
            expected.extend(bad.then_some(line));
            line += 1 + record.matches('\n').count() as u64;
        }
        prop_assert_eq!(&lines, &expected);
        for record in &listed {
            prop_assert!(records.iter().any(|(text, bad)| *bad && *text == record[3]), "{:?}", record);
        }

        let stopping = engine_with(&text, BadRowPolicy::Stop, threads, split_bytes);
        let outcome = block_on(stopping.query("SELECT count(*) FROM t").run(|_| ()));
        match (outcome, expected.first()) {
            (Ok(finished), None) => {
                prop_assert_eq!(integer(&finished.result.rows(None, 0, 1)[0][0]), total);
            }
            (Err(error), Some(line)) => {
                let info = error.info();
                prop_assert_eq!(info.kind, ErrorKind::File);
                prop_assert!(info.message.starts_with(&format!("t.csv, line {line}: ")), "{}", info.message);
            }
            (outcome, line) => prop_assert!(false, "{:?} with a bad line at {line:?}", outcome.is_ok()),
        }
    }
}
