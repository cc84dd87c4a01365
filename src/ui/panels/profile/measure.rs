//! What is computed of each column: the SQL, and the way back from its row of results.
//!
//! One statement measures many columns in one pass. Each measure is one value of the result; lists come as JSON.

use js_sys::JSON;
use millrace_protocol::{Cell, ColumnInfo};
use serde::Deserialize;

use crate::{
    charts::{ColumnClass, number_text},
    panels::builder::literal::identifier,
};

/// Columns that one pass measures; a wider table takes several.
pub const COLUMNS_A_PASS: usize = 24;
/// Bars of a histogram, and values of a list of the most frequent ones, at most.
const BINS: usize = 24;
const TOP_VALUES: usize = 6;
/// Counters with which frequent values are found; each of them is held for each split that is being read.
const TOP_CAPACITY: usize = 250;

/// What is known of a column, as far as the table was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnProfile {
    /// Rows that were read.
    pub rows: u64,
    /// Rows in which the column has a value.
    pub values: u64,
    /// About how many different values there are.
    pub distinct: u64,
    /// The least and the greatest value, as text; none of nested columns and of those without values.
    pub range: Option<(String, String)>,
    /// The mean, of numbers.
    pub mean: Option<String>,
    /// A quarter, half and three quarters of the values are below these, of numbers and times.
    pub quartiles: Vec<String>,
    /// How the values are spread.
    pub bars: Bars,
}

/// How the values of a column are spread.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Bars {
    /// Nothing is known, or nothing can be.
    #[default]
    None,
    /// How many values lie between `low` and `high`, from the least to the greatest.
    Histogram(Vec<Bin>),
    /// The most frequent values, the most frequent one first.
    Top(Vec<Frequent>),
}

/// One bar of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct Bin {
    /// The least value that it counts.
    pub low: String,
    /// The least value that it does not count any more.
    pub high: String,
    /// How many values there are.
    pub count: u64,
}

/// A value that many rows have.
#[derive(Clone, Debug, PartialEq)]
pub struct Frequent {
    /// The value as text.
    pub value: String,
    /// How many rows have it.
    pub count: u64,
}

/// The statement that measures these columns of a table.
pub fn sql(table: &str, columns: &[ColumnInfo]) -> String {
    let measures = columns.iter().flat_map(measures);
    let named = measures.enumerate().map(|(place, measure)| format!("  {measure} AS m{place}"));
    let rest: Vec<String> = named.collect();
    format!("SELECT\n  count(*) AS n,\n{}\nFROM {}", rest.join(",\n"), identifier(table))
}

/// What the statement's row says of each column.
pub fn read(columns: &[ColumnInfo], row: &[Cell]) -> Vec<ColumnProfile> {
    let mut cells = row.iter();
    let rows = cells.next().and_then(whole).unwrap_or(0);
    columns.iter().map(|column| read_column(column, rows, &mut cells)).collect()
}

fn measures(column: &ColumnInfo) -> Vec<String> {
    let name = identifier(&column.name);
    let mut measures = vec![format!("count({name})")];
    if is_nested(column) {
        return measures;
    }
    measures.extend([format!("approx_distinct({name})"), format!("min({name})"), format!("max({name})")]);
    let class = ColumnClass::of(column);
    // A decimal has no histogram of its own.
    let number =
        if column.type_name.starts_with("DECIMAL") { format!("CAST({name} AS DOUBLE)") } else { name };
    if class == ColumnClass::Number {
        measures.push(format!("avg({number})"));
    }
    if has_histogram(class) {
        measures.extend([0.25, 0.5, 0.75].map(|share| format!("approx_quantile({number}, {share})")));
        measures.push(format!("histogram({number}, {BINS})"));
    } else {
        measures.push(format!("approx_top_k({number}, {TOP_VALUES}, {TOP_CAPACITY})"));
    }
    measures
}

