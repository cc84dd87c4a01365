//! Random text, cut anywhere, against the `csv` crate.

use std::ops::Range;

use arrow::array::{Array, RecordBatch, StringViewArray};
use proptest::prelude::*;

use super::decoder;
use crate::format::RecordStart;
use crate::format::csv::syntax::{count_line_ends, skip_line_ends};
use crate::format::testing::decode_split;
use crate::format::value::ColumnType;

type Row = Vec<Option<String>>;

/// What the `csv` crate reads, empty strings as null.
fn reference(text: &[u8], columns: usize) -> Vec<Row> {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let row = |record: Result<csv::ByteRecord, csv::Error>| {
        let record = record.expect("bytes in memory can be read");
        (0..columns).map(|column| record.get(column).and_then(lossy)).collect()
    };
    reader.into_byte_records().map(row).collect()
}

fn lossy(field: &[u8]) -> Option<String> {
    (!field.is_empty()).then(|| String::from_utf8_lossy(field).into_owned())
}

fn rows_of(batches: &[RecordBatch]) -> Vec<Row> {
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<&StringViewArray> =
            batch.columns().iter().map(|column| column.as_any().downcast_ref().expect("text")).collect();
        for row in 0..batch.num_rows() {
            let cell = |column: &&StringViewArray| {
                (column.is_valid(row) && !column.value(row).is_empty()).then(|| column.value(row).to_owned())
            };
            rows.push(columns.iter().map(cell).collect());
        }
    }
    rows
}

/// Decodes all splits on guesses, then again those whose guess the chain of starts disproves.
fn scan(
    text: &[u8],
    columns: usize,
    cuts: &[usize],
    look_ahead: usize,
    batch_rows: usize,
) -> (Vec<Row>, u64) {
    let decoder = decoder(&vec![ColumnType::Varchar; columns]);
    let all: Vec<usize> = (0..decoder.column_count()).collect();
    let decode = |owned: &Range<usize>, start| {
        decode_split(&decoder, text, owned.clone(), start, look_ahead, batch_rows, &all)
    };
    let mut rows = Vec::new();
    let mut lines = 0;
    let mut expected = skip_line_ends(text, if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }) as u64;
    let first = expected;
    for (number, cut) in cuts.windows(2).enumerate() {
        let owned = cut[0]..cut[1];
        let guess = if number == 0 { RecordStart::At(expected) } else { RecordStart::Guess };
        let mut decoded = decode(&owned, guess);
        let right = (expected < owned.end as u64).then_some(expected);
        if decoded.first_record != right {
            decoded = decode(&owned, RecordStart::At(expected));
            assert_eq!(decoded.first_record, right, "told where to start in {owned:?}");
        }
        assert_eq!(decoded.rows, decoded.batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>());
        assert!(decoded.batches.iter().all(|batch| batch.num_rows() <= batch_rows));
        assert_eq!(decoded.first_record.is_some(), decoded.next_record.is_some());
        assert_eq!(decoded.first_record.is_some(), decoded.rows > 0);
        rows.extend(rows_of(&decoded.batches));
        lines += decoded.lines;
        expected = decoded.next_record.unwrap_or(expected);
    }
    if !rows.is_empty() {
        assert_eq!(expected, text.len() as u64);
        assert_eq!(lines, count_line_ends(&text[first as usize..]));
    }
    (rows, lines)
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9.]{0,6}",
        2 => "\"([a-z,]|\"\"|\n|\r\n|\r){0,6}\"",
        1 => "[a-zäöü€😀\u{0}]{0,14}",
        1 => "\"[a-zäöü€ ,]{0,90}\"",
        1 => "[a-z\" ]{0,5}",
        1 => "\"[a-z\", ]{0,5}",
    ]
}

fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("\n"), 3 => Just("\r\n"), 1 => Just("\r"), 1 => Just("\n\n"), 1 => Just("\r\n\r\n")]
}

fn record() -> impl Strategy<Value = String> {
    (prop::collection::vec(field(), 1..6), line_end()).prop_map(|(fields, end)| fields.join(",") + end)
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let tidy = prop::collection::vec(record(), 0..40).prop_map(|records| records.concat().into_bytes());
    let wild = "[a,\"\n\r\u{0}é]{0,200}".prop_map(String::into_bytes);
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    prop_oneof![6 => tidy, 3 => wild, 1 => bytes]
}

fn cuts(len: usize, sizes: &[usize]) -> Vec<usize> {
    let mut cuts = vec![0];
    for &size in sizes.iter().cycle() {
        let last = cuts[cuts.len() - 1];
        if last == len && cuts.len() > 1 {
            break;
        }
        cuts.push((last + size).min(len));
    }
    cuts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_splits_give_the_rows_of_the_csv_crate(
        text in text(),
        sizes in prop_oneof![
            prop::collection::vec(1usize..4, 1..4),
            prop::collection::vec(1usize..80, 1..4),
            prop::collection::vec(1usize..600, 1..4),
        ],
        look_ahead in 0usize..100,
        batch_rows in 1usize..70,
        columns in 1usize..6,
    ) {
        let (rows, _) = scan(&text, columns, &cuts(text.len(), &sizes), look_ahead, batch_rows);
        prop_assert_eq!(rows, reference(&text, columns));
    }
}
