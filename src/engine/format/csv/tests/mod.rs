//! Tests of the CSV format.

mod bad_input;
mod guesses;
mod index;
mod selections;
mod sniffing;
mod splits;
mod values;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::Csv;
use super::column::ColumnType;
use super::decode::CsvDecoder;
use super::syntax::Syntax;
use crate::format::{Decoded, Decoder, Format, RecordStart, Sample, Sniffed, SplitBytes};

const SYNTAX: Syntax = Syntax { delimiter: b',', quote: Some(b'"') };

/// A decoder for columns `c0`, `c1`, … of these types.
fn decoder(types: &[ColumnType]) -> CsvDecoder {
    let field =
        |(column, kind): (usize, &ColumnType)| Field::new(format!("c{column}"), kind.arrow_type(), true);
    let schema = Schema::new(types.iter().enumerate().map(field).collect::<Vec<_>>());
    CsvDecoder::new(SYNTAX, types.to_vec(), Arc::new(schema))
}

/// Decodes a whole text as one split.
fn decode_all(decoder: &dyn Decoder, text: &[u8], first_record: u64, projection: &[usize]) -> Decoded {
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

fn sniff(text: &[u8]) -> Sniffed {
    let sample = Sample { head: text, pieces: Vec::new(), file_len: text.len() as u64 };
    Csv.sniff(&sample).expect("text can be sniffed")
}

/// Sniffs and decodes all columns.
fn read(text: &[u8]) -> (Sniffed, Decoded) {
    let sniffed = sniff(text);
    let projection: Vec<usize> = (0..sniffed.schema.fields().len()).collect();
    let decoded = decode_all(sniffed.decoder.as_ref(), text, sniffed.first_record, &projection);
    (sniffed, decoded)
}

fn one_batch(decoded: &Decoded) -> RecordBatch {
    let schema = decoded.batches.first().expect("a batch").schema();
    concat_batches(&schema, &decoded.batches).expect("batches of one schema")
}

/// All cells as text, null as `∅`.
fn cells(decoded: &Decoded) -> Vec<Vec<String>> {
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

fn columns(sniffed: &Sniffed) -> Vec<String> {
    let fields = sniffed.schema.fields().iter();
    fields.map(|field| format!("{} {}", field.name(), field.data_type())).collect()
}
