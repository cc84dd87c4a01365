//! Files to be changed: the corpus, and a small one of each format, compression and archive that it has not.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{Int32Type, Schema};
use arrow::ipc::writer::{FileWriter, StreamWriter};
use arrow_avro::writer::AvroWriter;
use millrace_protocol::TableOptions;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::archive_files::{tar, zip, zipped};
use crate::pack::{PACKERS, bgzf, zstd_frames};

/// A file and what is said about it.
#[derive(Clone)]
pub struct Input {
    /// Of which file it was made.
    pub label: String,
    /// Its name.
    pub name: String,
    pub bytes: Vec<u8>,
    pub options: TableOptions,
}

impl Input {
    fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self { label: name.to_owned(), name: name.to_owned(), bytes, options: TableOptions::default() }
    }

    /// Writes it as a case of the corpus, and says where.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let name = self.name.rsplit('/').next().unwrap_or("file");
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(name), &self.bytes));
        let options = serde_json::to_vec(&self.options).expect("plain data");
        let said = self.options != TableOptions::default();
        let written = written
            .and_then(|()| if said { fs::write(folder.join("options.json"), options) } else { Ok(()) });
        written.expect("a folder that can be written");
        folder.to_owned()
    }
}

/// All of them.
pub fn seeds() -> Vec<Input> {
    let mut seeds = corpus();
    assert!(seeds.len() > 50, "the corpus is missing");
    let rows = rows();
    let csv = "id,name,at\n1,\"a, b\",2024-01-01\n2,\"two\nlines\",2024-01-02\n3,,2024-01-03\n".repeat(20);
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
        Compression::BROTLI(Default::default()),
        Compression::GZIP(Default::default()),
    ] {
        seeds.push(Input::new(&format!("{codec:?}.parquet").replace(['(', ')'], "_"), parquet(&rows, codec)));
    }
    seeds.push(Input::new("file.arrow", arrow_file(&rows)));
    seeds.push(Input::new("stream.arrows", arrow_stream(&rows)));
    seeds.push(Input::new("file.avro", avro(&rows)));
    seeds.push(Input::new("book.xlsx", workbook()));
    for packer in &PACKERS {
        let name = format!("t.csv{}", packer.ending);
        let label = format!("{name} ({})", packer.name);
        seeds.push(Input { label, ..Input::new(&name, packer.pack_members(csv.as_bytes(), 3)) });
        let archive = tar(&[("a.csv", csv.as_bytes()), ("b.ndjson", b"{\"a\":1}\n{\"a\":2}\n")]);
        seeds.push(Input::new(&format!("t.tar{}", packer.ending), (packer.pack)(&archive)));
    }
    // Parts that tell how long they are, and several of them.
    seeds.push(Input::new("t.csv.bgz", csv.as_bytes().chunks(300).flat_map(bgzf).collect()));
    seeds.push(Input::new("frames.csv.zst", zstd_frames(csv.as_bytes(), 300)));
    seeds.push(Input::new("t.tar", tar(&[("a.csv", csv.as_bytes()), ("folder/b.txt", b"one\ntwo\n")])));
    for large in [false, true] {
        let files = [zipped("a.csv", &csv, 8), zipped("b.txt", "one\ntwo\n", 0)];
        seeds.push(Input::new("t.zip", zip(&files, large, b"")));
    }
    let utf16: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
    seeds.push(Input::new("utf16.csv", [b"\xff\xfe".to_vec(), utf16].concat()));
    seeds
}

/// Cases of the corpus with one file.
fn corpus() -> Vec<Input> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut cases: Vec<PathBuf> = entries(&folder).into_iter().filter(|path| path.is_dir()).collect();
    cases.sort();
    let mut inputs = Vec::new();
    for case in cases {
        let label = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_file = |path: &PathBuf| {
            path.is_file() && !path.ends_with("expected.txt") && !path.ends_with("options.json")
        };
        let files: Vec<PathBuf> = entries(&case).into_iter().filter(is_file).collect();
        let [file] = files.as_slice() else { continue };
        let options = fs::read(case.join("options.json")).ok();
        inputs.push(Input {
            label,
            name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            bytes: fs::read(file).expect("a file of the corpus"),
            options: options
                .map_or_else(TableOptions::default, |text| serde_json::from_slice(&text).expect("options")),
        });
    }
    inputs
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}

fn rows() -> RecordBatch {
    let numbers = || 0..300i64;
    let lists = numbers()
        .map(|row| (row % 5 > 0).then(|| (0..row % 4).map(|item| Some(item as i32)).collect::<Vec<_>>()));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(numbers()))),
        (
            "name",
            Arc::new(
                numbers()
                    .map(|row| (row % 3 > 0).then(|| format!("name {}", row % 7)))
                    .collect::<StringArray>(),
            ),
        ),
        ("amount", Arc::new(numbers().map(|row| Some(row as f64 / 8.0)).collect::<Float64Array>())),
        ("items", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn parquet(rows: &RecordBatch, codec: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(codec)
        .set_max_row_group_row_count(Some(120))
        .set_data_page_row_count_limit(50)
        .set_write_batch_size(50);
    let mut writer =
        ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties.build())).expect("a writer");
    writer.write(rows).expect("rows");
    writer.into_inner().expect("a file")
}

fn arrow_file(rows: &RecordBatch) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &rows.schema()).expect("a writer");
    for first in [0, 100, 200] {
        writer.write(&rows.slice(first, 100)).expect("rows");
    }
    writer.finish().expect("a footer");
    writer.into_inner().expect("a file")
}

fn arrow_stream(rows: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &rows.schema()).expect("a writer");
    writer.write(rows).expect("rows");
    writer.finish().expect("an end");
    writer.into_inner().expect("a stream")
}

fn avro(rows: &RecordBatch) -> Vec<u8> {
    let rows = rows.project(&[0, 1, 2]).expect("columns");
    let mut bytes = Vec::new();
    let mut writer = AvroWriter::new(&mut bytes, Schema::clone(&rows.schema())).expect("a writer");
    writer.write(&rows).expect("rows");
    writer.finish().expect("an end");
    drop(writer);
    bytes
}

/// A workbook of one sheet.
fn workbook() -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let row = |number: usize| {
        format!(
            "<row r=\"{number}\"><c r=\"A{number}\"><v>{number}</v></c><c r=\"B{number}\" t=\"inlineStr\"><is><t>text \
             {number}</t></is></c></row>"
        )
    };
    let rows: String = (1..9).map(row).collect();
    let files = [
        ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"></Types>")),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" \
                 Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"S\" sheetId=\"1\" \
                 r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| zipped(path, text, 0)).collect();
    zip(&files, false, b"")
}
