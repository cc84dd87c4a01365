//! A first query for a table that somebody just added.

use millrace_protocol::{Cell, TableInfo};

use super::query::{Aggregate, BuilderQuery, Function, Group};
use crate::{charts::ColumnClass, sample};

/// Units of the calendar with their milliseconds, longest first.
const LENGTHS: &[(&str, f64)] = &[
    ("year", 31_557_600_000.0),
    ("month", 2_629_800_000.0),
    ("day", 86_400_000.0),
    ("hour", 3_600_000.0),
    ("minute", 60_000.0),
    ("second", 1000.0),
];

/// Fewest points that are wanted. Times that are out of order make the span look longer than it is, and
/// a line of too few points is worse than one of many.
const POINTS_WANTED: f64 = 150.0;

impl BuilderQuery {
    /// What most people ask first: counts over time, else by the first text, else the first rows.
    pub fn first_of(table: &TableInfo) -> Self {
        if table.name == sample::TABLE {
            return sample::first_query();
        }
        let first = |wanted: fn(ColumnClass) -> bool| {
            table.columns.iter().position(|column| wanted(ColumnClass::of(column)))
        };
        let count = Aggregate { function: Function::CountRows, column: String::new() };
        let average = table
            .columns
            .iter()
            .find(|column| ColumnClass::is_measure(column))
            .map(|column| Aggregate { function: Function::Average, column: column.name.clone() });
        let summed_up = Self {
            table: table.name.clone(),
            aggregates: std::iter::once(count).chain(average).collect(),
            ..Self::default()
        };
        let sorted_by = |query: Self, output: usize, descending: bool| {
            let name = super::sql::outputs(&query, table).into_iter().nth(output).map(|output| output.name);
            Self { sort: name.map(|name| (name, descending)), ..query }
        };
        if let Some(index) = first(ColumnClass::is_time) {
            let column = table.columns[index].name.clone();
            let groups = vec![Group { column, unit: Some(time_unit(table, index)) }];
            return sorted_by(Self { groups, ..summed_up }, 0, false);
        }
        if let Some(index) = first(|class| class == ColumnClass::Text) {
            let groups = vec![Group { column: table.columns[index].name.clone(), unit: None }];
            return sorted_by(Self { groups, limit: Some(20), ..summed_up }, 1, true);
        }
        Self::rows_of(table)
    }
}

/// The longest unit that still gives enough points, guessed from the rows of the preview.
pub(super) fn time_unit(table: &TableInfo, index: usize) -> &'static str {
    let times = table.preview.iter().filter_map(|row| millis(row.get(index)?));
    let (count, first, last) = times.fold((0_u32, f64::MAX, f64::MIN), |(count, first, last), time| {
        (count + 1, first.min(time), last.max(time))
    });
    if count < 2 || last <= first {
        return "hour";
    }
    let span_millis = (last - first) / f64::from(count - 1) * table.rows_estimate as f64;
    let fitting = LENGTHS.iter().find(|(_, length_millis)| span_millis / length_millis >= POINTS_WANTED);
    fitting.map_or("second", |(unit, _)| *unit)
}

/// Milliseconds of an ISO 8601 text, exact enough to compare; days of months count as 31.
fn millis(cell: &Cell) -> Option<f64> {
    let Cell::Text(text) = cell else { return None };
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<f64>().ok());
    let days = number(0, 4)? * 372.0 + number(5, 7)? * 31.0 + number(8, 10)?;
    let (hours, minutes) = (number(11, 13).unwrap_or(0.0), number(14, 16).unwrap_or(0.0));
    let seconds = text.get(17..).and_then(|rest| rest.trim_end_matches('Z').parse::<f64>().ok());
    Some((((days * 24.0 + hours) * 60.0 + minutes) * 60.0 + seconds.unwrap_or(0.0)) * 1000.0)
}

#[cfg(test)]
mod tests {
    use millrace_protocol::ColumnInfo;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{super::sql::sql, *};

    fn table(columns: &[(&str, &str)], rows_estimate: u64, times: &[&str]) -> TableInfo {
        let columns =
            columns.iter().map(|(name, t)| ColumnInfo { name: (*name).into(), type_name: (*t).into() });
        TableInfo {
            name: "My events".into(),
            format: "csv".into(),
            files: Vec::new(),
            bytes: 0,
            rows_estimate,
            columns: columns.collect(),
            dialect: None,
            compression: None,
            encoding: None,
            file: 0,
            part: 0,
            preview: times.iter().map(|time| vec![Cell::Text((*time).into())]).collect(),
            warnings: Vec::new(),
        }
    }

    fn first(table: &TableInfo) -> String {
        sql(&BuilderQuery::first_of(table), table)
    }

    #[wasm_bindgen_test]
    fn time_is_counted_in_units_that_give_a_line() {
        let columns = [("ts", "TIMESTAMP"), ("user_id", "BIGINT"), ("price", "DOUBLE")];
        let times = ["2024-01-01T00:00:00.000Z", "2024-01-01T00:00:01.000Z"];
        let expected = "\
SELECT
  date_trunc('hour', ts) AS hour,
  count(*) AS count,
  avg(price) AS avg_price
FROM \"My events\"
GROUP BY hour
ORDER BY hour";
        assert_eq!(first(&table(&columns, 1_000_000, &times)), expected);
        assert!(first(&table(&columns, 100, &times)).contains("date_trunc('second', ts)"));
        assert!(first(&table(&columns, 1_000_000, &[])).contains("date_trunc('hour', ts)"));
    }

    #[wasm_bindgen_test]
    fn text_is_grouped_where_there_is_no_time() {
        let expected = "\
SELECT \"City\", count(*) AS count
FROM \"My events\"
GROUP BY \"City\"
ORDER BY count DESC
LIMIT 20";
        assert_eq!(first(&table(&[("id", "BIGINT"), ("City", "VARCHAR")], 10, &[])), expected);
    }

    #[wasm_bindgen_test]
    fn numbers_alone_are_listed() {
        assert_eq!(first(&table(&[("a", "BIGINT")], 10, &[])), "SELECT *\nFROM \"My events\"\nLIMIT 1000");
    }
}