fn read_column<'a>(
    column: &ColumnInfo,
    rows: u64,
    cells: &mut impl Iterator<Item = &'a Cell>,
) -> ColumnProfile {
    let mut next = || cells.next().unwrap_or(&Cell::Null);
    let values = whole(next()).unwrap_or(0);
    let mut profile = ColumnProfile { rows, values, ..ColumnProfile::default() };
    if is_nested(column) {
        return profile;
    }
    profile.distinct = whole(next()).unwrap_or(0).min(values);
    profile.range = shown(next()).zip(shown(next()));
    let class = ColumnClass::of(column);
    if class == ColumnClass::Number {
        profile.mean = shown(next());
    }
    if has_histogram(class) {
        let is_whole = column.type_name.ends_with("INT") || column.type_name == "INTEGER";
        let quantile = |cell: &Cell| match cell {
            // Between whole numbers there is none that a row could have.
            Cell::Number(value) if is_whole => Some(number_text(value.round())),
            cell => shown(cell).map(|text| without_fraction(&text).to_owned()),
        };
        profile.quartiles = (0..3).filter_map(|_| quantile(next())).collect();
        let bins: Vec<RawBin> = list(next());
        profile.bars = Bars::Histogram(bins.into_iter().map(RawBin::bin).collect());
    } else {
        let values: Vec<RawFrequent> = list(next());
        profile.bars = Bars::Top(values.into_iter().map(RawFrequent::frequent).collect());
    }
    profile
}

fn has_histogram(class: ColumnClass) -> bool {
    matches!(class, ColumnClass::Number | ColumnClass::Timestamp | ColumnClass::Date)
}

/// Whether values are lists, structs or maps, which have no order.
fn is_nested(column: &ColumnInfo) -> bool {
    let name = column.type_name.to_ascii_uppercase();
    name.ends_with("[]") || ["STRUCT", "MAP", "LIST"].iter().any(|start| name.starts_with(start))
}

/// A value of JSON, which has numbers without a type.
#[derive(Deserialize)]
#[serde(untagged)]
enum Raw {
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Raw {
    fn text(self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(text) => text,
        }
    }
}

#[derive(Deserialize)]
struct RawBin {
    low: Raw,
    high: Raw,
    count: f64,
}

impl RawBin {
    fn bin(self) -> Bin {
        Bin { low: time(self.low.text()), high: time(self.high.text()), count: self.count as u64 }
    }
}

#[derive(Deserialize)]
struct RawFrequent {
    value: Raw,
    count: f64,
}

impl RawFrequent {
    fn frequent(self) -> Frequent {
        Frequent { value: self.value.text(), count: self.count as u64 }
    }
}

/// The items of a list that came as JSON; none when there is no list.
fn list<T: for<'de> Deserialize<'de>>(cell: &Cell) -> Vec<T> {
    let Cell::Text(json) = cell else { return Vec::new() };
    let parsed = JSON::parse(json).ok();
    parsed.and_then(|value| serde_wasm_bindgen::from_value(value).ok()).unwrap_or_default()
}

fn whole(cell: &Cell) -> Option<u64> {
    match cell {
        Cell::Int(value) => u64::try_from(*value).ok(),
        Cell::Number(value) if *value >= 0.0 => Some(*value as u64),
        Cell::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn shown(cell: &Cell) -> Option<String> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Number(value) => number_text(*value),
        Cell::Text(text) => time(text.clone()),
    })
}

/// An instant without what says nothing: `2026-03-01 12:05:07` of `2026-03-01T12:05:07.000Z`. Other texts stay.
fn time(text: String) -> String {
    let is_instant = text.len() >= 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    if !is_instant {
        return text;
    }
    let text = text.trim_end_matches('Z').replacen('T', " ", 1);
    let text = text.strip_suffix(".000").unwrap_or(&text);
    text.strip_suffix(" 00:00:00").unwrap_or(text).to_owned()
}

