//! Patterns: what they find, what is wrong with them and where, and that splits change nothing.

use proptest::prelude::*;

use super::library::LIBRARY;
use super::{LinePattern, preview_pattern, sniff_pattern};
use crate::format::testing::{bad, cells, check_selection, columns, cuts, decode_all, decode_splits, whole};

fn read(pattern: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let sniffed = sniff_pattern(&whole(text.as_bytes()), pattern).expect("a pattern that fits");
    let all: Vec<usize> = (0..sniffed.schema.fields().len()).collect();
    let decoded = decode_all(sniffed.decoder.as_ref(), text.as_bytes(), sniffed.first_record, &all);
    (columns(&sniffed), cells(&decoded).iter().map(|row| row.join("|")).collect())
}

#[test]
fn grok_and_named_groups() {
    let (columns, rows) = read(
        r"^%{IP:client} (?<verb>[A-Z]+) %{URIPATHPARAM:[url][path]} %{NUMBER:bytes:int} %{NUMBER:took}",
        "55.3.244.1 GET /index.html?a=1 15824 0.043 and more\n::1 PUT /x 7 1\nnothing\n",
    );
    assert_eq!(
        columns,
        [
            "client Utf8View",
            "verb Utf8View",
            "url_path Utf8View",
            "bytes Int64",
            "took Float64",
            "unparsed Utf8View"
        ]
    );
    assert_eq!(
        rows,
        ["55.3.244.1|GET|/index.html?a=1|15824|0.043|∅", "::1|PUT|/x|7|1.0|∅", "∅|∅|∅|∅|∅|nothing",]
    );
}

#[test]
fn times_are_recognised_and_a_field_may_stand_in_alternatives() {
    let (columns, rows) = read(
        r"\[%{HTTPDATE:at}\] (?:a=%{INT:n}|b=%{INT:n}|c)",
        "[10/Oct/2000:13:55:36 -0700] a=1\n[10/Oct/2000:13:55:37 -0700] b=2\n[10/Oct/2000:13:55:37 -0700] c\n",
    );
    assert_eq!(columns, ["at Timestamp(ms)", "n Int64", "unparsed Utf8View"]);
    assert_eq!(rows, ["2000-10-10T20:55:36|1|∅", "2000-10-10T20:55:37|2|∅", "2000-10-10T20:55:37|∅|∅"]);
}

#[test]
fn patterns_with_fields_of_their_own() {
    let line =
        "1.2.3.4 - bob [10/Oct/2000:13:55:36 -0700] \"GET /a?b HTTP/1.0\" 200 - \"-\" \"Mozilla (x)\"\n";
    let (columns, rows) = read("%{COMBINEDAPACHELOG}", line);
    let names: Vec<&str> = columns.iter().filter_map(|column| column.split(' ').next()).collect();
    let expected = "clientip ident auth timestamp verb request httpversion rawrequest response bytes referrer agent unparsed";
    assert_eq!(names.join(" "), expected);
    assert_eq!(rows, ["1.2.3.4|∅|bob|2000-10-10T20:55:36|GET|/a?b|1.0|∅|200|∅|∅|Mozilla (x)|∅"]);
    let (_, rows) = read("%{SYSLOGBASE} %{GREEDYDATA:message}", "Oct 11 22:14:15 web su[12]: no\n");
    assert_eq!(rows, ["2000-10-11T22:14:15|web|su|12|no|∅"]);
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (pattern, message, columns) in [
        ("%{IP:a} %{NOPE:b}", "There is no pattern `NOPE`.", (9, 18)),
        ("%{IP:a} %{IPV5}", "There is no pattern `IPV5`.", (9, 16)),
        ("%{INT:a:date}", "There is no type `date`.", (1, 14)),
        ("ab%{INT:a", "`%{` is never closed.", (3, 10)),
        ("%{INT:a} ä(", "The pattern cannot be understood: unclosed group.", (11, 12)),
        (
            "(?<a>x)%{INT:b}[z-a]",
            "The pattern cannot be understood: invalid character class range, the start must be <= the end.",
            (17, 20),
        ),
        ("no names", "The pattern names no field.", (1, 9)),
    ] {
        let error = preview_pattern(pattern, b"").expect_err("a mistake");
        let position = error.position.expect("a place");
        assert_eq!(error.message, message);
        assert_eq!((position.column, position.end_column), columns, "{pattern}");
    }
    let near = preview_pattern("%{IPV5:a}", b"").expect_err("a mistake");
    assert_eq!(near.hint.as_deref(), Some("Did you mean %{IPV4}?"));
    let refused = sniff_pattern(&whole(b"abc\n"), "%{INT:a}").expect_err("no line fits");
    assert!(refused.hint.is_some());
}

