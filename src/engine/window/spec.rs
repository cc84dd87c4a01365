//! A kind of window with its lengths.

use std::fmt;
use std::hash::{Hash, Hasher};

use arrow::datatypes::TimeUnit;

use super::time::unit_nanos;
use super::{Assigner, Complaint, WindowKind};

/// Windows of one call.
#[derive(Clone)]
pub(crate) struct WindowSpec {
    pub(crate) kind: &'static WindowKind,
    /// In nanoseconds, in the order of the kind's parameters. A session's gap may change from row to
    /// row, so it is an expression elsewhere, and sessions have none here.
    lengths: Vec<i64>,
}

/// More windows than that for one moment are a mistake, and would not end.
const MOST_WINDOWS: usize = 100_000;

impl WindowSpec {
    /// Windows of these lengths in nanoseconds; an offset that is not given is 0.
    pub(crate) fn try_new(kind: &'static WindowKind, lengths: &[Option<i64>]) -> Result<Self, Complaint> {
        let mut given = Vec::with_capacity(lengths.len());
        for (parameter, length) in kind.parameters.iter().zip(lengths) {
            let length = length.unwrap_or(0);
            if !parameter.is_offset && length <= 0 {
                return Err(Complaint {
                    message: format!(
                        "The {} of {} must be longer than zero.",
                        parameter.name.to_lowercase(),
                        kind.name
                    ),
                    hint: "Write a length such as INTERVAL '10' MINUTES.".to_owned(),
                });
            }
            given.push(length);
        }
        (kind.check)(&given)?;
        let spec = Self { kind, lengths: if kind.is_session() { Vec::new() } else { given } };
        let most = spec.assigner(TimeUnit::Nanosecond).map_or(1, |assigner| assigner.most());
        if most > MOST_WINDOWS {
            return Err(Complaint {
                message: format!("Each row would be in {most} windows of {}.", kind.name),
                hint: format!("At most {MOST_WINDOWS} are possible: choose a longer slide or step."),
            });
        }
        Ok(spec)
    }

    /// What gives moments in this unit their windows; nothing for sessions.
    pub(super) fn assigner(&self, unit: TimeUnit) -> Option<Box<dyn Assigner>> {
        let lengths: Vec<i64> = self.lengths.iter().map(|length| length / unit_nanos(unit)).collect();
        self.kind.assigner.map(|assigner| assigner(&lengths))
    }

    /// The tumbling windows that these are made up of, if a moment is in more than one.
    pub(super) fn pane(&self) -> Option<Self> {
        let [size, offset] = self.assigner(TimeUnit::Nanosecond)?.pane()?;
        Some(Self { kind: &super::WINDOWS[0], lengths: vec![size, offset] })
    }

    /// Length of the largest window; 0 for sessions.
    pub(super) fn size_nanos(&self) -> i64 {
        let lengths = self.kind.parameters.iter().zip(&self.lengths);
        lengths.filter(|(parameter, _)| !parameter.is_offset).map(|(_, length)| *length).max().unwrap_or(0)
    }

    /// How far windows reach from a moment that they hold, in nanoseconds.
    pub(super) fn reach_nanos(&self) -> i64 {
        self.lengths.iter().map(|length| length.saturating_abs()).fold(0, i64::saturating_add)
    }

    /// The unit in which times of this unit and all lengths are whole numbers.
    pub(super) fn unit(&self, of_time: TimeUnit) -> TimeUnit {
        super::time::common_unit(of_time, &self.lengths)
    }
}

/// Writes lengths as in `SIZE 10m`.
impl fmt::Display for WindowSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.kind.name)?;
        for (parameter, length) in self.kind.parameters.iter().zip(&self.lengths) {
            if !parameter.is_offset || *length != 0 {
                let length = std::time::Duration::from_nanos(length.unsigned_abs());
                write!(formatter, " {}={length:?}", parameter.name.to_lowercase())?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for WindowSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl PartialEq for WindowSpec {
    fn eq(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.lengths == other.lengths
    }
}

impl Eq for WindowSpec {}

impl Hash for WindowSpec {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind.name, &self.lengths).hash(state);
    }
}
