//! Lines that are of no layout, and files that are no logs.

use proptest::prelude::*;

use super::{LINES, read};
use crate::format::Format;
use crate::format::csv::Csv;
use crate::format::log::{LOGS, Logs};
use crate::format::ndjson::Ndjson;
use crate::format::testing::{bad, cells, read_as, whole};

const GOOD: &str = "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1\n";

#[test]
fn a_line_of_another_layout_is_kept_and_counted() {
    let text = [GOOD, "what is this?\n", "\n", GOOD, GOOD, GOOD, GOOD].concat();
    let (_, decoded) = read_as(&Logs, text.as_bytes());
    let rows = cells(&decoded);
    assert_eq!(rows.len(), 6);
    assert!(rows[1][..rows[1].len() - 1].iter().all(|cell| cell == "∅"));
    assert_eq!(rows[1].last().map(String::as_str), Some("what is this?"));
    assert_eq!(bad(&decoded), [(1, "this is no line of an access log".to_owned())]);
    assert_eq!(decoded.bad_shapes.listed[0].text, "what is this?");
}

#[test]
fn lines_before_the_first_record_are_one() {
    let record = "2024-01-15 10:00:00 INFO on we go\n";
    let (sniffed, _) = read_as(&Logs, record.repeat(9).as_bytes());
    let text = ["banner\n  of two lines\n", record].concat();
    let decoded = crate::format::testing::decode_all(sniffed.decoder.as_ref(), text.as_bytes(), 0, &[2, 3]);
    assert_eq!(cells(&decoded), [["∅", "banner\n  of two lines"], ["on we go", "∅"]]);
    assert_eq!(bad(&decoded), [(0, "no record starts here: the line has no time".to_owned())]);
}

#[test]
fn values_that_are_none_are_counted() {
    let text = GOOD.repeat(9) + &GOOD.replace("200 1", "2x0 1") + &GOOD.replace("/Oct/", "/Okt/");
    let (_, decoded) = read_as(&Logs, text.as_bytes());
    assert_eq!(
        bad(&decoded),
        [
            (9, "column status: '2x0' is not a BIGINT".to_owned()),
            (10, "column time: '10/Okt/2000:13:55:36 -0700' is not a TIMESTAMP".to_owned()),
        ]
    );
}

#[test]
fn fields_that_the_sample_has_not_are_told() {
    let (sniffed, _) = read_as(&Logs, GOOD.repeat(3).as_bytes());
    let text = GOOD.replace("200 1", "200 1 \"http://x/\" \"y\"");
    let decoded = crate::format::testing::decode_all(sniffed.decoder.as_ref(), text.as_bytes(), 0, &[0]);
    let unknown: Vec<&String> = decoded.bad_shapes.unknown_keys.keys().collect();
    assert_eq!(unknown, ["agent", "referer"]);
    let (sniffed, _) = read_as(&Logs, b"a=1 b=2\na=1 b=2\n");
    let decoded = crate::format::testing::decode_all(sniffed.decoder.as_ref(), b"a=1 c=2 b=3\nno\n", 0, &[1]);
    assert_eq!(cells(&decoded), [["3"], ["∅"]]);
    assert!(decoded.bad_shapes.unknown_keys.contains_key("c"));
    assert_eq!(decoded.bad_shapes.count, 1);
}

#[test]
fn fields_that_change_are_told() {
    let text = "#Fields: date time c-ip sc-status\n2024-01-15 10:00:00 1.2.3.4 200\n#Fields: date time c-ip\n2024-01-15 10:00:00 1.2.3.4\n";
    let (_, decoded) = read_as(&Logs, text.as_bytes());
    let told: Vec<u64> = bad(&decoded).into_iter().map(|(line, _)| line).collect();
    assert_eq!(told, [1, 2]);
    assert_eq!(cells(&decoded)[2], ["2024-01-15T10:00:00", "1.2.3.4", "∅", "∅"]);
    assert_eq!(bad(&decoded)[1].1, "3 fields instead of 4");
}

#[test]
fn what_is_no_log_is_left_to_others() {
    for (name, text) in [
        ("a.csv", "time,level\n2024-01-15 10:00:00,INFO\n"),
        ("a.csv", GOOD),
        ("a.txt", "2024-01-15 10:00:00,INFO,started\n2024-01-15 10:00:00,INFO,started\n"),
        ("a.txt", "2024-01-15 10:00:00\tINFO\tstarted\n2024-01-15 10:00:00\tINFO\tstarted\n"),
        ("a.txt", "2024-01-15 10:00:00 1.5\n2024-01-15 10:00:00 2.5\n"),
        ("a.log", "It was night.\nA dog barked, far away, twice.\n"),
        ("a.log", "key=value\nother=value\n"),
        ("a.txt", "a = b and c = d\ne = f\n"),
        ("a.txt", "# a heading\n\nSome text below it.\n"),
        ("a.txt", "INFO is a word\n"),
        ("a.txt", "Oct 11 was a day\n"),
        ("a.txt", ""),
        ("a.txt", "\n\n"),
        ("a", "id,name\n1,ann\n2,bob\n"),
    ] {
        assert!(!Logs.claims(name, text.as_bytes()), "{name}: {text}");
    }
}

#[test]
fn all_formats_take_their_lines_and_no_others_do() {
    for lines in LINES {
        let text = lines.join("\n") + "\n";
        assert!(Logs.claims("x.txt", text.as_bytes()), "{text}");
        assert!(!Ndjson.claims("x.txt", text.as_bytes()));
        let (name, _, rows) = read(&text);
        assert_eq!(rows.len(), lines.len(), "{name}");
        assert!(rows.iter().all(|row| row.ends_with("|∅")), "{name}: {rows:?}");
    }
    let names: std::collections::BTreeSet<&str> = LOGS.iter().map(|log| log.name()).collect();
    assert_eq!(names.len(), LOGS.len());
    assert!(!Csv.claims("x.log", GOOD.as_bytes()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Lines with bytes changed, put in and taken out: nothing panics, and no line disappears.
    #[test]
    fn changed_bytes_lose_no_row(
        format in 0..LINES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 0..12),
    ) {
        let good = (LINES[format].join("\n") + "\n").repeat(3);
        let (sniffed, _) = read_as(&Logs, good.as_bytes());
        let mut text = good.into_bytes();
        for (place, byte, kind) in edits {
            let place = place.index(text.len());
            match kind {
                0 => text[place] = byte,
                1 => text.insert(place, byte),
                _ => { text.remove(place); }
            }
        }
        let columns: Vec<usize> = (0..sniffed.schema.fields().len()).collect();
        let decoded = crate::format::testing::decode_all(sniffed.decoder.as_ref(), &text, 0, &columns);
        let rows: usize = decoded.batches.iter().map(|batch| batch.num_rows()).sum();
        prop_assert_eq!(rows as u64, decoded.rows);
        let _ = Logs.sniff(&whole(&text));
    }

    #[test]
    fn any_text_is_refused_or_read(text in "[ -~\t\n\"\\[\\]<>=:/0-9]{0,200}") {
        if Logs.claims("x.log", text.as_bytes()) {
            prop_assert!(Logs.sniff(&whole(text.as_bytes())).is_ok());
        }
    }
}
