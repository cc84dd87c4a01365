//! How many rows a second go through: `cargo test --release --test streams speed -- --ignored --nocapture`.

use std::time::Instant;

use futures::executor::block_on;
use millrace_engine::stream::{Generator, GeneratorOptions, GrowingPath, StreamOptions};

use crate::{emitted, engine, input, stream};

const ROWS: u64 = 2_000_000;

const QUERIES: [&str; 4] = [
    "SELECT window_end, key, count(*) AS n, sum(value) FROM \
     TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_end, key",
    "SELECT window_end, key, count(*) AS n, sum(value) FROM \
     HOP(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '60' SECOND) GROUP BY window_end, key",
    "SELECT window_end, key, count(*) AS n, sum(value) FROM \
     CUMULATE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '10' SECOND) GROUP BY window_end, key",
    "SELECT window_end, key, count(*) AS n, sum(value) FROM SESSION(TABLE s PARTITION BY key, DESCRIPTOR(ts), \
     INTERVAL '0.05' SECOND) GROUP BY window_start, window_end, key",
];

fn options() -> GeneratorOptions {
    GeneratorOptions {
        rows_per_second: 50_000,
        rows: Some(ROWS),
        delay_millis: 200,
        keys: 100,
        ..GeneratorOptions::default()
    }
}

#[test]
#[ignore = "measures"]
fn rows_a_second() {
    let engine = engine(2);
    let made = Generator::new("s", options());
    let mut query = stream(
        &engine,
        "SELECT ts, key, value FROM s",
        vec![input("s", Box::new(made), 0)],
        StreamOptions { step_rows: 500_000, ..StreamOptions::default() },
    );
    let mut text = "ts,key,value\n".to_owned();
    for now in 0.. {
        let ended = block_on(query.step(now * 1_000_000)).expect("a step").ended;
        text += &emitted(&mut query).join("\n");
        text.push('\n');
        if ended {
            break;
        }
    }
    let path = std::env::temp_dir().join(format!("millrace-speed-{}.csv", std::process::id()));
    std::fs::write(&path, text).expect("a file");
    for sql in QUERIES {
        // A tenth of a second of rows, and as many as a step takes.
        for step_rows in [5_000, 64 << 10] {
            let options = StreamOptions { step_rows, ..StreamOptions::default() };
            let source = block_on(engine.follow(Box::new(GrowingPath::new(&path)), None)).expect("a file");
            let mut query = stream(&engine, sql, vec![input("s", Box::new(source), 200)], options);
            let (started, mut rows, mut steps, mut longest, mut bytes) = (Instant::now(), 0, 0, 0.0_f64, 0);
            loop {
                let step_started = Instant::now();
                let taken = block_on(query.step(steps)).expect("a step").rows;
                let given = block_on(query.emit()).expect("rows").row_count();
                longest = longest.max(step_started.elapsed().as_secs_f64() * 1000.0);
                bytes = bytes.max(query.status().state_bytes);
                (rows, steps) = (rows + given, steps + 1);
                if taken == 0 {
                    break;
                }
            }
            let seconds = started.elapsed().as_secs_f64();
            let rate = ROWS as f64 / seconds;
            println!(
                "{rate:.0} rows/s, {steps} steps, longest {longest:.0} ms, {bytes} bytes of state at most, \
                 {rows} rows given: {sql}"
            );
        }
    }
    std::fs::remove_file(&path).expect("a file");
}
