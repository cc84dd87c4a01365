//! Whether the first line names the columns.

use super::division::Division;
use super::gaps::is_rule;
use crate::format::log::lines_of;
use crate::format::value::{ColumnType, Evidence};

/// Names of columns, and how long the text is up to the first row.
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) len_bytes: usize,
}

/// The header of a text, if it has one: a line above a rule; or one of texts, at least one of them above a column
/// of values that are none; or one of words in capital letters only. `said` is what the user says about it.
pub(super) fn find(text: &[u8], division: &Division, said: Option<bool>) -> Option<Header> {
    if said == Some(false) {
        return None;
    }
    let mut ends = line_ends(text);
    let (first, first_end) = ends.next()?;
    let cells = cells(first, division)?;
    let named = |len_bytes: usize| Header { names: cells.clone(), len_bytes };
    let Some((second, second_end)) = ends.next() else { return said.map(|_| named(first_end)) };
    if is_rule(second) {
        return Some(named(second_end));
    }
    if said == Some(true) {
        return Some(named(first_end));
    }
    let mut evidence = vec![Evidence::default(); cells.len()];
    let mut again = false;
    for line in lines_of(&text[first_end..]) {
        let Some(values) = self::cells(line, division) else { continue };
        for (index, (value, evidence)) in values.iter().zip(&mut evidence).enumerate() {
            if !value.is_empty() {
                evidence.add(value.as_bytes());
                again |= cells[index] == *value;
            }
        }
    }
    let is_value = |text: &str| {
        let mut evidence = Evidence::default();
        evidence.add(text.as_bytes());
        evidence.column_type() != ColumnType::Varchar
    };
    let named_cells = || cells.iter().filter(|cell| !cell.is_empty());
    if again || named_cells().any(|cell| is_value(cell)) {
        return None;
    }
    let above_values = evidence.iter().any(|evidence| evidence.column_type() != ColumnType::Varchar);
    let is_shouted =
        |cell: &String| !cell.chars().any(char::is_lowercase) && cell.chars().any(char::is_uppercase);
    (above_values || named_cells().all(is_shouted)).then(|| named(first_end))
}

fn cells(line: &[u8], division: &Division) -> Option<Vec<String>> {
    let columns = division.columns(line)?;
    Some(columns.into_iter().map(|at| String::from_utf8_lossy(line[at].trim_ascii()).into_owned()).collect())
}

/// Lines that are not blank, and where the next one begins.
fn line_ends(text: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut at = 0;
    let lines = text.split_inclusive(|&byte| byte == b'\n').map(move |line| {
        at += line.len();
        (line.trim_ascii_end(), at)
    });
    lines.filter(|(line, _)| !line.is_empty())
}
