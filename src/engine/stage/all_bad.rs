//! All bad rows of a table, split by split in the order of the files.

use std::sync::{Arc, Mutex};

use futures::SinkExt;
use futures::channel::mpsc;

use super::JobContext;
use super::split_read::SplitReader;
use crate::Error;
use crate::format::RecordStart;
use crate::output::write_text;
use crate::sql::{Reading, Table, TableFile};

const BATCH_ROWS: usize = 8192;

/// The table with decoders that list all that is bad; `None` when its format has no such.
pub(crate) fn listing_all(table: &Table) -> Option<Table> {
    let file = |file: &TableFile| {
        let Reading::Lines(decoder) = &file.reading else { return None };
        Some(TableFile {
            source: file.source,
            name: file.name.clone(),
            len_bytes: file.len_bytes,
            first_record: file.first_record,
            first_line: file.first_line,
            reading: Reading::Lines(decoder.listing_all()?),
            coded: file.coded.clone(),
            constants: file.constants.clone(),
        })
    };
    Some(Table {
        id: table.id,
        schema: Arc::clone(&table.schema),
        files: table.files.iter().map(file).collect::<Option<_>>()?,
        splits: table.splits.clone(),
        rows_estimate: table.rows_estimate,
        bad_rows: table.bad_rows,
        starts: table.known_starts().into(),
    })
}

/// Walks over a table that lists all, and hands over what is bad in each split as CSV: file, line, reason, and the text of
/// the record. Gives their number. Not more is in memory than of one split, and what waits to be taken.
///
/// # Errors
/// When the files cannot be read.
pub(crate) async fn all_bad(
    job: Arc<JobContext>,
    table: Arc<Table>,
    mut parts: mpsc::Sender<Vec<u8>>,
) -> Result<u64, Error> {
    let reader =
        SplitReader { job, table: Arc::clone(&table), batch_rows: BATCH_ROWS, turn: Mutex::default() };
    let columns: Vec<usize> = (0..table.schema.fields().len()).collect();
    let (mut cursor, mut line, mut count) = (0, 0, 0);
    let mut at = None;
    for (index, split) in table.splits.iter().enumerate() {
        let Some(file) = table.files.get(split.file) else { continue };
        if at != Some(split.file) {
            at = Some(split.file);
            (cursor, line) = (file.first_record, file.first_line);
        }
        if cursor >= table.owned_end(index) {
            continue;
        }
        let (decoded, slot) = reader.read(index, RecordStart::At(cursor), &columns, None).await?;
        drop(slot);
        let mut all: Vec<_> =
            decoded.bad_fields.iter().chain([&decoded.bad_shapes]).flat_map(|bad| &bad.listed).collect();
        all.sort_by_key(|bad| bad.row_in_split);
        let mut part = Vec::new();
        for bad in &all {
            write_text(&mut part, &file.name);
            part.extend_from_slice(format!(",{},", line + bad.line_in_split).as_bytes());
            write_text(&mut part, &bad.reason);
            part.push(b',');
            write_text(&mut part, &bad.text);
            part.push(b'\n');
        }
        count += all.len() as u64;
        line += decoded.lines;
        cursor = decoded.next_record.unwrap_or(cursor);
        if !part.is_empty() {
            parts.send(part).await.map_err(|_| Error::Cancelled)?;
        }
    }
    Ok(count)
}
