//! Messages of Arrow IPC: with and without a schema of their own, dictionaries, compression, and what is none.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int32Type, Schema};
use arrow::ipc::writer::{FileWriter, StreamWriter};
use futures::executor::block_on;
use millrace_engine::Engine;
use millrace_engine::stream::{PushHandle, StreamOptions, StreamQuery};
use proptest::prelude::*;

use crate::{emitted, engine, input, sorted, step, stream};

const SQL: &str = "SELECT k, n FROM t";

/// Rows with these numbers, a second apart.
fn batch(numbers: std::ops::Range<i64>) -> RecordBatch {
    let times = numbers.clone().map(|number| number * 1_000_000);
    let keys: Vec<String> = numbers.clone().map(|number| format!("k{}", number % 3)).collect();
    let keys: DictionaryArray<Int32Type> = keys.iter().map(String::as_str).collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("ts", Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("+00:00"))),
        ("k", Arc::new(keys)),
        ("n", Arc::new(Int64Array::from_iter_values(numbers))),
    ];
    RecordBatch::try_from_iter(columns).expect("a batch")
}

/// A stream as messages: its schema, each batch with the dictionaries before it, and its end.
fn pieces(batches: &[RecordBatch]) -> Vec<Vec<u8>> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).expect("a stream");
    let mut pieces = vec![std::mem::take(writer.get_mut())];
    for batch in batches {
        writer.write(batch).expect("a batch");
        pieces.push(std::mem::take(writer.get_mut()));
    }
    writer.finish().expect("an end");
    pieces.push(std::mem::take(writer.get_mut()));
    pieces
}

fn whole(batches: &[RecordBatch]) -> Vec<u8> {
    pieces(batches).concat()
}

fn pushed(engine: &Engine, first: &[u8]) -> (StreamQuery, PushHandle) {
    assert!(Engine::is_arrow(first));
    let made = engine.push_arrow("wss://host", first, None);
    let (source, handle) = made.unwrap_or_else(|error| panic!("{}", error.info().message));
    (stream(engine, SQL, vec![input("t", Box::new(source), 0)], StreamOptions::default()), handle)
}

fn expected(numbers: std::ops::Range<i64>) -> Vec<String> {
    sorted(numbers.map(|number| format!("k{},{number}", number % 3)).collect())
}

#[test]
fn messages_are_streams_of_their_own_or_go_on() {
    let engine = engine(2);
    let (mut query, handle) = pushed(&engine, &whole(&[batch(0..2), batch(2..4)]));
    step(&mut query, 0);
    assert_eq!(sorted(emitted(&mut query)), expected(0..4));
    handle.push(&whole(&[batch(4..9)])).expect("room");
    // The schema first, which tells the columns, and then batches, dictionaries and all.
    for piece in pieces(&[batch(9..10), batch(10..12)]) {
        handle.push(&piece).expect("room");
    }
    step(&mut query, 0);
    assert_eq!(sorted(emitted(&mut query)), expected(4..12));
    assert_eq!((query.status().rows_in, query.status().bad_rows), (12, 0));

    let mut pieces = pieces(&[batch(0..2), batch(2..4)]).into_iter();
    let (mut query, handle) = pushed(&engine, &pieces.next().expect("a schema"));
    assert_eq!(step(&mut query, 0), 0);
    pieces.for_each(|piece| handle.push(&piece).expect("room"));
    step(&mut query, 0);
    assert_eq!(sorted(emitted(&mut query)), expected(0..4));
}

#[test]
fn what_is_no_message_of_the_stream_is_told_and_costs_no_other_row() {
    let engine = engine(2);
    let (mut query, handle) = pushed(&engine, &whole(&[batch(0..2)]));
    let other: [(&str, ArrayRef); 1] = [("ts", Arc::new(StringArray::from(vec!["now"])))];
    let other = RecordBatch::try_from_iter(other).expect("a batch");
    let mut file = FileWriter::try_new(Vec::new(), &batch(0..1).schema()).expect("a file");
    file.write(&batch(0..1)).expect("a batch");
    let file = file.into_inner().expect("a file");
    let good = whole(&[batch(2..4)]);
    let garbage = [
        (b"{\"ts\":1}\n".to_vec(), "it is text", "{\"ts\":1}"),
        (vec![0xff; 4], "cut off", "ff ff ff ff"),
        (vec![0xff, 0xff, 0xff, 0xff, 9, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0], "cannot be read", "ff ff"),
        (good[..good.len() / 2].to_vec(), "cut off", "ff ff ff ff"),
        (whole(&[other]), "has 1 columns, and the first had 3", "ff ff ff ff"),
        (file, "a file of Arrow's", "41 52 52 4f 57"),
    ];
    for (message, ..) in &garbage {
        handle.push(message).expect("room");
        handle.push(&good).expect("room");
    }
    step(&mut query, 0);
    let rows = emitted(&mut query);
    assert_eq!(rows.len(), 2 + 2 * garbage.len(), "{rows:?}");
    assert_eq!(query.status().bad_rows, garbage.len() as u64);
    for ((number, (_, reason, text)), bad) in garbage.iter().enumerate().zip(query.bad_rows()) {
        assert!(bad.reason.contains(reason) && bad.text.starts_with(text), "{reason}: {bad:?}");
        assert_eq!((bad.line, bad.file.as_str()), (2 * number as u64 + 2, "wss://host"));
    }
}

#[test]
fn a_first_message_without_columns_is_refused() {
    let engine = engine(1);
    let pieces = pieces(&[batch(0..1)]);
    let no_columns = RecordBatch::new_empty(Arc::new(Schema::empty()));
    let no_time: [(&str, ArrayRef); 1] = [("n", Arc::new(Int64Array::from(vec![1])))];
    let no_time = RecordBatch::try_from_iter(no_time).expect("a batch");
    for (first, words) in [
        (pieces[1].clone(), "and not with a schema"),
        (whole(&[no_columns]), "has no columns"),
        (whole(&[no_time]), "no timestamp"),
        (b"ARROW1\0\0".to_vec(), "no stream of Arrow IPC"),
    ] {
        let Err(error) = engine.push_arrow("t", &first, None) else { panic!("{words}: it is taken") };
        assert!(error.info().message.contains(words), "{}", error.info().message);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Changed bytes give rows or are told; what comes behind them is read.
    #[test]
    fn changed_bytes_end_no_stream(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let engine = engine(1);
        let good = whole(&[batch(0..40)]);
        let (mut query, handle) = pushed(&engine, &good);
        step(&mut query, 0);
        prop_assert_eq!(emitted(&mut query).len(), 40);
        let mut damaged = good.clone();
        for (place, byte) in &changes {
            *place.get_mut(&mut damaged) = *byte;
        }
        handle.push(&damaged).expect("room");
        handle.push(&damaged[..cut.index(damaged.len())]).expect("room");
        handle.push(&good).expect("room");
        for _ in 0..3 {
            block_on(query.step(0)).expect("a step");
        }
        let rows = emitted(&mut query);
        prop_assert!(rows.len() >= 40);
        let last = sorted(rows[rows.len() - 40..].to_vec());
        prop_assert_eq!(last, expected(0..40));
    }
}
