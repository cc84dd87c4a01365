//! What was selected in a chart as a condition on the result's rows.

use millrace_protocol::ColumnInfo;
use serde::{Deserialize, Serialize};

use super::{
    ColumnClass, TimePart,
    arrange::OTHERS,
    side::from_clause,
    value_text::{number_text, time_text},
};
use crate::panels::builder::literal::{self, identifier};

/// A condition on a column of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// Name of the column.
    pub column: String,
    /// Its class.
    pub class: ColumnClass,
    /// Which values were selected.
    pub picked: Picked,
}

/// Which values were selected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picked {
    /// Those from `low` on and below `high`, if there is an end: numbers, or milliseconds since 1970-01-01 UTC.
    Range {
        /// The least.
        low: f64,
        /// The first that is too large.
        high: Option<f64>,
    },
    /// These texts, as the engine names values; `NULL` is one without a value.
    Names(Vec<String>),
    /// Times whose part is at one of these places.
    Part(TimePart, Vec<usize>),
}

/// What the engine calls a value that is not there.
const NULL_NAME: &str = "NULL";

/// Most names that are told one by one.
const TOLD_NAMES: usize = 3;

impl Condition {
    /// A condition on a column, unless nothing is left of it.
    pub fn new(column: &ColumnInfo, picked: Picked) -> Option<Self> {
        let picked = match picked {
            Picked::Names(names) => {
                // What was added up has no name in the rows.
                let is_one = |name: &String| *name != OTHERS && !name.starts_with(&format!("{OTHERS} ("));
                Picked::Names(names.into_iter().filter(is_one).collect())
            }
            picked => picked,
        };
        let is_empty = match &picked {
            Picked::Names(names) => names.is_empty(),
            Picked::Part(_, places) => places.is_empty(),
            Picked::Range { .. } => false,
        };
        let class = ColumnClass::of(column);
        (!is_empty).then(|| Self { column: column.name.clone(), class, picked })
    }

    /// The condition in SQL.
    pub fn sql(&self) -> String {
        self.sql_of(&identifier(&self.column))
    }

    /// The condition in SQL, on an expression in place of the column.
    pub fn sql_of(&self, column: &str) -> String {
        match &self.picked {
            Picked::Range { low, high } => {
                let from = format!("{column} >= {}", self.value(*low));
                match high {
                    Some(high) => format!("{from} AND {column} < {}", self.value(*high)),
                    None => from,
                }
            }
            Picked::Names(names) => {
                let values: Vec<String> =
                    names.iter().filter(|name| *name != NULL_NAME).map(|name| self.name(name)).collect();
                let is_null = names.iter().any(|name| name == NULL_NAME);
                match (values.as_slice(), is_null) {
                    ([], _) => format!("{column} IS NULL"),
                    ([value], false) => format!("{column} = {value}"),
                    (_, false) => format!("{column} IN ({})", values.join(", ")),
                    (_, true) => format!("({column} IN ({}) OR {column} IS NULL)", values.join(", ")),
                }
            }
            Picked::Part(part, places) => {
                let numbers: Vec<String> =
                    places.iter().map(|&place| part.sql_number(place).to_string()).collect();
                format!("{} IN ({})", part.sql(column), numbers.join(", "))
            }
        }
    }

    fn value(&self, value: f64) -> String {
        let typed = self.typed(value);
        literal::value(&typed, self.class).unwrap_or(typed)
    }

    /// An end of a range as a person would type it.
    pub fn typed(&self, value: f64) -> String {
        if self.class.is_time() { time_text(value) } else { value.to_string() }
    }

    fn name(&self, name: &str) -> String {
        match self.class {
            ColumnClass::Text => literal::text(name),
            class => literal::value(name, class).unwrap_or_else(|| literal::text(name)),
        }
    }
}

