//! Databases that SQLite wrote (`make.py` beside this), damaged ones, and what is refused.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, TimeUnit};

use super::Sqlite;
use crate::coding::Recipe;
use crate::coding::{Step as CodingStep, detect};
use crate::format::block_testing::{check_damaged, check_rows, open, read_all};
use crate::format::{BLOCK_FORMATS, BlockTable};

const LARGE: &[u8] = include_bytes!("large.db.xz");
const WIDE: &[u8] = include_bytes!("wide.db.xz");
const KINDS: [&[u8]; 2] = [include_bytes!("kinds_be.db.xz"), include_bytes!("kinds_le.db.xz")];
const ONLY_REFUSED: &[u8] = include_bytes!("only_refused.db.xz");

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let coding = detect("t.xz", packed).expect("xz");
    let mut unpacker = Recipe::default().then(CodingStep::Unpack(coding)).unpacker();
    let (mut file, mut rest) = (Vec::new(), packed);
    while !rest.is_empty() {
        rest = &rest[unpacker.unpack(rest, &mut file, usize::MAX).expect("sound bytes")..];
    }
    file
}

/// The rows that `make.py` writes into the large database.
fn large_rows() -> RecordBatch {
    let rows = || 0..1200i64;
    let note = |row: i64| match row % 300 {
        0 => "long ".repeat(2000),
        _ => "abcdefghij".repeat(row as usize % 5),
    };
    // 2024-01-01 10:00.
    let at = |row: i64| 1_704_103_200_000 + row % 2 * 86_400_000;
    let blobs: Vec<Vec<u8>> = rows().map(|row| vec![0xca; row as usize % 5]).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(rows().map(|row| Some(row * 3 - 1000)).collect::<Int64Array>())),
        (
            "name",
            Arc::new(
                rows()
                    .map(|row| (row % 5 != 3).then(|| format!("name {}", row % 10)))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "amount",
            Arc::new(
                rows().map(|row| (row % 4 != 3).then_some((row % 4) as f64 + 0.5)).collect::<Float64Array>(),
            ),
        ),
        ("note", Arc::new(rows().map(|row| Some(note(row))).collect::<StringArray>())),
        ("data", Arc::new(BinaryArray::from_iter_values(blobs))),
        ("at", Arc::new(rows().map(|row| Some(at(row))).collect::<TimestampMillisecondArray>())),
        (
            "state",
            Arc::new(
                rows()
                    .map(|row| Some(if (row * 3 - 1000) % 10 == 0 { "old" } else { "new" }))
                    .collect::<StringArray>(),
            ),
        ),
    ];
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}

fn types(table: &BlockTable) -> Vec<(String, DataType)> {
    table.schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
}

fn titles(tables: &[BlockTable]) -> Vec<&str> {
    tables.iter().filter_map(|table| table.title.as_deref()).collect()
}

#[test]
fn a_database_gives_back_its_rows() {
    let (file, rows) = (unpacked(LARGE), large_rows());
    for (decoded_bytes, least_blocks) in [(1, 150), (1 << 18, 4), (1 << 30, 1)] {
        let mut tables = open(&Sqlite, "t.db", &file, decoded_bytes).expect("a database");
        assert_eq!(titles(&tables), ["events"]);
        let table = tables.remove(0);
        assert!(table.warnings.is_empty(), "{:?}", table.warnings);
        assert!(table.decoder.blocks().len() >= least_blocks);
        check_rows(&table, &file, &rows);
    }
}

#[test]
fn of_long_rows_only_what_is_wanted_is_read() {
    let file = unpacked(LARGE);
    let table = open(&Sqlite, "t.db", &file, 1 << 20).expect("a database").remove(0);
    let blocks: u64 = table.decoder.blocks().iter().map(|block| block.bytes).sum();
    let (_, all) = read_all(&table, &file, &[3], 1000).expect("rows");
    let (_, some) = read_all(&table, &file, &[0, 1], 1000).expect("rows");
    let (_, none) = read_all(&table, &file, &[], 1000).expect("rows");
    assert!(some < all && all <= file.len() && blocks <= file.len() as u64, "{some} {all} {blocks}");
    assert_eq!(none, 0);
}

#[test]
fn the_number_of_the_row_has_bounds() {
    let file = unpacked(LARGE);
    let table = open(&Sqlite, "t.db", &file, 1 << 18).expect("a database").remove(0);
    let mut last = i64::MIN;
    for (block, facts) in table.decoder.blocks().iter().enumerate() {
        let bounds = table.decoder.bounds(block, 0, true).expect("bounds");
        let value = |array: &ArrayRef| {
            arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(array).value(0)
        };
        let (min, max) = (value(&bounds.min), value(&bounds.max));
        assert!(min > last && max >= min && bounds.rows == [0..facts.rows]);
        last = max;
        assert!(table.decoder.bounds(block, 1, true).is_none());
    }
    assert_eq!(last, 1199 * 3 - 1000);
}

