//! Windows of calendars give what a clock shows that is watched minute by minute, across all its changes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;

use crate::windows::{AGGREGATES, answer, lines};

/// Zones, and days on which their clocks are moved or their calendar skips a day.
const CHANGES: &[(Tz, &str)] = &[
    (Tz::UTC, "2024-02-29"),
    (Tz::Europe__Berlin, "2024-03-31"),
    (Tz::Europe__Berlin, "2024-10-27"),
    (Tz::America__Los_Angeles, "2021-03-14"),
    // At midnight, forwards.
    (Tz::America__Sao_Paulo, "2018-11-04"),
    // Back to midnight, and back over it from a minute behind.
    (Tz::America__Havana, "2023-11-05"),
    (Tz::America__St_Johns, "2006-10-29"),
    // Half an hour.
    (Tz::Australia__Lord_Howe, "2024-04-07"),
    (Tz::Asia__Kolkata, "2024-01-01"),
    // No 30 December.
    (Tz::Pacific__Apia, "2011-12-30"),
    (Tz::Europe__Dublin, "1969-12-31"),
];

/// Rows are at most so many days from the change, and their windows so many more.
const ROWS_DAYS: i64 = 45;
const WATCHED_DAYS: i64 = 200;
const DAY_MINUTES: i64 = 1440;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_of_calendars_follow_the_clock(
        change in 0..CHANGES.len(),
        rows in proptest::collection::vec(row(), 1..50),
        unit in proptest::sample::select(vec![Unit::Day, Unit::Week, Unit::Month]),
        short in 1i64..=2,
        times in 1i64..=2,
        more in 0i64..=1,
        offset in -3i64..=3,
        threads in 1usize..=8,
        split_bytes in prop_oneof![1u64..=8, 9u64..=200, Just(1 << 20)],
    ) {
        let (zone, day) = CHANGES[change];
        let noon = DateTime::parse_from_rfc3339(&format!("{day}T12:00:00Z")).expect("a moment").timestamp();
        let rows: Vec<(i64, i64)> = rows.iter().map(|(seconds, value)| (noon + seconds, *value)).collect();
        let mut csv = "ts,v\n".to_owned();
        for (seconds, value) in &rows {
            let moment = DateTime::from_timestamp(*seconds, 0).expect("a moment");
            csv.push_str(&format!("{},{value}\n", moment.format("%Y-%m-%dT%H:%M:%SZ")));
        }
        let engine = crate::engine(&csv, threads, split_bytes);
        let clock = Clock::watch(zone, noon / 60, unit);
        for kind in ["TUMBLE", "HOP", "CUMULATE"] {
            let long = if kind == "CUMULATE" { short * times } else { short * times + more };
            let interval = |length: i64| format!("INTERVAL '{length}' {}", unit.name());
            let step = if kind == "TUMBLE" { String::new() } else { interval(short) + ", " };
            let sql = format!(
                "SELECT CAST(window_start AS BIGINT), CAST(window_end AS BIGINT), {AGGREGATES} FROM \
                 {kind}(TABLE t, DESCRIPTOR(ts), {step}{}, {}, TIMEZONE => '{zone}') GROUP BY window_start, window_end",
                interval(long), interval(offset),
            );
            let mut windows: BTreeMap<(i64, i64, Option<char>), Vec<Option<i64>>> = BTreeMap::new();
            for (seconds, value) in &rows {
                let numbers = windows_of(kind, clock.number(*seconds), short, long, offset);
                let bounds = |(start, end)| (clock.starts[&start] * 60_000, clock.starts[&end] * 60_000, None);
                for window in numbers.into_iter().map(bounds).collect::<BTreeSet<_>>() {
                    windows.entry(window).or_default().push(Some(*value));
                }
            }
            prop_assert_eq!(answer(&engine, &sql), lines(windows, false, 0), "{}", sql);
        }
    }
}

/// Seconds from the change, often near it, and a value.
fn row() -> impl Strategy<Value = (i64, i64)> {
    let near = -2 * 86_400..2 * 86_400i64;
    (prop_oneof![1 => near, 1 => -ROWS_DAYS * 86_400..ROWS_DAYS * 86_400], -5i64..20)
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    Day,
    Week,
    Month,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
        }
    }

    /// The number of the day, ISO week or month, counted from 1970, that holds a day.
    fn of_day(self, day: i64) -> i64 {
        let date = DateTime::UNIX_EPOCH.date_naive() + TimeDelta::days(day);
        match self {
            Self::Day => day,
            // The Monday of the first week was 1970-01-05.
            Self::Week => (day - 4).div_euclid(7),
            Self::Month => i64::from(date.year() - 1970) * 12 + i64::from(date.month0()),
        }
    }
}

/// When days, weeks or months began, in minutes since 1970, by their numbers.
struct Clock {
    starts: BTreeMap<i64, i64>,
}

impl Clock {
    fn watch(zone: Tz, around: i64, unit: Unit) -> Self {
        let mut starts = BTreeMap::new();
        let mut last: Option<i64> = None;
        for minute in around - WATCHED_DAYS * DAY_MINUTES..around + WATCHED_DAYS * DAY_MINUTES {
            let moment = DateTime::from_timestamp(minute * 60, 0).expect("a moment").naive_utc();
            let offset = i64::from(zone.offset_from_utc_datetime(&moment).fix().local_minus_utc());
            // Before standard time, clocks differed by seconds; a minute has begun when they show it.
            let number = unit.of_day((minute * 60 + offset).div_euclid(86_400));
            for begun in last.map_or(number, |last| last + 1)..=number {
                starts.insert(begun, minute);
            }
            last = Some(last.map_or(number, |last| last.max(number)));
        }
        Self { starts }
    }

    /// The number of the last one that has begun.
    fn number(&self, seconds: i64) -> i64 {
        let begun = self.starts.iter().rev().find(|(_, start)| **start * 60 <= seconds);
        // A day that the calendar skips begins with the one behind it.
        *begun.expect("a clock that was watched").0
    }
}

/// Numbers at which the windows of a number start and end, by trying all.
fn windows_of(kind: &str, number: i64, short: i64, long: i64, offset: i64) -> Vec<(i64, i64)> {
    let every = if kind == "HOP" { short } else { long };
    let starts = (number - long + 1..=number).filter(|start| (start - offset).rem_euclid(every) == 0);
    let mut found = Vec::new();
    for start in starts {
        match kind {
            "CUMULATE" => {
                let ends = (1..=long / short).map(|steps| start + steps * short);
                found.extend(ends.filter(|end| *end > number).map(|end| (start, end)));
            }
            _ => found.push((start, start + long)),
        }
    }
    found
}
