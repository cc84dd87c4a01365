//! What a long stream takes of memory.

use futures::executor::block_on;
use millrace_engine::stream::{Generator, GeneratorOptions, OutputMode, StreamOptions};
use millrace_protocol::ErrorKind;

use crate::{emitted, engine_of, input, step, stream};

/// A million rows in a thousand windows, of which a few are open at a time.
#[test]
fn the_state_of_a_long_stream_stays_small() {
    const ROWS: u64 = 1_000_000;
    let options = GeneratorOptions {
        rows_per_second: 1_000,
        rows: Some(ROWS),
        delay_millis: 2_000,
        late_share: 0.001,
        keys: 50,
        ..GeneratorOptions::default()
    };
    for (from, most_bytes) in [
        ("TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND)", 1 << 20),
        ("HOP(TABLE s, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)", 2 << 20),
    ] {
        let sql = format!("SELECT window_end, key, count(*) AS n FROM {from} GROUP BY window_end, key");
        let engine = engine_of(2, 16 << 20);
        let inputs = vec![input("s", Box::new(Generator::new("s", options.clone())), 2_000)];
        let mut query = stream(&engine, &sql, inputs, StreamOptions::default());
        let (mut bytes, mut windows, mut counted, mut now) = (0, 0, 0, 0);
        loop {
            now += 5_000;
            let step = block_on(query.step(now)).expect("a step");
            let status = query.status();
            bytes = bytes.max(status.state_bytes);
            windows = windows.max(status.open_windows);
            let count =
                |line: &String| line.rsplit(',').next().and_then(|n| n.parse::<u64>().ok()).expect("n");
            counted += emitted(&mut query).iter().map(count).sum::<u64>();
            if step.ended {
                break;
            }
        }
        let status = query.status();
        assert!(status.late_rows > 100 && status.late_rows < 2_000, "{status:?}");
        assert_eq!(status.rows_in, ROWS);
        if from.starts_with("TUMBLE") {
            assert_eq!(counted + status.late_rows, ROWS);
        }
        assert!(bytes < most_bytes && windows < 20, "{bytes} bytes, {windows} windows");
        assert_eq!((status.state_bytes, status.open_windows), (0, 0));
        assert!(query.late_rows("s").expect("the stream").row_count() <= 1_000);
        drop(query);
        assert_eq!(engine.state_bytes(), 0);
    }
}

#[test]
fn windows_beyond_the_budget_are_told() {
    let engine = engine_of(2, 4 << 20);
    let options = GeneratorOptions { rows_per_second: 1_000_000, ..GeneratorOptions::default() };
    let inputs = vec![input("s", Box::new(Generator::new("s", options)), 0)];
    let sql = "SELECT window_start, number, count(*) FROM TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' DAY) \
               GROUP BY window_start, window_end, number";
    let mut query = stream(&engine, sql, inputs, StreamOptions::default());
    let failed = (1..100).find_map(|second| block_on(query.step(second * 1_000)).err());
    let info = failed.expect("an end").info();
    assert_eq!(info.kind, ErrorKind::Memory);
    assert!(info.message.contains("rows are kept for 1 open window ("), "{}", info.message);
    assert!(info.hint.is_some_and(|hint| hint.contains("shorter windows")));
}

#[test]
fn a_state_beyond_the_budget_ends_the_query_and_not_the_engine() {
    let engine = engine_of(2, 4 << 20);
    let options = GeneratorOptions { rows_per_second: 1_000_000, ..GeneratorOptions::default() };
    let inputs = vec![input("s", Box::new(Generator::new("s", options)), 0)];
    let options = StreamOptions { mode: OutputMode::Complete, ..StreamOptions::default() };
    let mut query = stream(&engine, "SELECT number, count(*) FROM s GROUP BY number", inputs, options);
    let failed = (1..100).find_map(|second| block_on(query.step(second * 1_000)).err());
    let info = failed.expect("an end").info();
    assert_eq!(info.kind, ErrorKind::Memory);
    assert!(info.message.contains("more memory than its budget of 4.0 MiB"), "{}", info.message);
    assert!(info.message.contains("rows of groups are kept"), "{}", info.message);
    assert!(info.hint.is_some_and(|hint| hint.contains("Group by window_start")));
    assert!(block_on(query.step(1_000_000)).is_err() && query.checkpoint().is_err());
    drop(query);
    let options = GeneratorOptions::default();
    let inputs = vec![input("s", Box::new(Generator::new("s", options)), 0)];
    let options = StreamOptions { mode: OutputMode::Complete, ..StreamOptions::default() };
    let mut query = stream(&engine, "SELECT count(*) FROM s", inputs, options);
    step(&mut query, 0);
    assert_eq!(emitted(&mut query), ["1"]);
}
