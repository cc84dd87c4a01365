//! Dialects, headers and types.

use super::{cells, columns, read, sniff};
use crate::format::csv::Csv;
use crate::format::{Format, Sample};

fn dialect(text: &str) -> (String, String, bool) {
    let dialect = sniff(text.as_bytes()).dialect.expect("delimited text has a dialect");
    (dialect.delimiter, dialect.quote, dialect.header)
}

#[test]
fn delimiters() {
    for delimiter in [",", ";", "\t", "|", "\x01"] {
        let text = "id;name;note\n1;ann;\"x\"\n2;bob;y z\n".replace(';', delimiter);
        assert_eq!(dialect(&text), (delimiter.to_owned(), "\"".to_owned(), true));
    }
    let decimal_comma = "name;price;tax\na;1,50;0,19\nb;2,75;0,07\n";
    assert_eq!(dialect(decimal_comma).0, ";");
    let commas_in_text = "id\tnote\n1\ta, b, c\n2\tno\n3\ta, b\n";
    assert_eq!(dialect(commas_in_text).0, "\t");
    let lists = "id,tags\n1,a|b|c\n2,a|b\n3,c|d|e\n";
    assert_eq!(dialect(lists).0, ",");
    assert_eq!(dialect("name\nann\nbob\n"), (",".to_owned(), "\"".to_owned(), true));
}

#[test]
fn quotes() {
    assert_eq!(dialect("id,name\n1,'ann, b'\n2,'bob, c'\n3,'d'\n").1, "'");
    assert_eq!(dialect("id,name\n1,it's\n2,don't\n3,o'clock\n").1, "\"");
    let inches: String = (0..50).map(|row| format!("{row}\t\"starts\t5\n")).collect();
    assert_eq!(dialect(&format!("id\tname\tsize\n{inches}")).1, "");
}

#[test]
fn headers() {
    assert!(dialect("a,b\n1,x\n").2);
    assert!(!dialect("1,x\n2,y\n").2);
    assert!(dialect("name,city\nann,rome\nbob,oslo\n").2, "text below text");
    assert!(!dialect("red,rome\nblue,oslo\nred,bonn\n").2, "a value that comes again is no name");
    assert!(!dialect("2024-01-01,x\n2024-01-02,y\n").2);
    let sniffed = sniff(b"1,x\n2,y\n");
    assert_eq!(columns(&sniffed), ["column_1 Int64", "column_2 Utf8View"]);
    assert_eq!((sniffed.first_record, sniffed.first_line), (0, 1));
    let short = sniff(b"a,b\n1,2,3\n4,5,6\n");
    assert_eq!(columns(&short)[2], "column_3 Int64");
    assert_eq!(short.warnings.len(), 1);
}

#[test]
fn types() {
    let type_of = |values: &[&str]| {
        let text: String = values.iter().map(|value| format!("x,{value}\n")).collect();
        columns(&sniff(format!("n,v\n{text}").as_bytes()))[1].clone()
    };
    assert_eq!(type_of(&["1", "-2", ""]), "v Int64");
    assert_eq!(type_of(&["1", "2.5"]), "v Float64");
    assert_eq!(type_of(&["1e5", "nan"]), "v Float64");
    assert_eq!(type_of(&["nan", "inf"]), "v Utf8View");
    assert_eq!(type_of(&["true", "False"]), "v Boolean");
    assert_eq!(type_of(&["2024-01-01", "1999-12-31"]), "v Date32");
    assert_eq!(type_of(&["2024-01-01", "1999-12-31 12:00"]), "v Timestamp(ms)");
    assert_eq!(type_of(&["2024-01-01T00:00:00.123Z"]), "v Timestamp(ms)");
    assert_eq!(type_of(&["2024-01-01T00:00:00Z", "2024-01-01 00:00:00.123456+02:00"]), "v Timestamp(µs)");
    assert_eq!(type_of(&["01234", "98765"]), "v Utf8View", "codes keep their zeros");
    assert_eq!(type_of(&["0", "0.5", "-0.25"]), "v Float64");
    assert_eq!(type_of(&["12345678901234567890"]), "v Utf8View", "too long for an integer: an identifier");
    assert_eq!(type_of(&["12345678901234567890", "1.5"]), "v Float64");
    assert_eq!(type_of(&["1", "n/a"]), "v Int64", "words for null say nothing about the type");
    assert_eq!(type_of(&["1", "unknown"]), "v Utf8View");
    assert_eq!(type_of(&["NA", "NO"]), "v Utf8View");
    assert_eq!(type_of(&["+49123"]), "v Utf8View");
    assert_eq!(type_of(&["\"12\"", "13"]), "v Int64");
    assert_eq!(type_of(&["", ""]), "v Utf8View");
    assert_eq!(type_of(&["2024-02-30"]), "v Utf8View");
}

#[test]
fn pieces_from_further_on_count() {
    let head = b"a,b\n1,2\n3,4\n5,";
    let pieces: Vec<&[u8]> = vec![b"9,9\n7,8.5\n1,", b"9\",\"\n5,6\n,7\n"];
    let sniffed = Csv
        .sniff(&Sample { head, pieces, file_len: 1_000, options: Default::default(), modified_millis: None })
        .expect("text");
    assert_eq!(columns(&sniffed), ["a Int64", "b Float64"]);
    assert_eq!(sniffed.mean_record_bytes, 4.0);
}

#[test]
fn a_name_may_come_with_a_thousand_doubles_quickly() {
    let header = vec!["a"; 10_000].join(",");
    let sniffed = sniff(format!("{header}\n{}\n", vec!["1"; 10_000].join(",")).as_bytes());
    assert_eq!(sniffed.schema.field(9_999).name(), "a_10000");
}

#[test]
fn names_in_quotes() {
    let (sniffed, decoded) = read(b"\"first name\",\"say \"\"hi\"\"\"\nann,1\n");
    assert_eq!(columns(&sniffed), ["first name Utf8View", "say \"hi\" Int64"]);
    assert_eq!(cells(&decoded), [["ann", "1"]]);
}
