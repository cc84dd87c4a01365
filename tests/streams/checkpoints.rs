//! A stream that is killed goes on from its last checkpoint as if nothing had happened.

use std::fmt::Write;

use futures::executor::block_on;
use millrace_engine::Engine;
use millrace_engine::stream::{
    Generator, GeneratorOptions, OutputMode, StreamInput, StreamOptions, StreamQuery,
};
use millrace_protocol::ErrorKind;
use proptest::prelude::*;

use crate::{Growing, emitted, engine, input, over_file, sorted, step, stream};

const HEADER: &str = "ts,k,v\n2020-01-01T00:00:00Z,a,1\n2020-01-01T00:00:00Z,b,2\n";

fn text(rows: &[(u8, i64)]) -> String {
    let mut text = String::new();
    for (second, (key, value)) in rows.iter().enumerate() {
        let (minute, second) = (second / 60, second % 60);
        let _ = writeln!(text, "2020-01-01T00:{minute:02}:{second:02}Z,k{key},{value}");
    }
    text
}

fn followed(engine: &Engine, file: &Growing, bytes: u64) -> Vec<StreamInput> {
    let source = block_on(engine.follow(Box::new(file.clone()), None)).expect("a file").reading(bytes);
    vec![input("t", Box::new(source), 0)]
}

const QUERIES: &[&str] = &[
    "SELECT window_end, k, sum(v), count(DISTINCT v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECONDS) \
     GROUP BY window_end, k",
    "SELECT window_end, k, sum(v), approx_distinct(v) FROM \
     HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '2' SECONDS, INTERVAL '7' SECONDS) GROUP BY window_end, k",
    "SELECT window_end, avg(v) FROM CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' SECONDS, INTERVAL '8' SECONDS) \
     GROUP BY window_end",
    "SELECT window_start, window_end, k, sum(v), array_agg(v) FILTER (WHERE v < 0) IS NULL FROM \
     TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECONDS) GROUP BY window_start, window_end, k",
    "SELECT window_start, k, sum(v), count(*) FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), \
     INTERVAL '2' SECONDS) GROUP BY window_start, window_end, k",
    "SELECT window_start, max(v) FROM SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECONDS) \
     GROUP BY window_start, window_end",
    "SELECT k, v FROM t WHERE v > 4",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 40, ..ProptestConfig::default() })]

    /// `events` are bytes that are appended, and whether a checkpoint, a kill or neither comes behind the step
    /// over them.
    #[test]
    fn a_killed_stream_loses_and_doubles_no_row(
        rows in prop::collection::vec((0..4u8, 0..9i64), 1..80),
        events in prop::collection::vec((0..120usize, 0..6u8), 1..30),
        bytes in 16..200u64,
        threads in 1..4usize,
    ) {
        let rows = text(&rows);
        for sql in QUERIES {
            let engine = engine(2);
            let expected = over_file(&engine, "t", &format!("{HEADER}{rows}"), sql);
            let file = Growing::holding(HEADER);
            let options = StreamOptions::default();
            let mut query = stream(&engine, sql, followed(&engine, &file, bytes), options);
            let mut given: Vec<String> = Vec::new();
            let mut saved = (query.checkpoint().expect("a checkpoint"), given.len());
            let mut left = rows.as_str();
            let other_engine = crate::engine(threads);
            for (number, (appended, what)) in (0..).zip(&events) {
                let (now, later) = left.split_at((*appended).min(left.len()));
                file.append(now);
                left = later;
                step(&mut query, number);
                if number % 3 > 0 {
                    given.extend(emitted(&mut query));
                }
                match what {
                    0 | 1 => saved = (query.checkpoint().expect("a checkpoint"), given.len()),
                    2 => {
                        // Whoever keeps the rows forgets those behind the checkpoint.
                        given.truncate(saved.1);
                        let inputs = followed(&other_engine, &file, bytes);
                        query = block_on(other_engine.resume_stream(&saved.0, inputs)).expect("it goes on");
                    }
                    _ => {}
                }
            }
            file.append(left);
            while step(&mut query, 1_000) > 0 {}
            block_on(query.finish()).expect("an end");
            given.extend(emitted(&mut query));
            prop_assert_eq!(sorted(given), expected, "{}", sql);
        }
    }
}

