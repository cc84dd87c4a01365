use std::sync::Arc;

use arrow::array::*;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, TimeUnit};
use millrace_protocol::{Cell, RowOrder, SeriesGroup, SeriesRequest};

use super::*;

/// A result whose rows are cut into batches of two, with an empty one among them.
fn result(columns: Vec<(&str, ArrayRef)>) -> ResultSet {
    let whole = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut batches = vec![whole.slice(0, 0)];
    for start in (0..whole.num_rows()).step_by(2) {
        batches.push(whole.slice(start, 2.min(whole.num_rows() - start)));
        batches.push(whole.slice(0, 0));
    }
    ResultSet::new(whole.schema(), batches)
}

fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn text(value: &str) -> Cell {
    Cell::Text(value.into())
}

fn csv_text(result: &ResultSet, order: Option<SortedOrder>) -> String {
    String::from_utf8(result.csv(order).flatten().collect()).unwrap()
}

fn sorted_column(result: &ResultSet, column: u32, descending: bool) -> Vec<Cell> {
    let order = result.sort(&RowOrder { column, descending }).unwrap();
    let rows = result.rows(Some(&order), 0, usize::MAX);
    rows.into_iter().map(|mut row| row.swap_remove(column as usize)).collect()
}

#[test]
fn numbers_become_cells_without_losing_digits() {
    assert_eq!(cell(&Int64Array::from(vec![i64::MIN]), 0), Cell::Int(i64::MIN));
    assert_eq!(cell(&UInt64Array::from(vec![7]), 0), Cell::Int(7));
    assert_eq!(cell(&UInt64Array::from(vec![u64::MAX]), 0), text("18446744073709551615"));
    assert_eq!(cell(&Int32Array::from(vec![-5]), 0), Cell::Number(-5.0));
    assert_eq!(cell(&Float64Array::from(vec![0.1]), 0), Cell::Number(0.1));
    let special = Float64Array::from(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(
        [cell(&special, 0), cell(&special, 1), cell(&special, 2)],
        [text("NaN"), text("Infinity"), text("-Infinity")]
    );
    let decimal = Decimal128Array::from(vec![-120_i128]).with_precision_and_scale(38, 2).unwrap();
    assert_eq!(cell(&decimal, 0), text("-1.20"));
    let decimal = cast(&decimal, &DataType::Decimal256(70, 3)).unwrap();
    assert_eq!(cell(&decimal, 0), text("-1.200"));
}

#[test]
fn times_become_iso_8601_in_utc() {
    let millis = TimestampMillisecondArray::from(vec![1_767_323_045_678, 0, -1]);
    assert_eq!(cell(&millis, 0), text("2026-01-02T03:04:05.678Z"));
    assert_eq!(cell(&millis, 1), text("1970-01-01T00:00:00.000Z"));
    assert_eq!(cell(&millis, 2), text("1969-12-31T23:59:59.999Z"));
    let zoned = millis.with_timezone("+02:00");
    assert_eq!(cell(&zoned, 0), text("2026-01-02T03:04:05.678Z"));
    let seconds = TimestampSecondArray::from(vec![253_402_300_800, -62_167_219_201]);
    assert_eq!(cell(&seconds, 0), text("+010000-01-01T00:00:00.000Z"));
    assert_eq!(cell(&seconds, 1), text("-000001-12-31T23:59:59.000Z"));
    let micros = TimestampMicrosecondArray::from(vec![1_000_001, 1_000]);
    assert_eq!(cell(&micros, 0), text("1970-01-01T00:00:01.000001Z"));
    assert_eq!(cell(&micros, 1), text("1970-01-01T00:00:00.001Z"));
    let nanos = TimestampNanosecondArray::from(vec![1]);
    assert_eq!(cell(&nanos, 0), text("1970-01-01T00:00:00.000000001Z"));
    assert_eq!(cell(&Date32Array::from(vec![20_455]), 0), text("2026-01-02"));
    assert_eq!(cell(&Date64Array::from(vec![-1]), 0), text("1969-12-31"));
}

#[test]
fn dates_agree_with_arrow_on_every_day_of_many_years() {
    let days = Date32Array::from_iter_values((-719_528..2_932_896).step_by(13));
    let printed = cast(&days, &DataType::Utf8).unwrap();
    for row in 0..days.len() {
        assert_eq!(cell(&days, row), cell(&printed, row));
    }
}

#[test]
fn encoded_and_nested_values_become_text() {
    let dictionary: DictionaryArray<Int32Type> = ["a", "b", "a"].into_iter().collect();
    assert_eq!(cell(&dictionary, 2), text("a"));
    let mut holes: StringDictionaryBuilder<Int32Type> = StringDictionaryBuilder::new();
    holes.append_null();
    assert_eq!(cell(&holes.finish(), 0), Cell::Null);
    assert_eq!(
        cell(&StringViewArray::from(vec!["longer than twelve bytes"]), 0),
        text("longer than twelve bytes")
    );
    assert_eq!(cell(&LargeStringArray::from(vec!["é"]), 0), text("é"));
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None])]);
    assert_eq!(cell(&list, 0), text("[1,null]"));
    assert_eq!(cell(&NullArray::new(1), 0), Cell::Null);
    assert_eq!(cell(&BooleanArray::from(vec![true]), 0), Cell::Bool(true));
}