/// An instant that was computed, to the second.
fn without_fraction(text: &str) -> &str {
    let is_instant = text.len() > 20 && text.as_bytes().get(10) == Some(&b' ');
    text.split_once('.').filter(|_| is_instant).map_or(text, |(second, _)| second)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn column(name: &str, type_name: &str) -> ColumnInfo {
        ColumnInfo { name: name.into(), type_name: type_name.into() }
    }

    #[wasm_bindgen_test]
    fn every_measure_of_a_row_finds_its_column() {
        let columns = [
            column("a", "BIGINT"),
            column("B c", "VARCHAR"),
            column("when", "TIMESTAMP"),
            column("tags", "VARCHAR[]"),
            column("ok", "BOOLEAN"),
            column("d", "DECIMAL(10, 2)"),
        ];
        let text = sql("my table", &columns);
        assert!(
            text.contains(r#"approx_top_k("B c", 6, 250)"#) && text.ends_with(r#"FROM "my table""#),
            "{text}"
        );
        assert!(text.contains("histogram(CAST(d AS DOUBLE), 24)") && !text.contains("min(tags)"), "{text}");
        let measured = columns.iter().map(|column| measures(column).len()).sum::<usize>();
        let mut row = vec![Cell::Int(10)];
        row.extend([Cell::Int(9), Cell::Int(7), Cell::Int(-1), Cell::Int(5), Cell::Number(2.5)]);
        row.extend([Cell::Number(1.0), Cell::Number(2.0), Cell::Number(3.0)]);
        row.push(Cell::Text(r#"[{"low":0.0,"high":2.5,"count":9}]"#.into()));
        row.extend([Cell::Int(10), Cell::Int(2), Cell::Text("x".into()), Cell::Text("y".into())]);
        row.push(Cell::Text(r#"[{"value":"a \"q\", {b}","count":6}]"#.into()));
        row.extend([
            Cell::Int(0),
            Cell::Int(0),
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
        ]);
        row.push(Cell::Int(4));
        row.extend([Cell::Int(10), Cell::Int(2), Cell::Bool(false), Cell::Bool(true)]);
        row.push(Cell::Text(r#"[{"value":true,"count":8},{"value":false,"count":2}]"#.into()));
        row.extend(vec![Cell::Null; 9]);
        assert_eq!(row.len(), 1 + measured);
        let profiles = read(&columns, &row);
        assert_eq!((profiles[0].rows, profiles[0].values, profiles[0].distinct), (10, 9, 7));
        assert_eq!(profiles[0].range, Some(("-1".into(), "5".into())));
        assert_eq!(
            (profiles[0].mean.as_deref(), profiles[0].quartiles.join(" ")),
            (Some("2.5"), "1 2 3".into())
        );
        let bin = Bin { low: "0".into(), high: "2.5".into(), count: 9 };
        assert_eq!(profiles[0].bars, Bars::Histogram(vec![bin]));
        assert_eq!(profiles[1].bars, Bars::Top(vec![Frequent { value: "a \"q\", {b}".into(), count: 6 }]));
        assert_eq!((profiles[2].values, &profiles[2].range), (0, &None));
        assert_eq!((profiles[3].values, &profiles[3].bars), (4, &Bars::None));
        let Bars::Top(values) = &profiles[4].bars else { panic!("{:?}", profiles[4]) };
        assert_eq!(values[0], Frequent { value: "true".into(), count: 8 });
    }

    #[wasm_bindgen_test]
    fn instants_say_no_more_than_they_have_to() {
        for (text, shown) in [
            ("2026-03-01T12:05:07.000Z", "2026-03-01 12:05:07"),
            ("2026-03-01T00:00:00.000Z", "2026-03-01"),
            ("2026-03-01T12:05:07.250Z", "2026-03-01 12:05:07.250"),
            ("a text that is long, with a Z", "a text that is long, with a Z"),
        ] {
            assert_eq!(time(text.into()), shown);
        }
    }
}
