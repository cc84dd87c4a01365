//! Windows as the card says them: their SQL, and what is wrong with them.

use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::panels::builder::{
    query::{Aggregate, Filter, Function, Operator},
    sql::{outputs, sql},
    test_table::table,
};

fn bids() -> TableInfo {
    table("bid", &[("day", "DATE"), ("ts", "TIMESTAMP"), ("item", "VARCHAR"), ("price", "DOUBLE")])
}

fn kind(function: &str) -> &'static WindowKind {
    WINDOW_KINDS.iter().find(|kind| kind.function == function).expect("a kind")
}

/// A query over windows of these lengths.
fn query(function: &str, lengths: &[(Parameter, &str, &str)]) -> BuilderQuery {
    let mut query = BuilderQuery::first_of(&bids());
    query.groups.clear();
    query.choose_window(Some(kind(function)), &bids());
    let window = query.window.as_mut().expect("a window");
    for (parameter, count, unit) in lengths {
        let unit = Unit::named(unit).expect("a unit");
        *window.length_mut(*parameter) = Length { count: (*count).into(), unit };
    }
    query.aggregates = vec![Aggregate { function: Function::Sum, column: "price".into() }];
    query
}

fn problems(query: &BuilderQuery) -> Vec<(Parameter, String)> {
    let window = query.window.as_ref().expect("a window");
    let parameters = window.kind.parameters.iter();
    parameters.filter_map(|parameter| Some((*parameter, window.problem(*parameter)?))).collect()
}

#[wasm_bindgen_test]
fn tumbling_windows_have_a_start() {
    let expected = "\
SELECT window_start, sum(price) AS sum_price
FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY window_start
ORDER BY window_start";
    assert_eq!(sql(&query("TUMBLE", &[(Parameter::Size, "1", "hour")]), &bids()), expected);
}

#[wasm_bindgen_test]
fn hopping_windows_show_their_end_and_keep_filters() {
    let mut query = query(
        "HOP",
        &[
            (Parameter::Slide, "5", "minute"),
            (Parameter::Size, "10", "minute"),
            (Parameter::Offset, "-30", "second"),
        ],
    );
    query.filters = vec![Filter {
        column: "price".into(),
        operator: Operator::AtLeast,
        values: ["10".into(), String::new()],
    }];
    query.groups = vec![Group { column: "item".into(), unit: None }];
    query.limit = Some(9);
    let expected = "\
SELECT window_start, window_end, item, sum(price) AS sum_price
FROM TABLE(HOP(
  TABLE bid, DESCRIPTOR(ts),
  INTERVAL '5' MINUTES, INTERVAL '10' MINUTES, INTERVAL '-30' SECONDS
))
WHERE price >= 10
GROUP BY window_start, window_end, item
ORDER BY window_start, window_end
LIMIT 9";
    assert_eq!(sql(&query, &bids()), expected);
}

#[wasm_bindgen_test]
fn cumulating_windows_can_be_sorted_backwards() {
    let mut query = query("CUMULATE", &[(Parameter::Step, "1", "hour"), (Parameter::Size, "1", "day")]);
    query.sort = Some(("window_start".into(), true));
    let text = sql(&query, &bids());
    assert!(text.contains("  INTERVAL '1' HOUR, INTERVAL '1' DAY\n))"), "{text}");
    assert!(text.ends_with("ORDER BY window_start DESC, window_end DESC"), "{text}");
    query.sort = Some(("sum_price".into(), true));
    assert!(sql(&query, &bids()).ends_with("ORDER BY sum_price DESC"));
}

