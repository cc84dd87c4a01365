//! Values of each type: the quick ways against the standard library and known values.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    Date32Type, Float64Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
};
use proptest::prelude::*;

use super::{cells, decode_all, decoder, one_batch};
use crate::format::Decoded;
use crate::format::value::{ColumnType, NullWords};

/// Decodes values of one column that stand between two others, so that nothing depends on where
/// the bytes end; the last stands at their very end.
fn decode(column_type: ColumnType, values: &[String]) -> Decoded {
    let text: String = values.iter().map(|value| format!("x,{value}\n")).collect();
    let types = [ColumnType::Varchar, column_type];
    decode_all(&decoder(&types), text.trim_end_matches('\n').as_bytes(), 0, &[1])
}

fn doubles() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| format!("{value:e}")),
        (-1e9..1e9).prop_map(|value: f64| format!("{value:.2}")),
        (-1e3..1e3).prop_map(|value: f64| value.to_string()),
        "-?[0-9]{1,25}",
        "-?[0-9]{0,12}\\.[0-9]{0,12}",
        "-?[0-9]{1,3}\\.[0-9]{1,4}",
        "[-+.e0-9]{1,8}",
    ]
}

fn integers() -> impl Strategy<Value = String> {
    prop_oneof![any::<i64>().prop_map(|value| value.to_string()), "-?[0-9]{1,20}", "[-+0-9a:/]{1,10}"]
}

proptest! {
    #[test]
    fn doubles_are_those_of_the_standard_library(values in prop::collection::vec(doubles(), 1..20)) {
        let decoded = decode(ColumnType::Double, &values);
        let batch = one_batch(&decoded);
        let column = batch.column(0).as_primitive::<Float64Type>();
        let mut bad = 0;
        for (row, value) in values.iter().enumerate() {
            let found = column.is_valid(row).then(|| column.value(row).to_bits());
            let right = value.parse::<f64>().ok().map(f64::to_bits);
            bad += u64::from(right.is_none() && !NullWords::default().contains(value.as_bytes()));
            prop_assert_eq!(found, right, "{}", value);
        }
        prop_assert_eq!(decoded.bad().count, bad);
    }

    #[test]
    fn integers_are_those_of_the_standard_library(values in prop::collection::vec(integers(), 1..20)) {
        let decoded = decode(ColumnType::Bigint, &values);
        let batch = one_batch(&decoded);
        let column = batch.column(0).as_primitive::<Int64Type>();
        let mut bad = 0;
        for (row, value) in values.iter().enumerate() {
            let found = column.is_valid(row).then(|| column.value(row));
            let right = value.parse::<i64>().ok();
            bad += u64::from(right.is_none() && !NullWords::default().contains(value.as_bytes()));
            prop_assert_eq!(found, right, "{}", value);
        }
        prop_assert_eq!(decoded.bad().count, bad);
    }

    #[test]
    fn timestamps_of_any_layout(
        micros in prop::collection::vec(-62_135_596_800_000_000i64..253_402_300_800_000_000, 1..20),
        layout in 0usize..6,
    ) {
        let values: Vec<String> = micros.iter().map(|&micros| written(micros, layout)).collect();
        let decoded = decode(ColumnType::TimestampMicros, &values);
        prop_assert_eq!(decoded.bad().count, 0, "{:?}", values);
        let batch = one_batch(&decoded);
        let found = batch.column(0).as_primitive::<TimestampMicrosecondType>().values().to_vec();
        let unit = [1, 1_000, 1_000, 1_000_000, 1_000_000, 60_000_000][layout];
        let right: Vec<i64> = micros.iter().map(|micros| micros.div_euclid(unit) * unit).collect();
        prop_assert_eq!(&found, &right, "{:?}", values);
        let decoded = decode(ColumnType::TimestampMillis, &values);
        let batch = one_batch(&decoded);
        let found = batch.column(0).as_primitive::<TimestampMillisecondType>().values().to_vec();
        let right: Vec<i64> = right.iter().map(|micros| micros.div_euclid(1_000)).collect();
        prop_assert_eq!(found, right);
    }
}

/// The date by counting, year by year and month by month.
fn written(micros: i64, layout: usize) -> String {
    let (mut days, of_day) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += 365 + i64::from(leap(year));
    }
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute) = (of_day / 3_600_000_000, of_day / 60_000_000 % 60);
    let (second, micros) = (of_day / 1_000_000 % 60, of_day % 1_000_000);
    let date = format!("{year:04}-{month:02}-{:02}", days + 1);
    match layout {
        0 => format!("{date}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"),
        1 => format!("{date}T{hour:02}:{minute:02}:{second:02}.{:03}Z", micros / 1_000),
        2 => format!("{date} {hour:02}:{minute:02}:{second:02}.{:03}", micros / 1_000),
        3 => format!("{date}T{hour:02}:{minute:02}:{second:02}Z"),
        4 => format!("{date} {hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date} {hour:02}:{minute:02}"),
    }
}

