//! What windows cost, and what becomes of rows that are in none.

use millrace_engine::window::WINDOWS;
use millrace_protocol::Cell;

use crate::{add, engine, first_row, run};

/// The physical plan of a query.
fn plan(engine: &millrace_engine::Engine, sql: &str) -> String {
    let finished = run(engine, &format!("EXPLAIN {sql}"));
    let texts = finished.result.rows(None, 0, 9).into_iter().filter_map(|row| match row.as_slice() {
        [Cell::Text(kind), Cell::Text(plan)] if kind == "physical_plan" => Some(plan.clone()),
        _ => None,
    });
    texts.collect()
}

const TABLE: &str = "a,ts,k,v,z\n1,2020-01-01T00:00:00Z,x,1,9\n2,,x,2,9\n3,2020-01-01T00:00:07Z,y,3,9\n";

#[test]
fn a_scan_under_windows_reads_what_is_needed() {
    let engine = engine(64);
    add(&engine, TABLE);
    for kind in WINDOWS {
        let keys = if kind.example.contains("PARTITION BY k") { "k, " } else { "" };
        let bounds = format!("SELECT window_end, count(*) FROM {} GROUP BY window_end", kind.example);
        let text = plan(&engine, &bounds);
        let columns = if keys.is_empty() { "columns=[ts]" } else { "columns=[ts, k]" };
        assert!(text.contains(columns), "{bounds}\n{text}");
        let sums = format!(
            "SELECT {keys}window_start, sum(v) FROM {} WHERE z = 9 GROUP BY {keys}window_start",
            kind.example
        );
        let text = plan(&engine, &sums);
        let columns = if keys.is_empty() { "columns=[ts, v, z]" } else { "columns=[ts, k, v, z]" };
        assert!(text.contains(columns), "{sums}\n{text}");
    }
}

#[test]
fn overlapping_windows_are_aggregated_by_panes() {
    let engine = engine(64);
    add(&engine, TABLE);
    let hop = "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '4' SECONDS, INTERVAL '10' SECONDS)";
    let by_panes = |sql: String| plan(&engine, &sql).contains("AssignExec: TUMBLE size=2s");
    assert!(by_panes(format!("SELECT window_end, k, avg(v) FROM {hop} GROUP BY window_end, k")));
    assert!(by_panes(format!(
        "SELECT count(DISTINCT v) FROM {hop} GROUP BY window_start, window_end, window_time"
    )));
    let days =
        "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '4' DAYS, INTERVAL '10' DAYS, TIMEZONE => 'Asia/Tokyo')";
    let by_days = plan(&engine, &format!("SELECT count(*) FROM {days} GROUP BY window_end"));
    assert!(by_days.contains("AssignExec: TUMBLE size=2 days timezone=Asia/Tokyo"), "{by_days}");
    let months = "CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '1' MONTH)";
    let by_days = plan(&engine, &format!("SELECT count(*) FROM {months} GROUP BY window_start, window_end"));
    assert!(by_days.contains("AssignExec: TUMBLE size=1 days timezone=UTC"), "{by_days}");
    let rows = "COUNT_WINDOW(TABLE t PARTITION BY k, DESCRIPTOR(ts), 6, 4)";
    let by_rows =
        plan(&engine, &format!("SELECT k, count(*) FROM {rows} GROUP BY k, window_start, window_end"));
    assert!(by_rows.contains("AssignExec: COUNT_WINDOW size=2 rows slide=2 rows"), "{by_rows}");
    // These need the rows in their windows.
    assert!(!by_panes(format!("SELECT max(window_end) FROM {hop} GROUP BY window_start")));
    assert!(!by_panes(format!("SELECT count(*) FROM {hop} GROUP BY date_trunc('minute', window_start)")));
    assert!(!by_panes(format!("SELECT array_agg(v) FROM {hop} GROUP BY window_start")));
    assert!(!by_panes(format!("SELECT k, count(*) FROM {hop} GROUP BY k")));
}

