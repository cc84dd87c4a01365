//! Files written by the `parquet` crate, read back.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array,
    Int64Array, ListBuilder, MapBuilder, RecordBatch, StringArray, StringBuilder, StructArray,
    TimestampMicrosecondArray, UInt16Array,
};
use arrow::array::{Int32Builder, Int64Builder};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};

use super::Parquet;
use crate::format::BLOCK_FORMATS;
use crate::format::block_testing::{check_damaged, check_rows, open, read_all};

/// Rows with a column of each kind.
fn rows(count: usize) -> RecordBatch {
    let numbers = || 0..count as i64;
    let some = |row: i64| row % 7 != 3;
    let text = |row: i64| some(row).then(|| format!("name {}", row * 31 % 997));
    let mut lists = ListBuilder::new(Int32Builder::new());
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for row in numbers() {
        (0..row % 5).for_each(|item| lists.values().append_option(some(row + item).then_some(item as i32)));
        lists.append(row % 11 != 0);
        for key in 0..row % 3 {
            maps.keys().append_value(format!("k{key}"));
            maps.values().append_value(row);
        }
        maps.append(true).expect("as many keys as values");
    }
    let fields = vec![Field::new("a", DataType::Int32, true), Field::new("b", DataType::Utf8, true)];
    let parts: Vec<ArrayRef> = vec![
        Arc::new(numbers().map(|row| some(row).then_some(row as i32)).collect::<Int32Array>()),
        Arc::new(numbers().map(text).collect::<StringArray>()),
    ];
    let structs = StructArray::new(fields.into(), parts, None);
    let categories: DictionaryArray<Int32Type> =
        numbers().map(|row| some(row).then(|| ["red", "green", "blue"][row as usize % 3])).collect();
    let decimals =
        Decimal128Array::from_iter(numbers().map(|row| some(row).then(|| i128::from(row) * 12_345)));
    let times = TimestampMicrosecondArray::from_iter(numbers().map(|row| Some(row * 1_000_003)));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(numbers()))),
        ("small", Arc::new(numbers().map(|row| some(row).then_some(row as u16)).collect::<UInt16Array>())),
        (
            "price",
            Arc::new(numbers().map(|row| some(row).then_some(row as f64 / 7.0)).collect::<Float64Array>()),
        ),
        ("name", Arc::new(numbers().map(text).collect::<StringArray>())),
        ("category", Arc::new(categories)),
        ("flag", Arc::new(numbers().map(|row| some(row).then_some(row % 2 == 0)).collect::<BooleanArray>())),
        ("amount", Arc::new(decimals.with_precision_and_scale(30, 4).expect("digits"))),
        ("day", Arc::new(numbers().map(|row| some(row).then_some(row as i32)).collect::<Date32Array>())),
        ("at", Arc::new(times.with_timezone("Europe/Berlin"))),
        ("tags", Arc::new(lists.finish())),
        ("place", Arc::new(structs)),
        ("attributes", Arc::new(maps.finish())),
    ];
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}

fn properties(group_rows: usize) -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .set_data_page_row_count_limit(900)
        .set_write_batch_size(300)
}

fn without_index(builder: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
    builder.set_statistics_enabled(EnabledStatistics::Chunk).set_offset_index_disabled(true)
}

fn write(rows: &RecordBatch, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let mut writer =
        ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties.build())).expect("a writer");
    writer.write(rows).expect("rows");
    writer.into_inner().expect("a file")
}

fn table(file: &[u8], decoded_bytes: u64) -> crate::format::BlockTable {
    open(&Parquet, "t.parquet", file, decoded_bytes).expect("a sound file").remove(0)
}

#[test]
fn every_codec_gives_back_its_rows() {
    let rows = rows(4_000);
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for codec in codecs {
        let file = write(&rows, properties(1_500).set_compression(codec));
        let table = table(&file, 1 << 30);
        assert_eq!(table.decoder.blocks().len(), 3);
        check_rows(&table, &file, &rows);
    }
}

