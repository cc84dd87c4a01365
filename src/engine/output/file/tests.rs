use std::io::Cursor;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::*;
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Int32Type, IntervalMonthDayNano, TimeUnit};
use arrow::ipc::reader::FileReader;
use calamine::{Data, Reader, Xlsx};
use millrace_protocol::RowOrder;

use super::*;

/// Every type that a query can give, with a null, in batches of two rows.
fn result() -> ResultSet {
    let numbers: ArrayRef =
        Arc::new(Int64Array::from(vec![Some(3), None, Some(i64::MAX), Some(-1), Some(0)]));
    let times: ArrayRef = Arc::new(
        TimestampMillisecondArray::from(vec![
            Some(0),
            Some(1_767_225_600_500),
            None,
            Some(-9e12 as i64),
            Some(1),
        ])
        .with_timezone("+00:00"),
    );
    let days: ArrayRef =
        Arc::new(Date32Array::from(vec![Some(0), Some(20_454), None, Some(-40_000), Some(1)]));
    let texts =
        StringArray::from(vec![Some("a<b>&\"c\""), Some(" _x0041_ \u{b}\n"), None, Some(""), Some("ü 漢字")]);
    let words: DictionaryArray<Int32Type> = ["x", "y", "x", "x", "z"].into_iter().collect();
    let decimals: ArrayRef = Arc::new(
        Decimal128Array::from(vec![Some(12_345), None, Some(-5), Some(10_i128.pow(30)), Some(0)])
            .with_precision_and_scale(38, 2)
            .unwrap(),
    );
    let mut lists = ListBuilder::new(Int32Builder::new());
    for list in [Some(vec![Some(1), None]), None, Some(vec![]), Some(vec![Some(2)]), Some(vec![Some(3)])] {
        lists.append_option(list);
    }
    let interval = IntervalMonthDayNano::new(1, 2, 3_000_000_000);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("n", numbers),
        (
            "x",
            Arc::new(Float64Array::from(vec![
                Some(0.1),
                Some(f64::NAN),
                None,
                Some(f64::NEG_INFINITY),
                Some(1e300),
            ])),
        ),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true), Some(true)]))),
        ("at", times),
        ("day", days),
        ("text", Arc::new(texts.clone())),
        ("text", cast(&texts, &DataType::Utf8View).unwrap()),
        ("word", Arc::new(words)),
        ("paid", decimals),
        ("list", Arc::new(lists.finish())),
        ("long", Arc::new(IntervalMonthDayNanoArray::from(vec![Some(interval), None, None, None, None]))),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let whole = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    ResultSet::new(whole.schema(), vec![whole.slice(0, 2), whole.slice(2, 2), whole.slice(4, 1)])
}

fn written(result: &ResultSet, format: ExportFormat, order: Option<SortedOrder>) -> Vec<u8> {
    result.file(format, order).unwrap().collect::<Result<Vec<_>, _>>().unwrap().concat()
}

/// What our own reading of results says of some rows.
fn cells(rows: &RecordBatch) -> Vec<Vec<millrace_protocol::Cell>> {
    ResultSet::new(rows.schema(), vec![rows.clone()]).rows(None, 0, 1000)
}

fn read_parquet(bytes: Vec<u8>) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    let schema = Arc::clone(reader.schema());
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

fn read_arrow(bytes: Vec<u8>) -> RecordBatch {
    let reader = FileReader::try_new(Cursor::new(bytes), None).unwrap();
    let schema = reader.schema();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

fn read_excel(bytes: Vec<u8>) -> Vec<Vec<Data>> {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range("Result").unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn every_format_is_in_the_table_once() {
    for (index, format) in FILE_FORMATS.iter().enumerate() {
        assert!(FILE_FORMATS[..index].iter().all(|other| other.format != format.format));
        assert!(!written(&result(), format.format, None).is_empty(), "{:?}", format.format);
    }
}

#[test]
fn rows_come_back_from_parquet_and_arrow() {
    let result = result();
    let expected = result.rows(None, 0, 1000);
    for (format, read) in [
        (ExportFormat::Parquet, read_parquet as fn(Vec<u8>) -> RecordBatch),
        (ExportFormat::Arrow, read_arrow),
    ] {
        let rows = read(written(&result, format, None));
        assert_eq!(cells(&rows), expected, "{format:?}");
        let names: Vec<&str> = rows.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["n", "x", "yes", "at", "day", "text", "text_2", "word", "paid", "list", "long"]);
        assert_eq!(
            rows.column(3).data_type(),
            &DataType::Timestamp(TimeUnit::Millisecond, Some("+00:00".into()))
        );
        assert_eq!(
            (rows.column(6).data_type(), rows.column(7).data_type()),
            (&DataType::Utf8, &DataType::Utf8)
        );
        assert_eq!(rows.column(8).data_type(), &DataType::Decimal128(38, 2));
    }
}

#[test]
fn a_workbook_has_numbers_times_and_texts_as_excel_counts_them() {
    let rows = read_excel(written(&result(), ExportFormat::Excel, None));
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0][5], text("text"));
    assert_eq!(rows[1][..3], [Data::Float(3.0), Data::Float(0.1), Data::Bool(true)]);
    assert_eq!((&rows[2][0], &rows[2][1]), (&Data::Empty, &text("NaN")));
    // Digits that a number of Excel has no room for stay in a text.
    assert_eq!((&rows[3][0], &rows[4][1]), (&text("9223372036854775807"), &text("-Infinity")));
    let Data::DateTime(at) = &rows[2][3] else { panic!("{:?}", rows[2][3]) };
    assert_eq!(at.as_f64(), 46_023.0 + 0.5 / 86_400.0);
    let Data::DateTime(day) = &rows[2][4] else { panic!("{:?}", rows[2][4]) };
    assert_eq!(day.as_f64(), 46_023.0);
    // Its calendar begins in 1900.
    assert_eq!((&rows[4][3], &rows[4][4]), (&text("1684-10-19T08:00:00.000Z"), &text("1860-06-26")));
    assert_eq!((&rows[1][5], &rows[5][5]), (&text("a<b>&\"c\""), &text("ü 漢字")));
    assert_eq!((&rows[1][8], &rows[3][8]), (&Data::Float(123.45), &Data::Float(-0.05)));
    assert_eq!(rows[4][8], text("10000000000000000000000000000.00"));
    assert_eq!(rows[1][9], text("[1,null]"));
}

