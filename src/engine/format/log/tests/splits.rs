//! Any splits give the rows that one split gives, and any selection those that are chosen of all.

use proptest::prelude::*;

use super::LINES;
use crate::format::Decoded;
use crate::format::log::Logs;
use crate::format::testing::{cells, check_selection, cuts, decode_all, decode_splits, read_as};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_splits_give_the_same_rows(
        format in 0..LINES.len(),
        order in prop::collection::vec(0usize..5, 1..30),
        crlf in any::<bool>(),
        sizes in prop_oneof![prop::collection::vec(1usize..4, 1..4), prop::collection::vec(1usize..200, 1..4)],
        look_ahead in 0usize..120,
        batch_rows in 1usize..20,
        wanted in prop::collection::vec(any::<bool>(), 1..9),
    ) {
        let lines = LINES[format];
        let mut text = lines.join("\n") + "\n";
        for number in order {
            // Now and then a line that is of no layout, or a blank one.
            text += lines.get(number).copied().unwrap_or_else(|| ["", "what is this?", ""][number - 2]);
            text.push('\n');
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let (found, _) = read_as(&Logs, (lines.join("\n") + "\n").as_bytes());
        let all: Vec<usize> = (0..found.schema.fields().len()).collect();
        let whole = decode_all(found.decoder.as_ref(), text.as_bytes(), 0, &all);
        check_selection(&found, text.as_bytes(), batch_rows, &wanted);
        let cuts = cuts(found.first_record as usize, text.len(), &sizes);
        let decoded = decode_splits(&found, text.as_bytes(), &cuts, look_ahead, batch_rows);
        let rows: Vec<Vec<String>> = decoded.iter().flat_map(cells).collect();
        prop_assert_eq!(rows, cells(&whole));
        let count = |decoded: &Decoded| decoded.bad().count;
        prop_assert_eq!(decoded.iter().map(count).sum::<u64>(), count(&whole));
    }
}
