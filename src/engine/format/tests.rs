//! Which format takes which file.

use super::FORMATS;
use crate::format::testing::whole;

fn claimed(name: &str, text: &str) -> &'static str {
    let format = FORMATS.iter().find(|format| format.claims(name, text.as_bytes()));
    format.map_or("none", |format| format.name())
}

#[test]
fn each_file_has_its_format() {
    let csv = "id,name\n1,ann\n2,bob\n";
    let records = "{\"id\": 1}\n{\"id\": 2}\n";
    let log = "2026-01-01 12:00:00 INFO started\n2026-01-01 12:00:01 WARN disk, nearly full\n";
    for (name, text, format) in [
        ("sales.csv", csv, "csv"),
        ("sales.txt", csv, "csv"),
        ("sales", csv, "csv"),
        ("sales.dat", "a\tb\n1\t2\n", "csv"),
        ("names.csv", "name\nann\nbob\n", "csv"),
        ("names.CSV", "name\nann\nbob\n", "csv"),
        ("names.tsv", "name\nann\nbob\n", "csv"),
        ("odd.csv", records, "csv"),
        ("empty.csv", "", "csv"),
        ("names.txt", "name\nann\nbob\n", "text"),
        ("app.log", log, "log"),
        ("app.log", csv, "text"),
        ("app", log, "log"),
        ("novel.txt", "It was night.\nA dog barked, far away, twice.\nThen nothing\n", "text"),
        ("empty.txt", "", "text"),
        ("events.ndjson", records, "ndjson"),
        ("events.jsonl", "no json\n", "ndjson"),
        ("events.JSON", records, "ndjson"),
        ("pretty.json", "{\n  \"a\": 1\n}\n", "json"),
        ("events.txt", records, "ndjson"),
        ("events", "\u{feff}\n{\"id\": 1}\r\n\r\n{\"id\": 2}\r\n", "ndjson"),
        ("app.log", "{\"level\": \"info\", \"at\": [1, 2]}\n{\"level\": \"warn\"}\n", "ndjson"),
        ("array", "[\n{\"id\": 1},\n{\"id\": 2}\n]\n", "ndjson"),
        ("array", "[{\"id\": 1}, {\"id\": 2}]\n", "json"),
        ("one", "{\"id\": 1}", "ndjson"),
        ("template.txt", "{name} was here\n{other} too\n", "text"),
        ("empty_objects.txt", "{}\n{}\n", "text"),
        ("mixed.txt", "{\"id\": 1}\nnot json\n", "text"),
    ] {
        assert_eq!(claimed(name, text), format, "{name}: {text}");
    }
}

#[test]
fn every_format_refuses_what_is_not_text() {
    for format in FORMATS {
        for head in
            [&b"PK\x03\x04rest"[..], b"PAR1rest", b"\xff\xfea\0,\0b\0", &[0; 100], b"", b"\xef\xbb\xbf"]
        {
            let Err(error) = format.sniff(&whole(head)) else {
                panic!("{} takes {head:?}", format.name());
            };
            assert!(error.hint.is_some(), "{}: {error}", format.name());
        }
    }
}
