//! Plain text against the lines of the standard library.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use proptest::prelude::*;

use super::Text;
use crate::format::testing::{
    bad, cells, check_selection, columns, cuts, decode_all, decode_splits, read_as, whole,
};
use crate::format::{Decoded, Format};

fn rows_of(splits: &[Decoded]) -> Vec<(String, i64)> {
    let mut rows = Vec::new();
    for batch in splits.iter().flat_map(|decoded| &decoded.batches) {
        let (lines, offsets) =
            (batch.column(0).as_string_view(), batch.column(1).as_primitive::<Int64Type>());
        rows.extend((0..batch.num_rows()).map(|row| (lines.value(row).to_owned(), offsets.value(row))));
    }
    rows
}

/// Lines and where they start. `str::lines` takes away the same line ends.
fn reference(text: &str) -> Vec<(String, i64)> {
    let mut start = 0;
    let mut rows = Vec::new();
    for line in text.split_inclusive('\n') {
        rows.push((line.lines().next().unwrap_or_default().to_owned(), start));
        start += line.len() as i64;
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_splits_give_the_lines_of_the_standard_library(
        text in "([a-zäö€😀\u{0}\t,\"]{0,20}(\n|\r\n|\n\n|\r)?){1,20}",
        sizes in prop_oneof![prop::collection::vec(1usize..4, 1..4), prop::collection::vec(1usize..80, 1..4)],
        look_ahead in 0usize..40,
        batch_rows in 1usize..20,
        wanted in prop::collection::vec(any::<bool>(), 1..9),
    ) {
        prop_assume!(!text.is_empty());
        let found = Text.sniff(&whole(text.as_bytes()));
        // Too many NUL bytes are refused.
        prop_assume!(found.is_ok());
        let found = found.expect("just checked");
        check_selection(&found, text.as_bytes(), batch_rows, &wanted);
        let cuts = cuts(0, text.len(), &sizes);
        let decoded = decode_splits(&found, text.as_bytes(), &cuts, look_ahead, batch_rows);
        prop_assert_eq!(rows_of(&decoded), reference(&text));
    }
}

#[test]
fn columns_and_line_ends() {
    let (sniffed, decoded) = read_as(&Text, b"\xef\xbb\xbffirst\r\n\r\n  third \rstill\nlast\r");
    assert_eq!(columns(&sniffed), ["line Utf8View", "byte_offset Int64"]);
    let rows = [["first", "3"], ["", "10"], ["  third \rstill", "12"], ["last\r", "27"]];
    assert_eq!(cells(&decoded), rows);
    assert_eq!((sniffed.first_record, decoded.lines, decoded.next_record), (3, 3, Some(32)));
    assert!(decoded.bad_fields.iter().all(|bad| bad.count == 0));
}

#[test]
fn projection_in_any_order() {
    let text = b"a\nb\n";
    let (sniffed, _) = read_as(&Text, text);
    let decoder = sniffed.decoder.as_ref();
    assert_eq!(cells(&decode_all(decoder, text, 0, &[1, 0])), [["0", "a"], ["2", "b"]]);
    let counted = decode_all(decoder, text, 0, &[]);
    assert_eq!((counted.batches[0].num_rows(), counted.batches[0].num_columns()), (2, 0));
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_counted() {
    let (_, decoded) = read_as(&Text, b"fine\nnot \xff fine\n");
    assert_eq!(cells(&decoded)[1][0], "not \u{fffd} fine");
    let reason = "column line: some bytes are not UTF-8 and were replaced by \u{fffd}";
    assert_eq!(bad(&decoded), [(1, reason.to_owned())]);
}
