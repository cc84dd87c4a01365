//! Input that is not as it should be, or larger than one expects.

use super::{cells, columns, decode_all, decoder, one_batch, read, sniff};
use crate::format::csv::Csv;
use crate::format::value::ColumnType;
use crate::format::{DecodeError, Decoder, Format, MAX_BAD_PER_SPLIT, RecordStart, Sample, SplitBytes};

fn refusal(head: &[u8]) -> (String, Option<String>) {
    let sample = Sample {
        head,
        pieces: Vec::new(),
        file_len: head.len() as u64,
        options: Default::default(),
        modified_millis: None,
    };
    let error = Csv.sniff(&sample).expect_err("this is no delimited text");
    (error.message, error.hint)
}

#[test]
fn an_empty_file_says_so() {
    assert_eq!(refusal(b"").0, "the file is empty");
    assert_eq!(refusal(b"\xef\xbb\xbf").0, "the file has only blank lines");
    assert_eq!(refusal(b"\n\r\n").0, "the file has only blank lines");
    assert!(refusal(b"").1.is_some());
}

#[test]
fn other_kinds_of_files_are_named() {
    assert!(refusal(b"PK\x03\x04rest").0.contains("Excel"));
    assert!(refusal(b"PAR1rest").0.contains("Parquet"));
    assert!(refusal(b"\xff\xfea\0,\0b\0").0.contains("UTF-16"));
    let utf16: Vec<u8> = "a,b\n1,2\n".bytes().flat_map(|byte| [byte, 0]).collect();
    assert!(refusal(&utf16).0.contains("UTF-16"));
    assert!(refusal(&[0; 100]).0.contains("binary"));
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    for text in ["a,b", "a,b\n", "a,b\r\n\r\n"] {
        let (sniffed, decoded) = read(text.as_bytes());
        assert_eq!(columns(&sniffed), ["a Utf8View", "b Utf8View"]);
        assert_eq!((decoded.rows, decoded.first_record, decoded.batches.len()), (0, None, 0));
    }
}

#[test]
fn ragged_rows_are_kept_and_listed() {
    let (_, decoded) = read(b"a,b,c\n1,2,3\n4,5\n\n6,7,8,9\n10,11,12\n");
    assert_eq!(cells(&decoded), [["1", "2", "3"], ["4", "5", "∅"], ["6", "7", "8"], ["10", "11", "12"]]);
    assert_eq!((decoded.rows, decoded.lines, decoded.bad().count), (4, 5, 2));
    let bad = decoded.bad();
    let listed: Vec<_> =
        bad.listed.iter().map(|bad| (bad.line_in_split, bad.reason.as_str(), bad.text.as_str())).collect();
    assert_eq!(listed, [(1, "2 fields instead of 3", "4,5"), (3, "4 fields instead of 3", "6,7,8,9")]);
}

#[test]
fn fields_are_counted_in_columns_that_nobody_asked_for() {
    let decoded = decode_all(&decoder(&[ColumnType::Bigint; 3]), b"1,2,3\n4\n", 0, &[]);
    assert_eq!((decoded.rows, decoded.bad().count), (2, 1));
    assert_eq!(decoded.bad().listed[0].reason, "1 field instead of 3");
}

#[test]
fn bad_values_are_listed_in_the_order_of_the_file() {
    let text = "1,1\nx,1\n1,\"a\nb\"\ny,z\n";
    let decoded =
        decode_all(&decoder(&[ColumnType::Bigint, ColumnType::Double]), text.as_bytes(), 0, &[1, 0]);
    let bad = decoded.bad();
    let listed: Vec<_> = bad.listed.iter().map(|bad| (bad.line_in_split, bad.reason.as_str())).collect();
    assert_eq!(
        listed,
        [
            (1, "column c0: 'x' is not a BIGINT"),
            (2, "column c1: 'a\nb' is not a DOUBLE"),
            (4, "column c1: 'z' is not a DOUBLE"),
            (4, "column c0: 'y' is not a BIGINT"),
        ]
    );
    assert_eq!(decoded.bad().listed[1].text, "1,\"a\nb\"");
}

#[test]
fn all_bad_values_are_counted_but_only_the_first_listed() {
    let text = "x,1\n".repeat(50_000);
    let decoded =
        decode_all(&decoder(&[ColumnType::Bigint, ColumnType::Bigint]), text.as_bytes(), 0, &[0, 1]);
    assert_eq!((decoded.rows, decoded.bad().count), (50_000, 50_000));
    let lines: Vec<u64> = decoded.bad().listed.iter().map(|bad| bad.line_in_split).collect();
    assert_eq!(lines, (0..MAX_BAD_PER_SPLIT as u64).collect::<Vec<_>>());
}

