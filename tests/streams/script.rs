//! Streams step by step, as in `lateness.scenario`.

use std::collections::HashMap;
use std::fmt::Write;

use futures::executor::block_on;
use millrace_engine::stream::{OutputMode, StreamOptions};

use crate::{emitted, engine, input, pushed, sorted, step, stream};

#[test]
fn streams_go_as_the_script_says() {
    let script = include_str!("lateness.scenario");
    let mut cases = 0;
    for case in script.split("--- stream ").skip(1) {
        for threads in [1, 3] {
            run(case, threads);
        }
        cases += 1;
    }
    assert!(cases > 5);
}

fn run(case: &str, threads: usize) {
    let (head, rest) = case.split_once('\n').expect("a first line");
    let (sql, actions) = rest.split_once("\n---\n").expect("a query and actions");
    let settings: HashMap<&str, &str> =
        head.split_whitespace().filter_map(|setting| setting.split_once('=')).collect();
    let millis = |name: &str| {
        let minutes = settings.get(name).map_or("0m", |text| text).trim_end_matches('m');
        minutes.parse::<i64>().expect("minutes") * 60_000
    };
    let mode = match settings.get("mode") {
        Some(&"update") => OutputMode::Update,
        Some(&"complete") => OutputMode::Complete,
        _ => OutputMode::Append,
    };
    let options =
        StreamOptions { mode, lateness_millis: millis("lateness"), step_rows: 1, ..StreamOptions::default() };
    let sql: String = sql.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");

    let engine = engine(threads);
    // The columns' types are found in rows that the stream then is not given.
    let columns: Vec<&str> = settings["columns"].split(',').collect();
    let value = |column: &&str| if *column == "n" { "1" } else { "x" };
    let row = columns.iter().map(value).collect::<Vec<_>>().join(",");
    let sample = format!("ts,{}\n{}", columns.join(","), format!("2021-01-01T00:00:00Z,{row}\n").repeat(3));
    let (mut source, handle) = pushed(&engine, "t.csv", &sample);
    let start = source.position();
    block_on(source.seek(&start)).expect("the beginning");
    let mut query = stream(&engine, &sql, vec![input("t", source, millis("delay"))], options);

    let mut actions = actions.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).peekable();
    let mut now = 0;
    while let Some(action) = actions.next() {
        let (word, argument) = action.split_once(' ').unwrap_or((action, ""));
        let status = query.status();
        match word {
            "<" => {
                let mut text = String::new();
                for row in argument.split(", ") {
                    let (time, others) = row.split_once(' ').expect("a time and columns");
                    let _ = writeln!(text, "2021-01-01T{time}:00Z,{}", others.replace(' ', ","));
                }
                handle.push(text.as_bytes()).expect("room");
                now += 1;
                step(&mut query, now);
            }
            "watermark" => {
                let minutes = status.watermark_millis.expect("a watermark").rem_euclid(86_400_000) / 60_000;
                assert_eq!(format!("{:02}:{:02}", minutes / 60, minutes % 60), argument, "{action}\n{sql}");
            }
            "late" => assert_eq!(status.late_rows.to_string(), argument, "{action}\n{sql}"),
            "open" => assert_eq!(status.open_windows.to_string(), argument, "{action}\n{sql}"),
            "finish" => block_on(query.finish()).expect("an end"),
            "emit" => {
                let is_row =
                    |line: &&str| line.contains(',') && !line.starts_with('<') || line.parse::<u32>().is_ok();
                let mut expected = Vec::new();
                while let Some(row) = actions.next_if(is_row) {
                    expected.push(row.to_owned());
                }
                assert_eq!(sorted(emitted(&mut query)), sorted(expected), "after {now} steps\n{sql}");
            }
            other => panic!("what is `{other}`?"),
        }
    }
    let late = query.late_rows("t").expect("the stream");
    assert_eq!(late.row_count(), query.status().late_rows);
}