#[test]
fn pages_cross_batches_and_end_with_the_result() {
    let result = result(vec![("n", ints(&[Some(0), Some(1), Some(2), None, Some(4)]))]);
    assert_eq!(result.row_count(), 5);
    assert_eq!(result.rows(None, 1, 3), [[Cell::Int(1)], [Cell::Int(2)], [Cell::Null]]);
    assert_eq!(result.rows(None, 4, 9), [[Cell::Int(4)]]);
    assert!(result.rows(None, 5, 1).is_empty() && result.rows(None, u64::MAX, 1).is_empty());
    assert_eq!(result.columns()[0].type_name, "BIGINT");
    let empty = ResultSet::new(Arc::clone(result.schema()), Vec::new());
    assert_eq!((empty.row_count(), empty.rows(None, 0, 10).len()), (0, 0));
    assert!(empty.sort(&RowOrder { column: 0, descending: true }).is_ok());
    assert_eq!(csv_text(&empty, None), "n\n");
}

#[test]
fn sorting_is_stable_and_puts_nulls_last() {
    let result = result(vec![
        ("key", ints(&[Some(2), None, Some(1), Some(2), Some(-1), None])),
        ("row", ints(&[Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)])),
    ]);
    let row_order = |descending| {
        let order = result.sort(&RowOrder { column: 0, descending }).unwrap();
        let rows = result.rows(Some(&order), 0, 10);
        rows.into_iter().map(|row| row[1].clone()).collect::<Vec<_>>()
    };
    assert_eq!(row_order(false), [4, 2, 0, 3, 1, 5].map(Cell::Int));
    assert_eq!(row_order(true), [0, 3, 2, 4, 1, 5].map(Cell::Int));
    assert!(result.sort(&RowOrder { column: 2, descending: false }).is_err());
}

#[test]
fn floats_sort_by_value_with_nan_as_the_largest() {
    let values = [0.0, f64::NAN, -1.5, f64::INFINITY, -0.0, f64::NEG_INFINITY, 2.5];
    let result = result(vec![("f", Arc::new(Float64Array::from(values.to_vec())))]);
    let expected = [text("-Infinity"), Cell::Number(-1.5), Cell::Number(0.0), Cell::Number(-0.0)];
    let sorted = sorted_column(&result, 0, false);
    assert_eq!(sorted[..4], expected);
    assert_eq!(sorted[4..], [Cell::Number(2.5), text("Infinity"), text("NaN")]);
    assert_eq!(sorted_column(&result, 0, true)[0], text("NaN"));
}

#[test]
fn texts_sort_by_their_bytes_beyond_the_prefix() {
    let mixed = ["b", "", "sixteen bytes, b", "sixteen bytes, a", "ab", "a", "a\0", "é"];
    let expected = ["", "a", "a\0", "ab", "b", "sixteen bytes, a", "sixteen bytes, b", "é"].map(text);
    let plain = texts(&mixed);
    for data_type in [
        DataType::Utf8,
        DataType::LargeUtf8,
        DataType::Utf8View,
        DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8)),
    ] {
        let result = result(vec![("t", cast(&plain, &data_type).unwrap())]);
        assert_eq!(sorted_column(&result, 0, false), expected, "{data_type}");
        assert!(sorted_column(&result, 0, true).iter().eq(expected.iter().rev()), "{data_type}");
    }
}

