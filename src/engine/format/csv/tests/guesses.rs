//! Guesses of where the first record of a split starts.

use super::SYNTAX;
use crate::format::csv::guess::first_record_start;
use crate::format::csv::index::Index;

const LOOK_AHEAD_BYTES: usize = 2_000;

/// Share of the offsets of `text` at which the guess is right.
fn right_guesses(text: &str, columns: usize) -> f64 {
    let bytes = text.as_bytes();
    let mut index = Index::default();
    index.fill(bytes, bytes.len(), SYNTAX, true);
    let starts: Vec<usize> =
        index.records.iter().map(|&field| index.starts[field as usize] as usize).collect();
    let last = bytes.len() - LOOK_AHEAD_BYTES;
    let right = |offset: usize| {
        let expected = starts[starts.partition_point(|&start| start <= offset)];
        let guess = first_record_start(&bytes[offset..offset + LOOK_AHEAD_BYTES], SYNTAX, columns);
        guess == Some(expected - offset)
    };
    (0..last).filter(|&offset| right(offset)).count() as f64 / last as f64
}

/// Records with a text in the middle that is different in each.
fn records(texts: &[&str]) -> String {
    let record =
        |row: usize| format!("{row},{},2024-01-01,{}.5\n", texts[row * 7 % texts.len()], row * 31 % 97);
    (0..400).map(record).collect()
}

#[test]
fn quoted_text_with_commas_and_line_ends() {
    let texts =
        ["plain", "\"a, b\"", "\"two\nlines, here\"", "\"say \"\"hi\"\", ok\"", "", "\"\"", "\"x\ny\nz\""];
    assert_eq!(right_guesses(&records(&texts), 4), 1.0);
}

#[test]
fn text_that_looks_like_records() {
    let texts = ["\"1,a,2024-01-01,3.5\n2,b,2024-01-02,4.5\n\"", "short", "\"x\""];
    assert!(right_guesses(&records(&texts), 4) > 0.9);
}

#[test]
fn inch_marks_do_not_turn_everything_round() {
    let texts = ["5\"", "12\"", "plain", "7\" x 9\"", "none"];
    assert!(right_guesses(&records(&texts), 4) > 0.99);
}
