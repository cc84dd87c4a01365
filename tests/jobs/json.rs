//! JSON whose later records are not like the sample.

use std::fmt::Write;
use std::rc::Rc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_protocol::Cell;

use super::{engine, first_row, run};

#[test]
fn keys_and_values_that_only_come_later_are_told_whatever_the_splits() {
    // Longer than what is looked at of a file, and wrong between the pieces of the sample.
    let mut text = String::new();
    let mut late = Vec::new();
    for id in 0..60_000 {
        let drifted = (35_000..35_500).contains(&id);
        let user =
            if drifted { "\"user\":{\"name\":\"ann\",\"age\":7}" } else { "\"user\":{\"name\":\"ann\"}" };
        match (drifted, id) {
            (true, 35_007) => {
                late.push(id + 1);
                text.push_str("{\"id\": broken\n");
            }
            (true, 35_100) => {
                late.push(id + 1);
                let _ = writeln!(text, "{{\"id\":\"{id}\",{user},\"added\":true}}");
            }
            (true, _) => {
                let _ = writeln!(text, "{{\"id\":{id},{user},\"added\":true}}");
            }
            (false, _) => {
                let _ = writeln!(text, "{{\"id\":{id},{user}}}");
            }
        }
    }
    for split_bytes in [1 << 20, 10_000] {
        let engine = engine(split_bytes);
        let source = Rc::new(MemorySource::new("t.ndjson", text.as_str()));
        let table = block_on(engine.add_table(Some("t"), vec![source])).expect("a table");
        let columns: Vec<_> = table.columns.iter().map(|column| column.type_name.as_str()).collect();
        assert_eq!((table.format.as_str(), columns), ("ndjson", vec!["BIGINT", "STRUCT(name VARCHAR)"]));
        for _ in 0..2 {
            // The second time from memory.
            let finished = run(&engine, "SELECT count(*), count(id), count(\"user\"['name']) FROM t");
            let counts = [60_000, 59_998, 59_999].map(Cell::Int);
            assert_eq!(first_row(&finished), counts);
            assert_eq!(finished.progress.bad_rows, 2);
            let listed = finished.bad_rows.iter().map(|bad| (bad.line, bad.reason.as_str()));
            let right = [
                (late[0], "this is no JSON object: a value was expected at byte 8"),
                (late[1], "column id: '35100' is not a BIGINT"),
                (35_001, "the key `added` is no column, because the sample had none; records with it: 499"),
                (
                    35_001,
                    "the key `user.age` is no column, because the sample had none; records with it: 499",
                ),
            ];
            assert_eq!(listed.collect::<Vec<_>>(), right, "splits of {split_bytes}");
        }
    }
}
