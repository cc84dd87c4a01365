//! What is shown of a stream while it goes on: the newest rows.

use futures::executor::block_on;
use millrace_engine::stream::{
    Generator, GeneratorOptions, OutputMode, RollingResult, StreamOptions, StreamQuery,
};

use crate::{engine, input, lines, sorted, step, stream};

const WINDOWED: &str = "SELECT window_start, key, count(*) AS n FROM TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND) \
                        GROUP BY window_start, window_end, key";

fn query(engine: &millrace_engine::Engine, sql: &str, mode: OutputMode) -> StreamQuery {
    let options = GeneratorOptions { rows: Some(5_000), ..GeneratorOptions::default() };
    let inputs = vec![input("s", Box::new(Generator::new("s", options)), 0)];
    stream(engine, sql, inputs, StreamOptions { mode, ..StreamOptions::default() })
}

fn shown(query: &mut StreamQuery, mut rolling: RollingResult) -> RollingResult {
    for now in (0..=5_000).step_by(130) {
        step(query, now);
        if query.has_news() {
            let given = block_on(query.emit()).expect("rows");
            rolling.add(&given).expect("room");
        }
    }
    step(query, 6_000);
    rolling.add(&block_on(query.emit()).expect("rows")).expect("room");
    rolling
}

#[test]
fn all_modes_show_the_same_in_the_end() {
    let engine = engine(2);
    let rows = |mode| {
        let mut query = query(&engine, WINDOWED, mode);
        let rolling = RollingResult::new(query.schema().clone(), mode);
        sorted(lines(&shown(&mut query, rolling).result()))
    };
    let appended = rows(OutputMode::Append);
    assert_eq!(appended.len(), 5 * 8);
    assert_eq!(rows(OutputMode::Update), appended);
    assert_eq!(rows(OutputMode::Complete), appended);
}

#[test]
fn the_newest_rows_stay_in_their_order() {
    let engine = engine(2);
    let mut query = query(&engine, "SELECT number FROM s", OutputMode::Append);
    let rolling = RollingResult::new(query.schema().clone(), OutputMode::Append).keeping(1_234);
    let rolling = shown(&mut query, rolling);
    let expected: Vec<String> = (5_000 - 1_234..5_000).map(|number| number.to_string()).collect();
    assert_eq!(lines(&rolling.result()), expected);
    let mut again = RollingResult::new(query.schema().clone(), OutputMode::Append);
    again.restore(&rolling.to_bytes().expect("bytes")).expect("the same columns");
    assert_eq!(lines(&again.result()), expected);
    let mut other = RollingResult::new(
        self::query(&engine, WINDOWED, OutputMode::Append).schema().clone(),
        OutputMode::Append,
    );
    let error = other.restore(&rolling.to_bytes().expect("bytes")).expect_err("other columns");
    assert!(error.info().message.contains("other columns"), "{}", error.info().message);
}
