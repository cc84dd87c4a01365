//! What the tests of all formats of blocks need.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{concat_batches, filter_record_batch};
use bytes::Bytes;

use super::column_types::to_type;
use super::{BlockFile, BlockFormat, BlockTable, FormatError, Selection, Step, Steps, Wanted, batch_lengths};

/// Goes through steps over bytes in memory; tells how many of them were read.
pub(super) fn drive<T>(mut steps: Box<dyn Steps<T>>, file: &[u8]) -> Result<(T, usize), FormatError> {
    let (mut bytes, mut read) = (Vec::new(), 0);
    for _ in 0..100_000 {
        match steps.step(std::mem::take(&mut bytes))? {
            Step::Done(done) => return Ok((done, read)),
            Step::Read(ranges) => {
                for range in ranges {
                    assert!(
                        range.start <= range.end && range.end <= file.len() as u64,
                        "{range:?} is not there"
                    );
                    let range = range.start as usize..range.end as usize;
                    read += range.len();
                    bytes.push(Bytes::copy_from_slice(&file[range]));
                }
            }
        }
    }
    panic!("steps without an end");
}

/// The tables of a file.
pub(super) fn open(
    format: &dyn BlockFormat,
    name: &str,
    file: &[u8],
    decoded_bytes: u64,
) -> Result<Vec<BlockTable>, FormatError> {
    let facts = BlockFile {
        name: name.to_owned(),
        len_bytes: file.len() as u64,
        decoded_bytes,
        memory_bytes: 1 << 30,
    };
    drive(format.open(&facts), file).map(|(tables, _)| tables)
}

/// Some columns of all blocks, and the bytes that were read for them.
pub(super) fn read_all(
    table: &BlockTable,
    file: &[u8],
    columns: &[usize],
    batch_rows: usize,
) -> Result<(Vec<RecordBatch>, usize), FormatError> {
    let (mut batches, mut read) = (Vec::new(), 0);
    for (block, facts) in table.decoder.blocks().iter().enumerate() {
        let wanted = Wanted { block, columns: columns.to_vec(), selection: None, batch_rows };
        let (decoded, bytes) = drive(table.decoder.decode(wanted), file)?;
        let lengths: Vec<usize> = decoded.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(lengths, batch_lengths(facts.rows, batch_rows));
        batches.extend(decoded);
        read += bytes;
    }
    Ok((batches, read))
}

/// Holds a file to the rows that it was made of: all, some columns, some rows; in batches of several lengths.
pub(super) fn check_rows(table: &BlockTable, file: &[u8], written: &RecordBatch) {
    let all: Vec<usize> = (0..table.schema.fields().len()).collect();
    let expected = as_table(table, written);
    let reversed: Vec<usize> = all.iter().rev().copied().step_by(2).collect();
    for (columns, batch_rows) in [(&all, 1000), (&all, 77), (&reversed, 1 << 20), (&Vec::new(), 100)] {
        let (batches, _) = read_all(table, file, columns, batch_rows).expect("a sound file");
        let schema = Arc::new(table.schema.project(columns).expect("columns"));
        let read = concat_batches(&schema, &batches).expect("batches");
        assert_eq!(read, expected.project(columns).expect("columns"));
    }
    for (step, run) in [(1, 1), (7, 3), (2500, 10), (100_000, 1), (3000, 2000)] {
        let mut first = 0;
        for (block, facts) in table.decoder.blocks().iter().enumerate() {
            let lengths = batch_lengths(facts.rows, 600);
            let mut row = 0;
            let bits = lengths.iter().map(|&rows| {
                row += rows;
                BooleanBuffer::collect_bool(rows, |bit| (row - rows + bit) % step < run && step != 100_000)
            });
            let selection = Selection::new(bits.collect());
            let wanted = Wanted {
                block,
                columns: reversed.clone(),
                selection: Some(selection.clone()),
                batch_rows: 600,
            };
            let (batches, _) = drive(table.decoder.decode(wanted), file).expect("a sound file");
            assert_eq!(batches.len(), lengths.len());
            for (index, batch) in batches.iter().enumerate() {
                let rows = expected.slice(first, lengths[index]).project(&reversed).expect("columns");
                let mask = BooleanArray::new(selection.batch(index).expect("a batch").clone(), None);
                assert_eq!(*batch, filter_record_batch(&rows, &mask).expect("rows"));
                first += lengths[index];
            }
        }
    }
}

/// Rows with the types that a table gives them.
fn as_table(table: &BlockTable, written: &RecordBatch) -> RecordBatch {
    let cast = |(array, field): (&ArrayRef, &Arc<arrow::datatypes::Field>)| {
        to_type(array, field.data_type()).expect("a type that can be had")
    };
    let columns = written.columns().iter().zip(table.schema.fields()).map(cast).collect();
    RecordBatch::try_new(Arc::clone(&table.schema), columns).expect("the columns of the table")
}

/// Changed and shortened files give rows or an error, never a panic, and take no more memory than they say.
pub(super) fn check_damaged(format: &dyn BlockFormat, name: &str, file: &[u8], seed: u64, trials: usize) {
    let mut state = seed | 1;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for trial in 0..trials {
        let mut changed = file.to_vec();
        match trial % 4 {
            0 => changed.truncate(random(file.len())),
            // Where formats keep what they say of themselves.
            1 => {
                let tail = file.len().min(2000);
                for _ in 0..1 + random(4) {
                    changed[file.len() - 1 - random(tail)] = random(256) as u8;
                }
            }
            _ => {
                for _ in 0..1 + random(6) {
                    changed[random(file.len())] = random(256) as u8;
                }
            }
        }
        let Ok(tables) = open(format, name, &changed, 1 << 20) else { continue };
        for table in tables {
            let all: Vec<usize> = (0..table.schema.fields().len()).collect();
            if let Err(error) = read_all(&table, &changed, &all, 1000) {
                assert!(!error.message.is_empty());
            }
        }
    }
}
