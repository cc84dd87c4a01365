//! A kind of window with its lengths.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use arrow::datatypes::TimeUnit;

use super::calendar::{Calendar, DaysOfMonths, Unit};
use super::length::NANOS_PER_DAY;
use super::time::{Bound, NANOS_PER_MILLI, unit_nanos};
use super::{Assigner, Complaint, Length, Parameter, WindowKind, Zone};

/// Windows of one call.
#[derive(Clone)]
pub(crate) struct WindowSpec {
    pub(crate) kind: &'static WindowKind,
    /// In the order of the kind's parameters: in nanoseconds, or in rows, or in units of the calendar. A
    /// session's gap may change from row to row, so it is an expression elsewhere, and sessions have none here.
    lengths: Vec<i64>,
    /// Whose days or months are counted.
    calendar: Option<Calendar>,
}

/// More windows than that for one moment are a mistake, and would not end.
const MOST_WINDOWS: usize = 100_000;
/// The longest month.
const MONTH_DAYS: i64 = 31;

impl WindowSpec {
    /// Windows of these lengths, in nanoseconds or rows; an offset that is not given is 0.
    pub(crate) fn try_new(kind: &'static WindowKind, lengths: &[Option<i64>]) -> Result<Self, Complaint> {
        let given = given(kind, lengths)?;
        (kind.check)(&given)?;
        let lengths = if kind.is_session() { Vec::new() } else { given };
        Self { kind, lengths, calendar: None }.countable()
    }

    /// Windows of these lengths of time. Where some of them are months, or a zone is given, they are windows
    /// of the calendar there, and without a zone in UTC.
    pub(crate) fn try_of_time(
        kind: &'static WindowKind,
        lengths: &[Option<Length>],
        zone: Option<Zone>,
    ) -> Result<Self, Complaint> {
        let is_month = |length: &Option<Length>| matches!(length, Some(Length::Months(_)));
        if zone.is_none() && !lengths.iter().any(is_month) {
            let nanos: Vec<_> = lengths.iter().map(|length| length.and_then(Length::nanos)).collect();
            return Self::try_new(kind, &nanos);
        }
        if !kind.takes_zone() {
            return Err(super::length::no_calendar());
        }
        let zone = zone.map_or_else(|| Zone::named("UTC"), Ok)?;
        let sizes = || kind.parameters.iter().zip(lengths).filter(|(parameter, _)| !parameter.is_offset);
        let months = sizes().filter(|(_, length)| is_month(length)).count();
        let unit = match (months, lengths) {
            (0, _) => Unit::Day,
            (count, _) if count == sizes().count() => Unit::Month,
            (_, [Some(Length::Nanos(_)), Some(Length::Months(_)), ..]) if kind.grows() => Unit::DayOfMonths,
            _ => return Err(mixed_units(kind)),
        };
        let in_units = kind.parameters.iter().zip(lengths).map(|(parameter, length)| {
            length.map(|length| in_units(kind, parameter, length, unit)).transpose()
        });
        let given = given(kind, &in_units.collect::<Result<Vec<_>, _>>()?)?;
        if unit != Unit::DayOfMonths {
            (kind.check)(&given)?;
        }
        Self { kind, lengths: given, calendar: Some(Calendar { unit, zone }) }.countable()
    }

    /// These windows, if they are not too many.
    fn countable(self) -> Result<Self, Complaint> {
        let most = self.assigner(TimeUnit::Nanosecond).map_or(1, |assigner| assigner.most());
        if most <= MOST_WINDOWS {
            return Ok(self);
        }
        let shorter = self.kind.parameters.iter().find(|parameter| parameter.name != "SIZE");
        let shorter = shorter.map_or("size", |parameter| parameter.name).to_lowercase();
        Err(Complaint {
            message: format!("Each row would be in {most} windows of {}.", self.kind.name),
            hint: format!("At most {MOST_WINDOWS} are possible: choose a longer {shorter}."),
        })
    }

