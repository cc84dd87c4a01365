//! Statements that the builder writes, compared with what a person would write.

use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::panels::builder::test_table::table;

fn events() -> TableInfo {
    table(
        "events",
        &[
            ("ts", "TIMESTAMP"),
            ("region", "VARCHAR"),
            ("price", "DOUBLE"),
            ("paid", "BOOLEAN"),
            ("day", "DATE"),
        ],
    )
}

fn filter(column: &str, operator: Operator, first: &str, second: &str) -> Filter {
    Filter { column: column.into(), operator, values: [first.into(), second.into()] }
}

fn group(column: &str, unit: Option<&'static str>) -> Group {
    Group { column: column.into(), unit }
}

fn aggregate(function: Function, column: &str) -> Aggregate {
    Aggregate { function, column: column.into() }
}

#[wasm_bindgen_test]
fn rows_of_a_table() {
    let query = BuilderQuery::rows_of(&events());
    assert_eq!(sql(&query, &events()), "SELECT *\nFROM events\nLIMIT 1000");
}

#[wasm_bindgen_test]
fn a_short_select_stays_on_its_line() {
    let query = BuilderQuery {
        groups: vec![group("region", None)],
        aggregates: vec![aggregate(Function::CountRows, "")],
        sort: Some(("count".into(), true)),
        limit: Some(10),
        ..BuilderQuery::default()
    };
    assert_eq!(
        sql(&query, &events()),
        "SELECT region, count(*) AS count\nFROM events\nGROUP BY region\nORDER BY count DESC\nLIMIT 10"
    );
}

#[wasm_bindgen_test]
fn a_long_select_has_a_line_for_each_column() {
    let query = BuilderQuery {
        filters: vec![
            filter("price", Operator::AtLeast, "10", ""),
            filter("region", Operator::OneOf, "EU, O'Neil", ""),
        ],
        groups: vec![group("ts", Some("minute")), group("region", None)],
        aggregates: vec![
            aggregate(Function::CountRows, ""),
            aggregate(Function::Average, "price"),
            aggregate(Function::CountDistinct, "region"),
        ],
        sort: Some(("minute".into(), false)),
        ..BuilderQuery::default()
    };
    let expected = "\
SELECT
  date_trunc('minute', ts) AS minute,
  region,
  count(*) AS count,
  avg(price) AS avg_price,
  count(DISTINCT region) AS distinct_region
FROM events
WHERE price >= 10
  AND region IN ('EU', 'O''Neil')
GROUP BY minute, region
ORDER BY minute";
    assert_eq!(sql(&query, &events()), expected);
}

#[wasm_bindgen_test]
fn names_never_hide_a_column_of_the_table() {
    let table = table("t", &[("minute", "TIMESTAMP"), ("count", "BIGINT"), ("n", "BIGINT")]);
    let query = BuilderQuery {
        groups: vec![group("minute", Some("minute"))],
        aggregates: vec![
            aggregate(Function::CountRows, ""),
            aggregate(Function::Sum, "n"),
            aggregate(Function::Sum, "n"),
        ],
        ..BuilderQuery::default()
    };
    let names: Vec<String> = outputs(&query, &table).into_iter().map(|output| output.name).collect();
    assert_eq!(names, ["minute_of_minute", "count_of_rows", "sum_n", "sum_n_of_value"]);
}

#[wasm_bindgen_test]
fn odd_names_are_quoted_everywhere() {
    let table = table("My Table", &[("Unit Price", "DOUBLE"), ("group", "VARCHAR")]);
    let query = BuilderQuery {
        filters: vec![filter("Unit Price", Operator::Between, "1", "2.5")],
        groups: vec![group("group", None)],
        aggregates: vec![aggregate(Function::Maximum, "Unit Price")],
        sort: Some(("max_Unit Price".into(), true)),
        ..BuilderQuery::default()
    };
    let expected = "\
SELECT \"group\", max(\"Unit Price\") AS \"max_Unit Price\"
FROM \"My Table\"
WHERE \"Unit Price\" BETWEEN 1 AND 2.5
GROUP BY \"group\"
ORDER BY \"max_Unit Price\" DESC";
    assert_eq!(sql(&query, &table), expected);
}

#[wasm_bindgen_test]
fn conditions_by_type() {
    use Operator::*;
    for (column, operator, first, second, expected) in [
        ("region", Equal, "a'b", "", Some("region = 'a''b'")),
        ("region", NotEqual, "x", "", Some("region <> 'x'")),
        ("region", Contains, "50%", "", Some("region ILIKE '%50\\%%'")),
        ("region", StartsWith, "E", "", Some("region LIKE 'E%'")),
        ("region", Contains, "", "", None),
        ("region", OneOf, " , ", "", None),
        ("region", IsNull, "", "", Some("region IS NULL")),
        ("price", Less, "abc", "", None),
        ("price", Equal, "", "", None),
        ("price", OneOf, "1, 2", "", Some("price IN (1, 2)")),
        ("price", OneOf, "1, b", "", None),
        ("paid", IsTrue, "", "", Some("paid")),
        ("paid", IsFalse, "", "", Some("NOT paid")),
        ("ts", AtLeast, "2026-03-01T00:00", "", Some("ts >= TIMESTAMP '2026-03-01 00:00:00'")),
        (
            "day",
            Between,
            "2026-03-01",
            "2026-03-31",
            Some("day BETWEEN DATE '2026-03-01' AND DATE '2026-03-31'"),
        ),
        ("gone", IsNull, "", "", None),
    ] {
        assert_eq!(condition(&filter(column, operator, first, second), &events()).as_deref(), expected);
    }
}

#[wasm_bindgen_test]
fn a_sort_by_something_that_is_not_there_is_left_out() {
    let query = BuilderQuery { sort: Some(("gone".into(), true)), ..BuilderQuery::default() };
    assert_eq!(sql(&query, &events()), "SELECT *\nFROM events");
}

#[wasm_bindgen_test]
fn another_table_keeps_what_fits() {
    let query = BuilderQuery {
        filters: vec![
            filter("region", Operator::Equal, "EU", ""),
            filter("price", Operator::AtLeast, "1", ""),
        ],
        groups: vec![group("ts", Some("second")), group("region", None)],
        aggregates: vec![aggregate(Function::CountRows, ""), aggregate(Function::Sum, "price")],
        ..BuilderQuery::default()
    };
    let other = table("other", &[("region", "VARCHAR"), ("price", "VARCHAR"), ("ts", "VARCHAR")]);
    let fitted = query.fitted_to(&other);
    assert_eq!(fitted.table, "other");
    assert_eq!(fitted.filters, [filter("region", Operator::Equal, "EU", "")]);
    assert_eq!(fitted.groups, [group("region", None)]);
    assert_eq!(fitted.aggregates, [aggregate(Function::CountRows, "")]);
}
