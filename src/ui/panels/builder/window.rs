//! Windows over event time as the card says them, and what is wrong with them.
//!
//! Owns: the kinds with their lengths ([`kind`]), and the checks, which are the engine's, so that a person
//! reads of a mistake at its field and before a query runs. What windows mean is in `docs/WINDOWS.md`.

mod kind;

use millrace_protocol::TableInfo;
use serde::{Deserialize, Serialize};

use super::{
    query::{BuilderQuery, Group, class_of},
    saved,
};
use crate::{charts::ColumnClass, panels::builder::first_query::time_unit};

pub use kind::{Parameter, WINDOW_KINDS, WindowKind};

/// About 292 years: more nanoseconds cannot be counted.
const MOST_MILLIS: i64 = i64::MAX / 1_000_000;

/// Columns that windows add.
const ADDED_COLUMNS: &[&str] = &["window_start", "window_end", "window_time"];

/// A length as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Length {
    /// How many units.
    pub count: String,
    /// What is counted.
    #[serde(with = "saved::unit")]
    pub unit: Unit,
}

/// A unit of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name in SQL, for one and in lower case.
    pub name: &'static str,
    millis: i64,
}

/// Units of lengths, shortest first.
pub const UNITS: &[Unit] = &[
    Unit { name: "millisecond", millis: 1 },
    SECOND,
    Unit { name: "minute", millis: 60_000 },
    Unit { name: "hour", millis: 3_600_000 },
    Unit { name: "day", millis: 86_400_000 },
];

const SECOND: Unit = Unit { name: "second", millis: 1000 };

/// The choices of the window card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// Which windows.
    #[serde(with = "saved::window_kind")]
    pub kind: &'static WindowKind,
    /// Column of the event time.
    pub column: String,
    /// Columns whose values have sessions of their own; nothing for those that are grouped by.
    pub keys: Option<Vec<String>>,
    /// Lengths by [`Parameter`], also those that only other kinds take: they stay when the kind changes.
    lengths: [Length; 5],
}

impl Unit {
    /// The unit of this name.
    pub fn named(name: &str) -> Option<Self> {
        UNITS.iter().copied().find(|unit| unit.name == name)
    }
}

impl Window {
    /// Windows over a column of a table, as long as its rows suggest.
    pub fn over(column: &str, kind: &'static WindowKind, table: &TableInfo) -> Self {
        let place = table.columns.iter().position(|info| info.name == column);
        let unit = place.map_or("hour", |place| time_unit(table, place));
        let (unit, size, step) = match unit {
            "second" => ("second", "10", "5"),
            "minute" => ("minute", "10", "5"),
            "hour" => ("hour", "6", "1"),
            _ => ("day", "7", "1"),
        };
        let unit = Unit::named(unit).unwrap_or(SECOND);
        let lengths = [size, step, step, step, ""].map(|count| Length { count: count.to_owned(), unit });
        Self { kind, column: column.to_owned(), keys: None, lengths }
    }

    /// A length as typed.
    pub fn length(&self, parameter: Parameter) -> &Length {
        &self.lengths[parameter as usize]
    }

    /// The same, to be changed.
    pub fn length_mut(&mut self, parameter: Parameter) -> &mut Length {
        &mut self.lengths[parameter as usize]
    }