/// Late rows, lateness and idle sources, in modes that give rows again.
#[test]
fn a_resumed_stream_is_the_stream_that_was_not_interrupted() {
    let engine = engine(2);
    let files = [1, 2].map(|seed| Growing::holding(&disordered(&engine, seed)));
    let inputs = || -> Vec<StreamInput> {
        let source = |file: &Growing| {
            let source =
                block_on(engine.follow(Box::new(file.clone()), None)).expect("a file").reading(3_500);
            input("s", Box::new(source), 500)
        };
        files.iter().map(source).collect()
    };
    let tumble = "TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '2' SECONDS)";
    let cases = [
        (
            OutputMode::Append,
            format!("SELECT window_end, key, sum(value) FROM {tumble} GROUP BY window_end, key"),
        ),
        (
            OutputMode::Update,
            format!("SELECT window_end, key, sum(value) FROM {tumble} GROUP BY window_end, key"),
        ),
        (OutputMode::Update, "SELECT key, sum(value) FROM s GROUP BY key".to_owned()),
        (
            OutputMode::Complete,
            format!("SELECT max(n) FROM (SELECT count(*) AS n FROM {tumble} GROUP BY window_end)"),
        ),
    ];
    for (mode, sql) in cases {
        let options = StreamOptions { mode, lateness_millis: 1_000, ..StreamOptions::default() };
        let run = |interrupted: bool| {
            let mut query: StreamQuery = stream(&engine, &sql, inputs(), options.clone());
            let mut given = Vec::new();
            for number in 0..40 {
                step(&mut query, number * 1_000);
                if interrupted && number % 7 == 3 {
                    let saved = query.checkpoint().expect("a checkpoint");
                    query = block_on(engine.resume_stream(&saved, inputs())).expect("it goes on");
                }
                if number % 2 == 0 {
                    given.push(sorted(emitted(&mut query)));
                }
            }
            let late = sorted(crate::lines(&query.late_rows("s").expect("the stream")));
            let mut status = query.status();
            status.state_bytes = 0;
            (given, late, status)
        };
        let (whole, pieces) = (run(false), run(true));
        assert!(mode == OutputMode::Complete || sql.contains("GROUP BY key") || whole.2.late_rows > 50);
        assert_eq!(whole, pieces, "{mode:?} {sql}");
    }
}

/// Rows as a generator makes them, some of them late.
fn disordered(engine: &Engine, seed: u64) -> String {
    let options = GeneratorOptions {
        seed,
        rows_per_second: 100,
        rows: Some(3_000),
        delay_millis: 500,
        late_share: 0.05,
        late_millis: 4_000,
        ..GeneratorOptions::default()
    };
    let inputs = vec![input("s", Box::new(Generator::new("s", options)), 0)];
    let mut query = stream(engine, "SELECT ts, key, value FROM s", inputs, StreamOptions::default());
    step(&mut query, 0);
    step(&mut query, 100_000);
    format!("ts,key,value\n{}\n", emitted(&mut query).join("\n"))
}

/// Types come from what was there at first, also after a resumption.
#[test]
fn columns_keep_their_types() {
    let engine = engine(2);
    let file = Growing::holding(HEADER);
    let sql = "SELECT k, v FROM t";
    let mut query = stream(&engine, sql, followed(&engine, &file, 1_000), StreamOptions::default());
    step(&mut query, 0);
    let mut given = emitted(&mut query);
    let saved = query.checkpoint().expect("a checkpoint");
    file.append("2020-01-01T00:00:09Z,c,1.5\n2020-01-01T00:00:09Z,d,7\n2020-01-");
    let inputs = followed(&engine, &file, 1_000);
    let mut query = block_on(engine.resume_stream(&saved, inputs)).expect("it goes on");
    step(&mut query, 0);
    given.extend(emitted(&mut query));
    assert_eq!((given, query.status().bad_rows), (["a,1", "b,2", "c,", "d,7"].map(str::to_owned).into(), 1));
}

#[test]
fn bytes_that_are_no_checkpoint_are_refused() {
    let engine = engine(1);
    let inputs = || vec![input("s", Box::new(Generator::new("s", GeneratorOptions::default())), 0)];
    let sql = "SELECT count(*) FROM TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_end";
    let mut query = stream(&engine, sql, inputs(), StreamOptions::default());
    step(&mut query, 0);
    let good = query.checkpoint().expect("a checkpoint");
    let mut other_version = good.clone();
    other_version[8] = 99;
    let others = vec![input("s", Box::new(Generator::new("another", GeneratorOptions::default())), 0)];
    let cut = &good[..good.len() - 9];
    for (bytes, inputs, told) in [
        (&b"what"[..], inputs(), "something else"),
        (&other_version, inputs(), "version 99"),
        (&good[..30], inputs(), "cut off"),
        (cut, inputs(), "cannot be used"),
        (&good, others, "other sources: s for s"),
    ] {
        let Err(error) = block_on(engine.resume_stream(bytes, inputs)) else { panic!("{told}: it goes on") };
        let info = error.info();
        assert!(info.kind == ErrorKind::File && info.message.contains(told), "{info:?}");
    }
}
