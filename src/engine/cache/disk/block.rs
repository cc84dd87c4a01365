//! A column of a split as bytes: parts of its encoding and its bad records, each as a length and a stream
//! of Arrow's IPC format.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt64Array};
use arrow::datatypes::{Field, Schema, UInt64Type};
use arrow::error::ArrowError;

use crate::cache::encoding::{self, Encoded, Part};
use crate::format::{BadRecord, BadRecords, UnknownKey};
use crate::spill;

/// Bytes that tell the length of a part.
const LENGTH_BYTES: usize = 8;

/// The bytes of a column.
///
/// # Errors
/// When it has a type that Arrow's format does not know.
pub(in crate::cache) fn encode(values: &dyn Encoded, bad: &BadRecords) -> Result<Vec<u8>, ArrowError> {
    let (name, parts) = values.parts();
    let mut bytes = Vec::new();
    let name: ArrayRef = Arc::new(StringArray::from(vec![name]));
    let count: ArrayRef = Arc::new(UInt64Array::from(vec![bad.count]));
    append(&[RecordBatch::try_from_iter([("encoding", name), ("bad", count)])?], &mut bytes)?;
    append(&[listed(bad)?], &mut bytes)?;
    append(&[unknown_keys(bad)?], &mut bytes)?;
    for part in &parts {
        append(&batches(part)?, &mut bytes)?;
    }
    Ok(bytes)
}

/// The column that [`encode`] wrote; nothing when it did not write these bytes.
pub(in crate::cache) fn decode(bytes: &[u8]) -> Option<(Arc<dyn Encoded>, BadRecords)> {
    let mut sections = Vec::new();
    let mut rest = bytes;
    while let Some((length, behind)) = rest.split_first_chunk::<LENGTH_BYTES>() {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (section, next) = behind.split_at_checked(length)?;
        sections.push(if section.is_empty() { Vec::new() } else { spill::decode(section).ok()? });
        rest = next;
    }
    let (head, rest) = sections.split_first()?;
    let (bad, rest) = rest.split_first()?;
    let (keys, parts) = rest.split_first()?;
    let head = head.first().filter(|head| head.num_rows() == 1 && head.num_columns() == 2)?;
    let name = head.column(0).as_string_opt::<i32>()?.value(0);
    let count = head.column(1).as_primitive_opt::<UInt64Type>()?.value(0);
    let bad = BadRecords { count, listed: listed_in(bad.first()?)?, unknown_keys: keys_in(keys.first()?)? };
    let array = |batch: &RecordBatch| batch.columns().first().cloned();
    let part = |batches: &Vec<RecordBatch>| batches.iter().map(array).collect::<Option<Part>>();
    let parts = parts.iter().map(part).collect::<Option<Vec<_>>>()?;
    Some((encoding::assemble(name, &parts)?, bad))
}

fn append(batches: &[RecordBatch], bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; LENGTH_BYTES]);
    spill::encode(batches, bytes)?;
    let length = (bytes.len() - start - LENGTH_BYTES) as u64;
    bytes[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

/// A batch of one column for each array, with text of its own.
fn batches(part: &Part) -> Result<Vec<RecordBatch>, ArrowError> {
    let Some(first) = part.first() else { return Ok(Vec::new()) };
    let schema = Arc::new(Schema::new(vec![Field::new("part", first.data_type().clone(), true)]));
    let batch = |array: &ArrayRef| {
        spill::unshare(&RecordBatch::try_new(Arc::clone(&schema), vec![Arc::clone(array)])?)
    };
    part.iter().map(batch).collect()
}

fn listed(bad: &BadRecords) -> Result<RecordBatch, ArrowError> {
    let numbers = |number: fn(&BadRecord) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(bad.listed.iter().map(number)))
    };
    let texts = |text: fn(&BadRecord) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(bad.listed.iter().map(text)))
    };
    RecordBatch::try_from_iter([
        ("row", numbers(|bad| bad.row_in_split)),
        ("line", numbers(|bad| bad.line_in_split)),
        ("reason", texts(|bad| &bad.reason)),
        ("text", texts(|bad| &bad.text)),
    ])
}

fn listed_in(batch: &RecordBatch) -> Option<Vec<BadRecord>> {
    let [rows, lines, reasons, texts] = batch.columns() else { return None };
    let (rows, lines) = (rows.as_primitive_opt::<UInt64Type>()?, lines.as_primitive_opt::<UInt64Type>()?);
    let (reasons, texts) = (reasons.as_string_opt::<i32>()?, texts.as_string_opt::<i32>()?);
    let record = |row: usize| BadRecord {
        row_in_split: rows.value(row),
        line_in_split: lines.value(row),
        reason: reasons.value(row).to_owned(),
        text: texts.value(row).to_owned(),
    };
    Some((0..batch.num_rows()).map(record).collect())
}

fn unknown_keys(bad: &BadRecords) -> Result<RecordBatch, ArrowError> {
    let keys = &bad.unknown_keys;
    let numbers = |number: fn(&UnknownKey) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(keys.values().map(number)))
    };
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(keys.keys()));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(keys.values().map(|key| &key.text)));
    RecordBatch::try_from_iter([
        ("key", names),
        ("records", numbers(|key| key.records)),
        ("line", numbers(|key| key.line_in_split)),
        ("text", texts),
    ])
}

fn keys_in(batch: &RecordBatch) -> Option<BTreeMap<String, UnknownKey>> {
    let [names, records, lines, texts] = batch.columns() else { return None };
    let (names, texts) = (names.as_string_opt::<i32>()?, texts.as_string_opt::<i32>()?);
    let (records, lines) =
        (records.as_primitive_opt::<UInt64Type>()?, lines.as_primitive_opt::<UInt64Type>()?);
    let key = |row: usize| {
        let text = texts.value(row).to_owned();
        let key = UnknownKey { records: records.value(row), line_in_split: lines.value(row), text };
        (names.value(row).to_owned(), key)
    };
    Some((0..batch.num_rows()).map(key).collect())
}
