//! After its end, a stream has given the rows that the same query gives over a file: for every kind of window,
//! several aggregates, any micro-batches, and any order of rows within the delay.

use std::collections::BTreeMap;
use std::fmt::Write;

use millrace_engine::stream::{OutputMode, StreamOptions};
use millrace_engine::window::WINDOWS;
use proptest::prelude::*;

use crate::{emitted, engine, input, over_file, pushed, sorted, step, stream};

/// Second of the day, key, value.
type Row = (u32, Option<u8>, Option<i64>);

/// Rows of which the columns' types are plain.
const HEADER: &str = "ts,k,v\n2020-01-01T00:00:00Z,a,1\n2020-01-01T00:00:01Z,b,\n2020-01-01T00:00:02Z,,7\n";

/// Seconds of the last of them.
const HEADER_SECONDS: u32 = 2;

const AGGREGATES: &[&str] = &[
    "count(*), sum(v), min(v), max(v)",
    "avg(v), count(v)",
    "count(DISTINCT v)",
    "approx_distinct(v), approx_top_k(v, 2)",
    "sum(v) FILTER (WHERE v > 3)",
];

fn call(kind: &str) -> String {
    let of = |arguments: &str| format!("{kind}(TABLE t, DESCRIPTOR(ts), {arguments})");
    match kind {
        "TUMBLE" => of("INTERVAL '10' SECONDS, INTERVAL '3' SECONDS"),
        "HOP" => of("INTERVAL '4' SECONDS, INTERVAL '10' SECONDS"),
        "CUMULATE" => of("INTERVAL '5' SECONDS, INTERVAL '20' SECONDS"),
        _ => format!("{kind}(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '4' SECONDS)"),
    }
}

fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for (second, key, value) in rows {
        let (minute, second) = (second / 60, second % 60);
        let key = key.map(|key| char::from(b'a' + key).to_string()).unwrap_or_default();
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        let _ = writeln!(text, "2020-01-01T00:{minute:02}:{second:02}Z,{key},{value}");
    }
    text
}

