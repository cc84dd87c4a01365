//! Every encoding gives back what it was given.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringViewArray,
    TimestampMicrosecondArray,
};

use super::codes::{self, Codes};
use super::{ENCODINGS, Encoded, assemble, encode};
use crate::cache::disk::block;
use crate::format::{BadRecord, BadRecords, UnknownKey};

/// Columns by the encoding that is expected to take them.
fn columns() -> Vec<(&'static str, Vec<ArrayRef>)> {
    let integers = |values: Vec<Option<i64>>| Arc::new(Int64Array::from(values)) as ArrayRef;
    let floats = |values: Vec<Option<f64>>| Arc::new(Float64Array::from(values)) as ArrayRef;
    let texts = |values: Vec<Option<String>>| Arc::new(StringViewArray::from_iter(values)) as ArrayRef;
    let many = |row: i64| Some(row * 7_919 % 100_003);
    let long = |row: usize| {
        (!row.is_multiple_of(9)).then(|| format!("a text that is longer than a view {}", row % 50))
    };
    vec![
        ("offsets", vec![integers(vec![Some(5), None, Some(-3)]), integers(vec![Some(250)])]),
        ("offsets", vec![integers(vec![None, None])]),
        ("offsets", vec![integers((0..9000).map(many).collect())]),
        ("offsets", vec![integers(vec![Some(i64::MAX), Some(i64::MAX - 9)])]),
        ("plain", vec![integers(vec![Some(i64::MAX), Some(i64::MIN), None])]),
        ("plain", vec![integers(vec![Some(0), Some(1 << 40), Some((1 << 40) + 1)])]),
        (
            "offsets",
            vec![Arc::new(TimestampMicrosecondArray::from(vec![
                Some(1_700_000_000_000_000),
                None,
                Some(1_700_010_000_123_000),
            ]))],
        ),
        ("decimal", vec![floats(vec![Some(12.34), None, Some(-0.01)]), floats(vec![Some(9999.99)])]),
        ("decimal", vec![floats(vec![None])]),
        ("decimal", vec![floats((0..9000).map(|row| Some(f64::from(row) / 10.0)).collect())]),
        ("plain", vec![floats(vec![Some(0.1 + 0.2)])]),
        ("plain", vec![floats(vec![Some(-0.0), Some(f64::NAN), Some(f64::INFINITY)])]),
        ("plain", vec![floats(vec![Some(1.5), Some(3e9)])]),
        ("dictionary", vec![texts(vec![Some("a".into()), None, Some(String::new()), Some("a".into())])]),
        ("dictionary", vec![texts(vec![None])]),
        ("dictionary", (0..3).map(|_| texts((0..5000).map(long).collect())).collect()),
        ("dictionary", vec![texts((0..20_000).map(|row| Some(format!("{}", row % 3000))).collect())]),
        ("plain", vec![texts((0..9000).map(|row| Some(format!("{row}"))).collect())]),
        ("plain", vec![Arc::new(BooleanArray::from(vec![Some(true), None]))]),
        ("plain", vec![Arc::new(Date32Array::from(vec![Some(1), None]))]),
    ]
}

#[test]
fn every_encoding_gives_back_what_it_was_given() {
    for (name, batches) in columns() {
        let taker = ENCODINGS.iter().find(|encoding| encoding.encode(&batches).is_some());
        assert_eq!(taker.map(|encoding| encoding.name()), Some(name), "{batches:?}");
        gives_back(&*encode(&batches), &batches, name);
    }
}

fn gives_back(encoded: &dyn Encoded, batches: &[ArrayRef], name: &str) {
    for (index, batch) in batches.iter().enumerate() {
        let back = encoded.batch(index).expect("a batch");
        assert_eq!(&back, batch, "{name}");
        back.to_data().validate_full().expect("a valid array");
    }
    assert!(encoded.batch(batches.len()).is_none());
}

#[test]
fn every_encoding_comes_back_from_bytes() {
    let bad = |row: u64| BadRecord {
        row_in_split: row,
        line_in_split: 2 * row,
        reason: format!("column a: no number, {row}"),
        text: "x,漢,\"".to_owned(),
    };
    let key = UnknownKey { records: 5, line_in_split: 8, text: "{\"b\":1}".to_owned() };
    let unknown_keys = [("b".to_owned(), key)].into();
    let bad =
        [BadRecords::default(), BadRecords { count: 700, listed: (0..3).map(bad).collect(), unknown_keys }];
    // A split may have no records.
    let columns = columns().into_iter().chain([("dictionary", Vec::new())]);
    for ((name, batches), bad) in columns.zip(bad.iter().cycle()) {
        let encoded = encode(&batches);
        assert_eq!(encoded.parts().0, name);
        let bytes = block::encode(&*encoded, bad).expect("types that the format knows");
        let (back, bad_back) = block::decode(&bytes).expect("what was written");
        gives_back(&*back, &batches, name);
        assert_eq!((back.parts().0, &bad_back), (name, bad));
        // What was read is no larger in memory than what was written.
        assert!(back.bytes() <= encoded.bytes() + 4096, "{name}: {} of {}", back.bytes(), encoded.bytes());
    }
}

#[test]
fn other_bytes_are_no_column() {
    let batches: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(vec![1, 2, 3]))];
    let bytes =
        block::encode(&*encode(&batches), &BadRecords::default()).expect("a type that the format knows");
    for end in 0..bytes.len() {
        assert!(block::decode(&bytes[..end]).is_none(), "{end} bytes");
    }
    assert!(block::decode(&vec![0; bytes.len()]).is_none());
    let texts: ArrayRef = Arc::new(StringViewArray::from(vec!["a", "b"]));
    let named = |numbers: &[u32]| {
        let mut parts = vec![vec![Arc::clone(&texts)]];
        parts.extend(codes::to_parts(&[Codes::new(numbers)], &[None]));
        parts
    };
    assert!(assemble("dictionary", &named(&[0, 1])).is_some());
    assert!(assemble("dictionary", &named(&[0, 2])).is_none(), "a text that is not there");
    assert!(assemble("decimal", &named(&[0, 1])).is_none());
    assert!(assemble("unheard of", &named(&[0, 1])).is_none());
}

#[test]
fn every_encoding_is_tried() {
    for encoding in ENCODINGS {
        assert!(columns().iter().any(|(name, _)| *name == encoding.name()), "{}", encoding.name());
    }
}

#[test]
fn floats_come_back_bit_by_bit() {
    let values: Vec<f64> = (0..20_000).map(|cents| f64::from(cents) / 100.0).collect();
    let encoded = encode(&[Arc::new(Float64Array::from(values.clone()))]);
    let back = encoded.batch(0).expect("a batch");
    let back: Vec<u64> = back.to_data().buffer::<f64>(0).iter().map(|value| value.to_bits()).collect();
    assert_eq!(back, values.iter().map(|value| value.to_bits()).collect::<Vec<_>>());
    assert!(encoded.bytes() < values.len() * 3);
}