#[wasm_bindgen_test]
fn sessions_are_those_of_the_groups_and_of_rows_that_meet_the_conditions() {
    let mut query = query("SESSION", &[(Parameter::Gap, "300", "millisecond")]);
    assert_eq!(from(&query), "SESSION(TABLE bid, DESCRIPTOR(ts), INTERVAL '300' MILLISECONDS))");
    query.groups = vec![
        Group { column: "item".into(), unit: None },
        Group { column: "day".into(), unit: Some("month") },
    ];
    let call = "SESSION(\n  TABLE bid PARTITION BY item, DESCRIPTOR(ts),\n  INTERVAL '300' MILLISECONDS\n))";
    assert_eq!(from(&query), call);
    query.window.as_mut().expect("a window").keys = Some(vec!["item".into(), "day".into()]);
    query.filters =
        vec![Filter { column: "price".into(), operator: Operator::IsNotNull, values: Default::default() }];
    let call = "SESSION(\n  TABLE (SELECT * FROM bid WHERE price IS NOT NULL) PARTITION BY (item, day), \
                DESCRIPTOR(ts),\n  INTERVAL '300' MILLISECONDS\n))";
    assert_eq!(from(&query), call);
}

#[wasm_bindgen_test]
fn lengths_are_checked_at_their_fields() {
    use Parameter::*;
    for (function, lengths, at, problem) in [
        ("TUMBLE", [(Size, "0", "hour"), (Offset, "0", "day")], Size, "zero"),
        ("TUMBLE", [(Size, "-1", "hour"), (Offset, "", "day")], Size, "zero"),
        ("TUMBLE", [(Size, "1.5", "hour"), (Offset, "-5", "day")], Size, "whole"),
        ("TUMBLE", [(Size, "1", "hour"), (Offset, "'", "day")], Offset, "whole"),
        ("TUMBLE", [(Size, "106752", "day"), (Offset, "", "day")], Size, "292"),
        ("TUMBLE", [(Size, "9223372036854775807", "day"), (Offset, "", "day")], Size, "292"),
        ("HOP", [(Slide, "11", "minute"), (Size, "10", "minute")], Slide, "Larger"),
        ("HOP", [(Slide, "", "minute"), (Size, "10", "minute")], Slide, "missing"),
        ("HOP", [(Slide, "1", "millisecond"), (Size, "2", "day")], Slide, "172800000 windows"),
        ("CUMULATE", [(Step, "7", "minute"), (Size, "1", "hour")], Size, "multiple"),
        ("CUMULATE", [(Step, "2", "hour"), (Size, "1", "hour")], Size, "multiple"),
        ("CUMULATE", [(Step, "1", "millisecond"), (Size, "1", "day")], Step, "86400000 windows"),
        ("SESSION", [(Gap, "0", "second"), (Size, "0", "hour")], Gap, "zero"),
    ] {
        let query = query(function, &lengths);
        let found = problems(&query);
        assert_eq!(found.len(), 1, "{function} {lengths:?}: {found:?}");
        assert_eq!(found[0].0, at, "{found:?}");
        assert!(found[0].1.contains(problem), "{found:?}");
        assert_eq!(sql(&query, &bids()), "SELECT sum(price) AS sum_price\nFROM bid");
    }
    let two = query("HOP", &[(Slide, "2", "hour"), (Size, "1", "hour"), (Offset, "x", "hour")]);
    let at: Vec<Parameter> = problems(&two).into_iter().map(|(at, _)| at).collect();
    assert_eq!(at, [Slide, Offset]);
    for (function, lengths) in [
        ("HOP", [(Slide, "10", "minute"), (Size, "10", "minute")]),
        ("CUMULATE", [(Step, "60", "minute"), (Size, "1", "hour")]),
        ("TUMBLE", [(Size, "1", "millisecond"), (Offset, "-9", "day")]),
    ] {
        assert_eq!(problems(&query(function, &lengths)), []);
    }
}

fn from(query: &BuilderQuery) -> String {
    let sql = sql(query, &bids());
    let (_, from) = sql.split_once("FROM TABLE(").expect("a window");
    let (from, _) = from.split_once("\nGROUP BY").expect("groups");
    from.to_owned()
}