/// What conditions select, for people: `minute from 2026-03-01 08:00 to before 09:30`.
pub fn condition_text(conditions: &[Condition]) -> String {
    let one = |condition: &Condition| {
        let Condition { column, class, picked } = condition;
        let text = |value: f64| if class.is_time() { time_text(value) } else { number_text(value) };
        match picked {
            Picked::Range { low, high: Some(high) } => {
                tf!("{column} from {a} to before {b}", column = column, a = text(*low), b = text(*high))
            }
            Picked::Range { low, high: None } => tf!("{column} from {a}", column = column, a = text(*low)),
            Picked::Names(names) => format!("{column}: {}", several(names)),
            Picked::Part(part, places) => {
                let labels = part.labels();
                let names: Vec<String> = places.iter().filter_map(|&p| labels.get(p).cloned()).collect();
                tf!("{a} of {column}: {b}", a = part.name(), column = column, b = several(&names))
            }
        }
    };
    conditions.iter().map(one).collect::<Vec<_>>().join(" and ")
}

fn several(names: &[String]) -> String {
    let told = names.iter().take(TOLD_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(TOLD_NAMES) {
        0 => told,
        more => tf!("{told} and {more} more", told = told, more = more),
    }
}

/// The rows of a statement's result for which conditions hold. An order that the rows had is that of the column of
/// the first condition then, where this has one.
pub fn filtered_sql(sql: &str, conditions: &[Condition]) -> String {
    let all = conditions.iter().map(Condition::sql).collect::<Vec<_>>().join("\n  AND ");
    let order = match conditions.first() {
        Some(condition) if matches!(condition.picked, Picked::Range { .. }) => {
            format!("\nORDER BY {}", identifier(&condition.column))
        }
        _ => String::new(),
    };
    format!("SELECT *\nFROM {}\nWHERE {all}{order}", from_clause(sql))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn condition(column: &str, type_name: &str, picked: Picked) -> Option<Condition> {
        Condition::new(&ColumnInfo { name: column.into(), type_name: type_name.into() }, picked)
    }

    #[wasm_bindgen_test]
    fn selections_are_conditions() {
        let names = |names: &[&str]| Picked::Names(names.iter().map(|&name| name.to_owned()).collect());
        for (column, type_name, picked, sql, text) in [
            (
                "at",
                "TIMESTAMP",
                Picked::Range { low: 0.0, high: Some(90_000.0) },
                "at >= TIMESTAMP '1970-01-01 00:00:00' AND at < TIMESTAMP '1970-01-01 00:01:30'",
                "at from 1970-01-01 to before 1970-01-01 00:01:30",
            ),
            (
                "Day",
                "DATE",
                Picked::Range { low: 86_400_000.0, high: None },
                "\"Day\" >= DATE '1970-01-02'",
                "Day from 1970-01-02",
            ),
            (
                "n",
                "BIGINT",
                Picked::Range { low: -2.5, high: Some(1e7) },
                "n >= -2.5 AND n < 10000000",
                "n from -2.5 to before 10,000,000",
            ),
            ("kind", "VARCHAR", names(&["it's"]), "kind = 'it''s'", "kind: it's"),
            (
                "kind",
                "VARCHAR",
                names(&["a", "b", "others (7)", "NULL"]),
                "(kind IN ('a', 'b') OR kind IS NULL)",
                "kind: a, b, NULL",
            ),
            ("ok", "BOOLEAN", names(&["true"]), "ok = true", "ok: true"),
            ("n", "BIGINT", names(&["1", "2"]), "n IN (1, 2)", "n: 1, 2"),
            (
                "at",
                "TIMESTAMP",
                Picked::Part(TimePart::Weekday, vec![0, 6]),
                "date_part('dow', at) IN (1, 0)",
                "weekday of at: Mon, Sun",
            ),
        ] {
            let condition = condition(column, type_name, picked).expect("a condition");
            assert_eq!(condition.sql(), sql);
            assert_eq!(condition_text(&[condition]), text);
        }
        assert_eq!(condition("kind", "VARCHAR", names(&["others (7)"])), None);
    }

    #[wasm_bindgen_test]
    fn a_filtered_statement_keeps_its_text() {
        let condition =
            condition("n", "BIGINT", Picked::Range { low: 1.0, high: None }).expect("a condition");
        assert_eq!(
            filtered_sql("SELECT n FROM t -- all of it\n;", &[condition]),
            "SELECT *\nFROM (\nSELECT n FROM t -- all of it\n) AS result\nWHERE n >= 1\nORDER BY n"
        );
    }
}
