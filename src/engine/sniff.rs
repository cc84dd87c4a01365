//! What is found out about a file before it is a table.

use std::rc::Rc;
use std::sync::Arc;

use millrace_protocol::{Cell, PatternPreview, TableOptions};

use crate::Error;
use crate::coding::TextSample;
use crate::engine::Engine;
use crate::format::fixed_width::FixedWidth;
use crate::format::log::{Logs, preview_pattern};
use crate::format::{FORMATS, Format, FormatError, RecordStart, Sample, Sniffed, SplitBytes};
use crate::output::ResultSet;
use crate::source::Source;

/// Bytes of a file that are read before anything is known of it.
pub(crate) const HEAD_BYTES: u64 = 1 << 20;
/// Length of a piece from further on, and how many of them.
const PIECE_BYTES: u64 = 64 << 10;
const PIECES: u64 = 4;
/// Rows that are shown of a new table.
const PREVIEW_ROWS: usize = 50;
/// Bytes of a file on which a pattern is tried while somebody types it.
const PATTERN_BYTES: u64 = 256 << 10;

/// A file that may become one of a table.
pub(crate) struct SniffedFile {
    pub(crate) format: &'static dyn Format,
    pub(crate) found: Sniffed,
    pub(crate) preview: Vec<Vec<Cell>>,
    /// How its bytes become text.
    pub(crate) sample: TextSample,
}

impl Engine {
    /// Format, columns and first rows of text that is there as it is.
    ///
    /// # Errors
    /// When it cannot be read, is of no known format, or is compressed.
    pub(crate) async fn sniff(
        &self,
        source: &Rc<dyn Source>,
        options: &TableOptions,
    ) -> Result<(&'static dyn Format, Sniffed, Vec<Vec<Cell>>), Error> {
        let SniffedFile { format, found, preview, sample } = self.sniff_file(source, options).await?;
        if !sample.recipe.is_empty() {
            let message = format!("{} is compressed or not in UTF-8, which streams are not.", source.name());
            let hint = Some("Add it as a table instead.".to_owned());
            return Err(FormatError { message, hint }.into());
        }
        Ok((format, found, preview))
    }

    /// What a pattern makes of the first lines of a table's first file.
    ///
    /// # Errors
    /// When there is no such table, its files are not read by lines, or the pattern cannot be understood.
    pub async fn preview_pattern(&self, table: &str, pattern: &str) -> Result<PatternPreview, Error> {
        let request = self.0.requests.borrow().get(table).cloned().ok_or_else(|| self.no_options(table))?;
        let source = request.sources.first().ok_or_else(|| self.no_options(table))?;
        let head_end = source.len_bytes().min(PATTERN_BYTES);
        let slot = self.0.slots.take(usize::try_from(head_end).unwrap_or(usize::MAX));
        let head = source.read(0..head_end, slot).await?;
        let sample = self.text_sample(source, head.bytes(), &[], request.options.encoding.as_deref()).await?;
        let pattern = pattern.to_owned();
        let preview = self.on_pool(move || {
            let text = sample.text.as_deref().unwrap_or(head.bytes());
            // A line that was cut may fit by chance, or not for that reason.
            let cut = memchr::memrchr(b'\n', text).filter(|_| !sample.is_whole);
            preview_pattern(&pattern, cut.map_or(text, |newline| &text[..newline]))
        });
        preview.await?.map_err(|info| Error::Sql(Box::new(info)))
    }

    /// Format, columns and first rows of a file, from a sample of it.
    ///
    /// # Errors
    /// When it cannot be read or is of no known format.
    pub(crate) async fn sniff_file(
        &self,
        source: &Rc<dyn Source>,
        options: &TableOptions,
    ) -> Result<SniffedFile, Error> {
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
        let raw_pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.bytes()).collect();
        let text = self.text_sample(source, head.bytes(), &raw_pieces, options.encoding.as_deref()).await?;
        let shown = source.name().to_owned();
        let options = options.clone();
        let modified_millis = source.modified_millis();
        self.on_pool(move || {
            let name = text.name.clone();
            let sample = match &text.text {
                None => Sample {
                    head: head.bytes(),
                    pieces: pieces.iter().map(|piece| piece.bytes()).collect(),
                    file_len: len,
                    options,
                    modified_millis,
                },
                Some(unpacked) => Sample { options, modified_millis, ..sample_of_text(unpacked, &text, len) },
            };
            let format = match &sample.options {
                TableOptions { pattern: Some(_), .. } => Some(&Logs as &dyn Format),
                TableOptions { column_starts: Some(_), .. } => Some(&FixedWidth as &dyn Format),
                _ => FORMATS.iter().copied().find(|format| format.claims(&name, sample.head)),
            };
            let format = format.ok_or_else(|| FormatError {
                message: format!("{name} is of no format that can be read here."),
                hint: Some(
                    "CSV, JSON, logs, text, Parquet, Arrow, Avro, SQLite and workbooks can be read."
                        .to_owned(),
                ),
            })?;
            let found = format
                .sniff(&sample)
                .map_err(|error| FormatError { message: format!("{name}: {}", error.message), ..error })?;
            let rows = first_rows(&sample, &found);
            Ok(SniffedFile { format, found, preview: rows, sample: text })
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

/// The same parts of text that was unpacked as of files that need not be.
fn sample_of_text<'a>(unpacked: &'a [u8], text: &TextSample, packed_len: u64) -> Sample<'a> {
    let len = unpacked.len();
    let head_end = if text.is_whole { len } else { len.min(HEAD_BYTES as usize) };
    let piece = |piece: usize| {
        let start = head_end + (len - head_end) / PIECES as usize * piece;
        (start < len).then(|| &unpacked[start..len.min(start + PIECE_BYTES as usize)])
    };
    let estimate = (packed_len as f64 * text.text_per_byte) as u64;
    Sample {
        head: &unpacked[..head_end],
        pieces: (0..PIECES as usize).filter_map(piece).collect(),
        file_len: if text.is_whole { len as u64 } else { estimate.max(len as u64 + 1) },
        options: TableOptions::default(),
        modified_millis: None,
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