    /// Columns that tell windows apart, in their order. All that is grouped by is shown too, because
    /// partial results have estimates only then.
    pub fn bounds(&self) -> &'static [&'static str] {
        if self.kind.shows_end { &["window_start", "window_end"] } else { &["window_start"] }
    }

    /// Columns whose values have sessions of their own, where these columns are grouped by.
    pub fn keys_beside(&self, groups: &[Group]) -> Vec<String> {
        let grouped = || groups.iter().filter(|group| group.unit.is_none()).map(|group| group.column.clone());
        self.keys.clone().unwrap_or_else(|| grouped().collect())
    }

    /// Why the table cannot have windows over the column.
    pub fn column_problem(&self, table: &TableInfo) -> Option<String> {
        let taken = |name: &&str| table.columns.iter().any(|column| column.name == *name);
        if let Some(name) = ADDED_COLUMNS.iter().copied().find(taken) {
            return Some(format!("The table has a column {name} already, which windows add."));
        }
        let is_time = class_of(table, &self.column) == Some(ColumnClass::Timestamp);
        (!is_time).then(|| format!("{} is no timestamp.", self.column))
    }

    /// What is wrong with a length.
    pub fn problem(&self, parameter: Parameter) -> Option<String> {
        let own = |parameter| self.millis(parameter);
        if let Err(problem) = own(parameter) {
            return Some(problem.to_owned());
        }
        // An offset fits every length.
        let mut compared = self.kind.parameters.iter().filter(|parameter| **parameter != Parameter::Offset);
        if compared.any(|parameter| own(*parameter).is_err()) {
            return None;
        }
        let (at, problem) = (self.kind.check)(&|parameter| own(parameter).unwrap_or_default())?;
        (at == parameter).then_some(problem)
    }

    /// Whether nothing is wrong.
    pub fn is_complete(&self, table: &TableInfo) -> bool {
        self.column_problem(table).is_none()
            && self.kind.parameters.iter().all(|parameter| self.problem(*parameter).is_none())
    }

    /// The lengths of the call, as SQL writes them.
    pub fn intervals(&self) -> Vec<String> {
        let parameters = self.kind.parameters.iter().copied();
        let given = parameters.filter(|parameter| {
            // Windows that are not moved need not say so.
            *parameter != Parameter::Offset || self.millis(*parameter) != Ok(0)
        });
        given.map(|parameter| self.length(parameter).interval()).collect()
    }

    /// The same windows as far as `table` has their columns.
    pub fn fitted_to(mut self, table: &TableInfo) -> Option<Self> {
        if let Some(keys) = &mut self.keys {
            keys.retain(|key| class_of(table, key).is_some());
        }
        (class_of(table, &self.column) == Some(ColumnClass::Timestamp)).then_some(self)
    }

    fn millis(&self, parameter: Parameter) -> Result<i64, &'static str> {
        let length = self.length(parameter);
        let count = match length.count.trim() {
            "" if parameter == Parameter::Offset => return Ok(0),
            "" => return Err("A number is missing."),
            typed => typed.parse::<i64>().map_err(|_| "Not a whole number.")?,
        };
        if parameter != Parameter::Offset && count <= 0 {
            return Err("Not longer than zero.");
        }
        let millis = count.checked_mul(length.unit.millis);
        millis.filter(|millis| millis.abs() <= MOST_MILLIS).ok_or("Longer than 292 years.")
    }
}

impl Length {
    fn interval(&self) -> String {
        let count = self.count.trim().parse().unwrap_or(0_i64);
        let plural = if count == 1 { "" } else { "S" };
        format!("INTERVAL '{count}' {}{plural}", self.unit.name.to_uppercase())
    }
}

impl BuilderQuery {
    /// Goes to another kind of windows, or to none.
    ///
    /// New windows take the place of groups of the same time, and the result is sorted by them unless
    /// it is sorted by something that it still has.
    pub fn choose_window(&mut self, kind: Option<&'static WindowKind>, table: &TableInfo) {
        let grouped = self.groups.iter().map(|group| group.column.clone());
        let columns = table.columns.iter().map(|column| column.name.clone());
        let first = || {
            let mut times = grouped.chain(columns);
            times.find(|column| class_of(table, column) == Some(ColumnClass::Timestamp))
        };
        self.window = match (kind, self.window.take()) {
            (None, _) => None,
            (Some(kind), Some(window)) => Some(Window { kind, ..window }),
            (Some(kind), None) => first().map(|column| Window::over(&column, kind, table)),
        };
        if let Some(window) = &self.window {
            self.groups.retain(|group| group.column != window.column);
            self.count_if_nothing_else();
        }
        let outputs = super::sql::outputs(self, table);
        let sorted = self.sort.as_ref().is_some_and(|(sort, _)| outputs.iter().any(|o| o.name == *sort));
        if !sorted {
            self.sort = self.window.as_ref().map(|window| (window.bounds()[0].to_owned(), false));
        }
    }
}

#[cfg(test)]
mod tests;
