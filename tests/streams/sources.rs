//! Files that grow, rows that are handed in, and sources that fall silent.

use futures::executor::block_on;
use millrace_engine::stream::{Generator, GeneratorOptions, GrowingPath, StreamOptions};

use crate::{Growing, emitted, engine, input, pushed, sorted, step, stream};

const CSV: &str = "ts,v\n2020-01-01T00:00:00Z,one\n2020-01-01T00:00:01Z,two\n";

#[test]
fn a_growing_file_gives_complete_records_only() {
    let engine = engine(2);
    let file = Growing::holding(CSV);
    let source = block_on(engine.follow(Box::new(file.clone()), None)).expect("a file");
    let inputs = vec![input("t", Box::new(source), 0)];
    let mut query = stream(&engine, "SELECT v FROM t", inputs, StreamOptions::default());
    let next = |query: &mut _, appended: &str| {
        file.append(appended);
        step(query, 0);
        emitted(query)
    };
    assert_eq!(next(&mut query, ""), ["one", "two"]);
    assert!(next(&mut query, "2020-01-01T00:00:02Z,thr").is_empty());
    assert_eq!(next(&mut query, "ee\n\n2020-01-01T00:00:03Z,four\n2020-"), ["three", "four"]);
    // A line end within quotes ends no record.
    assert_eq!(next(&mut query, "01-01T00:00:04Z,five\n2020-01-01T00:00:05Z,\"si\n"), ["five"]);
    assert!(next(&mut query, "x\nand").is_empty());
    assert_eq!(next(&mut query, " more\"\n"), ["\"si", "x", "and more\""]);
    assert_eq!(next(&mut query, "2020-01-01T00:00:06Z,seven,too many\n"), ["seven"]);
    let status = query.status();
    assert_eq!((status.rows_in, status.bad_rows), (7, 1));
    assert_eq!(query.bad_rows()[0].line, 11);
}

#[test]
fn truncation_and_rotation_are_noticed() {
    let engine = engine(2);
    let file = Growing::holding(CSV);
    let source = block_on(engine.follow(Box::new(file.clone()), None)).expect("a file");
    let inputs = vec![input("t", Box::new(source), 0)];
    let mut query = stream(&engine, "SELECT v FROM t", inputs, StreamOptions::default());
    step(&mut query, 0);
    assert_eq!(emitted(&mut query).len(), 2);
    // Shorter, with its header still on the way, and then longer than before.
    file.replace("ts,");
    step(&mut query, 0);
    file.append("v\n2020-01-01T00:00:09Z,new\n");
    step(&mut query, 0);
    assert_eq!(emitted(&mut query), ["new"]);
    file.replace(&format!("{}2020-01-01T00:00:09Z,end\n", CSV.replace("one", "uno")));
    step(&mut query, 0);
    assert_eq!(emitted(&mut query), ["uno", "two", "end"]);
    let notices = query.status().notices;
    assert!(notices.len() == 2 && notices[1].contains("growing.csv begins with other bytes"), "{notices:?}");
    file.replace("other,columns\n1,2\n");
    let error = block_on(query.step(0)).expect_err("another file");
    assert!(error.info().message.contains("another first line"), "{}", error.info().message);
}

#[test]
fn json_lines_are_followed_on_disk() {
    let path = std::env::temp_dir().join(format!("millrace-follow-{}.ndjson", std::process::id()));
    let row = |second: u32| format!("{{\"ts\":\"2020-01-01T00:00:{second:02}Z\",\"n\":{second}}}\n");
    std::fs::write(&path, row(0) + &row(1) + "{\"ts\":\"2020").expect("a file");
    let engine = engine(2);
    let source = block_on(engine.follow(Box::new(GrowingPath::new(&path)), Some("ts"))).expect("a file");
    let inputs = vec![input("t", Box::new(source.reading(7)), 0)];
    let sql = "SELECT sum(n) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECONDS) GROUP BY window_end";
    let mut query = stream(&engine, sql, inputs, StreamOptions::default());
    while step(&mut query, 0) > 0 {}
    let rest: String = (3..20).map(row).collect();
    std::fs::write(&path, row(0) + &row(1) + &row(2) + &rest).expect("a file");
    while step(&mut query, 0) > 0 {}
    assert_eq!(emitted(&mut query), ["45"]);
    std::fs::remove_file(&path).expect("a file");
    step(&mut query, 0);
    let status = query.status();
    assert!(status.notices[0].contains("cannot be read"), "{:?}", status.notices);
    block_on(query.finish()).expect("an end");
    assert_eq!(emitted(&mut query), ["145"]);
}

