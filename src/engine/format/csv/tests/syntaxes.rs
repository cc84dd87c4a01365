//! Comments, escapes and delimiters of two bytes: any splits give what one split gives, and what is expected.

use proptest::prelude::*;

use super::sniff;
use crate::format::testing::{cells, cuts, decode_all, decode_splits};

/// Cells of one split, after checking that any splits give the same.
fn all_cells(text: &str, sizes: &[usize]) -> Vec<Vec<String>> {
    let sniffed = sniff(text.as_bytes());
    let columns: Vec<usize> = (0..sniffed.schema.fields().len()).collect();
    let first = sniffed.first_record;
    let whole = decode_all(sniffed.decoder.as_ref(), text.as_bytes(), first, &columns);
    let mut starts = first;
    let mut parts = Vec::new();
    // Guesses may be wrong where quotes are unusual: each split is told where it starts, as a scan does at last.
    for cut in cuts(first as usize, text.len(), sizes).windows(2) {
        let start = crate::format::RecordStart::At(starts);
        let decoder = sniffed.decoder.as_ref();
        let part = crate::format::testing::decode_split(
            decoder,
            text.as_bytes(),
            cut[0]..cut[1],
            start,
            1,
            7,
            &columns,
        );
        starts = part.next_record.unwrap_or(starts);
        parts.extend(cells(&part));
    }
    assert_eq!(parts, cells(&whole));
    parts
}

#[test]
fn comments_stand_between_records() {
    let text = "#first\nid,name\n1,ann\n# a, note\n#\n2,bob\n#,\"open\n3,cid\n\n# \"q\"\r\n4,dan\n#last";
    for size in 1..40 {
        let rows = all_cells(text, &[size]);
        assert_eq!(rows, [["1", "ann"], ["2", "bob"], ["3", "cid"], ["4", "dan"]]);
    }
    let sniffed = sniff(text.as_bytes());
    let guessed =
        decode_splits(&sniffed, "#first\nid,name\n1,ann\n#x\n2,bob\n".as_bytes(), &[15, 19, 31], 1, 5);
    assert_eq!(guessed.iter().map(|part| part.rows).sum::<u64>(), 2);
}

#[test]
fn escapes_take_the_meaning_away() {
    let rows = "1,\"a \\\" b, c\",5\n2,\"\\\\\",6\n3,x\\,y,7\n4,\"\"\"q\"\"\",8\n".repeat(3);
    let text = format!("id,text,n\n{rows}");
    for size in 1..30 {
        let found = all_cells(&text, &[size, 3]);
        assert_eq!(
            found[..4],
            [["1", "a \" b, c", "5"], ["2", "\\", "6"], ["3", "x,y", "7"], ["4", "\"q\"", "8"]]
        );
        assert_eq!(found.len(), 12);
    }
}

#[test]
fn delimiters_of_two_bytes() {
    let text = "id||name||note\n1||ann||a|b\n2||||\n\n3||\"x||y\"||c\r\n";
    for size in 1..30 {
        let rows = all_cells(text, &[size]);
        assert_eq!(rows, [["1", "ann", "a|b"], ["2", "∅", "∅"], ["3", "x||y", "c"]]);
    }
}

proptest! {
    #[test]
    fn comments_in_random_text(lines in prop::collection::vec("[ab,#\"]{0,6}", 0..30), size in 1usize..50) {
        let sure = "a,b\n".repeat(40);
        let text = format!("#note\nx,y\n{sure}{}\n", lines.join("\n"));
        all_cells(&text, &[size]);
    }
}