#[test]
fn row_groups_are_divided_with_and_without_an_index_of_pages() {
    let rows = rows(9_000);
    let flat = rows.project(&(0..9).collect::<Vec<_>>()).expect("columns");
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let with_index = write(&rows, properties(5_000).set_writer_version(version));
        let divided = table(&with_index, 1);
        assert_eq!(divided.decoder.blocks().len(), 5 + 4, "blocks of 1024 rows");
        check_rows(&divided, &with_index, &rows);
        let file = write(&flat, without_index(properties(5_000).set_writer_version(version)));
        let found = table(&file, 1);
        assert_eq!(found.decoder.blocks().len(), 5 + 4);
        check_rows(&found, &file, &flat);
        // Pages of lists do not say how many rows they have.
        let file = write(&rows, without_index(properties(5_000).set_writer_version(version)));
        let whole = table(&file, 1);
        assert_eq!(whole.decoder.blocks().len(), 2);
        check_rows(&whole, &file, &rows);
    }
}

#[test]
fn only_the_pages_of_wanted_rows_and_columns_are_read() {
    let rows = rows(40_000).project(&[0, 2, 3, 6]).expect("columns");
    let plain =
        || properties(40_000).set_dictionary_enabled(false).set_compression(Compression::UNCOMPRESSED);
    for file in [write(&rows, plain()), write(&rows, without_index(plain()))] {
        let one = table(&file, 1 << 30);
        let (_, all) = read_all(&one, &file, &[0, 1, 2, 3], 8192).expect("rows");
        let (_, ids) = read_all(&one, &file, &[0], 8192).expect("rows");
        assert!(ids < 40_000 * 8 * 11 / 10 && all > 2 * ids, "{ids} of {all}");
        let (_, none) = read_all(&one, &file, &[], 8192).expect("rows");
        assert_eq!(none, 0);
        let divided = table(&file, 64 << 10);
        let blocks = divided.decoder.blocks().len();
        assert!(blocks >= 20, "{blocks}");
        let (_, in_parts) = read_all(&divided, &file, &[0], 8192).expect("rows");
        assert!(in_parts < ids * 3, "{in_parts} in {blocks} parts, {ids} at once");
    }
}

#[test]
fn bounds_hold_and_those_of_floats_are_not_told() {
    let rows = rows(9_000);
    let file = write(&rows, properties(5_000));
    let table = table(&file, 1);
    let mut first = 0;
    for (block, facts) in table.decoder.blocks().iter().enumerate() {
        assert!(table.decoder.bounds(block, 2, false).is_none(), "NaN is greater than any bound");
        assert!(table.decoder.bounds(block, 9, false).is_none(), "lists have none");
        let group = table.decoder.bounds(block, 0, false).expect("bounds");
        assert_eq!(group.rows, [0..facts.rows]);
        let pages = table.decoder.bounds(block, 0, true).expect("bounds");
        assert!(pages.rows.len() > 1);
        assert_eq!(pages.rows.iter().map(|rows| rows.len()).sum::<usize>(), facts.rows);
        let (min, max) = (pages.min.as_primitive::<Int64Type>(), pages.max.as_primitive::<Int64Type>());
        for (page, rows) in pages.rows.iter().enumerate() {
            assert!(min.value(page) <= (first + rows.start) as i64);
            assert!(max.value(page) >= (first + rows.end - 1) as i64);
        }
        first += facts.rows;
    }
}

#[test]
fn what_is_no_whole_file_says_so() {
    let file = write(&rows(100), properties(100));
    let error = |bytes: &[u8]| open(&Parquet, "t", bytes, 1 << 20).expect_err("not sound").message;
    assert!(error(&file[..file.len() - 1]).contains("footer"));
    assert!(error(b"PAR1").contains("footer"));
    assert!(error(b"PAR1\xff\xff\xff\x7fPAR1").contains("bytes"));
    assert!(error(b"PAR1\xff\xff\0\0PAR1").contains("footer"));
    let mut encrypted = file.clone();
    let end = encrypted.len();
    encrypted[end - 4..].copy_from_slice(b"PARE");
    assert!(error(&encrypted).contains("encrypted"));
    let claims = |head: &[u8]| BLOCK_FORMATS.iter().find(|format| format.claims("t", head)).map(|f| f.name());
    assert_eq!((claims(&file), claims(b"PARE"), claims(b"a,b\n")), (Some("parquet"), Some("parquet"), None));
}

#[test]
fn damaged_files_give_an_error_or_rows() {
    let rows = rows(2_500);
    for (seed, properties) in [properties(1_000), without_index(properties(1_000))].into_iter().enumerate() {
        for codec in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
            let file = write(&rows, properties.clone().set_compression(codec));
            check_damaged(&Parquet, "t.parquet", &file, seed as u64 + 1, 400);
        }
    }
}