#[wasm_bindgen_test]
fn windows_of_the_calendar_have_units_and_a_zone() {
    use Parameter::*;
    for (function, lengths, zone, expected) in [
        ("TUMBLE", vec![(Size, "1", "month")], "", "TUMBLE(TABLE bid, DESCRIPTOR(ts), INTERVAL '1' MONTH))"),
        (
            "TUMBLE",
            vec![(Size, "1", "week")],
            " Europe/Berlin ",
            "TUMBLE(\n  TABLE bid, DESCRIPTOR(ts),\n  INTERVAL '1' WEEK, TIMEZONE => 'Europe/Berlin'\n))",
        ),
        (
            "TUMBLE",
            vec![(Size, "1", "year"), (Offset, "3", "month")],
            "",
            "TUMBLE(\n  TABLE bid, DESCRIPTOR(ts),\n  INTERVAL '1' YEAR, INTERVAL '3' MONTHS\n))",
        ),
        (
            "HOP",
            vec![(Slide, "1", "month"), (Size, "2", "quarter")],
            "+05:30",
            "HOP(\n  TABLE bid, DESCRIPTOR(ts),\n  INTERVAL '1' MONTH, INTERVAL '2' QUARTER, TIMEZONE => '+05:30'\n))",
        ),
        (
            "CUMULATE",
            vec![(Step, "1", "day"), (Size, "1", "month")],
            "",
            "CUMULATE(\n  TABLE bid, DESCRIPTOR(ts),\n  INTERVAL '1' DAY, INTERVAL '1' MONTH\n))",
        ),
        // What is equally long everywhere has no zone to say, and neither have sessions.
        (
            "SESSION",
            vec![(Gap, "9", "second")],
            "Asia/Tokyo",
            "SESSION(TABLE bid, DESCRIPTOR(ts), INTERVAL '9' SECONDS))",
        ),
    ] {
        let mut query = query(function, &lengths);
        query.window.as_mut().expect("a window").zone = zone.to_owned();
        assert_eq!(problems(&query), []);
        assert_eq!(from(&query), expected);
    }
}

#[wasm_bindgen_test]
fn what_the_calendar_has_not_is_told_at_its_field() {
    use Parameter::*;
    for (function, lengths, zone, at, problem) in [
        ("HOP", vec![(Slide, "7", "day"), (Size, "1", "month")], "", Slide, "choose months"),
        ("CUMULATE", vec![(Step, "1", "month"), (Size, "90", "day")], "", Size, "choose months"),
        ("CUMULATE", vec![(Step, "12", "hour"), (Size, "1", "month")], "", Step, "whole days"),
        ("CUMULATE", vec![(Step, "2", "month"), (Size, "1", "quarter")], "", Size, "multiple"),
        ("HOP", vec![(Slide, "1", "year"), (Size, "1", "quarter")], "", Slide, "Larger"),
        ("TUMBLE", vec![(Size, "1", "hour")], "Asia/Tokyo", Size, "whole days"),
        ("TUMBLE", vec![(Size, "1", "month"), (Offset, "3", "day")], "", Offset, "last months"),
        ("TUMBLE", vec![(Size, "3", "day"), (Offset, "1", "month")], "", Offset, "do not last months"),
        ("TUMBLE", vec![(Size, "3", "day"), (Offset, "1", "hour")], "Asia/Tokyo", Offset, "whole days"),
        ("TUMBLE", vec![(Size, "293", "year")], "", Size, "292"),
        ("SESSION", vec![(Gap, "1", "month")], "", Gap, "no months"),
    ] {
        let mut query = query(function, &lengths);
        query.window.as_mut().expect("a window").zone = zone.to_owned();
        let found = problems(&query);
        assert_eq!(found.len(), 1, "{function} {lengths:?}: {found:?}");
        assert!(found[0].0 == at && found[0].1.contains(problem), "{lengths:?}: {found:?}");
    }
    for zone in ["Europe/Nowhere", "Berlin", "+5", "+25:00"] {
        let mut query = query("TUMBLE", &[(Size, "1", "day")]);
        let window = query.window.as_mut().expect("a window");
        window.zone = zone.to_owned();
        assert!(window.zone_problem().is_some_and(|problem| problem.contains("No time zone")), "{zone}");
        assert!(!window.is_complete(&bids()));
    }
}