#[test]
fn signs_that_xml_has_no_room_for_are_escaped() {
    let mut sheet = String::new();
    let result = result();
    sheet::Sheet::default().rows(&result.batches()[0], &mut sheet).unwrap();
    assert!(sheet.contains("> _x005F_x0041_ _x000B_\n</t>"), "{sheet}");
}

#[test]
fn files_are_in_the_order_that_is_shown() {
    let result = result();
    let order = result.sort(&RowOrder { column: 0, descending: true }).unwrap();
    let expected = result.rows(Some(&order), 0, 1000);
    for format in [ExportFormat::Parquet, ExportFormat::Arrow] {
        let read = if format == ExportFormat::Parquet { read_parquet } else { read_arrow };
        assert_eq!(cells(&read(written(&result, format, Some(order.clone())))), expected);
    }
    let first: Vec<Data> = read_excel(written(&result, ExportFormat::Excel, Some(order)))
        .into_iter()
        .skip(1)
        .map(|row| row[7].clone())
        .collect();
    assert_eq!(first, ["x", "x", "z", "x", "y"].map(|word| Data::String(word.to_owned())));
}

#[test]
fn a_large_result_comes_in_pieces_and_an_empty_one_is_a_file() {
    let count = 300_000;
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0..count).map(|n| n * 7919 % 1_000_003)));
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..count).map(|n| format!("text {}", n * 31 % 997))));
    let whole = RecordBatch::try_from_iter([("n", numbers), ("text", texts)]).unwrap();
    let batches = (0..3).map(|part| whole.slice(part * 100_000, 100_000)).collect();
    let result = ResultSet::new(whole.schema(), batches);
    let order = result.sort(&RowOrder { column: 0, descending: false }).unwrap();
    for format in FILE_FORMATS.iter().map(|format| format.format) {
        let pieces = result.file(format, Some(order.clone())).unwrap();
        let pieces = pieces.collect::<Result<Vec<_>, _>>().unwrap();
        assert!(pieces.len() >= 2 || format == ExportFormat::Parquet, "{format:?}: {} pieces", pieces.len());
        let longest = pieces.iter().map(Vec::len).max().unwrap();
        assert!(longest < 8 << 20, "{format:?}: {longest} bytes");
        let read: fn(Vec<u8>) -> RecordBatch = match format {
            ExportFormat::Parquet => read_parquet,
            ExportFormat::Arrow => read_arrow,
            ExportFormat::Csv | ExportFormat::Excel => continue,
        };
        let rows = read(pieces.concat());
        let numbers = rows.column(0).as_primitive::<arrow::datatypes::Int64Type>().values();
        assert!(rows.num_rows() == count as usize && numbers.is_sorted(), "{format:?}");
    }
    let none = ResultSet::new(whole.schema(), Vec::new());
    assert_eq!(read_parquet(written(&none, ExportFormat::Parquet, None)).num_rows(), 0);
    assert_eq!(read_arrow(written(&none, ExportFormat::Arrow, None)).num_rows(), 0);
    assert_eq!(read_excel(written(&none, ExportFormat::Excel, None)).len(), 1);
    assert_eq!(written(&none, ExportFormat::Csv, None), b"n,text\n");
}

#[test]
fn what_a_sheet_has_no_room_for_is_told() {
    let long: ArrayRef = Arc::new(StringArray::from(vec!["short".to_owned(), "x".repeat(32_768)]));
    let rows = RecordBatch::try_from_iter([("words", long)]).unwrap();
    let result = ResultSet::new(rows.schema(), vec![rows]);
    let mut pieces = result.file(ExportFormat::Excel, None).unwrap();
    let error = pieces.find_map(Result::err).expect("it is too long");
    assert!(error.to_string().contains("row 2 of “words”"), "{error}");
    assert!(pieces.next().is_none());
    let count = 1_048_576;
    let many: ArrayRef = Arc::new(BooleanArray::from(vec![true; count]));
    let rows = RecordBatch::try_from_iter([("a", many)]).unwrap();
    let result = ResultSet::new(rows.schema(), vec![rows.clone()]);
    let error = result.file(ExportFormat::Excel, None).err().expect("there are too many").info();
    assert!(error.message.contains("1048575 rows"), "{}", error.message);
    assert!(error.hint.is_some());
    let fits = ResultSet::new(rows.schema(), vec![rows.slice(1, count - 1)]);
    assert!(fits.file(ExportFormat::Excel, None).is_ok());
}
