//! Decoding the lines of a split.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, StringViewBuilder};
use arrow::datatypes::SchemaRef;

use crate::format::bad::{not_utf8, too_long};
use crate::format::batch::{batch, internal};
use crate::format::lines::{first_line, line_end, owned_end};
use crate::format::value::LONGEST_TEXT_BYTES;
use crate::format::{BadRecord, BadRecords, DecodeError, Decoded, Decoder, Listing, Selection, SplitBytes};

/// Index of the column `line`; the other one is the offset.
const LINE: usize = 0;

/// Decodes lines.
#[derive(Debug)]
pub(super) struct TextDecoder {
    schema: SchemaRef,
    listing: Listing,
}

impl TextDecoder {
    pub(super) fn new(schema: SchemaRef) -> Self {
        Self { schema, listing: Listing::First }
    }
}

impl Decoder for TextDecoder {
    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        let bytes = split.bytes;
        let end = owned_end(split)?;
        let schema = Arc::new(self.schema.project(projection).map_err(internal)?);
        let (mut decoded, mut bad_lines) = (Decoded::empty(), BadRecords::default());
        let (mut lines, mut offsets) = (StringViewBuilder::new(), Int64Builder::new());
        let (wants_lines, wants_offsets) =
            (projection.contains(&LINE), projection.iter().any(|&c| c != LINE));
        let mut pos = first_line(split, end);
        decoded.first_record = pos.map(|pos| split.offset + pos as u64);
        while let Some(start) = pos {
            let (mut rows, mut selected) = (0, 0);
            let mut next = start;
            while rows < split.batch_rows.max(1) && next < end {
                let newline = line_end(split, next).ok_or(DecodeError::Truncated)?;
                let batch = decoded.batches.len();
                let wanted = selection.is_none_or(|selection| selection.is_selected(batch, rows));
                selected += usize::from(wanted);
                if wants_lines && wanted {
                    let line = &bytes[next..newline];
                    let line = line.strip_suffix(b"\r").filter(|_| newline < bytes.len()).unwrap_or(line);
                    let place = (decoded.rows + rows as u64, decoded.lines);
                    append_line(&mut lines, line, place, &mut bad_lines, self.listing);
                }
                if wants_offsets && wanted {
                    offsets.append_value((split.offset + next as u64) as i64);
                }
                rows += 1;
                decoded.lines += u64::from(newline < bytes.len());
                next = (newline + 1).min(bytes.len());
            }
            let arrays: [ArrayRef; 2] = [Arc::new(lines.finish()), Arc::new(offsets.finish())];
            let columns = projection.iter().map(|&column| Arc::clone(&arrays[usize::from(column != LINE)]));
            decoded.batches.push(batch(&schema, columns.collect(), selected)?);
            decoded.rows += rows as u64;
            decoded.next_record = Some(split.offset + next as u64);
            pos = (next < end).then_some(next);
        }
        decoded.bad_fields = projection
            .iter()
            .map(|&column| if column == LINE { bad_lines.clone() } else { BadRecords::default() })
            .collect();
        Ok(decoded)
    }

    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        Some(Arc::new(Self { schema: Arc::clone(&self.schema), listing: Listing::All }))
    }
}

/// Appends a line, whose `place` is its number and that of the line ends before it; bytes that are not
/// UTF-8 are replaced.
fn append_line(
    lines: &mut StringViewBuilder,
    line: &[u8],
    place: (u64, u64),
    bad: &mut BadRecords,
    listing: Listing,
) {
    let (row_in_split, line_in_split) = place;
    let mut complain = |reason: fn(&str) -> String| {
        bad.count += 1;
        if bad.listed.len() < listing.most() {
            bad.listed.push(BadRecord {
                row_in_split,
                line_in_split,
                reason: reason("line"),
                text: listing.text(line),
            });
        }
    };
    if line.len() > LONGEST_TEXT_BYTES {
        complain(too_long);
        return lines.append_null();
    }
    let appended = match std::str::from_utf8(line) {
        Ok(text) => lines.try_append_value(text),
        Err(_) => {
            complain(not_utf8);
            lines.try_append_value(String::from_utf8_lossy(line))
        }
    };
    if appended.is_err() {
        lines.append_null();
    }
}
