//! The structural index: every instruction set against the exact machine.

use proptest::prelude::*;

use super::SYNTAX;
use crate::format::csv::index::{Index, all_runs};
use crate::format::csv::machine::{RecordEnd, State, run_record};
use crate::format::csv::syntax::skip_line_ends;

/// Starts of fields and indices of the first fields of records, by the machine alone.
fn by_machine(bytes: &[u8]) -> (Vec<u32>, Vec<u32>, bool) {
    let (mut starts, mut records, mut unclosed) = (vec![0], vec![0], false);
    let mut pos = skip_line_ends(bytes, 0);
    while pos < bytes.len() {
        let end =
            run_record(bytes, pos, State::FieldStart, SYNTAX, |delimiter| starts.push(delimiter as u32 + 1));
        let line_end = match end {
            RecordEnd::LineEnd(line_end) => line_end,
            RecordEnd::OutOfBytes { in_quotes } => {
                unclosed = in_quotes;
                bytes.len()
            }
        };
        records.push(starts.len() as u32);
        starts.push(line_end as u32 + 1);
        pos = skip_line_ends(bytes, line_end);
    }
    (starts, records, unclosed)
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let (starts, records, unclosed) = by_machine(bytes);
    for run in all_runs() {
        let mut index = Index::default();
        index.fill_with(bytes, bytes.len() + 1, SYNTAX, true, run);
        prop_assert_eq!(&index.starts, &starts);
        prop_assert_eq!(&index.records, &records);
        prop_assert_eq!(index.unclosed_quote, unclosed);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_instruction_set_finds_what_the_machine_finds(text in "[ab,\"\n\r]{0,300}") {
        check(text.as_bytes())?;
    }

    #[test]
    fn regular_text_too(fields in prop::collection::vec("[ab]{0,9}|\"([ab,\n]|\"\"){0,20}\"", 0..60), ends in "[,,,\n\r]{60}") {
        let text: String = fields.iter().zip(ends.chars()).map(|(field, end)| format!("{field}{end}")).collect();
        check(text.as_bytes())?;
    }

    #[test]
    fn any_bytes_too(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes)?;
    }
}
