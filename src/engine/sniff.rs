//! What is found out about a file before it is a table.

use std::rc::Rc;
use std::sync::Arc;

use arrow::datatypes::Schema;
use millrace_protocol::{Cell, ErrorInfo, ErrorKind};

use crate::Error;
use crate::engine::Engine;
use crate::format::{FORMATS, Format, FormatError, RecordStart, Sample, Sniffed, SplitBytes};
use crate::output::{ResultSet, column_type_name};
use crate::source::Source;

/// Bytes of a file that are read before anything is known of it.
pub(crate) const HEAD_BYTES: u64 = 1 << 20;
/// Length of a piece from further on, and how many of them.
const PIECE_BYTES: u64 = 64 << 10;
const PIECES: u64 = 4;
/// Rows that are shown of a new table.
const PREVIEW_ROWS: usize = 50;

impl Engine {
    /// Format, columns and first rows of a file, from a sample of it.
    ///
    /// # Errors
    /// When it cannot be read or is of no known format.
    pub(crate) async fn sniff(
        &self,
        source: &Rc<dyn Source>,
    ) -> Result<(&'static dyn Format, Sniffed, Vec<Vec<Cell>>), Error> {
        let len = source.len_bytes();
        let head_end = len.min(HEAD_BYTES);
        let slot = |bytes: u64| self.0.slots.take(usize::try_from(bytes).unwrap_or(usize::MAX));
        let head = source.read(0..head_end, slot(head_end)).await?;
        let mut pieces = Vec::new();
        for piece in 0..PIECES {
            let start = head_end + (len - head_end) / PIECES * piece;
            let end = len.min(start + PIECE_BYTES);
            if start < end {
                pieces.push(source.read(start..end, slot(end - start)).await?);
            }
        }
        let name = source.name().to_owned();
        let shown = name.clone();
        self.on_pool(move || {
            let sample = Sample {
                head: head.bytes(),
                pieces: pieces.iter().map(|piece| piece.bytes()).collect(),
                file_len: len,
            };
            let format = FORMATS.iter().copied().find(|format| format.claims(&name, sample.head));
            let format = format.ok_or_else(|| FormatError {
                message: format!("{name} is of no format that can be read here."),
                hint: Some(
                    "CSV, JSON lines, text, Parquet, Arrow, Avro and workbooks can be read.".to_owned(),
                ),
            })?;
            let found = format
                .sniff(&sample)
                .map_err(|error| FormatError { message: format!("{name}: {}", error.message), ..error })?;
            let rows = first_rows(&sample, &found);
            Ok((format, found, rows))
        })
        .await?
        .map_err(|error: FormatError| {
            let mut error = error;
            if !error.message.contains(&shown) {
                error.message = format!("{shown}: {}", error.message);
            }
            error.into()
        })
    }
}

/// The first rows of the sample, fewer if they are long.
fn first_rows(sample: &Sample<'_>, found: &Sniffed) -> Vec<Vec<Cell>> {
    let len = sample.head.len() as u64;
    let all: Vec<usize> = (0..found.schema.fields().len()).collect();
    for wanted in [32 << 10, 2 << 10, 1] {
        let offset = found.first_record.saturating_sub(1).min(len);
        let split = SplitBytes {
            bytes: &sample.head[usize::try_from(offset).unwrap_or(0)..],
            offset,
            owned: found.first_record.min(len)..len.min(found.first_record + wanted),
            at_end_of_file: len == sample.file_len,
            start: RecordStart::At(found.first_record),
            batch_rows: PREVIEW_ROWS,
        };
        if let Ok(decoded) = found.decoder.decode(&split, &all, None) {
            let rows = ResultSet::new(Arc::clone(&found.schema), decoded.batches);
            return rows.rows(None, 0, PREVIEW_ROWS);
        }
    }
    Vec::new()
}

/// Refuses to make one table of files with different columns.
///
/// # Errors
/// When they differ, naming the first difference.
pub(crate) fn same_columns(
    first_name: &str,
    first: &Schema,
    name: &str,
    found: &Schema,
) -> Result<(), Error> {
    let (a, b) = (first.fields(), found.fields());
    let differing =
        a.iter().zip(b.iter()).find(|(a, b)| a.name() != b.name() || a.data_type() != b.data_type());
    let what = match differing {
        None if a.len() == b.len() => return Ok(()),
        None => format!("{} columns there, {} here", a.len(), b.len()),
        Some((a, b)) => format!(
            "`{}` {} there, `{}` {} here",
            a.name(),
            column_type_name(a.data_type()),
            b.name(),
            column_type_name(b.data_type())
        ),
    };
    let info =
        ErrorInfo::new(ErrorKind::File, format!("{name} has other columns than {first_name}: {what}."))
            .with_hint("Add the files as tables of their own and join them with UNION ALL.");
    Err(Error::Sql(Box::new(info)))
}
