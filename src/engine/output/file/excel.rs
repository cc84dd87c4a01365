//! A workbook with one sheet, as ECMA-376 (Office Open XML) describes it, written from its first row to its last.
//!
//! Libraries that write workbooks keep all cells in memory until the end; here the parts besides the sheet are fixed
//! texts, and the sheet is written as rows come ([`super::sheet`]).

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use millrace_protocol::ExportFormat;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::shared::SharedBytes;
use super::sheet::{self, Sheet};
use super::{ExportError, FileFormat, FileWriter};

/// A workbook of Excel.
pub(super) const EXCEL: FileFormat = FileFormat { format: ExportFormat::Excel, begin };

/// Parts of the workbook besides its sheet.
const PARTS: &[(&str, &str)] = &[
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Result" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
    ("xl/styles.xml", sheet::STYLES),
];

struct ExcelWriter {
    zip: ZipWriter<StreamWriter<SharedBytes>>,
    bytes: SharedBytes,
    sheet: Sheet,
    /// The XML of the rows that are being written.
    xml: String,
}

/// Cells beyond which the sheet may be longer than 4 GiB, which the archive has to know before it begins. Some programs
/// refuse archives that reckon with it for nothing.
const CELLS_OF_LARGE: u64 = 60_000_000;

fn begin(schema: &Schema, rows: u64) -> Result<Box<dyn FileWriter>, ExportError> {
    sheet::check(schema.fields().len(), rows)?;
    let cells = rows.saturating_mul(schema.fields().len() as u64);
    let bytes = SharedBytes::default();
    let mut zip = ZipWriter::new_stream(bytes.clone());
    // The engine has no clock, and the time at which a file was made is the file system's to tell.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, text) in PARTS {
        zip.start_file(*name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    zip.start_file("xl/worksheets/sheet1.xml", options.large_file(cells > CELLS_OF_LARGE))?;
    let mut writer = ExcelWriter { zip, bytes, sheet: Sheet::default(), xml: String::new() };
    writer.sheet.head(schema, &mut writer.xml);
    writer.put()?;
    Ok(Box::new(writer))
}

impl ExcelWriter {
    fn put(&mut self) -> Result<(), ExportError> {
        self.zip.write_all(self.xml.as_bytes())?;
        self.xml.clear();
        Ok(())
    }
}

impl FileWriter for ExcelWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), ExportError> {
        self.sheet.rows(rows, &mut self.xml)?;
        self.put()
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        self.xml.push_str(sheet::END);
        self.put()?;
        let rest = std::mem::replace(&mut self.zip, ZipWriter::new_stream(SharedBytes::default()));
        rest.finish()?;
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        self.bytes.take()
    }
}
