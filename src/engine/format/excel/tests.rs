//! Workbooks that are made here.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMillisecondType};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Excel;
use crate::format::block_testing::{check_damaged, open, read_all};
use crate::format::{BLOCK_FORMATS, BlockTable};

/// A workbook with sheets, each the XML of its rows. Style 1 is a date, style 2 a date with time, 3 a time.
fn workbook(sheets: &[(&str, String)], is_1904: bool) -> Vec<u8> {
    let types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let (mut overrides, mut names, mut relations) = (String::new(), String::new(), String::new());
    let mut files = Vec::new();
    for (number, (name, rows)) in (1..).zip(sheets) {
        let path = format!("worksheets/sheet{number}.xml");
        let _ =
            write!(overrides, "<Override PartName=\"/xl/{path}\" ContentType=\"{types}.worksheet+xml\"/>");
        let _ = write!(names, "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
        let _ = write!(relations, "<Relationship Id=\"rId{number}\" Type=\"{kind}\" Target=\"{path}\"/>");
        let text = format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
        );
        files.push((format!("xl/{path}"), text));
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let styles = "<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy-mm-dd hh:mm\"/></numFmts><cellXfs \
                  count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"20\"/></cellXfs>";
    files.insert(
        0,
        (
            "[Content_Types].xml".to_owned(),
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override \
                 PartName=\"/xl/workbook.xml\" ContentType=\"{types}.sheet.main+xml\"/>{overrides}</Types>"
            ),
        ),
    );
    files.push((
        "_rels/.rels".to_owned(),
        format!(
            "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" \
             Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    ));
    files.push((
        "xl/workbook.xml".to_owned(),
        format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><workbookPr date1904=\"{}\"/><sheets>{names}</sheets></workbook>",
            u8::from(is_1904)
        ),
    ));
    files.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(
            "<Relationships xmlns=\"{package}/relationships\">{relations}<Relationship Id=\"rIdS\" \
             Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>"
        ),
    ));
    files.push(("xl/styles.xml".to_owned(), format!("<styleSheet xmlns=\"{main}\">{styles}</styleSheet>")));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, text) in files {
        archive.start_file(path, options).expect("a file");
        archive.write_all(text.as_bytes()).expect("a text");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A row of cells: texts, or numbers with a style behind `@`; empty ones are left out.
fn row(number: u32, cells: &[&str]) -> String {
    let mut row = format!("<row r=\"{number}\">");
    for (column, cell) in ('A'..='Z').zip(cells) {
        let (value, style) = cell.split_once('@').unwrap_or((cell, "0"));
        let _ = match value {
            "" => Ok(()),
            "true" => write!(row, "<c r=\"{column}{number}\" t=\"b\"><v>1</v></c>"),
            "#N/A" => write!(row, "<c r=\"{column}{number}\" t=\"e\"><v>#N/A</v></c>"),
            _ if value.parse::<f64>().is_ok() => {
                write!(row, "<c r=\"{column}{number}\" s=\"{style}\"><v>{value}</v></c>")
            }
            _ => write!(row, "<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{value}</t></is></c>"),
        };
    }
    row + "</row>"
}

fn sheet(rows: &[&[&str]]) -> String {
    (1..).zip(rows).map(|(number, cells)| row(number, cells)).collect()
}

fn tables(file: &[u8]) -> Vec<BlockTable> {
    open(&Excel, "book.xlsx", file, 1 << 20).expect("a workbook")
}

fn types(table: &BlockTable) -> Vec<(String, DataType)> {
    table.schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
}

#[test]
fn each_sheet_is_a_table_with_types() {
    let sales: &[&[&str]] = &[
        &["Sales of the year"],
        &["item", "pieces", "price", "sold", "at", "paid", "mixed", "when"],
        &["pear", "3", "1.5", "45000@1", "45000.5@2", "true", "7", "0.75@3"],
        &[],
        &["apple", "", "2", "45001@1", "45001.25@2", "#N/A", "seven", ""],
    ];
    let plain: &[&[&str]] = &[&["1", "2"], &["3", "4"]];
    let file =
        workbook(&[("Sales 2023", sheet(sales)), ("Plain", sheet(plain)), ("Empty", String::new())], false);
    assert_eq!(
        BLOCK_FORMATS.iter().find(|format| format.claims("x", &file)).map(|f| f.name()),
        Some("excel")
    );
    let tables = tables(&file);
    assert_eq!(
        tables.iter().map(|table| table.title.as_deref()).collect::<Vec<_>>(),
        [Some("Sales 2023"), Some("Plain")]
    );
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (names, found): (Vec<_>, Vec<_>) = types(&tables[0]).into_iter().unzip();
    assert_eq!(names, named(&["item", "pieces", "price", "sold", "at", "paid", "mixed", "when"]));
    use DataType::{Boolean, Date32, Float64, Int64, Timestamp, Utf8View};
    let millis = Timestamp(TimeUnit::Millisecond, None);
    assert_eq!(found, [Utf8View, Int64, Float64, Date32, millis, Boolean, Utf8View, Utf8View]);
    assert_eq!(tables[0].warnings.len(), 1, "{:?}", tables[0].warnings);
    let all: Vec<usize> = (0..8).collect();
    let batch = read_all(&tables[0], &file, &all, 100).expect("rows").0.remove(0);
    assert_eq!(batch.num_rows(), 2, "rows without cells are none");
    assert_eq!(batch.column(1).as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(3), None]);
    assert_eq!(batch.column(2).as_primitive::<Float64Type>().values().to_vec(), [1.5, 2.0]);
    // 2023-03-15.
    assert_eq!(batch.column(3).as_primitive::<Date32Type>().values().to_vec(), [19_431, 19_432]);
    let times = batch.column(4).as_primitive::<TimestampMillisecondType>().values().to_vec();
    assert_eq!(times, [19_431 * 86_400_000 + 43_200_000, 19_432 * 86_400_000 + 21_600_000]);
    assert!(batch.column(5).is_null(1) && batch.column(5).as_boolean().value(0));
    assert_eq!(batch.column(6).as_string_view().iter().collect::<Vec<_>>(), [Some("7"), Some("seven")]);
    assert_eq!(batch.column(7).as_string_view().iter().collect::<Vec<_>>(), [Some("18:00:00"), None]);
    assert_eq!(types(&tables[1]), [("column_1".to_owned(), Int64), ("column_2".to_owned(), Int64)]);
}