#[test]
fn the_slowest_source_holds_windows_open_until_it_is_idle() {
    let engine = engine(2);
    let (fast, fast_rows) = pushed(&engine, "fast", CSV);
    let (slow, _slow_rows) = pushed(&engine, "slow", CSV);
    let sql =
        "SELECT count(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECONDS) GROUP BY window_end";
    let options = StreamOptions { idle_after_millis: Some(5_000), ..StreamOptions::default() };
    let inputs = vec![input("t", fast, 0), input("t", slow, 1_000)];
    let mut query = stream(&engine, sql, inputs, options);
    step(&mut query, 1_000);
    fast_rows.push(b"2020-01-01T00:00:30Z,far").expect("room");
    step(&mut query, 4_000);
    let status = query.status();
    assert_eq!(status.watermark_millis, Some(1_577_836_800_000));
    assert_eq!(status.lag_millis, Some(4_000 - 1_577_836_800_000));
    assert!(!query.has_news() && emitted(&mut query).is_empty());
    assert_eq!(step(&mut query, 6_000), 0);
    assert!(query.has_news());
    let status = query.status();
    assert!(status.sources[1].idle && !status.sources[0].idle);
    assert_eq!(status.watermark_millis, Some(1_577_836_830_000));
    assert_eq!((emitted(&mut query), query.status().open_windows), (vec!["4".to_owned()], 1));
}

#[test]
fn a_generator_keeps_its_rate_and_its_delay() {
    let engine = engine(2);
    let options = GeneratorOptions { delay_millis: 300, late_share: 0.1, ..GeneratorOptions::default() };
    let made = || Generator::new("s", options.clone());
    let inputs = vec![input("s", Box::new(made()), 300)];
    let sql = "SELECT key, window_end, count(*) FROM TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND) \
               GROUP BY key, window_end";
    let mut query = stream(&engine, sql, inputs, StreamOptions::default());
    for millis in (0..10_000).step_by(250) {
        step(&mut query, 7_000 + millis);
        assert_eq!(query.status().rows_in, millis as u64 + 1);
    }
    let status = query.status();
    assert!(status.late_rows > 300 && status.late_rows < 1_100, "{status:?}");
    let late = query.late_rows("s").expect("the stream");
    assert_eq!(late.row_count(), status.late_rows.min(1_000));
    assert_eq!(late.columns().len(), 4);
}

#[test]
fn more_streams_are_put_together_by_union() {
    let engine = engine(2);
    let inputs = || -> Vec<_> {
        let options = GeneratorOptions { rows: Some(500), ..GeneratorOptions::default() };
        ["a", "b"].map(|name| input(name, Box::new(Generator::new(name, options.clone())), 0)).into()
    };
    let union = "SELECT ts, key FROM a UNION ALL SELECT ts, key FROM b";
    let sql = format!(
        "SELECT count(*) FROM TUMBLE(TABLE ({union}), DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_end"
    );
    let joined = "SELECT count(*) FROM (SELECT window_start, number FROM \
         TUMBLE(TABLE a, DESCRIPTOR(ts), INTERVAL '1' SECOND)) AS a JOIN (SELECT window_start, number FROM \
         TUMBLE(TABLE b, DESCRIPTOR(ts), INTERVAL '1' SECOND)) AS b \
         ON a.window_start = b.window_start AND a.number = b.number GROUP BY a.window_start";
    for (sql, expected) in [(sql.as_str(), "1000"), (joined, "500")] {
        let mut query = stream(&engine, sql, inputs(), StreamOptions::default());
        for now in 0..5 {
            step(&mut query, now * 150);
        }
        assert_eq!(sorted(emitted(&mut query)), [expected], "{sql}");
        assert_eq!(query.status().state_rows, 0);
    }
}
