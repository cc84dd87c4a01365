//! Windows over event time as the card says them, and what is wrong with them.
//!
//! Owns: the kinds with their lengths ([`kind`]), and the checks, which are the engine's, so that a person
//! reads of a mistake at its field and before a query runs. What windows mean is in `docs/WINDOWS.md`.

mod kind;
mod length;
mod zone;

use millrace_protocol::TableInfo;
use serde::{Deserialize, Serialize};

use super::{
    literal,
    query::{BuilderQuery, Group, class_of},
    saved,
};
use crate::{charts::ColumnClass, panels::builder::first_query::time_unit};
use length::{SECOND, Span};
use zone::is_zone;

pub use kind::{Parameter, WINDOW_KINDS, WindowKind};
pub use length::{Length, UNITS, Unit};
pub use zone::zone_names;

/// Columns that windows add.
const ADDED_COLUMNS: &[&str] = &["window_start", "window_end", "window_time"];

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
    /// Name of the time zone whose calendar windows follow; empty for UTC. It stays when the kind changes.
    pub zone: String,
    /// Lengths by [`Parameter`], also those that only other kinds take: they stay when the kind changes.
    lengths: [Length; 7],
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
        let counts = [size, step, step, step, "", "100", ""];
        let lengths = counts.map(|count| Length { count: count.to_owned(), unit });
        Self { kind, column: column.to_owned(), keys: None, zone: String::new(), lengths }
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
            return Some(tf!("The table has a column {name} already, which windows add.", name = name));
        }
        let is_time = class_of(table, &self.column) == Some(ColumnClass::Timestamp);
        (!is_time).then(|| tf!("{a} is no timestamp.", a = self.column))
    }

    /// What is wrong with a length.
    pub fn problem(&self, parameter: Parameter) -> Option<String> {
        let own = |parameter| self.span(parameter);
        if let Err(problem) = own(parameter) {
            // What is left out cannot be wrong.
            let is_left_out = parameter == Parameter::Every && self.length(parameter).count.trim().is_empty();
            return (!is_left_out).then(|| problem.to_owned());
        }
        // An offset fits every length of its unit.
        let mut compared = self.kind.parameters.iter().filter(|parameter| **parameter != Parameter::Offset);
        if compared.any(|parameter| own(*parameter).is_err()) {
            return None;
        }
        let (at, problem) = self.unit_problem().or_else(|| {
            // The days of a month so far are no part of its months.
            let is_mixed =
                self.is_in_months() && self.sizes().any(|(_, span)| matches!(span, Span::Millis(_)));
            let number = |parameter| own(parameter).map(Span::number).unwrap_or_default();
            if is_mixed { None } else { (self.kind.check)(&number) }
        })?;
        (at == parameter).then_some(problem)
    }

    /// What is wrong with the time zone.
    pub fn zone_problem(&self) -> Option<String> {
        let zone = self.own_zone()?;
        (!is_zone(zone))
            .then(|| t!("No time zone has this name. Names are such as Europe/Berlin.").to_owned())
    }

    /// Lengths that do not go together because of their units, or with the time zone.
    fn unit_problem(&self) -> Option<(Parameter, String)> {
        if !self.kind.has_calendar {
            return None;
        }
        let (in_months, grows) = (self.is_in_months(), self.kind.parameters.contains(&Parameter::Step));
        for (parameter, span) in self.sizes() {
            let days_of_months = grows && parameter == Parameter::Step;
            match span {
                Span::Millis(_) if in_months && !days_of_months => {
                    let problem = t!("Months are not equally many days: choose months here too, or nowhere.");
                    return Some((parameter, problem.to_owned()));
                }
                _ if (in_months || self.own_zone().is_some()) && !span.is_of_calendar() => {
                    let problem = t!("Windows of a calendar last whole days or longer.");
                    return Some((parameter, problem.to_owned()));
                }
                _ => {}
            }
        }
        let problem = match self.span(Parameter::Offset) {
            Ok(offset) if offset.number() == 0 => return None,
            Ok(Span::Millis(_)) if in_months => t!("Choose months: the windows last months."),
            Ok(Span::Months(_)) if !in_months => t!("Choose days or less: the windows do not last months."),
            Ok(offset) if self.own_zone().is_some() && !offset.is_of_calendar() => {
                t!("Windows of a calendar are moved by whole days or more.")
            }
            _ => return None,
        };
        Some((Parameter::Offset, problem.to_owned()))
    }

    /// The lengths of windows, without how far they are moved.
    fn sizes(&self) -> impl Iterator<Item = (Parameter, Span)> + '_ {
        let parameters = self.kind.parameters.iter().copied();
        let sizes = parameters.filter(|parameter| *parameter != Parameter::Offset);
        sizes.filter_map(|parameter| Some((parameter, self.span(parameter).ok()?)))
    }

    /// Whether windows last months.
    fn is_in_months(&self) -> bool {
        self.sizes().any(|(_, span)| matches!(span, Span::Months(_)))
    }

    /// The time zone, where windows have one.
    fn own_zone(&self) -> Option<&str> {
        Some(self.zone.trim()).filter(|zone| self.kind.has_calendar && !zone.is_empty())
    }

    /// Whether nothing is wrong.
    pub fn is_complete(&self, table: &TableInfo) -> bool {
        self.column_problem(table).is_none()
            && self.zone_problem().is_none()
            && self.kind.parameters.iter().all(|parameter| self.problem(*parameter).is_none())
    }

    /// The lengths of the call and its time zone, as SQL writes them.
    pub fn arguments(&self) -> Vec<String> {
        let parameters = self.kind.parameters.iter().copied();
        let given = parameters.filter(|parameter| match parameter {
            // Windows that are not moved need not say so.
            Parameter::Offset => self.span(*parameter).is_ok_and(|span| span.number() != 0),
            Parameter::Every => !self.length(*parameter).count.trim().is_empty(),
            _ => true,
        });
        let written = |parameter: Parameter| match parameter.counts_rows() {
            true => self.length(parameter).number().to_string(),
            false => self.length(parameter).interval(),
        };
        let zone = self.own_zone().map(|zone| format!("TIMEZONE => {}", literal::text(zone)));
        given.map(written).chain(zone).collect()
    }

    /// The same windows as far as `table` has their columns.
    pub fn fitted_to(mut self, table: &TableInfo) -> Option<Self> {
        if let Some(keys) = &mut self.keys {
            keys.retain(|key| class_of(table, key).is_some());
        }
        (class_of(table, &self.column) == Some(ColumnClass::Timestamp)).then_some(self)
    }

    fn span(&self, parameter: Parameter) -> Result<Span, &'static str> {
        let length = self.length(parameter);
        match parameter {
            Parameter::Every if length.count.trim().is_empty() => self.span(Parameter::Rows),
            Parameter::Rows | Parameter::Every => length.rows(),
            Parameter::Gap if !length.unit.is_time() => {
                Err(t!("Sessions know no months: choose a length of time."))
            }
            Parameter::Offset => length.span(true),
            _ => length.span(false),
        }
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
