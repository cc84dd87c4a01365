//! Workbooks: Excel's (xlsx, xlsm, xlsb, xls) and OpenDocument's (ods). Each sheet with cells is a table.
//!
//! Owns: which cells are a table, its header, and the types of its columns. Touches: Arrow, the `calamine` crate,
//! which reads cells, and the contract in [`crate::format::blocks`].
//!
//! A workbook is packed and refers from its cells to lists at other places, so that it is read whole when it is
//! added, and its rows stay in memory. Formulas are the values that they had when it was saved.

mod cell;
mod column;
mod sheet;
#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::sync::Arc;

use arrow::datatypes::Schema;
use bytes::Bytes;
use calamine::{Ods, Reader, Xls, Xlsb, Xlsx, open_workbook_from_rs};

use super::blocks::{BlockFile, BlockFormat, BlockTable, Steps, damaged, guarded};
use super::lines::name_ending;
use super::memory_rows::{MemoryRows, WholeFile};
use crate::format::FormatError;
use cell::{Cells, from_ref};

/// Workbooks of Excel and OpenDocument.
#[derive(Clone, Copy, Debug)]
pub struct Excel;

/// A cell takes about so many bytes while a workbook is read.
const CELL_BYTES: u64 = 96;

impl BlockFormat for Excel {
    fn name(&self) -> &'static str {
        "excel"
    }

    /// By name and first bytes: other archives begin alike. Under another name, by the first file in the archive.
    fn claims(&self, file_name: &str, head: &[u8]) -> bool {
        let ending = name_ending(file_name);
        let has = |part: &[u8]| memchr::memmem::find(head, part).is_some();
        let zipped = head.starts_with(b"PK\x03\x04");
        let by_name = zipped && matches!(ending.as_str(), "xlsx" | "xlsm" | "xltx" | "xlsb" | "ods");
        let by_content = zipped
            && (has(b"application/vnd.oasis.opendocument.spreadsheet")
                || (has(b"[Content_Types].xml") && has(b"xl/")));
        let old = head.starts_with(b"\xd0\xcf\x11\xe0") && matches!(ending.as_str(), "xls" | "xlt" | "xlsx");
        by_name || by_content || old
    }

    fn open(&self, file: &BlockFile) -> Box<dyn Steps<Vec<BlockTable>>> {
        WholeFile::open(file, "Save its sheets as CSV.", tables)
    }
}

/// The sheets of a workbook that have cells.
fn tables(file: &BlockFile, bytes: Bytes) -> Result<Vec<BlockTable>, FormatError> {
    let limit = usize::try_from(file.memory_bytes / 4 / CELL_BYTES).unwrap_or(usize::MAX);
    let sheets = guarded(|| Ok::<_, FormatError>(sheets(&bytes, &file.name, limit)))??;
    let mut tables = Vec::new();
    let count = sheets.len().max(1) as u64;
    for (title, cells) in sheets {
        let mut warnings = Vec::new();
        let Some((schema, columns)) = sheet::table(cells, &mut warnings) else { continue };
        let schema = Arc::new(Schema::new(schema));
        let decoder = Arc::new(MemoryRows::new(Arc::clone(&schema), columns, file.len_bytes / count));
        tables.push(BlockTable { title: Some(title), schema, decoder, warnings });
    }
    if tables.is_empty() {
        return Err(FormatError {
            message: "its sheets have no cells".to_owned(),
            hint: Some("Choose a workbook with at least one row.".to_owned()),
        });
    }
    Ok(tables)
}

/// The cells of each sheet, at most `limit` of them together.
fn sheets(bytes: &Bytes, name: &str, limit: usize) -> Result<Vec<(String, Cells)>, FormatError> {
    let reader = || Cursor::new(bytes.clone());
    let broken = |error: &dyn std::fmt::Debug| match format!("{error:?}") {
        text if text.contains("Password") => protected(),
        text => damaged(&text),
    };
    let mut sheets = Vec::new();
    let mut left = limit;
    let has = |part: &[u8]| memchr::memmem::find(bytes, part).is_some();
    if !bytes.starts_with(b"PK") {
        // What is protected is packed into a file of the old kind, under this name in UTF-16.
        let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
        if has(&name) {
            return Err(protected());
        }
        let mut book: Xls<_> = open_workbook_from_rs(reader()).map_err(|error| broken(&error))?;
        for title in book.sheet_names() {
            let range = book.worksheet_range(&title).map_err(|error| broken(&error))?;
            sheets.push((title, Cells::of_range(&range, &mut left)?));
        }
    } else if has(b"opendocument.spreadsheet") {
        let mut book: Ods<_> = open_workbook_from_rs(reader()).map_err(|error| broken(&error))?;
        for title in book.sheet_names() {
            let range = book.worksheet_range(&title).map_err(|error| broken(&error))?;
            sheets.push((title, Cells::of_range(&range, &mut left)?));
        }
    } else if has(b"xl/workbook.bin") || name_ending(name) == "xlsb" {
        let mut book: Xlsb<_> = open_workbook_from_rs(reader()).map_err(|error| broken(&error))?;
        for title in book.sheet_names() {
            let Ok(mut reader) = book.worksheet_cells_reader(&title) else { continue };
            let mut cells = Cells::default();
            while let Some(cell) = reader.next_cell().map_err(|error| broken(&error))? {
                cells.push(cell.get_position(), from_ref(cell.get_value()), &mut left)?;
            }
            sheets.push((title, cells));
        }
    } else {
        let mut book: Xlsx<_> = open_workbook_from_rs(reader()).map_err(|error| broken(&error))?;
        for title in book.sheet_names() {
            // Sheets that are charts have no cells.
            let Ok(mut reader) = book.worksheet_cells_reader(&title) else { continue };
            let mut cells = Cells::default();
            while let Some(cell) = reader.next_cell().map_err(|error| broken(&error))? {
                cells.push(cell.get_position(), from_ref(cell.get_value()), &mut left)?;
            }
            sheets.push((title, cells));
        }
    }
    Ok(sheets)
}

fn protected() -> FormatError {
    FormatError {
        message: "the workbook is protected by a password".to_owned(),
        hint: Some("Save it without one.".to_owned()),
    }
}