#[test]
fn every_type_with_an_order_sorts() {
    let numbers = ints(&[Some(3), Some(1), None, Some(2)]);
    let order = RowOrder { column: 0, descending: false };
    for data_type in [
        DataType::Int8,
        DataType::UInt16,
        DataType::UInt64,
        DataType::Float16,
        DataType::Float32,
        DataType::Decimal128(10, 2),
        DataType::Decimal256(10, 2),
        DataType::Date32,
        DataType::Date64,
        DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        DataType::Time64(TimeUnit::Microsecond),
        DataType::Duration(TimeUnit::Second),
    ] {
        let through = match data_type {
            DataType::Date32 => cast(&numbers, &DataType::Int32).unwrap(),
            _ => Arc::clone(&numbers),
        };
        let result = result(vec![("v", cast(&through, &data_type).unwrap())]);
        let sorted = result.sort(&order).unwrap_or_else(|error| panic!("{data_type}: {error}"));
        let positions: Vec<_> = (0..4).map(|position| sorted.row_at(position).unwrap()).collect();
        assert_eq!(positions, [1, 3, 0, 2], "{data_type}");
    }
}

#[test]
fn csv_quotes_only_what_must_be_quoted() {
    let result = result(vec![
        ("a,b", texts(&["plain", "comma,", "quote\"", "line\nend", ""])),
        ("f", Arc::new(Float64Array::from(vec![Some(1.0), Some(1e300), None, Some(0.1), Some(f64::NAN)]))),
    ]);
    let expected = "\"a,b\",f\nplain,1\n\"comma,\",1e300\n\"quote\"\"\",\n\"line\nend\",0.1\n\"\",NaN\n";
    assert_eq!(csv_text(&result, None), expected);
    let order = result.sort(&RowOrder { column: 1, descending: false }).unwrap();
    assert!(csv_text(&result, Some(order)).starts_with("\"a,b\",f\n\"line\nend\",0.1\nplain,1\n"));
}

#[test]
fn csv_comes_in_pieces_that_the_csv_crate_reads_back() {
    let rows = 60_000;
    let numbers: Vec<_> = (0..rows).map(|row| (row % 7 != 0).then_some(row)).collect();
    let names: Vec<_> =
        (0..rows).map(|row| format!("row \"{row}\", with\r\nmore than a few bytes")).collect();
    let names: ArrayRef = Arc::new(StringViewArray::from_iter_values(&names));
    let result = result(vec![("number", ints(&numbers)), ("name", names)]);
    let pieces: Vec<_> = result.csv(None).collect();
    assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() < (1 << 20) + 100));
    let bytes = pieces.concat();
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    for (row, record) in reader.records().enumerate() {
        let record = record.unwrap();
        assert_eq!(record[0], numbers[row].map(|number| number.to_string()).unwrap_or_default());
        assert_eq!(record[1], format!("row \"{row}\", with\r\nmore than a few bytes"));
    }
    assert_eq!(reader.position().record(), rows as u64 + 1);
}

#[test]
fn a_single_null_is_not_an_empty_line() {
    let result = result(vec![("n", ints(&[None, Some(1)]))]);
    assert_eq!(csv_text(&result, None), "n\n\"\"\n1\n");
}

fn request(x: u32, y: &[u32], color: Option<u32>) -> SeriesRequest {
    SeriesRequest { x, y: y.to_vec(), color, max_points: 100, max_series: 10 }
}

fn group(name: &str, x: &[f64], y: &[Option<f64>]) -> SeriesGroup {
    SeriesGroup { name: name.into(), x: x.to_vec(), y: y.to_vec(), estimates: Vec::new() }
}