    /// What gives moments in this unit their windows; nothing for sessions.
    pub(super) fn assigner(&self, unit: TimeUnit) -> Option<Box<dyn Assigner>> {
        let make = self.kind.assigner?;
        let Some(calendar) = &self.calendar else {
            let ticks = if self.kind.counts_rows() { 1 } else { unit_nanos(unit) };
            let lengths: Vec<i64> = self.lengths.iter().map(|length| length / ticks).collect();
            return Some(make(&lengths));
        };
        let numbers: Box<dyn Assigner> = match (calendar.unit, self.lengths.as_slice()) {
            (Unit::DayOfMonths, &[step_days, size_months, offset_months]) => {
                Box::new(DaysOfMonths { step_days, size_months, offset_months })
            }
            _ => make(&self.lengths),
        };
        Some(calendar.assigner(numbers, unit_nanos(TimeUnit::Second) / unit_nanos(unit)))
    }

    /// The tumbling windows that these are made up of, if a moment is in more than one.
    pub(super) fn pane(&self) -> Option<Self> {
        let [size, offset] = self.assigner(TimeUnit::Nanosecond)?.pane()?;
        let calendar = self.calendar.as_ref().map(Calendar::of_panes);
        let kind = if self.kind.counts_rows() { self.kind } else { &super::WINDOWS[0] };
        // The slide of panes of rows is their size.
        let second = if self.kind.counts_rows() { size } else { offset };
        Some(Self { kind, lengths: vec![size, second], calendar })
    }

    /// How far behind a pane's start a moment stands that has this bound of the pane and is in it, in ticks
    /// of so many nanoseconds.
    pub(super) fn behind_start(&self, bound: Bound, tick_nanos: i64) -> i64 {
        let size = self.lengths.first().copied().unwrap_or(0);
        let is_time_alone = self.calendar.is_none() && !self.kind.counts_rows();
        match bound {
            Bound::Start => 0,
            Bound::End if is_time_alone => size / tick_nanos,
            Bound::Time if is_time_alone => (size - NANOS_PER_MILLI) / tick_nanos,
            // Days are not equally long, but their last tick is in them, and so is their last millisecond.
            Bound::End => 1,
            Bound::Time => 0,
        }
    }

    /// No window is longer; 0 for sessions. Those of a calendar may all be shorter.
    pub(super) fn longest_nanos(&self) -> i64 {
        let unit = self.calendar.as_ref().map(|calendar| calendar.unit);
        let in_unit = |parameter: &Parameter, length: i64| {
            length.saturating_mul(match (unit, parameter.name) {
                (None, _) => 1,
                (Some(Unit::Month), _) | (Some(Unit::DayOfMonths), "SIZE") => MONTH_DAYS * NANOS_PER_DAY,
                (Some(Unit::Day | Unit::DayOfMonths), _) => NANOS_PER_DAY,
            })
        };
        let lengths = self.kind.parameters.iter().zip(&self.lengths);
        let sizes = lengths.filter(|(parameter, _)| !parameter.is_offset);
        let longest = sizes.map(|(parameter, length)| in_unit(parameter, *length)).max().unwrap_or(0);
        longest.saturating_add(self.clock_nanos())
    }

    /// How far windows reach from a moment that they hold, in nanoseconds; in rows, if they are counted.
    pub(super) fn reach_nanos(&self) -> i64 {
        let unit = match self.calendar.as_ref().map(|calendar| calendar.unit) {
            None => 1,
            Some(Unit::Day) => NANOS_PER_DAY,
            Some(Unit::Month | Unit::DayOfMonths) => MONTH_DAYS * NANOS_PER_DAY,
        };
        let reach = |length: &i64| length.saturating_abs().saturating_mul(unit);
        self.lengths.iter().map(reach).fold(self.clock_nanos(), i64::saturating_add)
    }

    /// Days begin where clocks say so, which may be two days off.
    fn clock_nanos(&self) -> i64 {
        if self.calendar.is_some() { 2 * NANOS_PER_DAY } else { 0 }
    }

