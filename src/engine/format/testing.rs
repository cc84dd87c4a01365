//! What the tests of all formats need.

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{DecodeError, Decoded, Decoder, Format, RecordStart, Sample, Selection, Sniffed, SplitBytes};

/// Decodes a whole text as one split.
pub(super) fn decode_all(
    decoder: &dyn Decoder,
    text: &[u8],
    first_record: u64,
    projection: &[usize],
) -> Decoded {
    let split = SplitBytes {
        bytes: text,
        offset: 0,
        owned: 0..text.len() as u64,
        at_end_of_file: true,
        start: RecordStart::At(first_record),
        batch_rows: 1_000,
    };
    decoder.decode(&split, projection, None).expect("a whole file is never truncated")
}

/// Decodes a part of a text, with as little look-ahead as the decoder accepts.
pub(super) fn decode_split(
    decoder: &dyn Decoder,
    text: &[u8],
    owned: std::ops::Range<usize>,
    start: RecordStart,
    look_ahead: usize,
    batch_rows: usize,
    columns: &[usize],
) -> Decoded {
    let offset = owned.start.saturating_sub(1);
    let mut end = (owned.end + look_ahead).min(text.len());
    loop {
        let split = SplitBytes {
            bytes: &text[offset..end],
            offset: offset as u64,
            owned: owned.start as u64..owned.end as u64,
            at_end_of_file: end == text.len(),
            start,
            batch_rows,
        };
        match decoder.decode(&split, columns, None) {
            Ok(decoded) => return decoded,
            Err(DecodeError::Truncated) => {
                assert!(end < text.len(), "asked for more than the whole file");
                end = (end + (end - offset) + 1).min(text.len());
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Decodes all splits between `cuts` on guesses, and checks that each begins where those before it
/// ended.
pub(super) fn decode_splits(
    found: &Sniffed,
    text: &[u8],
    cuts: &[usize],
    look_ahead: usize,
    batch_rows: usize,
) -> Vec<Decoded> {
    let columns: Vec<usize> = (0..found.schema.fields().len()).collect();
    let mut expected = found.first_record;
    let mut all = Vec::new();
    let mut lines = 0;
    for (number, cut) in cuts.windows(2).enumerate() {
        let owned = cut[0]..cut[1];
        let start = if number == 0 { RecordStart::At(expected) } else { RecordStart::Guess };
        let decoder = found.decoder.as_ref();
        let decoded = decode_split(decoder, text, owned.clone(), start, look_ahead, batch_rows, &columns);
        assert_eq!(decoded.first_record, (expected < owned.end as u64).then_some(expected), "in {owned:?}");
        assert_eq!(decoded.rows, decoded.batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>());
        assert!(decoded.batches.iter().all(|batch| batch.num_rows() <= batch_rows));
        assert_eq!(decoded.first_record.is_some(), decoded.next_record.is_some());
        assert_eq!(decoded.first_record.is_some(), decoded.rows > 0);
        let again = RecordStart::At(expected);
        let told = decode_split(decoder, text, owned, again, look_ahead, batch_rows, &columns);
        assert_eq!((told.first_record, told.next_record), (decoded.first_record, decoded.next_record));
        expected = decoded.next_record.unwrap_or(expected);
        lines += decoded.lines;
        all.push(decoded);
    }
    if all.iter().any(|decoded| decoded.rows > 0) {
        assert_eq!(expected, text.len() as u64);
        assert_eq!(lines, super::lines::count_newlines(&text[found.first_record as usize..]));
    }
    all
}

/// Checks that decoding some rows gives what decoding all of them and choosing gives. `wanted` is
/// repeated for as many rows as there are.
pub(super) fn check_selection(found: &Sniffed, text: &[u8], batch_rows: usize, wanted: &[bool]) {
    let split = SplitBytes {
        bytes: text,
        offset: 0,
        owned: 0..text.len() as u64,
        at_end_of_file: true,
        start: RecordStart::At(found.first_record),
        batch_rows,
    };
    let columns: Vec<usize> = (0..found.schema.fields().len()).rev().collect();
    let whole = found.decoder.decode(&split, &columns, None).expect("a whole file");
    let mut wanted = wanted.iter().copied().cycle();
    let bits = whole.batches.iter().map(|batch| wanted.by_ref().take(batch.num_rows()).collect());
    let selection = Selection::new(bits.collect());
    let some = found.decoder.decode(&split, &columns, Some(&selection)).expect("a whole file");
    assert_eq!((some.rows, some.batches.len()), (whole.rows, whole.batches.len()));
    for (index, (whole, some)) in whole.batches.iter().zip(&some.batches).enumerate() {
        let bits = selection.batch(index).expect("one for each batch").clone();
        let chosen = filter_record_batch(whole, &BooleanArray::new(bits, None)).expect("as long");
        assert_eq!(some, &chosen);
    }
    assert_eq!(
        (some.next_record, some.lines, &some.bad_shapes),
        (whole.next_record, whole.lines, &whole.bad_shapes)
    );
    for (whole, some) in whole.bad_fields.iter().zip(&some.bad_fields) {
        assert!(!whole.is_complete() || whole.of_rows(&selection) == *some);
    }
}

/// Ends of splits of these sizes, in turn, from `start` on.
pub(super) fn cuts(start: usize, len: usize, sizes: &[usize]) -> Vec<usize> {
    let mut cuts = vec![start];
    for &size in sizes.iter().cycle() {
        let last = cuts[cuts.len() - 1];
        if last >= len {
            break;
        }
        cuts.push((last + size).min(len));
    }
    cuts
}

/// A file of which nothing more is known than its text.
pub(super) fn whole(text: &[u8]) -> Sample<'_> {
    Sample { head: text, pieces: Vec::new(), file_len: text.len() as u64, options: Default::default() }
}

/// Sniffs and decodes all columns.
pub(super) fn read_as(format: &dyn Format, text: &[u8]) -> (Sniffed, Decoded) {
    let sniffed = format.sniff(&whole(text)).expect("text can be sniffed");
    let projection: Vec<usize> = (0..sniffed.schema.fields().len()).collect();
    let decoded = decode_all(sniffed.decoder.as_ref(), text, sniffed.first_record, &projection);
    (sniffed, decoded)
}

/// Lines in the split and reasons of all that is bad.
pub(super) fn bad(decoded: &Decoded) -> Vec<(u64, String)> {
    decoded.bad().listed.into_iter().map(|bad| (bad.line_in_split, bad.reason)).collect()
}

pub(super) fn one_batch(decoded: &Decoded) -> RecordBatch {
    let schema = decoded.batches.first().expect("a batch").schema();
    concat_batches(&schema, &decoded.batches).expect("batches of one schema")
}

/// All cells as text, null as `∅`.
pub(super) fn cells(decoded: &Decoded) -> Vec<Vec<String>> {
    let options = FormatOptions::default().with_null("∅");
    let mut rows = Vec::new();
    for batch in &decoded.batches {
        let format = |column| ArrayFormatter::try_new(column, &options).expect("columns can be shown");
        let columns: Vec<ArrayFormatter<'_>> =
            batch.columns().iter().map(|column| format(column.as_ref())).collect();
        rows.extend(
            (0..batch.num_rows())
                .map(|row| columns.iter().map(|column| column.value(row).to_string()).collect()),
        );
    }
    rows
}

pub(super) fn columns(sniffed: &Sniffed) -> Vec<String> {
    let fields = sniffed.schema.fields().iter();
    fields.map(|field| format!("{} {}", field.name(), field.data_type())).collect()
}