#[test]
fn a_series_stands_on_time_and_is_split_by_color() {
    let times = TimestampNanosecondArray::from(vec![Some(2_000_000), Some(1_000_000), None, Some(1_000_000)]);
    let result = result(vec![
        ("t", Arc::new(times)),
        ("n", ints(&[Some(1), Some(2), Some(3), None])),
        ("c", texts(&["b", "b", "a", "a"])),
    ]);
    let series = result.series(&request(0, &[1], Some(2))).unwrap();
    assert!(series.x_is_time && series.x_labels.is_none());
    assert_eq!(series.groups[0], group("a", &[1.0], &[None]));
    assert_eq!(series.groups[1], group("b", &[1.0, 2.0], &[Some(2.0), Some(1.0)]));
    assert_eq!((series.groups.len(), series.rows_left_out), (2, 1));
    assert!(result.series(&request(0, &[2], None)).is_err());
    assert!(result.series(&request(9, &[1], None)).is_err());
}

#[test]
fn names_are_labels_in_the_order_of_appearance() {
    let result = result(vec![
        ("name", texts(&["z", "a", "z", "m"])),
        ("n", ints(&[Some(1), Some(2), Some(3), Some(4)])),
        ("m", ints(&[Some(10), None, Some(30), Some(40)])),
    ]);
    let series = result.series(&request(0, &[1, 2], None)).unwrap();
    assert_eq!(series.x_labels.unwrap(), ["z", "a", "m"]);
    let positions = [0.0, 0.0, 1.0, 2.0];
    assert_eq!(series.groups[0], group("n", &positions, &[1.0, 3.0, 2.0, 4.0].map(Some)));
    assert_eq!(series.groups[1], group("m", &positions, &[Some(10.0), Some(30.0), None, Some(40.0)]));
}

#[test]
fn the_series_with_the_largest_sums_are_kept_in_the_order_of_their_colors() {
    let result = result(vec![
        ("x", ints(&[Some(1), Some(1), Some(1), Some(2)])),
        ("y", ints(&[Some(5), Some(9), Some(1), Some(5)])),
        ("c", ints(&[Some(10), Some(9), Some(-3), Some(10)])),
    ]);
    let mut request = request(0, &[1], Some(2));
    request.max_series = 2;
    let series = result.series(&request).unwrap();
    let names: Vec<_> = series.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!((names, series.rows_left_out), (vec!["9", "10"], 1));
}

#[test]
fn thinning_keeps_extremes_and_counts_what_it_drops() {
    let rows = 10_000;
    let mut values: Vec<_> = (0..rows).map(|row| Some(row % 10)).collect();
    values[1234] = Some(1_000);
    values[8765] = Some(-1_000);
    let positions: Vec<_> = (0..rows).map(Some).collect();
    let result = result(vec![("x", ints(&positions)), ("y", ints(&values))]);
    let series = result.series(&request(0, &[1], None)).unwrap();
    let group = &series.groups[0];
    assert_eq!(group.x.len(), 100);
    assert!(group.x.is_sorted());
    for (x, y) in [(1234.0, 1000.0), (8765.0, -1000.0)] {
        let at = group.x.iter().position(|&position| position == x).unwrap();
        assert_eq!(group.y[at], Some(y));
    }
    assert_eq!(series.rows_left_out, rows as u64 - 100);
}

#[test]
fn a_long_axis_of_names_keeps_its_first_rows() {
    let names: Vec<_> = (0..500).map(|row| row.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let result = result(vec![("x", texts(&names)), ("y", ints(&vec![Some(1); 500]))]);
    let series = result.series(&request(0, &[1], None)).unwrap();
    assert_eq!((series.groups[0].x.len(), series.rows_left_out), (100, 400));
    assert_eq!(series.x_labels.unwrap().len(), 100);
}

#[test]
fn types_have_their_sql_names() {
    let item = Arc::new(Field::new("item", DataType::Utf8View, true));
    for (data_type, name) in [
        (DataType::Int64, "BIGINT"),
        (DataType::Decimal128(12, 3), "DECIMAL(12, 3)"),
        (DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8)), "VARCHAR"),
        (DataType::List(Arc::clone(&item)), "VARCHAR[]"),
        (DataType::Struct(vec![item].into()), "STRUCT(item VARCHAR)"),
        (DataType::Timestamp(TimeUnit::Millisecond, None), "TIMESTAMP"),
    ] {
        assert_eq!(column_type_name(&data_type), name);
    }
}
