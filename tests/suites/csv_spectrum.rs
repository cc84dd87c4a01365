//! csv-spectrum: CSV files that parsers tend to get wrong, with their rows as JSON.

use std::fs;

use millrace_protocol::{Cell, TableOptions};
use serde_json::Value;

use crate::{packaged, read};

/// How many files there are at least, so that an empty package does not pass.
const LEAST_FILES: usize = 12;
/// A file whose JSON has another number than its CSV.
const MASKED: (&str, &str) = ("location_coordinates", "Contact Phone Number");

#[test]
fn every_file_has_the_rows_that_the_suite_says() {
    let mut names: Vec<String> = fs::read_dir(packaged("csv-spectrum/csvs"))
        .expect("a folder")
        .map(|entry| {
            entry.expect("an entry").path().file_stem().unwrap_or_default().to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    assert!(names.len() >= LEAST_FILES, "{names:?}");
    for name in &names {
        let bytes = fs::read(packaged(&format!("csv-spectrum/csvs/{name}.csv"))).expect("a file");
        let json = fs::read(packaged(&format!("csv-spectrum/json/{name}.json"))).expect("its rows");
        let rows: Vec<serde_json::Map<String, Value>> = match serde_json::from_slice(&json).expect("JSON") {
            Value::Array(rows) => {
                rows.into_iter().map(|row| row.as_object().expect("a row").clone()).collect()
            }
            Value::Object(row) => vec![row],
            other => panic!("{name}: {other}"),
        };
        // Its values are all texts.
        let types: std::collections::BTreeMap<String, String> =
            rows[0].keys().map(|column| (column.clone(), "VARCHAR".to_owned())).collect();
        for split_bytes in [1 << 20, 7] {
            let options = TableOptions { types: types.clone(), ..TableOptions::default() };
            let (info, finished) = read(&format!("{name}.csv"), &bytes, split_bytes, options)
                .unwrap_or_else(|error| panic!("{name}: {:?}", error.info()));
            assert_eq!(finished.progress.bad_rows, 0, "{name}");
            let read = finished.result.rows(None, 0, 100);
            assert_eq!(read.len(), rows.len(), "{name}");
            for (read, expected) in read.iter().zip(&rows) {
                assert_eq!(info.columns.len(), expected.len(), "{name}");
                for (column, cell) in info.columns.iter().zip(read) {
                    if (name.as_str(), column.name.as_str()) == MASKED {
                        continue;
                    }
                    // An empty field is null here, and an empty text there.
                    let text = match cell {
                        Cell::Null => "",
                        Cell::Text(text) => text,
                        other => panic!("{name}: {other:?} is no text"),
                    };
                    assert_eq!(Some(text), expected[&column.name].as_str(), "{name}, {}", column.name);
                }
            }
        }
    }
}