#[test]
fn an_unclosed_quote_keeps_its_record() {
    let (_, decoded) = read(b"a,b\n1,x\n2,\"y\n3,z\n");
    assert_eq!(cells(&decoded), [["1", "x"], ["2", "y\n3,z\n"]]);
    assert_eq!((decoded.bad().count, decoded.bad().listed[0].line_in_split), (1, 1));
    assert!(decoded.bad().listed[0].reason.contains("never closed"));
    assert_eq!(decoded.next_record, Some(17));
}

#[test]
fn nul_bytes_are_data() {
    let (_, decoded) = read(b"a,b\n1,x\0y\n2,\0\n");
    assert_eq!(cells(&decoded), [["1", "x\0y"], ["2", "\0"]]);
    assert_eq!(decoded.bad().count, 0);
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_counted() {
    let text = b"\xff,1\na long text with \xe9 in it,2\n\"\xc3\xa9\",3\n";
    let decoded = decode_all(&decoder(&[ColumnType::Varchar, ColumnType::Bigint]), text, 0, &[0]);
    assert_eq!(cells(&decoded).concat(), ["\u{fffd}", "a long text with \u{fffd} in it", "é"]);
    assert_eq!(decoded.bad().count, 2);
}

#[test]
fn a_field_of_50_mb_over_many_splits() {
    let giant = "line of text, \"\"quoted\"\"\r\n".repeat(2_000_000);
    let text = format!("1,a\n2,\"{giant}\"\n3,c\n");
    let decoder = decoder(&[ColumnType::Bigint, ColumnType::Varchar]);
    let split = |owned: std::ops::Range<usize>, end: usize, start| {
        let offset = owned.start.saturating_sub(1);
        let split = SplitBytes {
            bytes: &text.as_bytes()[offset..end],
            offset: offset as u64,
            owned: owned.start as u64..owned.end as u64,
            at_end_of_file: end == text.len(),
            start,
            batch_rows: 10,
        };
        decoder.decode(&split, &[0, 1], None)
    };
    let cut = 16 << 20;
    let short = split(0..cut, cut + 100, RecordStart::At(0));
    assert!(matches!(short, Err(DecodeError::Truncated)));
    let first = split(0..cut, text.len(), RecordStart::At(0)).expect("all bytes are there");
    assert_eq!(first.rows, 2);
    assert_eq!(first.lines, 2_000_002);
    let batch = one_batch(&first);
    let value = arrow::array::AsArray::as_string_view(batch.column(1)).value(1).len();
    assert_eq!(value, giant.replace("\"\"", "\"").len());
    let next = first.next_record.expect("two records");
    assert_eq!(next, text.len() as u64 - 4);
    let middle = split(cut..2 * cut, 2 * cut + 100, RecordStart::At(next)).expect("no record here");
    assert_eq!((middle.rows, middle.first_record, middle.next_record), (0, None, None));
    let last = split(2 * cut..text.len(), text.len(), RecordStart::At(next)).expect("the last record");
    assert_eq!(cells(&last), [["3", "c"]]);
}

#[test]
fn ten_thousand_columns() {
    let header: Vec<String> = (0..10_000).map(|column| format!("c{column}")).collect();
    let row: Vec<String> = (0..10_000).map(|column| column.to_string()).collect();
    let text = format!("{}\n{}\n{}\n", header.join(","), row.join(","), row.join(","));
    let (sniffed, decoded) = read(text.as_bytes());
    assert_eq!(sniffed.schema.fields().len(), 10_000);
    assert_eq!(columns(&sniffed)[9_999], "c9999 Int64");
    assert_eq!(cells(&decoded), [row.clone(), row]);
}

#[test]
fn duplicate_and_empty_names_become_unique() {
    let sniffed = sniff(b"a,A,a,,a_2, b \n1,2,3,4,5,6\n");
    let names: Vec<&str> = sniffed.schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["a", "A_3", "a_4", "column_4", "a_2", "b"]);
    assert!(sniffed.warnings[0].contains("column_4"), "{:?}", sniffed.warnings);
}

#[test]
fn every_kind_of_line_end() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,x", "2,\"y", "z\"", "3,", ""].join(end);
        let (sniffed, decoded) = read(text.as_bytes());
        assert_eq!(columns(&sniffed), ["a Int64", "b Utf8View"]);
        let inner = format!("y{end}z");
        assert_eq!(cells(&decoded), [["1", "x"], ["2", inner.as_str()], ["3", "∅"]]);
        assert_eq!((sniffed.first_line, decoded.lines, decoded.bad().count), (2, 4, 0));
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let (sniffed, decoded) = read(b"\xef\xbb\xbfa,b\n1,2\n");
    assert_eq!(columns(&sniffed), ["a Int64", "b Int64"]);
    assert_eq!((sniffed.first_record, cells(&decoded).len()), (7, 1));
    let (sniffed, decoded) = read(b"\xef\xbb\xbf1,2\n3,4\n");
    assert_eq!((sniffed.first_record, decoded.rows), (3, 2));
}
