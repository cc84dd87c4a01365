//! Files in ZIP and tar archives.

use std::rc::Rc;

use futures::executor::block_on;
use millrace_engine::source::{MemorySource, Source};
use millrace_protocol::{Cell, ErrorInfo};

use crate::archive_files::{Zipped, tar, zip, zipped};
use crate::pack::PACKERS;
use crate::{QUERIES, SHAPES, add, csv, engine, rows};

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
    let mut damaged = archive;
    damaged[5] ^= 1;
    assert!(open("all.tar", &damaged).expect_err("a damaged header").message.contains("near byte 0"));
}

/// Files of several lengths, one of them compressed, one that is not the first of its table in the archive.
fn archive_of(text: &str) -> Vec<u8> {
    let short = csv(40);
    let packed = (PACKERS[0].pack)(text.as_bytes());
    tar(&[
        ("data/", b""),
        ("data/.hidden", b"no data"),
        ("data/a.csv", text.as_bytes()),
        ("short.csv", short.as_bytes()),
        ("b.csv.gz", &packed),
        ("c.csv", text.as_bytes()),
    ])
}

#[test]
fn files_of_compressed_tar_archives_are_files() {
    let text = csv(3_000);
    let archive = archive_of(&text);
    let expected = {
        let engine = engine(2, 10_000, 0);
        add(&engine, "a.csv", text.as_bytes()).expect("a table");
        QUERIES.map(|sql| rows(&engine, sql))
    };
    for (number, packer) in PACKERS.iter().enumerate() {
        let members = 1 + 6 * (number % 2);
        let packed = packer.pack_members(&archive, members);
        let name = format!("all.tar{}", packer.ending);
        let (names, count) = open(&name, &packed).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(names, ["a.csv", "short.csv", "b.csv.gz", "c.csv"], "{name}");
        assert_eq!(count, Cell::Int(3 * 3_000 + 40), "{name}");
        for (threads, split_bytes) in [SHAPES[0], SHAPES[2]] {
            let engine = engine(threads, split_bytes, 0);
            let source: Rc<dyn Source> = Rc::new(MemorySource::new(name.as_str(), packed.clone()));
            let files = block_on(engine.open_archives(vec![source])).expect("an archive");
            let last = files.into_iter().last().expect("a file");
            let info = block_on(engine.add_table(Some("t"), vec![last])).expect("a table");
            assert_eq!(info.compression.as_deref(), Some(packer.name));
            // Twice: what the first scan found out about the bytes is used by the second.
            for _ in 0..2 {
                assert_eq!(
                    QUERIES.map(|sql| rows(&engine, sql)),
                    expected,
                    "{name}, {members}, {split_bytes}"
                );
            }
        }
    }
}

#[test]
fn large_compressed_archives_are_not_unpacked_from_their_start() {
    let text = csv(60_000);
    let files: Vec<(String, &[u8])> =
        (0..6).map(|number| (format!("{number}.csv"), text.as_bytes())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let packed = (PACKERS[0].pack)(&tar(&files));
    let engine = engine(2, 100_000, 0);
    let source: Rc<dyn Source> = Rc::new(MemorySource::new("all.tgz", packed.clone()));
    let files = block_on(engine.open_archives(vec![source])).expect("an archive");
    assert_eq!(files.len(), 6);
    let bytes: u64 = files.iter().map(|file| file.len_bytes()).sum();
    // Each begins at a place that was noted not far before it.
    assert!(bytes < packed.len() as u64 * 2, "{bytes} of {}", packed.len());
    block_on(engine.add_table(Some("t"), vec![Rc::clone(&files[5])])).expect("a table");
    assert_eq!(rows(&engine, "SELECT count(*) FROM t"), [[Cell::Int(60_000)]]);
}

#[test]
fn damaged_compressed_archives_say_so() {
    let archive = archive_of(&csv(3_000));
    for packer in &PACKERS {
        let name = format!("all.tar{}", packer.ending);
        let packed = (packer.pack)(&archive);
        let cut = open(&name, &packed[..packed.len() * 2 / 3]).expect_err("a part of it").message;
        assert!(cut.contains("cut off") || cut.contains("damaged"), "{name}: {cut}");
        let short = (packer.pack)(&archive[..archive.len() / 2]);
        let short = open(&name, &short).expect_err("a part of an archive").message;
        assert!(short.contains("cut off"), "{name}: {short}");
    }
    let within = tar(&[("inner.tar.gz", &(PACKERS[0].pack)(&archive))]);
    let refused = open("outer.tar", &within).expect_err("an archive in an archive").message;
    assert!(refused.contains("compressed as a whole"), "{refused}");
}
