//! Finding out how a file is to be read.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use millrace_protocol::Dialect;

use super::column::ColumnType;
use super::decode::CsvDecoder;
use super::dialect::{SampleRecords, find_syntax};
use super::field::{Rows, unquote};
use super::guess::first_record_start;
use super::header::is_header;
use super::syntax::{Syntax, count_line_ends, skip_line_ends};
use crate::format::binary::refuse_binary;
use crate::format::names::unique_names;
use crate::format::value::Evidence;
use crate::format::{FormatError, Sample, Sniffed};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Rows below the first one that are searched for its values.
const REPEAT_ROWS: usize = 1_000;

/// Finds dialect, names and types.
///
/// # Errors
/// When the file is empty or not delimited text.
pub fn sniff(sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
    refuse_binary(sample.head)?;
    let mark = if sample.head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let start = skip_line_ends(sample.head, mark);
    let text = &sample.head[start..];
    if text.is_empty() {
        return Err(empty(sample));
    }
    let whole_file = sample.head.len() as u64 >= sample.file_len;
    let syntax = find_syntax(text, whole_file);
    let records = SampleRecords::new(text, syntax, whole_file, text.len());
    let rows = records.rows();

    let first = record_texts(&rows, 0);
    let below = most_common_count(&rows);
    let mut warnings = Vec::new();
    let mut evidence = vec![Evidence::default(); first.len().max(below)];
    add_rows(&mut evidence, &rows.slice(1..rows.len()), None);
    add_pieces(&mut evidence, sample, syntax, below);
    let types: Vec<ColumnType> = evidence.iter().map(Evidence::column_type).collect();
    let header = records.first_is_whole() && is_header(&first, &types, comes_again(&first, &rows));
    if !header {
        evidence.truncate(below);
        add_rows(&mut evidence, &rows.slice(0..1), None);
    }
    let types: Vec<ColumnType> = evidence.iter().map(Evidence::column_type).collect();
    let count = types.len();

    let names = unique_names(if header { &first } else { &[] }, count, &mut warnings);
    if header && first.len() < count {
        warnings.push(format!("The header names {} of {count} columns.", first.len()));
    }
    if records.unclosed_quote() && whole_file {
        warnings.push("A quote is never closed: the rest of the file behind it is one field.".to_owned());
    }
    let fields: Vec<Field> =
        names.into_iter().zip(&types).map(|(name, kind)| Field::new(name, kind.arrow_type(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let data_start = start + if header { records.end_of(0) } else { 0 };
    let data_rows = rows.len() - usize::from(header);
    let data_bytes = records.end_of(rows.len() - 1) + start - data_start;
    Ok(Sniffed {
        schema: Arc::clone(&schema),
        dialect: Some(dialect(syntax, header)),
        first_record: data_start as u64,
        first_line: 1 + count_line_ends(&sample.head[..data_start]),
        mean_record_bytes: (data_bytes as f64 / data_rows.max(1) as f64).max(1.0),
        decoder: Arc::new(CsvDecoder::new(syntax, types, schema)),
        warnings,
    })
}

fn empty(sample: &Sample<'_>) -> FormatError {
    let message = if sample.head.is_empty() { "the file is empty" } else { "the file has only blank lines" };
    FormatError {
        message: message.to_owned(),
        hint: Some("Choose a file with at least one record.".to_owned()),
    }
}

fn dialect(syntax: Syntax, header: bool) -> Dialect {
    let text = |byte: u8| char::from(byte).to_string();
    Dialect { delimiter: text(syntax.delimiter), quote: syntax.quote.map_or(String::new(), text), header }
}

fn value<'a>(rows: &Rows<'a>, row: usize, column: usize) -> Option<Cow<'a, [u8]>> {
    let field = rows.field(row, column)?;
    Some(unquote(&rows.bytes()[field.start..field.end], rows.syntax()))
}

fn record_texts(rows: &Rows<'_>, row: usize) -> Vec<String> {
    let fields = (0..rows.field_count(row)).filter_map(|column| value(rows, row, column));
    fields.map(|text| String::from_utf8_lossy(&text).into_owned()).collect()
}

/// The number of fields that most records below the first have; of the first when it is alone.
fn most_common_count(rows: &Rows<'_>) -> usize {
    let mut counts: Vec<usize> = (1..rows.len()).map(|row| rows.field_count(row)).collect();
    counts.sort_unstable();
    let largest = counts.chunk_by(|a, b| a == b).max_by_key(|group| group.len());
    largest.map_or_else(|| rows.field_count(0), |group| group[0])
}

/// Takes the values of rows into account; with `fields` only those of rows that have so many.
fn add_rows(evidence: &mut [Evidence], rows: &Rows<'_>, fields: Option<usize>) {
    for row in 0..rows.len() {
        if fields.is_some_and(|fields| rows.field_count(row) != fields) {
            continue;
        }
        for (column, evidence) in evidence.iter_mut().enumerate() {
            let Some(text) = value(rows, row, column) else { break };
            evidence.add(&text);
        }
    }
}

/// Where a piece begins is a guess, and so only records of the usual length are believed.
fn add_pieces(evidence: &mut [Evidence], sample: &Sample<'_>, syntax: Syntax, fields: usize) {
    for piece in &sample.pieces {
        let Some(start) = first_record_start(piece, syntax, fields) else { continue };
        let mut text = &piece[start..];
        // A record cut by the end of the piece is left out: its last value may be cut as well.
        text = &text[..memchr::memrchr2(b'\n', b'\r', text).map_or(0, |end| end + 1)];
        if !text.is_empty() {
            let records = SampleRecords::new(text, syntax, false, text.len());
            add_rows(evidence, &records.rows(), Some(fields));
        }
    }
}

/// Whether a value of the first record stands in its column again.
fn comes_again(first: &[String], rows: &Rows<'_>) -> bool {
    (1..rows.len().min(REPEAT_ROWS)).any(|row| {
        first.iter().enumerate().any(|(column, text)| {
            !text.trim().is_empty()
                && value(rows, row, column).is_some_and(|value| *value == *text.as_bytes())
        })
    })
}
