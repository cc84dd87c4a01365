//! Where columns are divided.

use std::ops::Range;

use crate::format::log::lines_of;

/// Lines that must be there, and how many before a single space counts as a division: in few lines words end at
/// the same place by chance.
const MIN_LINES: usize = 3;
const MIN_LINES_OF_SINGLE_SPACES: usize = 8;
/// Among so many lines one may have text where the others have spaces: a title, or a sum below the table.
const LINES_WITH_ONE_OTHER: usize = 50;
/// Characters of a line that are looked at, and columns that there may be.
const MOST_WIDTH: usize = 4_000;
pub(super) const MOST_COLUMNS: usize = 500;
/// Characters that divide fields by themselves, when each line has as many of them.
const DELIMITERS: &[u8] = b",;\t|";

/// The spaces between columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gaps {
    /// In characters, ascending, apart from each other; columns are before, between and behind them.
    pub(super) between: Vec<Range<usize>>,
}

impl Gaps {
    /// Of lines that are a table in columns; `None` when they are none.
    pub(super) fn find(text: &[u8]) -> Option<Self> {
        let lines: Vec<&[u8]> = lines_of(text).filter(|line| !is_rule(line)).collect();
        let is_text = |line: &&[u8]| !line.contains(&b'\t') && line.len() <= MOST_WIDTH * 4;
        if lines.len() < MIN_LINES || !lines.iter().all(is_text) || is_delimited(&lines) {
            return None;
        }
        // How many lines have something other than a space at each place.
        let mut filled: Vec<usize> = Vec::new();
        for line in &lines {
            for (place, character) in String::from_utf8_lossy(line).chars().enumerate().take(MOST_WIDTH) {
                if place == filled.len() {
                    filled.push(0);
                }
                filled[place] += usize::from(character != ' ');
            }
        }
        let is_blank = |&count: &usize| count <= lines.len() / LINES_WITH_ONE_OTHER;
        let least = if lines.len() < MIN_LINES_OF_SINGLE_SPACES { 2 } else { 1 };
        let mut between = Vec::new();
        let mut place = filled.iter().position(|count| !is_blank(count))?;
        while let Some(start) = filled[place..].iter().position(is_blank).map(|at| place + at) {
            let Some(end) = filled[start..].iter().position(|count| !is_blank(count)).map(|at| start + at)
            else {
                break;
            };
            if end - start >= least {
                between.push(start..end);
            }
            place = end;
        }
        let gaps = Self { between };
        let is_table = (1..MOST_COLUMNS).contains(&gaps.between.len())
            && gaps.between.iter().any(|gap| gap.len() > 1)
            && gaps.are_filled_up(&lines);
        is_table.then_some(gaps)
    }

    /// Whether spaces fill up columns, so that they are no plain delimiter, and each column has values in most lines.
    fn are_filled_up(&self, lines: &[&[u8]]) -> bool {
        let mut values = vec![0usize; self.between.len() + 1];
        let mut lengths: Vec<Option<Range<usize>>> = vec![None; values.len()];
        for line in lines {
            let Some(columns) = self.columns(line) else { continue };
            for ((column, count), lengths) in columns.into_iter().zip(&mut values).zip(&mut lengths) {
                let length = line[column].trim_ascii().len();
                *count += usize::from(length > 0);
                let known = lengths.get_or_insert(length..length);
                *known = known.start.min(length)..known.end.max(length);
            }
        }
        // The last column is not filled up.
        let differ =
            lengths[..self.between.len()].iter().flatten().any(|lengths| lengths.start < lengths.end);
        // A column that few lines have is what a long line has behind the others.
        differ && values.iter().all(|&count| count * 2 >= lines.len())
    }

    /// The columns of a line, in bytes and with the spaces around them; `None` when there is no space where two of
    /// them are divided.
    pub(super) fn columns(&self, line: &[u8]) -> Option<Vec<Range<usize>>> {
        let mut columns = Vec::with_capacity(self.between.len() + 1);
        self.divide(line, |column| columns.push(column)).then_some(columns)
    }

    /// Likewise, one after the other; says whether the line can be divided.
    #[inline]
    pub(super) fn divide(&self, line: &[u8], mut column: impl FnMut(Range<usize>)) -> bool {
        let mut places = Places::new(line);
        let mut start = 0;
        for gap in &self.between {
            let gap = places.byte(gap.start)..places.byte(gap.end);
            let text = &line[gap.clone()];
            match text.iter().position(|&byte| byte == b' ') {
                Some(first) => {
                    let last = text.iter().rposition(|&byte| byte == b' ').unwrap_or(first);
                    if text[first..=last].iter().any(|&byte| byte != b' ') {
                        return false;
                    }
                    column(start..gap.start + first);
                    start = gap.start + last + 1;
                }
                // The line ends before the next column begins.
                None if gap.end == line.len() => {
                    column(start..line.len());
                    start = line.len();
                }
                None => return false,
            }
        }
        column(start..line.len());
        true
    }
}

/// Where characters are in a line; asked in ascending order.
pub(super) struct Places<'a> {
    line: &'a [u8],
    is_ascii: bool,
    character: usize,
    byte: usize,
}

impl<'a> Places<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self { line, is_ascii: line.is_ascii(), character: 0, byte: 0 }
    }

    /// The place of the first byte of a character, or the end of the line.
    pub(super) fn byte(&mut self, character: usize) -> usize {
        if self.is_ascii {
            return character.min(self.line.len());
        }
        while self.character < character && self.byte < self.line.len() {
            self.byte += 1;
            // What is not UTF-8 counts byte by byte, or as far as it looks like it.
            while self.line.get(self.byte).is_some_and(|byte| byte & 0xc0 == 0x80) {
                self.byte += 1;
            }
            self.character += 1;
        }
        self.byte
    }
}

/// Whether a line divides a header from rows, and holds nothing itself.
pub(super) fn is_rule(line: &[u8]) -> bool {
    let drawn = line.iter().filter(|byte| matches!(byte, b'-' | b'=' | b'_' | b'+')).count();
    drawn >= 3 && line.iter().all(|byte| matches!(byte, b'-' | b'=' | b'_' | b'+' | b' '))
}

/// Whether each line has as many of some delimiter.
fn is_delimited(lines: &[&[u8]]) -> bool {
    let count = |line: &[u8], delimiter: u8| memchr::memchr_iter(delimiter, line).count();
    DELIMITERS.iter().any(|&delimiter| {
        let first = count(lines[0], delimiter);
        first > 0 && lines.iter().all(|line| count(line, delimiter) == first)
    })
}
