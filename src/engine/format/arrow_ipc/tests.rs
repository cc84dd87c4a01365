//! Files and streams written by Arrow, read back.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Int32Builder, Int64Array, LargeStringArray, ListBuilder,
    NullArray, RecordBatch, StringArray, StringViewArray, StructArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Int8Type};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};

use super::ArrowIpc;
use crate::format::BLOCK_FORMATS;
use crate::format::block_testing::{check_damaged, check_rows, open, read_all};

fn rows(count: usize) -> RecordBatch {
    let numbers = || 0..count as i64;
    let text = |row: i64| (row % 5 != 2).then(|| format!("a text longer than twelve bytes {row}"));
    let categories: DictionaryArray<Int8Type> =
        numbers().map(|row| (row % 4 != 1).then(|| ["red", "green"][row as usize % 2])).collect();
    let mut lists = ListBuilder::new(Int32Builder::new());
    for row in numbers() {
        (0..row % 3).for_each(|item| lists.values().append_value(item as i32));
        lists.append(row % 6 != 5);
    }
    let parts: Vec<ArrayRef> = vec![Arc::new(numbers().map(text).collect::<StringArray>())];
    let place = StructArray::new(vec![Field::new("city", DataType::Utf8, true)].into(), parts, None);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(numbers()))),
        ("nothing", Arc::new(NullArray::new(count))),
        ("text", Arc::new(numbers().map(text).collect::<StringArray>())),
        ("large", Arc::new(numbers().map(text).collect::<LargeStringArray>())),
        ("view", Arc::new(numbers().map(text).collect::<StringViewArray>())),
        ("category", Arc::new(categories)),
        ("flag", Arc::new(numbers().map(|row| Some(row % 3 == 0)).collect::<BooleanArray>())),
        ("at", Arc::new(TimestampMillisecondArray::from_iter_values(numbers()).with_timezone("UTC"))),
        ("items", Arc::new(lists.finish())),
        ("place", Arc::new(place)),
    ];
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}

fn options(codec: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default().try_with_compression(codec).expect("a codec")
}

fn file(rows: &RecordBatch, batch_rows: usize, codec: Option<CompressionType>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer =
        FileWriter::try_new_with_options(&mut bytes, &rows.schema(), options(codec)).expect("a writer");
    for first in (0..rows.num_rows()).step_by(batch_rows) {
        writer.write(&rows.slice(first, batch_rows.min(rows.num_rows() - first))).expect("rows");
    }
    writer.finish().expect("a footer");
    drop(writer);
    bytes
}

fn stream(rows: &RecordBatch, batch_rows: usize, codec: Option<CompressionType>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer =
        StreamWriter::try_new_with_options(&mut bytes, &rows.schema(), options(codec)).expect("a writer");
    for first in (0..rows.num_rows()).step_by(batch_rows) {
        writer.write(&rows.slice(first, batch_rows.min(rows.num_rows() - first))).expect("rows");
    }
    writer.finish().expect("an end");
    drop(writer);
    bytes
}

#[test]
fn files_and_streams_give_back_their_rows() {
    let rows = rows(5_000);
    for codec in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        for bytes in [file(&rows, 1_200, codec), stream(&rows, 1_200, codec)] {
            for (decoded_bytes, blocks) in [(1, 5), (1 << 30, 1)] {
                let table = open(&ArrowIpc, "t.arrow", &bytes, decoded_bytes).expect("a file").remove(0);
                assert_eq!(table.decoder.blocks().len(), blocks);
                check_rows(&table, &bytes, &rows);
            }
        }
    }
}

#[test]
fn only_the_buffers_of_wanted_columns_are_read() {
    let rows = rows(5_000);
    let bytes = file(&rows, 1_000, None);
    let table = open(&ArrowIpc, "t.feather", &bytes, 1 << 20).expect("a file").remove(0);
    let (_, read) = read_all(&table, &bytes, &[0], 1_000).expect("rows");
    assert!((40_000..44_000).contains(&read), "{read}");
}

#[test]
fn streams_are_known_by_their_first_message() {
    let rows = rows(10);
    let claims = |head: &[u8]| BLOCK_FORMATS.iter().find(|format| format.claims("t", head)).map(|f| f.name());
    assert_eq!(claims(&file(&rows, 10, None)), Some("arrow"));
    assert_eq!(claims(&stream(&rows, 10, None)), Some("arrow"));
    for text in ["id,name\n1,ann\n", "\u{feff}{\"id\": 1}\n", "", "a", "    \n"] {
        assert_eq!(claims(text.as_bytes()), None, "{text}");
    }
    let old = open(&ArrowIpc, "t", b"FEA1....FEA1", 1).expect_err("version 1");
    assert!(old.message.contains("version 1"));
    let cut = open(&ArrowIpc, "t", &file(&rows, 10, None)[..900], 1).expect_err("no footer");
    assert!(cut.message.contains("footer"), "{cut}");
}

#[test]
fn damaged_files_give_an_error_or_rows() {
    let rows = rows(300);
    for codec in [None, Some(CompressionType::LZ4_FRAME)] {
        check_damaged(&ArrowIpc, "t.arrow", &file(&rows, 100, codec), 3, 400);
        check_damaged(&ArrowIpc, "t.arrow", &stream(&rows, 100, codec), 4, 400);
    }
}
