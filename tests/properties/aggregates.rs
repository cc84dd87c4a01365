//! Each aggregate of the table: any split size, any number of threads, the same answer.

use std::fmt::Write;

use millrace_engine::aggregate::AGGREGATES;

use super::{engine, rows};

const ROWS: u64 = 6_000;

/// Rows whose answers do not depend on the order for any aggregate, because they are few.
const FEW_ROWS: u64 = 40;

/// Texts of which some are frequent and thousands are not, numbers, instants, and gaps in all of them.
fn table() -> String {
    let mut text = "id,g,name,whole,fraction,ts\n".to_owned();
    for id in 0..ROWS {
        let mixed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let name = match mixed % 10 {
            0 => String::new(),
            1..=3 => format!("often{}", mixed % 4),
            _ => format!("rare{}", mixed % 5_000),
        };
        let whole = if mixed % 17 == 0 { String::new() } else { (mixed % 1_000).to_string() };
        let (minute, second) = (mixed / 60 % 60, mixed % 60);
        let _ = writeln!(
            text,
            "{id},{},{name},{whole},{}.{:02},2026-01-{:02}T{:02}:{minute:02}:{second:02}Z",
            mixed % 11,
            mixed % 300,
            mixed % 97,
            1 + mixed % 28,
            mixed % 24,
        );
    }
    text
}

#[test]
fn splits_and_threads_do_not_matter() {
    let text = table();
    let shapes = [(1, 1 << 20), (2, 4_000), (4, 50_000), (8, 700)];
    let engines = shapes.map(|(threads, split_bytes)| engine(&text, threads, split_bytes));
    for aggregate in AGGREGATES {
        let most = if aggregate.any_order { ROWS } else { FEW_ROWS };
        let takes_text = ["approx_distinct", "approx_top_k", "distinct_sample", "reservoir_sample"];
        for column in ["name", "whole", "fraction", "ts"] {
            if column == "name" && !takes_text.contains(&aggregate.name) {
                continue;
            }
            let call = aggregate.example;
            let from = format!("FROM (SELECT g, id, {column} AS x FROM t WHERE id < {most})");
            for sql in [
                format!("SELECT {call} {from}"),
                format!("SELECT g, {call} {from} GROUP BY g ORDER BY g"),
                format!("SELECT {call}, {call} FILTER (WHERE g = 3), count(*), count(DISTINCT x) {from}"),
            ] {
                let [first, others @ ..] = &engines;
                let expected = rows(first, &sql);
                assert!(!expected.is_empty());
                for (engine, shape) in others.iter().zip(&shapes[1..]) {
                    assert_eq!(rows(engine, &sql), expected, "{sql}, threads and split bytes {shape:?}");
                }
            }
        }
    }
}