#[wasm_bindgen_test]
fn windows_of_rows_have_numbers_and_keys() {
    use Parameter::*;
    let mut query = query("COUNT_WINDOW", &[(Rows, "10", "hour")]);
    assert_eq!(from(&query), "COUNT_WINDOW(TABLE bid, DESCRIPTOR(ts), 10))");
    query.window.as_mut().expect("a window").length_mut(Every).count = "5".to_owned();
    query.groups = vec![Group { column: "item".into(), unit: None }];
    assert_eq!(from(&query), "COUNT_WINDOW(TABLE bid PARTITION BY item, DESCRIPTOR(ts), 10, 5))");
    for (rows, every, at, problem) in [
        ("0", "", Rows, "zero"),
        ("many", "", Rows, "whole"),
        ("10", "11", Every, "Larger"),
        ("10", "-1", Every, "zero"),
        ("200000", "1", Every, "200000 windows"),
    ] {
        let window = query.window.as_mut().expect("a window");
        window.length_mut(Rows).count = rows.to_owned();
        window.length_mut(Every).count = every.to_owned();
        let found = problems(&query);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0 == at && found[0].1.contains(problem), "{found:?}");
    }
}

#[wasm_bindgen_test]
fn every_kind_begins_without_a_problem() {
    for kind in WINDOW_KINDS {
        let mut query = BuilderQuery::default();
        query.choose_window(Some(kind), &bids());
        let window = query.window.as_ref().expect("a window");
        assert!(window.is_complete(&bids()), "{kind:?}");
        assert_eq!(query.sort, Some(("window_start".into(), false)));
        let names: Vec<String> = outputs(&query, &bids()).into_iter().map(|output| output.name).collect();
        assert_eq!(names.split_last(), Some((&"count".to_owned(), owned(window.bounds()).as_slice())));
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[wasm_bindgen_test]
fn windows_take_the_place_of_groups_of_their_time() {
    let mut query = BuilderQuery {
        groups: vec![
            Group { column: "ts".into(), unit: Some("hour") },
            Group { column: "item".into(), unit: None },
        ],
        sort: Some(("hour".into(), false)),
        ..BuilderQuery::default()
    };
    query.choose_window(Some(kind("HOP")), &bids());
    assert_eq!(query.groups, [Group { column: "item".into(), unit: None }]);
    assert_eq!(query.sort, Some(("window_start".into(), false)));
    query.sort = Some(("count".into(), true));
    query.choose_window(Some(kind("SESSION")), &bids());
    assert_eq!(query.sort, Some(("count".into(), true)));
    query.sort = Some(("window_end".into(), true));
    query.choose_window(Some(kind("TUMBLE")), &bids());
    assert_eq!(query.sort, Some(("window_start".into(), false)));
    query.choose_window(None, &bids());
    assert_eq!((query.window, query.sort), (None, None));
}

#[wasm_bindgen_test]
fn tables_without_a_timestamp_have_no_windows() {
    let days = table("bid", &[("day", "DATE"), ("item", "VARCHAR")]);
    let mut without = BuilderQuery::default();
    without.choose_window(Some(kind("TUMBLE")), &days);
    assert_eq!(without.window, None);
    assert_eq!(query("TUMBLE", &[]).fitted_to(&days).window, None);
    let windowed = table("bid", &[("ts", "TIMESTAMP"), ("window_end", "TIMESTAMP")]);
    let again = query("TUMBLE", &[]).fitted_to(&windowed).window.expect("a window");
    assert!(again.column_problem(&windowed).is_some_and(|problem| problem.contains("window_end")));
    assert!(!again.is_complete(&windowed));
}