#[test]
fn a_join_is_built_of_windows_that_are_the_smaller_side() {
    let engine = engine(64);
    let text = "a text that makes the rows of this table long enough to be worth leaving out";
    add(
        &engine,
        &format!("id,ts,v,comment\n1,2020-01-01T00:00:00Z,1,{text}\n2,2020-01-01T00:00:07Z,3,{text}\n"),
    );
    for window in [
        "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECONDS)",
        "SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECONDS)",
    ] {
        let highest =
            format!("SELECT max(v) AS most, window_end FROM {window} GROUP BY window_start, window_end");
        let text = plan(&engine, &format!("SELECT t.* FROM t JOIN ({highest}) AS w ON t.v = w.most"));
        let places = ["AggregateExec", "comment"].map(|part| text.rfind(part));
        assert!(places[0].is_some() && places[0] < places[1], "{text}");
    }
}

#[test]
fn parts_of_sessions_are_aggregated_in_their_splits() {
    let engine = engine(16);
    add(&engine, TABLE);
    let keyed = "SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '5' SECONDS)";
    let all = "SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECONDS)";
    let by_parts = |sql: String| plan(&engine, &sql).contains("SessionExec: start=");
    assert!(by_parts(format!("SELECT k, avg(v) FROM {keyed} GROUP BY window_start, k, window_end")));
    assert!(by_parts(format!(
        "SELECT window_time, count(*) FROM {all} GROUP BY 1, window_start, window_end"
    )));
    let spark = "SELECT session_window.start, count(*) FROM t GROUP BY session_window(ts, '5 seconds'), k";
    assert!(by_parts(spark.to_owned()));
    // These need whole sessions, or all rows of a group in one place.
    assert!(!by_parts(format!("SELECT max(window_end) FROM {all} GROUP BY window_start, window_end")));
    assert!(!by_parts(format!("SELECT count(*) FROM {keyed} GROUP BY window_start, window_end")));
    assert!(!by_parts(format!("SELECT array_agg(v) FROM {all} GROUP BY window_start, window_end")));
}

#[test]
fn times_that_cannot_be_read_are_listed_with_their_lines() {
    // Longer than what is looked at of a file, and wrong between the pieces of the sample.
    let mut text = "ts,comment\n".to_owned();
    for row in 0..60_000 {
        let time = match row {
            38_000 => "yesterday".to_owned(),
            38_107 => "2024-02-30T00:00:00Z".to_owned(),
            _ => format!("2024-01-01T{:02}:{:02}:00Z", row / 2500, row % 60),
        };
        text.push_str(&format!("{time},twenty characters...\n"));
    }
    for split_bytes in [1 << 20, 10_000] {
        let engine = engine(split_bytes);
        add(&engine, &text);
        let sql = "SELECT window_start, count(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR) \
                   GROUP BY window_start";
        let finished = run(&engine, sql);
        let listed: Vec<_> = finished.bad_rows.iter().map(|bad| (bad.line, bad.reason.as_str())).collect();
        let right = [
            (38_002, "column ts: 'yesterday' is not a TIMESTAMP"),
            (38_109, "column ts: '2024-02-30T00:00:00Z' is not a TIMESTAMP"),
        ];
        assert_eq!(listed, right, "splits of {split_bytes}");
        assert_eq!((finished.progress.bad_rows, finished.progress.rows_without_time), (2, 2));
    }
}

#[test]
fn rows_without_a_time_are_counted() {
    for split_bytes in [1, 64, 1 << 20] {
        let engine = engine(split_bytes);
        add(&engine, TABLE);
        for kind in WINDOWS {
            for _ in 0..2 {
                let finished = run(&engine, &format!("SELECT count(DISTINCT v) FROM {}", kind.example));
                assert_eq!(first_row(&finished), [Cell::Int(2)], "{}", kind.name);
                assert_eq!(finished.progress.rows_without_time, 1, "{}", kind.name);
                let sql =
                    format!("SELECT window_start, count(*) FROM {} GROUP BY window_start", kind.example);
                assert_eq!(run(&engine, &sql).progress.rows_without_time, 1, "{sql}");
            }
        }
        assert_eq!(run(&engine, "SELECT count(*) FROM t").progress.rows_without_time, 0);
    }
}
