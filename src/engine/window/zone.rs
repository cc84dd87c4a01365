//! Time zones: where a moment stands on the clocks and calendars of a place.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::timezone::Tz;
use chrono::{DateTime, Offset, TimeZone};

use super::Complaint;
use crate::sql::nearest;

pub(super) const DAY_SECONDS: i64 = 86_400;

/// Clocks are moved by less, counted from the offset of any zone: twice that is far enough to look.
const MOST_SHIFT_SECONDS: i64 = 2 * DAY_SECONDS;

/// A zone of the IANA's database, or a fixed offset such as `+02:00`.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    name: Arc<str>,
    rules: Tz,
}

impl Zone {
    /// The zone of this name, in any case.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn named(name: &str) -> Result<Self, Complaint> {
        let known = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let name = known().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name);
        match name.parse() {
            Ok(rules) => Ok(Self { name: name.into(), rules }),
            Err(_) => Err(Complaint {
                message: format!("There is no time zone `{name}`."),
                hint: match nearest(name, known()) {
                    Some(near) => format!("Did you mean '{near}'?"),
                    None => "Zones have names such as 'Europe/Berlin' or 'UTC'.".to_owned(),
                },
            }),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is its name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// What clocks show at a moment, as seconds since 1970-01-01 on them.
    pub(super) fn clock_seconds(&self, seconds: i64) -> i64 {
        // Beyond the years that rules are made for, clocks are those of UTC.
        let Some(moment) = DateTime::from_timestamp(seconds, 0) else { return seconds };
        let offset = self.rules.offset_from_utc_datetime(&moment.naive_utc()).fix();
        seconds + i64::from(offset.local_minus_utc())
    }

    /// The first moment at which clocks show `clock` or later. Where clocks are set back over it, it comes
    /// twice, and the first time counts; where they are set forward over it, the moment when they are.
    pub(super) fn first_second_at(&self, clock: i64) -> i64 {
        let Some(shown) = DateTime::from_timestamp(clock, 0) else { return clock };
        if let Some(offset) = self.rules.offset_from_local_datetime(&shown.naive_utc()).earliest() {
            return clock - i64::from(offset.fix().local_minus_utc());
        }
        let (mut before, mut at) = (clock - MOST_SHIFT_SECONDS, clock + MOST_SHIFT_SECONDS);
        while at - before > 1 {
            let middle = before + (at - before) / 2;
            *if self.clock_seconds(middle) < clock { &mut before } else { &mut at } = middle;
        }
        at
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).expect("a moment").timestamp()
    }

    #[test]
    fn clocks_that_are_moved() {
        for (zone, clock, first) in [
            ("Europe/Berlin", "2024-03-31T02:30:00Z", "2024-03-31T01:00:00Z"),
            ("Europe/Berlin", "2024-10-27T02:30:00Z", "2024-10-27T00:30:00Z"),
            ("America/Sao_Paulo", "2018-11-04T00:00:00Z", "2018-11-04T03:00:00Z"),
            ("America/Havana", "2023-11-05T00:00:00Z", "2023-11-05T04:00:00Z"),
            ("Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-30T10:00:00Z"),
            ("+05:30", "2024-01-01T00:00:00Z", "2023-12-31T18:30:00Z"),
        ] {
            let zone = Zone::named(zone).expect("a zone");
            assert_eq!(zone.first_second_at(seconds(clock)), seconds(first), "{} {clock}", zone.name());
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_wrong_ones_told() {
        assert_eq!(Zone::named("europe/berlin").expect("a zone").name(), "Europe/Berlin");
        assert_eq!(Zone::named("Europe/Berln").expect_err("no zone").hint, "Did you mean 'Europe/Berlin'?");
        assert_eq!(
            Zone::named("Middle/Earth").expect_err("no zone").message,
            "There is no time zone `Middle/Earth`."
        );
    }
}
