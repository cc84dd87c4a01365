//! Parts of times that repeat: the hour of the day, the day of the week and the like, in UTC.

use serde::{Deserialize, Serialize};

use super::value_text::civil_from_days;

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A part of a time that comes again and again, as an axis of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimePart {
    /// The minute of the hour.
    Minute,
    /// The hour of the day.
    Hour,
    /// The day of the week, from Monday on.
    Weekday,
    /// The day of the month.
    Day,
    /// The month of the year.
    Month,
}

/// All of them, shortest first.
pub const TIME_PARTS: &[TimePart] =
    &[TimePart::Minute, TimePart::Hour, TimePart::Weekday, TimePart::Day, TimePart::Month];

impl TimePart {
    /// Name for people and, in settings, for code.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Day => "day of month",
            Self::Month => "month",
        }
    }

    /// Names of all its values, in order.
    pub fn labels(self) -> Vec<String> {
        match self {
            Self::Minute => (0..60).map(|minute| format!("{minute:02}")).collect(),
            Self::Hour => (0..24).map(|hour| format!("{hour:02}")).collect(),
            Self::Weekday => WEEKDAYS.map(str::to_owned).to_vec(),
            Self::Day => (1..=31).map(|day| day.to_string()).collect(),
            Self::Month => MONTHS.map(str::to_owned).to_vec(),
        }
    }

    /// The place of a time, in milliseconds since 1970-01-01 UTC, among [`Self::labels`].
    pub fn of(self, millis: f64) -> usize {
        let millis = millis.floor() as i64;
        let (days, rest) = (millis.div_euclid(DAY_MILLIS), millis.rem_euclid(DAY_MILLIS));
        let place = match self {
            Self::Minute => rest / 60_000 % 60,
            Self::Hour => rest / HOUR_MILLIS,
            // The first day of 1970 was a Thursday.
            Self::Weekday => (days + 3).rem_euclid(7),
            Self::Day => civil_from_days(days).2 - 1,
            Self::Month => civil_from_days(days).1 - 1,
        };
        usize::try_from(place).unwrap_or(0)
    }

    /// The SQL that computes the number that [`Self::sql_number`] gives for a place.
    pub fn sql(self, column: &str) -> String {
        let part = match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Weekday => "dow",
            Self::Day => "day",
            Self::Month => "month",
        };
        format!("date_part('{part}', {column})")
    }

    /// The number that SQL has for a place among [`Self::labels`]: its weeks begin on Sunday, with 0.
    pub fn sql_number(self, place: usize) -> usize {
        match self {
            Self::Minute | Self::Hour => place,
            Self::Weekday => (place + 1) % 7,
            Self::Day | Self::Month => place + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn times_have_their_parts_before_and_after_1970() {
        // Tuesday, 2026-03-03 14:25:59.9 and Wednesday, 1969-12-31 23:59:59.
        for (millis, parts) in [
            (1_772_547_959_900.0, ["25", "14", "Tue", "3", "Mar"]),
            (-1000.0, ["59", "23", "Wed", "31", "Dec"]),
        ] {
            for (part, label) in TIME_PARTS.iter().zip(parts) {
                assert_eq!(part.labels()[part.of(millis)], label, "{part:?} of {millis}");
            }
        }
    }

    #[wasm_bindgen_test]
    fn every_place_has_a_number_of_its_own() {
        for part in TIME_PARTS {
            let count = part.labels().len();
            let mut numbers: Vec<usize> = (0..count).map(|place| part.sql_number(place)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), count, "{part:?}");
        }
        assert_eq!(TimePart::Weekday.sql_number(6), 0);
    }
}