#[test]
fn headers_that_go_on_on_other_pages_are_read() {
    let file = unpacked(WIDE);
    let table = open(&Sqlite, "t.db", &file, 1 << 20).expect("a database").remove(0);
    let column = |number: i64| -> ArrayRef {
        match number % 3 {
            0 => Arc::new((0..5).map(|_| Some(format!("text {number}"))).collect::<StringArray>()),
            _ => Arc::new((0..5).map(|row| Some(row * number)).collect::<Int64Array>()),
        }
    };
    let columns = (0..450).map(|number| (format!("c{number}"), column(number), true));
    check_rows(&table, &file, &RecordBatch::try_from_iter_with_nullable(columns).expect("columns"));
}

#[test]
fn tables_of_all_kinds_are_told_apart() {
    for packed in KINDS {
        let file = unpacked(packed);
        let tables = open(&Sqlite, "t.db", &file, 1 << 20).expect("a database");
        assert_eq!(titles(&tables), ["words", "counters", "empty", "sums"]);
        let left_out = "Not read of this database: pairs, a table WITHOUT ROWID; long_words, a view.";
        assert!(tables[0].warnings[0].starts_with(left_out), "{:?}", tables[0].warnings);
        let day = |days: i32| Some(19_782 + days);
        let words: Vec<(&str, ArrayRef, bool)> = vec![
            ("word", Arc::new(StringArray::from(vec![Some("größer"), Some("日本"), None, Some("😀")])), true),
            ("day", Arc::new(Date32Array::from(vec![day(0), day(1), None, day(2)])), true),
            ("n", Arc::new(Float64Array::from(vec![Some(1.0), Some(2.5), None, Some(-3.0)])), true),
        ];
        check_rows(&tables[0], &file, &RecordBatch::try_from_iter_with_nullable(words).expect("columns"));
        let ids: ArrayRef = Arc::new(Int64Array::from(vec![5, 7, 9]));
        check_rows(
            &tables[1],
            &file,
            &RecordBatch::try_from_iter_with_nullable([("id", ids, true)]).expect("a column"),
        );
        let nothing = [
            DataType::Int64,
            DataType::Utf8View,
            DataType::Float64,
            DataType::Binary,
            DataType::Boolean,
            DataType::Timestamp(TimeUnit::Millisecond, None),
        ];
        assert_eq!(types(&tables[2]).into_iter().map(|(_, kind)| kind).collect::<Vec<_>>(), nothing);
        assert_eq!(types(&tables[3]).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b", "d"]);
        assert!(tables[3].warnings[0].contains("computes"), "{:?}", tables[3].warnings);
        let stored: Vec<(&str, ArrayRef, bool)> = [("a", 2), ("b", 3), ("d", 6)]
            .map(|(name, value)| (name, Arc::new(Int64Array::from(vec![value])) as ArrayRef, true))
            .into();
        check_rows(&tables[3], &file, &RecordBatch::try_from_iter_with_nullable(stored).expect("columns"));
    }
}

#[test]
fn what_is_not_read_says_why() {
    let message = |file: &[u8]| open(&Sqlite, "t.db", file, 1 << 20).expect_err("no tables").message;
    let refused = message(&unpacked(ONLY_REFUSED));
    assert!(refused.contains("pairs, a table WITHOUT ROWID; v, a view"), "{refused}");
    let file = unpacked(LARGE);
    let cut = message(&file[..file.len() / 2]);
    assert!(cut.contains("it ends after"), "{cut}");
    for (head, what) in
        [(&b"\x37\x7f\x06\x82...."[..], "write-ahead log"), (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "journal")]
    {
        let format = BLOCK_FORMATS.iter().find(|format| format.claims("t.db-wal", head)).expect("a format");
        assert_eq!(format.name(), "sqlite");
        assert!(message(head).contains(what));
    }
    let mut in_wal_mode = file;
    in_wal_mode[18..20].fill(2);
    let table = open(&Sqlite, "t.db", &in_wal_mode, 1 << 20).expect("a database").remove(0);
    assert!(table.warnings[0].contains("t.db-wal"), "{:?}", table.warnings);
}

#[test]
fn damaged_files_give_an_error_or_rows() {
    check_damaged(&Sqlite, "t.db", &unpacked(KINDS[0]), 6, 400);
    check_damaged(&Sqlite, "t.db", &unpacked(WIDE), 7, 100);
    check_damaged(&Sqlite, "t.db", &unpacked(LARGE), 8, 40);
}