    /// The unit in which times of this unit and all lengths are whole numbers.
    pub(super) fn unit(&self, of_time: TimeUnit) -> TimeUnit {
        let lengths = if self.calendar.is_some() { &[][..] } else { &self.lengths };
        super::time::common_unit(of_time, lengths)
    }
}

/// The lengths with those that were left out, none of them too short.
fn given(kind: &WindowKind, lengths: &[Option<i64>]) -> Result<Vec<i64>, Complaint> {
    let mut given: Vec<i64> = Vec::with_capacity(lengths.len());
    for (parameter, length) in kind.parameters.iter().zip(lengths) {
        let otherwise = given.first().filter(|_| parameter.is_optional && !parameter.is_offset);
        let length = length.unwrap_or_else(|| otherwise.copied().unwrap_or(0));
        if !parameter.is_offset && length <= 0 {
            let (than, such) = match kind.counts_rows() {
                true => ("more than zero rows", "number of rows such as 100"),
                false => ("longer than zero", "length such as INTERVAL '10' MINUTES"),
            };
            return Err(Complaint {
                message: format!("The {} of {} must be {than}.", parameter.name.to_lowercase(), kind.name),
                hint: format!("Write a {such}."),
            });
        }
        given.push(length);
    }
    Ok(given)
}

/// A length in units of the calendar; offsets are counted as the size is.
fn in_units(kind: &WindowKind, parameter: &Parameter, length: Length, unit: Unit) -> Result<i64, Complaint> {
    let name = parameter.name.to_lowercase();
    match length {
        Length::Months(months) if unit != Unit::Day => Ok(months),
        Length::Months(_) => Err(Complaint {
            message: format!("The {name} of {} is in months, but its size is not.", kind.name),
            hint: "Write it in days.".to_owned(),
        }),
        Length::Nanos(0) => Ok(0),
        Length::Nanos(_) if parameter.is_offset && unit != Unit::Day => Err(Complaint {
            message: format!("The size of {} is in months, but its {name} is not.", kind.name),
            hint: "Write it in months, as in INTERVAL '3' MONTHS for years that begin in April.".to_owned(),
        }),
        Length::Nanos(nanos) if nanos % NANOS_PER_DAY != 0 => Err(Complaint {
            message: format!("With months or a time zone, the {name} of {} must be whole days.", kind.name),
            hint: "Hours are the same in every zone: leave the zone out, and move windows by an OFFSET."
                .to_owned(),
        }),
        Length::Nanos(nanos) => Ok(nanos / NANOS_PER_DAY),
    }
}

fn mixed_units(kind: &WindowKind) -> Complaint {
    Complaint {
        message: format!("{} has one length in months and another that is not.", kind.name),
        hint: "Months are not equally many days. CUMULATE takes steps of days and a size of months."
            .to_owned(),
    }
}

/// Writes lengths as in `SIZE 10m`.
impl fmt::Display for WindowSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.kind.name)?;
        for (place, (parameter, length)) in self.kind.parameters.iter().zip(&self.lengths).enumerate() {
            if parameter.is_offset && *length == 0 {
                continue;
            }
            write!(formatter, " {}=", parameter.name.to_lowercase())?;
            match self.calendar.as_ref().map(|calendar| calendar.unit) {
                Some(Unit::Day) => write!(formatter, "{length} days")?,
                Some(Unit::DayOfMonths) if place == 0 => write!(formatter, "{length} days")?,
                Some(Unit::Month | Unit::DayOfMonths) => write!(formatter, "{length} months")?,
                None if self.kind.counts_rows() => write!(formatter, "{length} rows")?,
                None => write!(formatter, "{:?}", Duration::from_nanos(length.unsigned_abs()))?,
            }
        }
        match &self.calendar {
            Some(calendar) => write!(formatter, " timezone={}", calendar.zone.name()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for WindowSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl PartialEq for WindowSpec {
    fn eq(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.lengths == other.lengths && self.calendar == other.calendar
    }
}

impl Eq for WindowSpec {}

impl Hash for WindowSpec {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind.name, &self.lengths, &self.calendar).hash(state);
    }
}
