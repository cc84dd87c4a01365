//! Decoding some rows gives what decoding all of them and choosing gives.

use arrow::array::BooleanArray;
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter_record_batch;
use proptest::prelude::*;

use super::decoder;
use crate::format::value::ColumnType;
use crate::format::{Decoder, RecordStart, Selection, SplitBytes};

const TYPES: [ColumnType; 6] = [
    ColumnType::Bigint,
    ColumnType::Double,
    ColumnType::Boolean,
    ColumnType::TimestampMillis,
    ColumnType::Varchar,
    ColumnType::Varchar,
];

fn record() -> impl Strategy<Value = String> {
    let number = prop_oneof![4 => "[0-9]{1,4}", 1 => Just(String::new()), 1 => Just("\" 7\"".to_owned()), 1 => "[a-z]"];
    let boolean = prop_oneof![2 => Just("true"), 2 => Just("false"), 1 => Just(""), 1 => Just("maybe")];
    let time = prop_oneof![3 => "2024-01-0[1-9]T10:0[0-9]:00", 1 => "[0-9]{2}"];
    let text = prop_oneof![3 => "[a-zé]{0,20}", 1 => Just("\"one,\n\"\"two\"\"\"".to_owned())];
    let end = prop_oneof![5 => Just("\n"), 1 => Just(",more\n"), 1 => Just("\r\n")];
    (number.clone(), number, boolean, time, text.clone(), text, end)
        .prop_map(|(a, b, c, d, e, f, end)| format!("{a},{b}.5,{c},{d},{e},{f}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn some_rows_are_decoded_as_all_are(
        records in prop::collection::vec((record(), prop::bool::weighted(0.4)), 1..100),
        batch_rows in 1usize..90,
    ) {
        let text: String = records.iter().map(|(record, _)| record.as_str()).collect();
        let bits: Vec<bool> = records.iter().map(|(_, wanted)| *wanted).collect();
        let selection = Selection::new(bits.chunks(batch_rows).map(BooleanBuffer::from).collect());
        let split = SplitBytes {
            bytes: text.as_bytes(),
            offset: 0,
            owned: 0..text.len() as u64,
            at_end_of_file: true,
            start: RecordStart::At(0),
            batch_rows,
        };
        let columns = [4, 0, 1, 2, 3, 5];
        let decoder = decoder(&TYPES);
        let whole = decoder.decode(&split, &columns, None).expect("a whole file");
        let some = decoder.decode(&split, &columns, Some(&selection)).expect("a whole file");
        prop_assert_eq!((selection.rows() as u64, whole.batches.len()), (whole.rows, some.batches.len()));
        for (index, (whole, some)) in whole.batches.iter().zip(&some.batches).enumerate() {
            let bits = selection.batch(index).expect("one for each batch").clone();
            let chosen = filter_record_batch(whole, &BooleanArray::new(bits, None)).expect("as long");
            prop_assert_eq!(some, &chosen);
        }
        prop_assert_eq!((whole.next_record, whole.lines, &whole.bad_shapes), (some.next_record, some.lines, &some.bad_shapes));
        for (whole, some) in whole.bad_fields.iter().zip(&some.bad_fields) {
            prop_assert!(!whole.is_complete() || whole.of_rows(&selection) == *some);
        }
    }
}