#[test]
fn offsets_and_fractions_of_timestamps() {
    let values = [
        ("2024-02-29T01:30:00+02:00", Some(1_709_163_000_000)),
        ("2024-02-29T01:30:00-0130", Some(1_709_175_600_000)),
        ("2024-02-29T01:30:00.5+00", Some(1_709_170_200_500)),
        ("\"2024-02-29T01:30:00,25Z\"", Some(1_709_170_200_250)),
        ("1969-12-31T23:59:59.9995Z", Some(-1)),
        ("2024-02-29", Some(1_709_164_800_000)),
        ("2023-02-29T00:00:00Z", None),
        ("2024-02-29T24:00:00Z", None),
        ("2024-02-29T00:60:00Z", None),
        ("2024-02-29T00:00:60Z", None),
        ("2024-02-29T00:00:00.Z", None),
        ("2024-02-29T00:00:00+2", None),
        ("2024-13-01T00:00:00Z", None),
        ("2024-00-01T00:00:00Z", None),
    ];
    let texts: Vec<String> = values.iter().map(|(text, _)| (*text).to_owned()).collect();
    let decoded = decode(ColumnType::TimestampMillis, &texts);
    let batch = one_batch(&decoded);
    let column = batch.column(0).as_primitive::<TimestampMillisecondType>();
    for (row, (text, right)) in values.iter().enumerate() {
        assert_eq!(column.is_valid(row).then(|| column.value(row)), *right, "{text}");
    }
    assert_eq!(decoded.bad().count, 8);
}

#[test]
fn dates_and_booleans() {
    let texts = ["1970-01-01", "2000-02-29", "0001-01-01", "9999-12-31", "1900-02-29", "2024-1-1"];
    let decoded = decode(ColumnType::Date, &texts.map(str::to_owned));
    let batch = one_batch(&decoded);
    let column = batch.column(0).as_primitive::<Date32Type>();
    assert_eq!(column.values()[..4], [0, 11_016, -719_162, 2_932_896]);
    assert_eq!(column.null_count(), 2);

    let texts = ["true", "FALSE", "\"True\"", " false ", "", "yes"];
    let decoded = decode(ColumnType::Boolean, &texts.map(str::to_owned));
    assert_eq!(cells(&decoded).concat(), ["true", "false", "true", "false", "∅", "∅"]);
    assert_eq!(decoded.bad().count, 1);
    assert_eq!(decoded.bad().listed[0].reason, "column c1: 'yes' is not a BOOLEAN");
}

#[test]
fn empty_fields_are_null_and_quoted_ones_are_empty_text() {
    let text = b",,\n\"\",\"\",\"\"\n1,2,\" \"\n";
    let types = [ColumnType::Bigint, ColumnType::Double, ColumnType::Varchar];
    let decoded = decode_all(&decoder(&types), text, 0, &[0, 1, 2]);
    assert_eq!(cells(&decoded), [["∅", "∅", "∅"], ["∅", "∅", ""], ["1", "2.0", " "]]);
    assert_eq!(decoded.bad().count, 0);
}

#[test]
fn text_of_every_length_and_script() {
    let base = "aé€😀\"\",x".repeat(8);
    let values: Vec<String> = base.char_indices().map(|(end, _)| base[..end].replace('"', "")).collect();
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    assert_eq!(cells(&decode(ColumnType::Varchar, &quoted)).concat(), values);
    let plain: Vec<String> = values.iter().skip(1).map(|value| value.replace(',', ";")).collect();
    assert_eq!(cells(&decode(ColumnType::Varchar, &plain)).concat(), plain);
}

#[test]
fn projection_keeps_the_order_asked_for() {
    let types = [ColumnType::Bigint, ColumnType::Varchar, ColumnType::Bigint];
    let decoded = decode_all(&decoder(&types), b"1,a,3\n4,b,6\n", 0, &[2, 0]);
    assert_eq!(cells(&decoded), [["3", "1"], ["6", "4"]]);
    let counted = decode_all(&decoder(&types), b"1,a,3\n4,b,6\n", 0, &[]);
    assert_eq!((counted.batches[0].num_rows(), counted.batches[0].num_columns()), (2, 0));
}
