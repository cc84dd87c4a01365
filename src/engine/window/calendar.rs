//! Windows that last days, weeks, months or years of a calendar, which are not equally long.
//!
//! Days and months have numbers that follow each other, as the milliseconds of other windows do. So any
//! kind of window is made of these numbers first, and then of the moments at which the days or months
//! with them begin in a time zone. A day lasts from its first moment to that of the next day, 23 or 25
//! hours where clocks are moved.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::zone::{DAY_SECONDS, Zone};
use super::{Assigner, tumble};

/// What a window's lengths count, and where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Calendar {
    pub(super) unit: Unit,
    pub(super) zone: Zone,
}

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    /// All lengths are days.
    Day,
    /// All lengths are months.
    Month,
    /// The first length is days, of windows whose size is months: the month so far.
    DayOfMonths,
}

impl Calendar {
    /// What gives moments their windows, by what gives numbers of days or months theirs.
    pub(super) fn assigner(&self, numbers: Box<dyn Assigner>, ticks_per_second: i64) -> Box<dyn Assigner> {
        let (calendar, known) = (self.clone(), Mutex::default());
        Box::new(CalendarAssigner { calendar, numbers, ticks_per_second, known })
    }

    /// The same for panes, whose lengths are all of one unit.
    pub(super) fn of_panes(&self) -> Self {
        let unit = if self.unit == Unit::Month { Unit::Month } else { Unit::Day };
        Self { unit, zone: self.zone.clone() }
    }

    /// The number of a day or month, counted from 1970-01-01, that begins on the day with this number.
    fn number_of_day(&self, day: i64) -> i64 {
        if self.unit == Unit::Month { month_of_day(day) } else { day }
    }

    fn first_second(&self, number: i64) -> i64 {
        let day = if self.unit == Unit::Month { first_day_of_month(number) } else { number };
        self.zone.first_second_at(day.saturating_mul(DAY_SECONDS))
    }
}

/// Windows of a calendar. Times are in ticks, of which so many are a second.
#[derive(Debug)]
struct CalendarAssigner {
    calendar: Calendar,
    numbers: Box<dyn Assigner>,
    ticks_per_second: i64,
    known: Mutex<Known>,
}

/// What was found out for the rows before, whose days are often the same.
#[derive(Debug, Default)]
struct Known {
    /// The first ticks of days or months by their numbers.
    starts: HashMap<i64, i64>,
    /// The number of the last row's, its first tick, and that of the next one.
    last: Option<(i64, i64, i64)>,
}

/// More starts are not kept: those of all days of a thousand years are fewer.
const MOST_STARTS: usize = 400_000;

impl CalendarAssigner {
    fn start(&self, known: &mut Known, number: i64) -> i64 {
        if known.starts.len() > MOST_STARTS {
            known.starts.clear();
        }
        let first = || self.calendar.first_second(number).saturating_mul(self.ticks_per_second);
        *known.starts.entry(number).or_insert_with(first)
    }

    /// The number of the day or month that holds a moment. Near the place where clocks are moved it
    /// need not be the one that they show.
    fn number(&self, known: &mut Known, time: i64) -> i64 {
        if let Some((number, start, end)) = known.last
            && (start..end).contains(&time)
        {
            return number;
        }
        let clock = self.calendar.zone.clock_seconds(time.div_euclid(self.ticks_per_second));
        let mut number = self.calendar.number_of_day(clock.div_euclid(DAY_SECONDS));
        while time < self.start(known, number) {
            number -= 1;
        }
        while time >= self.start(known, number + 1) {
            number += 1;
        }
        known.last = Some((number, self.start(known, number), self.start(known, number + 1)));
        number
    }
}

impl Assigner for CalendarAssigner {
    fn windows_of(&self, time: i64, each: &mut dyn FnMut(i64, i64)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.number(&mut known, time);
        let mut before = None;
        self.numbers.windows_of(number, &mut |start, end| {
            let window = (self.start(&mut known, start), self.start(&mut known, end));
            // A day that a zone skips makes no window longer.
            if before.replace(window) != Some(window) {
                each(window.0, window.1);
            }
        });
    }

    fn most(&self) -> usize {
        self.numbers.most()
    }

    fn pane(&self) -> Option<[i64; 2]> {
        self.numbers.pane()
    }
}

/// Windows of months that grow by days, over the numbers of days. The last one of each ends with its months.
#[derive(Debug)]
pub(super) struct DaysOfMonths {
    pub(super) step_days: i64,
    pub(super) size_months: i64,
    pub(super) offset_months: i64,
}

impl Assigner for DaysOfMonths {
    fn windows_of(&self, day: i64, each: &mut dyn FnMut(i64, i64)) {
        let month = tumble::start_of(month_of_day(day), self.size_months, self.offset_months);
        let (start, last) = (first_day_of_month(month), first_day_of_month(month + self.size_months));
        let mut end = start + ((day - start) / self.step_days + 1) * self.step_days;
        while end < last {
            each(start, end);
            end += self.step_days;
        }
        each(start, last);
    }

    fn most(&self) -> usize {
        usize::try_from(self.size_months.saturating_mul(31) / self.step_days + 1).unwrap_or(usize::MAX)
    }

    fn pane(&self) -> Option<[i64; 2]> {
        Some([1, 0])
    }
}

/// The number of the month that holds a day; both are counted from 1970-01-01 in the proleptic Gregorian
/// calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2014: `civil_from_days`).
fn month_of_day(day: i64) -> i64 {
    // Years begin in March, so that the day that some lack is the last one.
    let day = day.saturating_add(719_468);
    let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    (era * 400 + year - 1970) * 12 + months_from_march + 2
}

/// The number of the first day of a month, as `days_from_civil` there.
fn first_day_of_month(month: i64) -> i64 {
    let from_march = month.saturating_sub(2);
    let (year, months) = (from_march.div_euclid(12) + 1970, from_march.rem_euclid(12));
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * months + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, NaiveDate};

    #[test]
    fn months_are_those_of_the_calendar() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
        for number in (-800_000_i64..800_000).step_by(13).chain(-1000..1000) {
            let date = epoch + chrono::TimeDelta::days(number);
            let month = i64::from(date.year() - 1970) * 12 + i64::from(date.month0());
            assert_eq!(month_of_day(number), month, "{date}");
            assert_eq!(first_day_of_month(month), number - i64::from(date.day0()), "{date}");
        }
    }

    #[test]
    fn months_so_far_end_with_the_month() {
        let windows = DaysOfMonths { step_days: 10, size_months: 1, offset_months: 0 };
        let mut found = Vec::new();
        windows.windows_of(31 + 5, &mut |start, end| found.push((start, end)));
        assert_eq!(found, [(31, 41), (31, 51), (31, 59)]);
        found.clear();
        windows.windows_of(58, &mut |start, end| found.push((start, end)));
        assert_eq!(found, [(31, 59)]);
    }
}
