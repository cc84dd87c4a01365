//! Processing time: the event time of rows is the time at which they arrive.

use futures::executor::block_on;
use millrace_engine::stream::{EventTime, Generator, GeneratorOptions, OutputMode, StreamOptions};

use crate::{Growing, emitted, engine, input, lines, pushed, sorted, step, stream};

const SQL: &str = "SELECT window_start, count(*), sum(v) \
                   FROM TUMBLE(TABLE t, DESCRIPTOR(arrival_time), INTERVAL '1' SECOND) GROUP BY window_start, window_end";

#[test]
fn windows_hold_what_arrived_in_them_and_close_by_the_clock() {
    let engine = engine(2);
    // Without a timestamp of their own.
    let file = Growing::holding("v\n1\n2\n");
    let source = block_on(engine.follow(Box::new(file.clone()), EventTime::Arrival)).expect("a file");
    let inputs = vec![input("t", Box::new(source), 60_000)];
    let mut query = stream(&engine, SQL, inputs, StreamOptions::default());
    step(&mut query, 10_400);
    file.append("3\n");
    step(&mut query, 10_999);
    assert!(emitted(&mut query).is_empty());
    file.append("4\n");
    // The row of this step belongs to the window that begins now.
    step(&mut query, 11_000);
    assert_eq!(emitted(&mut query), ["1970-01-01T00:00:10.000Z,3,6"]);
    let status = query.status();
    assert_eq!((status.watermark_millis, status.lag_millis, status.open_windows), (Some(11_000), Some(0), 1));
    // No row comes any more, and the window closes.
    assert_eq!(step(&mut query, 12_000), 0);
    assert!(query.has_news());
    assert_eq!(emitted(&mut query), ["1970-01-01T00:00:11.000Z,1,4"]);
    let status = query.status();
    assert_eq!((status.state_rows, status.late_rows, status.rows_without_time), (0, 0, 0));
}

#[test]
fn a_clock_that_is_set_back_makes_no_row_late() {
    let engine = engine(2);
    let file = Growing::holding("v\n1\n");
    let follow = || block_on(engine.follow(Box::new(file.clone()), EventTime::Arrival)).expect("a file");
    let mut query = stream(&engine, SQL, vec![input("t", Box::new(follow()), 0)], StreamOptions::default());
    step(&mut query, 50_000);
    file.append("2\n");
    step(&mut query, 20_000);
    let checkpoint = query.checkpoint().expect("a checkpoint");
    // Whoever goes on has another clock.
    let inputs = vec![input("t", Box::new(follow()), 0)];
    let mut query = block_on(engine.resume_stream(&checkpoint, inputs)).expect("a stream");
    file.append("3\n");
    step(&mut query, 30_000);
    step(&mut query, 51_000);
    assert_eq!(emitted(&mut query), ["1970-01-01T00:00:50.000Z,3,6"]);
    assert_eq!(query.status().late_rows, 0);
}

#[test]
fn sessions_and_further_modes_go_by_the_clock_too() {
    let engine = engine(2);
    let options = GeneratorOptions {
        rows: Some(40),
        rows_per_second: 100,
        by_arrival: true,
        ..GeneratorOptions::default()
    };
    let generated = || vec![input("g", Box::new(Generator::new("g", options.clone())), 0)];
    let sql = "SELECT window_start, count(*) FROM SESSION(TABLE g, DESCRIPTOR(arrival_time), INTERVAL '1' SECOND) \
               GROUP BY window_start, window_end";
    let mut query = stream(&engine, sql, generated(), StreamOptions::default());
    // Rows 0 to 10 are due after 100 ms, and all others 4.9 s later.
    step(&mut query, 1_000);
    step(&mut query, 1_100);
    step(&mut query, 6_000);
    assert_eq!(sorted(emitted(&mut query)), ["1970-01-01T00:00:01.000Z,11", "1970-01-01T00:00:06.000Z,29"]);
    for mode in [OutputMode::Update, OutputMode::Complete] {
        let sql = "SELECT window_start, count(*) FROM TUMBLE(TABLE g, DESCRIPTOR(arrival_time), INTERVAL '1' SECOND) \
                   GROUP BY window_start, window_end";
        let mut query = stream(&engine, sql, generated(), StreamOptions { mode, ..StreamOptions::default() });
        step(&mut query, 1_100);
        assert_eq!(emitted(&mut query), ["1970-01-01T00:00:01.000Z,1"], "{mode:?}");
        step(&mut query, 1_200);
        assert_eq!(emitted(&mut query), ["1970-01-01T00:00:01.000Z,11"], "{mode:?}");
    }
}

#[test]
fn rows_that_pass_have_the_time_of_their_arrival() {
    let engine = engine(1);
    let (source, handle) =
        block_on(engine.push_source("p", b"v,w\n1,x\n", EventTime::Arrival)).expect("a source");
    let inputs = vec![input("p", Box::new(source), 0)];
    let mut query = stream(&engine, "SELECT * FROM p", inputs, StreamOptions::default());
    step(&mut query, 5);
    handle.push(b"2,y").expect("room");
    step(&mut query, 70);
    let rows = block_on(query.emit()).expect("rows");
    let names: Vec<_> = rows.columns().iter().map(|column| column.name.clone()).collect();
    assert_eq!(names, ["v", "w", "arrival_time"]);
    assert_eq!(lines(&rows), ["1,x,1970-01-01T00:00:00.005Z", "2,y,1970-01-01T00:00:00.070Z"]);
}

#[test]
fn what_cannot_be_meant_is_told() {
    let engine = engine(1);
    let source =
        block_on(engine.push_source("p", b"arrival_time,v\n1,2\n", EventTime::Arrival)).expect("a source");
    let inputs = vec![input("t", Box::new(source.0), 0)];
    let Err(error) = block_on(engine.stream(SQL, inputs, StreamOptions::default())) else {
        panic!("it runs")
    };
    let info = error.info();
    assert!(info.message.contains("p has a column `arrival_time`"), "{}", info.message);
    assert!(info.hint.is_some_and(|hint| hint.contains("another name")));

    let source = block_on(engine.push_source("p", b"ts,v\n2020-01-01T00:00:00Z,2\n", EventTime::Arrival));
    let inputs = vec![input("t", Box::new(source.expect("a source").0), 0)];
    let sql = SQL.replace("arrival_time", "ts");
    let Err(error) = block_on(engine.stream(&sql, inputs, StreamOptions::default())) else {
        panic!("it runs")
    };
    let info = error.info();
    assert!(
        info.message.contains("something else than `arrival_time`, the event time of t"),
        "{}",
        info.message
    );

    let (by_column, _) = pushed(&engine, "a", "ts,v\n2020-01-01T00:00:00Z,2\n");
    let by_arrival = block_on(engine.push_source("b", b"ts,v\n2020-01-01T00:00:00Z,2\n", EventTime::Arrival));
    let inputs = vec![input("t", by_column, 0), input("t", Box::new(by_arrival.expect("a source").0), 0)];
    let Err(error) = block_on(engine.stream("SELECT v FROM t", inputs, StreamOptions::default())) else {
        panic!("it runs")
    };
    assert!(error.info().message.contains("b has other columns"), "{}", error.info().message);
}