#[test]
fn a_preview_shows_lines_that_fit_and_lines_that_do_not() {
    let preview = preview_pattern("%{INT:a}(?<b>x)?", b"7x\r\n\nno\n8\n").expect("a pattern");
    assert_eq!(preview.columns, ["a", "b"]);
    assert_eq!((preview.matched, preview.unmatched), (2, 1));
    let lines: Vec<(u64, &str)> = preview.lines.iter().map(|line| (line.line, line.text.as_str())).collect();
    assert_eq!(lines, [(1, "7x"), (3, "no"), (4, "8")]);
    assert_eq!(preview.lines[0].fields, Some(vec![Some((0, 1)), Some((1, 2))]));
    assert_eq!(preview.lines[1].fields, None);
    assert_eq!(preview.lines[2].fields, Some(vec![Some((0, 1)), None]));
    // What is no UTF-8 takes three bytes in the text that is shown.
    let strange = preview_pattern("=(?<b>.*)", b"\xff\xe4=z!\n").expect("a pattern");
    let line = &strange.lines[0];
    assert_eq!((line.text.as_str(), &line.fields), ("\u{fffd}\u{fffd}=z!", &Some(vec![Some((7, 9))])));
}

#[test]
fn the_whole_library_compiles() {
    for (name, _) in LIBRARY {
        let compiled = LinePattern::compile(&format!("%{{{name}:field}}"));
        assert!(compiled.is_ok(), "{name}: {:?}", compiled.err());
    }
}

#[test]
fn lines_that_do_not_fit_are_counted() {
    let text = b"1\nx\n2\n";
    let sniffed = sniff_pattern(&whole(text), "^%{INT:a}$").expect("a pattern");
    let decoded = decode_all(sniffed.decoder.as_ref(), text, 0, &[0]);
    assert_eq!(bad(&decoded), [(1, "the line does not fit the pattern".to_owned())]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_splits_give_the_same_rows(
        text in "([a-c]=[0-9]{1,3}\n|[a-z ]{0,5}\r?\n){1,20}",
        sizes in prop::collection::vec(1usize..40, 1..4),
        batch_rows in 1usize..10,
        wanted in prop::collection::vec(any::<bool>(), 1..9),
    ) {
        let text = format!("a=1\n{text}");
        let found = sniff_pattern(&whole(text.as_bytes()), "(?<k>[a-c])=%{INT:n}").expect("a pattern");
        let all: Vec<usize> = (0..found.schema.fields().len()).collect();
        let one = decode_all(found.decoder.as_ref(), text.as_bytes(), 0, &all);
        check_selection(&found, text.as_bytes(), batch_rows, &wanted);
        let cuts = cuts(0, text.len(), &sizes);
        let splits = decode_splits(&found, text.as_bytes(), &cuts, 8, batch_rows);
        prop_assert_eq!(splits.iter().flat_map(cells).collect::<Vec<_>>(), cells(&one));
    }

    #[test]
    fn no_pattern_panics(pattern in "[%{}A-Z:a-z()\\[\\]?<>|*+ä\\\\]{0,30}", text in "[ -~\n]{0,40}") {
        drop(preview_pattern(&pattern, text.as_bytes()));
    }
}
