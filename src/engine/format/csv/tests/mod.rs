//! Tests of the CSV format.

mod bad_input;
mod guesses;
mod index;
mod selections;
mod sniffing;
mod splits;
mod syntaxes;
mod values;

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};

use super::Csv;
use super::decode::CsvDecoder;
use super::syntax::Syntax;
use crate::format::testing::{cells, columns, decode_all, one_batch, read_as, whole};
use crate::format::value::{ColumnType, NullWords};
use crate::format::{Decoded, Format, Sniffed};

const SYNTAX: Syntax = Syntax::new(b',', Some(b'"'));

/// A decoder for columns `c0`, `c1`, … of these types.
fn decoder(types: &[ColumnType]) -> CsvDecoder {
    let field =
        |(column, kind): (usize, &ColumnType)| Field::new(format!("c{column}"), kind.arrow_type(), true);
    let schema = Schema::new(types.iter().enumerate().map(field).collect::<Vec<_>>());
    let forms = types.iter().map(|&kind| kind.into()).collect();
    CsvDecoder::new(SYNTAX, forms, NullWords::default(), Arc::new(schema))
}

fn sniff(text: &[u8]) -> Sniffed {
    Csv.sniff(&whole(text)).expect("text can be sniffed")
}

/// Sniffs and decodes all columns.
fn read(text: &[u8]) -> (Sniffed, Decoded) {
    read_as(&Csv, text)
}