/// The least delay with which no row is late.
fn delay_millis(rows: &[Row]) -> i64 {
    let (mut highest, mut delay) = (HEADER_SECONDS, 0);
    for (second, ..) in rows {
        delay = delay.max(highest.saturating_sub(*second));
        highest = highest.max(*second);
    }
    i64::from(delay) * 1000
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    // Time goes on, and each row stands somewhere behind it.
    let row = (0..6u32, 0..12u32, prop::option::of(0..3u8), prop::option::of(0..9i64));
    prop::collection::vec(row, 0..60).prop_map(|steps| {
        let mut now = 10;
        let row = |(on, back, key, value): (u32, u32, _, _)| {
            now += on;
            (now - back.min(now), key, value)
        };
        steps.into_iter().map(row).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_gives_what_a_file_gives(
        rows in rows(),
        sizes in prop::collection::vec(1..9usize, 1..6),
        threads in 1..4usize,
        every in 1..5i64,
        aggregates in prop::sample::select(AGGREGATES),
    ) {
        let engine = engine(threads);
        let file = format!("{HEADER}{}", text(&rows));
        for kind in WINDOWS.iter().filter(|kind| kind.name != "COUNT_WINDOW") {
            let from = call(kind.name);
            let sql = format!(
                "SELECT window_start, window_end, k, {aggregates} FROM {from} \
                 GROUP BY window_start, window_end, k"
            );
            let expected = over_file(&engine, "t", &file, &sql);
            for mode in [OutputMode::Append, OutputMode::Update, OutputMode::Complete] {
                if mode == OutputMode::Update && kind.name == "SESSION" {
                    continue;
                }
                let options = StreamOptions { mode, step_rows: 1, ..StreamOptions::default() };
                let (source, handle) = pushed(&engine, "t.csv", HEADER);
                let delay = delay_millis(&rows);
                let mut query = stream(&engine, &sql, vec![input("t", source, delay)], options);
                let mut given = Given::default();
                step(&mut query, 0);
                let (mut left, mut sizes) = (rows.as_slice(), sizes.iter().cycle());
                let mut number = 0;
                while !left.is_empty() {
                    let size = *sizes.next().expect("a cycle");
                    let (batch, rest) = left.split_at(size.min(left.len()));
                    (left, number) = (rest, number + 1);
                    handle.push(text(batch).as_bytes()).expect("room");
                    step(&mut query, number);
                    if number % every == 0 {
                        given.add(mode, emitted(&mut query));
                    }
                }
                handle.end();
                step(&mut query, 1_000_000);
                given.add(mode, emitted(&mut query));
                prop_assert_eq!(query.status().late_rows, 0);
                prop_assert_eq!(given.rows(), expected.clone(), "{:?} {}", mode, sql);
                let status = query.status();
                prop_assert!(mode == OutputMode::Complete || status.state_rows == 0, "{:?}", status);
            }
        }
    }
}

/// The rows that somebody has who reads a stream.
#[derive(Default)]
struct Given {
    appended: Vec<String>,
    updated: BTreeMap<Vec<String>, String>,
}

impl Given {
    fn add(&mut self, mode: OutputMode, lines: Vec<String>) {
        match mode {
            OutputMode::Append => self.appended.extend(lines),
            OutputMode::Complete => self.appended = lines,
            OutputMode::Update => {
                for line in lines {
                    let key = line.split(',').take(3).map(str::to_owned).collect();
                    self.updated.insert(key, line);
                }
            }
        }
    }

    fn rows(&self) -> Vec<String> {
        sorted(self.appended.iter().chain(self.updated.values()).cloned().collect())
    }
}

/// Queries that do more with windows than to group by them.
#[test]
fn later_stages_see_whole_windows() {
    let tumble = call("TUMBLE");
    let queries = [
        format!("SELECT window_start, count(*) AS n FROM {tumble} GROUP BY window_start HAVING count(*) > 2"),
        format!("SELECT k, window_end, array_agg(v) FROM {tumble} GROUP BY k, window_end"),
        format!("SELECT window_end, array_agg(v) FROM {} GROUP BY window_end", call("HOP")),
        format!("SELECT window_start, count(*) FROM {} GROUP BY window_start", call("CUMULATE")),
        format!("SELECT window_time, k, sum(v) FROM {} GROUP BY window_time, k", call("HOP")),
        format!(
            "SELECT * FROM (SELECT window_start, k, sum(v) AS s, row_number() OVER \
             (PARTITION BY window_start ORDER BY sum(v) DESC NULLS LAST, k) AS place FROM {tumble} \
             GROUP BY window_start, window_end, k) WHERE place <= 2"
        ),
        format!(
            "SELECT ts, v, window_end FROM (SELECT *, row_number() OVER \
             (PARTITION BY window_start, window_end ORDER BY v DESC, ts) AS place FROM {tumble}) \
             WHERE place <= 2 AND v IS NOT NULL"
        ),
        format!(
            "SELECT window_start, window_end, k, count(*) FROM {tumble} \
             GROUP BY GROUPING SETS ((window_start, window_end, k), (window_start, window_end))"
        ),
        format!(
            "WITH sums AS (SELECT window_start, window_end, k, sum(v) AS s FROM {tumble} \
             GROUP BY window_start, window_end, k) \
             SELECT a.window_end, a.k, a.s FROM sums AS a JOIN (SELECT window_start, window_end, max(s) AS most \
             FROM sums GROUP BY window_start, window_end) AS b \
             ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.s = b.most"
        ),
        format!(
            "SELECT a.window_start, a.k, a.n, b.n FROM (SELECT window_start, k, count(*) AS n FROM {tumble} \
             WHERE v > 3 GROUP BY window_start, k) AS a JOIN (SELECT window_start, k, count(*) AS n FROM {tumble} \
             WHERE v < 7 GROUP BY window_start, k) AS b ON a.window_start = b.window_start AND a.k = b.k"
        ),
        "SELECT window.start, k, count(*) FROM t GROUP BY window(ts, '10 seconds', '5 seconds'), k"
            .to_owned(),
        "SELECT session_window.start, k, sum(v) FROM t GROUP BY session_window(ts, '4 seconds'), k"
            .to_owned(),
        "SELECT window_start, window_end, count(*), sum(v) FROM \
         SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECONDS) GROUP BY window_start, window_end"
            .to_owned(),
        // The cast is to nanoseconds.
        "SELECT window_start, count(*) FROM HOP(TABLE (SELECT CAST(ts AS TIMESTAMP) AS at FROM t), DESCRIPTOR(at), \
         INTERVAL '0.4' SECONDS, INTERVAL '2.0000001' SECONDS) GROUP BY window_start"
            .to_owned(),
        "SELECT window_time, count(*) FROM TUMBLE(TABLE (SELECT CAST(ts AS TIMESTAMP) AS at FROM t), \
         DESCRIPTOR(at), INTERVAL '1.5' SECONDS) GROUP BY window_time"
            .to_owned(),
        "SELECT ts, v * 2 FROM t WHERE v > 4".to_owned(),
        format!("SELECT window_start, v FROM {} WHERE v > 4", call("HOP")),
    ];
    let rows: Vec<Row> = (0..200)
        .map(|row| (10 + row / 3, Some((row * 7 % 3) as u8), Some(i64::from(row * 5 % 11))))
        .collect();
    for sql in queries {
        let engine = engine(2);
        let expected = over_file(&engine, "t", &format!("{HEADER}{}", text(&rows)), &sql);
        let options = StreamOptions { step_rows: 1, ..StreamOptions::default() };
        let (source, handle) = pushed(&engine, "t.csv", HEADER);
        let mut query = stream(&engine, &sql, vec![input("t", source, 0)], options);
        let mut given = Vec::new();
        for (number, batch) in (0..).zip(rows.chunks(17)) {
            step(&mut query, number);
            given.extend(emitted(&mut query));
            handle.push(text(batch).as_bytes()).expect("room");
        }
        handle.end();
        step(&mut query, 1000);
        given.extend(emitted(&mut query));
        assert_eq!(sorted(given), expected, "{sql}");
        assert_eq!(query.status().state_rows, 0, "{sql}");
    }
}

/// Event times and windows finer than a millisecond, in all modes.
#[test]
fn times_may_be_in_microseconds() {
    let row = |number: u32| format!("2020-01-01T00:00:00.{:06}Z,{}\n", number * 2_917, number % 3);
    let (header, rows): (String, Vec<String>) =
        ("ts,k\n".to_owned() + &(0..4).map(row).collect::<String>(), (4..300).map(row).collect());
    for (kind, lengths) in [
        ("TUMBLE", "INTERVAL '0.0205' SECONDS"),
        ("HOP", "INTERVAL '0.01' SECONDS, INTERVAL '0.0255' SECONDS"),
        ("CUMULATE", "INTERVAL '0.0101' SECONDS, INTERVAL '0.0404' SECONDS"),
    ] {
        let sql = format!(
            "SELECT window_start, window_end, k, count(*) FROM {kind}(TABLE t, DESCRIPTOR(ts), {lengths}) \
             GROUP BY window_start, window_end, k"
        );
        let engine = engine(2);
        let expected = over_file(&engine, "t", &format!("{header}{}", rows.concat()), &sql);
        for mode in [OutputMode::Append, OutputMode::Update, OutputMode::Complete] {
            let options = StreamOptions { mode, step_rows: 1, ..StreamOptions::default() };
            let (source, handle) = pushed(&engine, "t.csv", &header);
            let mut query = stream(&engine, &sql, vec![input("t", source, 0)], options);
            let mut given = Given::default();
            for (number, batch) in (0..).zip(rows.chunks(23)) {
                step(&mut query, number);
                given.add(mode, emitted(&mut query));
                handle.push(batch.concat().as_bytes()).expect("room");
            }
            handle.end();
            step(&mut query, 1000);
            given.add(mode, emitted(&mut query));
            assert_eq!(given.rows(), expected, "{mode:?} {sql}");
        }
    }
}
