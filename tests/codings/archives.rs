//! Files in ZIP and tar archives.

use std::rc::Rc;

use futures::executor::block_on;
use millrace_engine::source::{MemorySource, Source};
use millrace_protocol::{Cell, ErrorInfo};

use crate::pack::{PACKERS, deflate};
use crate::{csv, engine, rows};

/// How a file of a ZIP archive is written.
#[derive(Clone, Copy)]
struct Zipped<'a> {
    path: &'a str,
    text: &'a [u8],
    method: u16,
    flags: u16,
}

fn zipped<'a>(path: &'a str, text: &'a str, method: u16) -> Zipped<'a> {
    Zipped { path, text: text.as_bytes(), method, flags: 0 }
}

/// An archive; with `large`, all lengths and places are in the extension for large ones.
fn zip(files: &[Zipped<'_>], large: bool, before: &[u8]) -> Vec<u8> {
    let (mut out, mut directory) = (before.to_vec(), Vec::new());
    for file in files {
        let offset = (out.len() - before.len()) as u64;
        let body = if file.method == 8 { deflate(file.text) } else { file.text.to_vec() };
        let mut crc = flate2::Crc::new();
        crc.update(file.text);
        let lengths = [body.len() as u64, file.text.len() as u64];
        let small = |number: u64| if large { u32::MAX } else { u32::try_from(number).expect("small") };
        let common = |out: &mut Vec<u8>| {
            out.extend([20u16, file.flags, file.method, 0, 0].into_iter().flat_map(u16::to_le_bytes));
            out.extend(crc.sum().to_le_bytes());
            out.extend(lengths.into_iter().flat_map(|number| small(number).to_le_bytes()));
            out.extend((file.path.len() as u16).to_le_bytes());
        };
        let extra: Vec<u8> = match large {
            true => {
                let numbers = [lengths[1], lengths[0], offset].into_iter().flat_map(u64::to_le_bytes);
                [1u16, 24].into_iter().flat_map(u16::to_le_bytes).chain(numbers).collect()
            }
            false => Vec::new(),
        };
        out.extend(b"PK\x03\x04");
        common(&mut out);
        out.extend(3u16.to_le_bytes());
        out.extend(file.path.bytes());
        out.extend(b"any");
        out.extend(body);
        directory.extend(b"PK\x01\x02\x14\0");
        common(&mut directory);
        directory.extend((extra.len() as u16).to_le_bytes());
        directory.extend([0; 10]);
        directory.extend(small(offset).to_le_bytes());
        directory.extend(file.path.bytes());
        directory.extend(extra);
    }
    let start = (out.len() - before.len()) as u64;
    let count = files.len() as u64;
    out.extend(&directory);
    let len = directory.len() as u64;
    if large {
        let at = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44u64.to_le_bytes());
        out.extend([0; 12]);
        out.extend([count, count, len, start].into_iter().flat_map(u64::to_le_bytes));
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(at.to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    let (len, start) = if large { (u32::MAX, u32::MAX) } else { (len as u32, start as u32) };
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count as u16, count as u16].into_iter().flat_map(u16::to_le_bytes));
    out.extend([len, start].into_iter().flat_map(u32::to_le_bytes));
    out.extend(b"\x05\0hello");
    out
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut entry = |path: &str, kind: u8, body: &[u8]| {
        let mut header = [0u8; 512];
        let name = &path.as_bytes()[..path.len().min(100)];
        header[..name.len()].copy_from_slice(name);
        header[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend(header);
        out.extend(body);
        out.resize(out.len().next_multiple_of(512), 0);
    };
    for (path, body) in files {
        if path.len() > 100 {
            entry("././@LongLink", b'L', format!("{path}\0").as_bytes());
        }
        entry(path, if path.ends_with('/') { b'5' } else { b'0' }, body);
    }
    out.extend([0; 1024]);
    out
}

/// Names and lengths of the files, and the number of rows of all of them as one table.
fn open(file: &str, bytes: &[u8]) -> Result<(Vec<String>, Cell), ErrorInfo> {
    let engine = engine(2, 10_000, 0);
    let source: Rc<dyn Source> = Rc::new(MemorySource::new(file, bytes));
    let files = block_on(engine.open_archives(vec![source])).map_err(|error| error.info())?;
    let names = files.iter().map(|file| file.name().to_owned()).collect();
    block_on(engine.add_table(Some("t"), files)).map_err(|error| error.info())?;
    let count = rows(&engine, "SELECT count(*) FROM t").remove(0).remove(0);
    assert_eq!(rows(&engine, "SELECT count(*) FROM t"), [[count.clone()]]);
    Ok((names, count))
}

#[test]
fn files_of_zip_archives_are_files() {
    let text = csv(1_000);
    let packed = (PACKERS[1].pack)(text.as_bytes());
    let files = [
        zipped("a.csv", &text, 0),
        zipped("folder/", "", 0),
        zipped("folder/b.csv", &text, 8),
        zipped("__MACOSX/folder/._b.csv", "junk", 0),
        zipped("folder/.DS_Store", "junk", 0),
        Zipped { path: "c.csv", text: &packed, method: 93, flags: 0 },
    ];
    for (large, before) in [(false, &b""[..]), (true, b""), (false, b"#!/bin/sh\n")] {
        let archive = zip(&files, large, before);
        // What unpacks itself is no archive at first sight; only its directory is read as one.
        if before.is_empty() {
            let (names, rows) = open("all.zip", &archive).expect("an archive");
            assert_eq!(names, ["a.csv", "b.csv", "c.csv"]);
            assert_eq!(rows, Cell::Int(3_000));
        }
    }
}

#[test]
fn zip_archives_that_are_not_taken_say_why() {
    let text = csv(100);
    let message = |archive: &[u8]| open("all.zip", archive).expect_err("no archive to be read").message;
    let one =
        |method, flags| zip(&[Zipped { path: "a.csv", text: text.as_bytes(), method, flags }], false, b"");
    assert!(message(&one(8, 1)).contains("encrypted: a.csv"), "{}", message(&one(8, 1)));
    assert!(message(&one(14, 0)).contains("a.csv, which is compressed by method 14"));
    let whole = one(8, 0);
    assert!(message(&whole[..whole.len() - 60]).contains("cut off"));
    assert!(message(&zip(&[], false, b"")).contains("holds no file"));
    let mut damaged = whole.clone();
    damaged[200] ^= 4;
    let damaged = message(&damaged);
    assert!(damaged.contains("a.csv: the ZIP data is damaged"), "{damaged}");
}

#[test]
fn workbooks_are_left_to_their_format() {
    let workbook = zip(&[zipped("[Content_Types].xml", "<Types/>", 8)], false, b"");
    let engine = engine(1, 1_000, 0);
    let source: Rc<dyn Source> = Rc::new(MemorySource::new("book.xlsx", workbook));
    let files = block_on(engine.open_archives(vec![source])).expect("a file");
    assert_eq!(files.iter().map(|file| file.name()).collect::<Vec<_>>(), ["book.xlsx"]);
}

#[test]
fn files_of_tar_archives_are_files() {
    let text = csv(700);
    let packed = (PACKERS[0].pack)(text.as_bytes());
    let long = format!("{}/deep.csv", "folder".repeat(30));
    let archive = tar(&[
        ("data/", b""),
        ("data/a.csv", text.as_bytes()),
        (&long, text.as_bytes()),
        ("b.csv.gz", &packed),
        ("empty.csv", b""),
    ]);
    let (names, rows) = open("all.tar", &archive).expect("an archive");
    assert_eq!(
        (names, rows),
        (["a.csv", "deep.csv", "b.csv.gz"].map(str::to_owned).to_vec(), Cell::Int(2_100))
    );
    let error = open("all.tar", &archive[..archive.len() - 4_000]).expect_err("a part of it").message;
    assert!(error.contains("cut off"), "{error}");
    let packed = (PACKERS[0].pack)(&archive);
    assert!(
        open("all.tar.gz", &packed)
            .expect_err("tar in gzip")
            .message
            .contains("is an archive that is compressed")
    );
    let mut damaged = archive;
    damaged[5] ^= 1;
    assert!(open("all.tar", &damaged).expect_err("a damaged header").message.contains("near byte 0"));
}
