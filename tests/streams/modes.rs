//! What a stream cannot do, and says so.

use futures::executor::block_on;
use millrace_engine::stream::{Generator, GeneratorOptions, OutputMode, StreamOptions};
use millrace_protocol::ErrorKind;

use crate::{engine, input, over_file, stream};

fn generator(table: &str) -> millrace_engine::stream::StreamInput {
    input(table, Box::new(Generator::new(table, GeneratorOptions::default())), 0)
}

const TUMBLE: &str = "TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' MINUTE)";

#[test]
fn what_a_stream_cannot_do_is_told() {
    use OutputMode::{Append, Complete, Update};
    let session = "SESSION(TABLE s PARTITION BY key, DESCRIPTOR(ts), INTERVAL '1' MINUTE)";
    let windowed = format!("SELECT window_start, count(*) AS n FROM {TUMBLE} GROUP BY window_start");
    let cases = [
        ("SELECT key, count(*) FROM s GROUP BY key".to_owned(), Append, "without a window"),
        ("SELECT count(*) FROM s".to_owned(), Append, "without a window"),
        (format!("SELECT key, count(*) FROM {TUMBLE} GROUP BY key"), Append, "without a window"),
        ("SELECT * FROM s".to_owned(), Complete, "all rows of the stream"),
        ("SELECT * FROM s ORDER BY value".to_owned(), Append, "ORDER BY without a window"),
        ("SELECT * FROM s LIMIT 3".to_owned(), Append, "LIMIT"),
        (format!("{windowed} ORDER BY n LIMIT 3"), Append, "LIMIT"),
        (format!("SELECT max(n) FROM ({windowed})"), Append, "several windows"),
        (
            format!("SELECT *, sum(n) OVER (ORDER BY window_start) FROM ({windowed})"),
            Update,
            "several windows",
        ),
        ("SELECT key, count(DISTINCT value) FROM s GROUP BY key".to_owned(), Update, "cannot be told"),
        (
            format!(
                "SELECT window_end, sum(n) FROM TUMBLE(TABLE (SELECT window_time AS time, n FROM \
                 (SELECT window_time, count(*) AS n FROM {TUMBLE} GROUP BY window_time)), DESCRIPTOR(time), \
                 INTERVAL '1' HOUR) GROUP BY window_end"
            ),
            Append,
            "windows over the rows of other windows",
        ),
        ("SELECT * FROM s JOIN s2 ON s.number = s2.number".to_owned(), Append, "window by window"),
        (format!("SELECT count(*) FROM {session} GROUP BY window_start, window_end"), Append, "one place"),
        (
            format!("SELECT key, count(*) FROM {session} GROUP BY window_start, window_end, key"),
            Update,
            "session that grows",
        ),
        (
            "SELECT count(*) FROM s GROUP BY session_window(ts, CASE WHEN value > 5 THEN '1 minute' ELSE '2 \
             minutes' END)"
                .to_owned(),
            Append,
            "gap",
        ),
        (
            "SELECT count(*) FROM TUMBLE(TABLE (SELECT CAST(number AS TIMESTAMP) AS other FROM s), \
             DESCRIPTOR(other), INTERVAL '1' MINUTE) GROUP BY window_start"
                .to_owned(),
            Append,
            "event time of s",
        ),
        (
            "SELECT count(*) FROM COUNT_WINDOW(TABLE s, 10) GROUP BY window_start".to_owned(),
            Append,
            "count_window numbers",
        ),
        (
            "SELECT count(*) FROM COUNT_WINDOW(TABLE s, 10) GROUP BY window_start".to_owned(),
            Complete,
            "count_window numbers",
        ),
        ("SELECT count(*) FROM files".to_owned(), Append, "at least one stream"),
        ("SELECT number FROM s UNION ALL SELECT a FROM files".to_owned(), Append, "table of files"),
        ("SELECT * FROM files LEFT JOIN s ON number = a".to_owned(), Append, "table of files"),
        ("SELECT * FROM files FULL JOIN s ON number = a".to_owned(), Append, "table of files"),
        ("SELECT * FROM s JOIN files ON number < a".to_owned(), Append, "table of files"),
        ("SELECT a FROM files WHERE a IN (SELECT number FROM s)".to_owned(), Append, "table of files"),
        (
            "SELECT number FROM s WHERE number NOT IN (SELECT a FROM files)".to_owned(),
            Append,
            "table of files",
        ),
        ("SELECT count(*) FROM nothing".to_owned(), Append, "no table `nothing`"),
        ("SELECT 1".to_owned(), Complete, "at least one stream"),
    ];
    let engine = engine(2);
    over_file(&engine, "files", "a\n1\n2\n", "SELECT * FROM files");
    for (sql, mode, told) in cases {
        let options = StreamOptions { mode, ..StreamOptions::default() };
        let made = block_on(engine.stream(&sql, vec![generator("s"), generator("s2")], options));
        let Err(error) = made else { panic!("{sql} runs") };
        let info = error.info();
        let message = info.message.to_lowercase();
        assert!(message.contains(&told.to_lowercase()), "{sql}\n{info:?}");
        assert!(matches!(info.kind, ErrorKind::Unsupported | ErrorKind::Sql), "{sql}\n{info:?}");
        assert!(info.hint.is_some(), "{sql}\n{info:?}");
    }
}

/// All of these mix windows, which the mode complete allows.
#[test]
fn the_mode_complete_takes_what_mixes_windows() {
    let windowed = format!("SELECT window_start, count(*) AS n FROM {TUMBLE} GROUP BY window_start");
    let cases = [
        (format!("SELECT max(n), count(*) FROM ({windowed})"), "60,10"),
        (format!("SELECT n FROM ({windowed}) ORDER BY window_start LIMIT 1"), "60"),
        (
            format!(
                "SELECT sum(n) FROM TUMBLE(TABLE (SELECT window_time AS time, n FROM \
                 (SELECT window_time, count(*) AS n FROM {TUMBLE} GROUP BY window_time)), DESCRIPTOR(time), \
                 INTERVAL '1' HOUR) GROUP BY window_end"
            ),
            "600",
        ),
    ];
    let engine = engine(2);
    for (sql, expected) in cases {
        // A row a second, for ten minutes.
        let options = GeneratorOptions { rows_per_second: 1, rows: Some(600), ..GeneratorOptions::default() };
        let inputs = vec![input("s", Box::new(Generator::new("s", options)), 0)];
        let options = StreamOptions { mode: OutputMode::Complete, ..StreamOptions::default() };
        let mut query = stream(&engine, &sql, inputs, options);
        for now in 0..7 {
            crate::step(&mut query, now * 100_000);
        }
        assert_eq!(crate::emitted(&mut query), [expected], "{sql}");
    }
}

#[test]
fn options_that_cannot_be_meant_are_refused() {
    let engine = engine(1);
    let wrong = [
        (StreamOptions { lateness_millis: -1, ..StreamOptions::default() }, 0),
        (StreamOptions { idle_after_millis: Some(0), ..StreamOptions::default() }, 0),
        (StreamOptions { step_rows: 0, ..StreamOptions::default() }, 0),
        (StreamOptions::default(), -1),
    ];
    for (options, delay) in wrong {
        let inputs = vec![input("s", Box::new(Generator::new("s", GeneratorOptions::default())), delay)];
        let made = block_on(engine.stream("SELECT * FROM s", inputs, options));
        assert_eq!(made.err().map(|error| error.info().kind), Some(ErrorKind::Sql));
    }
}
