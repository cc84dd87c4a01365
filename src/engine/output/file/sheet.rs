//! Rows as the XML of a sheet.

use std::fmt::Write;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Schema};

use super::super::cell::{Value, number, value};
use super::ExportError;

/// Formats of cells: as it is, times, dates, names of columns.
pub(super) const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss.000"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>"#;

const TIME_STYLE: u32 = 1;
const DATE_STYLE: u32 = 2;

/// What comes after the rows.
pub(super) const END: &str = "</sheetData></worksheet>";

const BEGIN: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>"#;

/// What a sheet of Excel has room for.
const MOST_ROWS: u64 = 1_048_576;
const MOST_COLUMNS: usize = 16_384;
const MOST_LETTERS: usize = 32_767;

/// Digits of whole numbers that Excel keeps.
const WHOLE_TO: i64 = 999_999_999_999_999;

/// Days from Excel's day 0 to 1970-01-01, and the first day from which on its calendar is right: it has a
/// 29 February 1900.
const DAYS_TO_1970: f64 = 25_569.0;
const FIRST_DAY: f64 = 61.0;

/// The day behind the last one, 9999-12-31.
const END_DAY: f64 = 2_958_466.0;

const MILLIS_PER_DAY: f64 = 86_400_000.0;

/// Whether a sheet has room for so many columns and rows, and one for their names.
///
/// # Errors
/// When it has not.
pub(super) fn check(columns: usize, rows: u64) -> Result<(), ExportError> {
    if rows >= MOST_ROWS {
        let message = format!(
            "a sheet of Excel has {} rows below the header, and the result has {rows}",
            MOST_ROWS - 1
        );
        return Err(ExportError::TooLarge(message));
    }
    if columns > MOST_COLUMNS {
        let message = format!("a sheet of Excel has {MOST_COLUMNS} columns, and the result has {columns}");
        return Err(ExportError::TooLarge(message));
    }
    Ok(())
}

/// The rows that were written.
#[derive(Default)]
pub(super) struct Sheet {
    rows: u64,
}

impl Sheet {
    /// The beginning, with the row that names the columns.
    pub(super) fn head(&mut self, schema: &Schema, xml: &mut String) {
        xml.push_str(BEGIN);
        self.rows += 1;
        xml.push_str("<row>");
        for field in schema.fields() {
            xml.push_str(r#"<c s="3" t="inlineStr"><is><t xml:space="preserve">"#);
            escape(xml, field.name());
            xml.push_str("</t></is></c>");
        }
        xml.push_str("</row>");
    }

    /// Rows. Cells stand one behind the other, so that they need no address.
    ///
    /// # Errors
    /// When a text is longer than a cell may be.
    pub(super) fn rows(&mut self, rows: &RecordBatch, xml: &mut String) -> Result<(), ExportError> {
        for row in 0..rows.num_rows() {
            self.rows += 1;
            xml.push_str("<row>");
            for (index, column) in rows.columns().iter().enumerate() {
                if write_cell(xml, column, row).is_none() {
                    return Err(ExportError::TooLarge(format!(
                        "the text in row {} of “{}” is longer than the {MOST_LETTERS} characters that a cell of Excel holds",
                        self.rows - 1,
                        rows.schema_ref().field(index).name(),
                    )));
                }
            }
            xml.push_str("</row>");
        }
        Ok(())
    }
}

/// A cell; `None` for a text that is too long.
fn write_cell(xml: &mut String, column: &dyn Array, row: usize) -> Option<()> {
    if let Some((day, style)) = day_of(column, row) {
        // Writing to a text cannot fail.
        let _ = write!(xml, r#"<c s="{style}"><v>{day}</v></c>"#);
        return Some(());
    }
    // As above.
    let _ = match value(column, row) {
        Value::Null => write!(xml, "<c/>"),
        Value::Bool(value) => write!(xml, r#"<c t="b"><v>{}</v></c>"#, u8::from(value)),
        Value::Int(value) if value.unsigned_abs() <= WHOLE_TO.unsigned_abs() => {
            write!(xml, "<c><v>{value}</v></c>")
        }
        Value::Int(value) => return write_text(xml, &value.to_string()),
        Value::Number(value) if value.is_finite() => write!(xml, "<c><v>{value:?}</v></c>"),
        Value::Number(value) => {
            return write_text(xml, super::super::cell::number_name(value).unwrap_or_default());
        }
        Value::Text(text) if is_short_decimal(column, &text) => write!(xml, "<c><v>{text}</v></c>"),
        Value::Text(text) => return write_text(xml, &text),
    };
    Some(())
}

/// A time as the days that Excel counts, where its calendar has them.
fn day_of(column: &dyn Array, row: usize) -> Option<(f64, u32)> {
    let style = match column.data_type() {
        DataType::Timestamp(..) | DataType::Date64 => TIME_STYLE,
        DataType::Date32 => DATE_STYLE,
        _ => return None,
    };
    let day = number(column, row)? / MILLIS_PER_DAY + DAYS_TO_1970;
    (FIRST_DAY..END_DAY).contains(&day).then_some((day, style))
}

/// Whether a decimal has no more digits than Excel keeps.
fn is_short_decimal(column: &dyn Array, text: &str) -> bool {
    let is_decimal = matches!(
        column.data_type(),
        DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..)
    );
    is_decimal
        && text.bytes().filter(u8::is_ascii_digit).count() <= 15
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte))
}

fn write_text(xml: &mut String, text: &str) -> Option<()> {
    // Excel counts as UTF-16 does.
    if text.len() > MOST_LETTERS && text.encode_utf16().count() > MOST_LETTERS {
        return None;
    }
    xml.push_str(r#"<c t="inlineStr"><is><t xml:space="preserve">"#);
    escape(xml, text);
    xml.push_str("</t></is></c>");
    Some(())
}

/// Text within an element. What XML has no room for is written as `_x000B_`, and what looks like that with its first
/// sign escaped (ECMA-376, part 1, ST_Xstring).
fn escape(xml: &mut String, text: &str) {
    for (at, letter) in text.char_indices() {
        match letter {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '_' if is_escape(&text.as_bytes()[at..]) => xml.push_str("_x005F_"),
            '\t' | '\n' => xml.push(letter),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                // Writing to a text cannot fail.
                let _ = write!(xml, "_x{:04X}_", u32::from(letter));
            }
            letter => xml.push(letter),
        }
    }
}

fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', digits @ .., ] if digits.len() >= 5
        && digits[..4].iter().all(u8::is_ascii_hexdigit) && digits[4] == b'_')
}
