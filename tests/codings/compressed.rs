//! Whole files: the answers of the plain file, however it is compressed, cut and scanned.

use millrace_protocol::Cell;
use proptest::prelude::*;

use crate::pack::{PACKERS, bgzf, zstd_frames};
use crate::{QUERIES, SHAPES, add, csv, engine, rows};

/// Answers to all queries, each asked twice: the second time splits may be visited in any order.
fn answers(
    file: &str,
    bytes: &[u8],
    (threads, split_bytes): (usize, u64),
    cache: u64,
) -> Vec<Vec<Vec<Cell>>> {
    let engine = engine(threads, split_bytes, cache);
    add(&engine, file, bytes).unwrap_or_else(|error| panic!("{file}: {error:?}"));
    QUERIES.iter().flat_map(|sql| [rows(&engine, sql), rows(&engine, sql)]).collect()
}

fn check(file: &str, bytes: &[u8], expected: &[Vec<Vec<Cell>>]) {
    for (number, shape) in SHAPES.into_iter().enumerate() {
        let cache = if number % 2 == 0 { 0 } else { 1 << 20 };
        let actual = answers(file, bytes, shape, cache);
        for (number, (actual, expected)) in actual.iter().zip(expected).enumerate() {
            assert!(actual == expected, "{file}, {shape:?}, query {number}");
        }
    }
}

#[test]
fn compressed_files_give_the_answers_of_plain_ones() {
    let text = csv(2_500);
    let expected = answers("t.csv", text.as_bytes(), (2, 40_000), 0);
    for packer in &PACKERS {
        let file = format!("t.csv{}", packer.ending);
        check(&file, &(packer.pack)(text.as_bytes()), &expected);
        check(&file, &packer.pack_members(text.as_bytes(), 9), &expected);
    }
    check("t.csv.gz", &bgzf(text.as_bytes()), &expected);
    for len in [900, 20_000, 150_000] {
        check("t.csv.zst", &zstd_frames(text.as_bytes(), len), &expected);
    }
}

#[test]
fn tables_say_how_they_are_compressed() {
    let text = csv(50);
    for packer in &PACKERS {
        let engine = engine(1, 1 << 20, 0);
        let info = add(&engine, "noname", &(packer.pack)(text.as_bytes())).expect("a table");
        assert_eq!(info.encoding, None);
        assert_eq!((info.compression.as_deref(), info.format.as_str()), (Some(packer.name), "csv"));
        assert!(info.rows_estimate > 10 && info.preview.len() > 20, "{}", info.rows_estimate);
    }
}

#[test]
fn what_follows_the_last_member_is_not_looked_at() {
    let text = csv(500);
    for packer in PACKERS.iter().filter(|packer| matches!(packer.ending, ".gz" | ".bz2")) {
        for tail in [&[0; 2_000][..], b"\x1f", b"trailing garbage", b"BZ"] {
            let bytes = [(packer.pack)(text.as_bytes()), tail.to_vec()].concat();
            let engine = engine(2, 3_000, 0);
            add(&engine, &format!("t.csv{}", packer.ending), &bytes).expect("a table");
            assert_eq!(rows(&engine, "SELECT count(*) FROM t"), [[Cell::Int(500)]]);
        }
    }
}

#[test]
fn offsets_of_lines_are_those_of_the_text() {
    let text: String = (0..9_000).map(|line| format!("line {}\n", line * 31 % 977)).collect();
    let sql = "SELECT count(*), sum(byte_offset), max(byte_offset), min(line) FROM t";
    let plain = engine(2, 1_000, 0);
    add(&plain, "t.txt", text.as_bytes()).expect("a table");
    let expected = (rows(&plain, sql), rows(&plain, "SELECT * FROM t"));
    for packer in &PACKERS {
        let engine = engine(3, 4_000, 0);
        add(&engine, &format!("t.txt{}", packer.ending), &packer.pack_members(text.as_bytes(), 3))
            .expect("a table");
        for _ in 0..2 {
            assert_eq!((rows(&engine, sql), rows(&engine, "SELECT * FROM t")), expected, "{}", packer.name);
        }
    }
}

#[test]
fn both_sides_of_a_union_may_be_the_same_file() {
    let text = csv(2_000);
    for packer in &PACKERS {
        let engine = engine(4, 2_000, 0);
        add(&engine, &format!("t.csv{}", packer.ending), &(packer.pack)(text.as_bytes())).expect("a table");
        let sql = "SELECT count(*) FROM (SELECT id FROM t WHERE id > 9 UNION ALL SELECT id FROM t)";
        assert_eq!(rows(&engine, sql), [[Cell::Int(3_990)]], "{}", packer.name);
    }
}

#[test]
fn parts_that_tell_their_length_may_have_any() {
    let text: String = (0..90).map(|line| format!("line {}\n", line * 31 % 977)).collect();
    let sql = "SELECT count(*), sum(byte_offset), max(byte_offset), min(line) FROM t";
    let plain = engine(1, 1 << 20, 0);
    add(&plain, "t.txt", text.as_bytes()).expect("a table");
    let expected = (rows(&plain, sql), rows(&plain, "SELECT * FROM t"));
    let lengths = |lengths: &[usize], pack: fn(&[u8]) -> Vec<u8>| {
        let (mut rest, mut packed) = (text.as_bytes(), Vec::new());
        for &len in lengths.iter().cycle() {
            let (piece, behind) = rest.split_at(len.min(rest.len()));
            packed.extend(pack(piece));
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        packed
    };
    let frame = |piece: &[u8]| zstd::bulk::compress(piece, 1).expect("a frame");
    for parts in [&[1][..], &[7, 0, 60], &[400, 1, 1], &[2_000]] {
        for (file, bytes) in [("t.txt.gz", lengths(parts, bgzf)), ("t.txt.zst", lengths(parts, frame))] {
            for split_bytes in [5, 40, 3_000] {
                let engine = engine(3, split_bytes, 0);
                add(&engine, file, &bytes).expect("a table");
                // A scan that stops early knows some splits and not the others.
                rows(&engine, "SELECT line FROM t LIMIT 40");
                for _ in 0..2 {
                    let found = (rows(&engine, sql), rows(&engine, "SELECT * FROM t"));
                    assert!(found == expected, "{file}, parts of {parts:?}, splits of {split_bytes}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_splits_give_the_lines_of_the_standard_library(
        lines in proptest::collection::vec("[a-zä,\" ]{0,30}", 1..60),
        packer in 0..PACKERS.len(),
        members in 1usize..5,
        threads in 1usize..=6,
        split_bytes in prop_oneof![1u64..=8, 9u64..=300, Just(1 << 20)],
    ) {
        // A first line that settles that this is text.
        let lines: Vec<String> = std::iter::once("Some prose.".to_owned()).chain(lines).collect();
        let text = lines.join("\n") + "\n";
        let packer = &PACKERS[packer];
        let engine = engine(threads, split_bytes, 0);
        add(&engine, &format!("t.log{}", packer.ending), &packer.pack_members(text.as_bytes(), members)).expect("a table");
        let expected: Vec<_> = lines.iter().map(|line| vec![Cell::Text(line.clone())]).collect();
        for _ in 0..2 {
            prop_assert_eq!(rows(&engine, "SELECT line FROM t"), expected.clone());
        }
    }
}
