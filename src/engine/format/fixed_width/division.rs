//! How lines are divided into columns: where all have spaces, or where the user says that columns begin.

use std::ops::Range;

use super::gaps::{Gaps, MOST_COLUMNS, Places};
use crate::format::FormatError;

/// Where the columns of lines are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Division {
    /// Between these spaces.
    Gaps(Gaps),
    /// From these characters on, counted from 0; there is at least one.
    Starts(Vec<usize>),
}

impl Division {
    /// As the user says: the first characters of the columns, counted from 1.
    ///
    /// # Errors
    /// When there are none, too many, or they do not ascend.
    pub(super) fn given(starts: &[u32]) -> Result<Self, FormatError> {
        let ascend = starts.windows(2).all(|pair| pair[0] < pair[1]);
        if starts.first().is_none_or(|&first| first == 0) || !ascend || starts.len() > MOST_COLUMNS {
            return Err(FormatError {
                message: "these are no beginnings of columns".to_owned(),
                hint: Some(format!(
                    "Give the numbers of the characters at which columns begin, counted from 1 and ascending, as 1, 9, \
                     24; at most {MOST_COLUMNS}."
                )),
            });
        }
        Ok(Self::Starts(starts.iter().map(|&start| start as usize - 1).collect()))
    }

    /// First characters of the columns, counted from 1.
    pub(super) fn starts(&self) -> Vec<u32> {
        let place = |start: usize| u32::try_from(start + 1).unwrap_or(u32::MAX);
        match self {
            Self::Gaps(gaps) => {
                std::iter::once(1).chain(gaps.between.iter().map(|gap| place(gap.end))).collect()
            }
            Self::Starts(starts) => starts.iter().map(|&start| place(start)).collect(),
        }
    }

    /// The columns of a line, in bytes and with the spaces around them; `None` when it cannot be divided.
    pub(super) fn columns(&self, line: &[u8]) -> Option<Vec<Range<usize>>> {
        let mut columns = Vec::new();
        self.divide(line, |column| columns.push(column)).then_some(columns)
    }

    /// Likewise, one after the other; says whether the line can be divided.
    #[inline]
    pub(super) fn divide(&self, line: &[u8], mut column: impl FnMut(Range<usize>)) -> bool {
        let starts = match self {
            Self::Gaps(gaps) => return gaps.divide(line, column),
            Self::Starts(starts) => starts,
        };
        let mut places = Places::new(line);
        let mut bytes = starts.iter().map(|&start| places.byte(start));
        let mut start = bytes.next().unwrap_or(0);
        for next in bytes {
            column(start..next);
            start = next;
        }
        column(start..line.len());
        true
    }
}