#[test]
fn days_count_from_1904_where_the_workbook_says_so() {
    let days: &[&[&str]] = &[&["day"], &["43538@1"]];
    let file = workbook(&[("Days", sheet(days))], true);
    let batch = read_all(&tables(&file)[0], &file, &[0], 100).expect("rows").0.remove(0);
    assert_eq!(batch.column(0).as_primitive::<Date32Type>().value(0), 19_431);
}

#[test]
fn what_cannot_be_read_says_why() {
    let file = workbook(&[("Empty", String::new())], false);
    assert!(open(&Excel, "book.xlsx", &file, 1).expect_err("no cells").message.contains("no cells"));
    let far: &[&[&str]] = &[&["a", "b"], &["1", "2"]];
    let far = sheet(far) + "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let file = workbook(&[("Far", far)], false);
    assert_eq!(tables(&file)[0].schema.fields().len(), 3, "columns without cells are none");
    let other = workbook(&[], false);
    assert!(open(&Excel, "book.xlsx", &other, 1).is_err());
}

#[test]
fn damaged_files_give_an_error_or_rows() {
    let rows: &[&[&str]] = &[&["item", "pieces"], &["pear", "3"], &["apple", "45000@1"]];
    let file = workbook(&[("A", sheet(rows)), ("B", sheet(rows))], false);
    check_damaged(&Excel, "book.xlsx", &file, 9, 400);
}
