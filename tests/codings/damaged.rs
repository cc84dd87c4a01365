//! Files that are cut off, changed, or made to fill the memory: an error that says so, never other rows.

use millrace_protocol::{Cell, ErrorInfo, ErrorKind};

use crate::pack::{PACKERS, Packer, bgzf};
use crate::{add, csv, engine, rows, try_rows};

/// The outcome of reading all of a file.
fn outcome(packer: &Packer, bytes: &[u8]) -> Result<Vec<Vec<Cell>>, ErrorInfo> {
    let engine = engine(3, 20_000, 0);
    add(&engine, &format!("t.csv{}", packer.ending), bytes)?;
    let found = try_rows(&engine, "SELECT count(*), sum(id), sum(length(note)) FROM t");
    // An error ends the query and not the engine.
    assert_eq!(rows(&engine, "SELECT 1"), [[Cell::Int(1)]]);
    found.map_err(|error| error.info())
}

#[test]
fn files_that_are_cut_off_say_so() {
    let text = csv(3_000);
    for packer in &PACKERS {
        let whole = (packer.pack)(text.as_bytes());
        for kept in [whole.len() / 3, whole.len() * 9 / 10, whole.len() - 1] {
            let error = outcome(packer, &whole[..kept]).expect_err("a part of a file is no file");
            assert_eq!(error.kind, ErrorKind::File, "{error:?}");
            let says = error.message.contains(packer.name) && error.message.contains("cut off");
            assert!(says && error.message.starts_with("t.csv"), "{} of {}: {error:?}", kept, whole.len());
        }
    }
}

#[test]
fn damage_is_found() {
    let text = csv(3_000);
    for packer in &PACKERS {
        let whole = (packer.pack)(text.as_bytes());
        let expected = outcome(packer, &whole).expect("rows");
        let mut errors = 0;
        for number in 0..25 {
            let mut bytes = whole.clone();
            // What makes it a compressed file stays: another beginning is another kind of file.
            let place = 16 + (whole.len() - 16) * number / 25;
            bytes[place] ^= 1 << (number % 8);
            match outcome(packer, &bytes) {
                Ok(found) => assert_eq!(found, expected, "{}, byte {place}", packer.name),
                Err(error) => {
                    assert_eq!(error.kind, ErrorKind::File, "{}, byte {place}: {error:?}", packer.name);
                    errors += 1;
                }
            }
        }
        assert!(errors >= 20, "{}: {errors}", packer.name);
    }
}

#[test]
fn files_that_would_fill_the_memory_end_with_an_error() {
    // A beginning like any other, and then far more than it promises.
    let mut text = String::from("id,name\n");
    let mut state = 1u64;
    while text.len() < 4 << 20 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("{},{:x}\n", text.len(), state >> 20));
    }
    text.push_str("1,");
    text.extend(std::iter::repeat_n('a', 20 << 20));
    for packer in PACKERS.iter().filter(|packer| matches!(packer.ending, ".gz" | ".zst" | ".bz2")) {
        let bytes = (packer.pack)(text.as_bytes());
        let engine = engine(2, 100_000, 0);
        add(&engine, &format!("t.csv{}", packer.ending), &bytes).expect("it begins well");
        let error = try_rows(&engine, "SELECT count(*) FROM t").expect_err("too much").info();
        assert!(error.message.contains("decompress to more than 16 MB"), "{}: {error:?}", packer.name);
    }
}

#[test]
fn blocks_that_lie_about_their_length_are_found() {
    let text = csv(20_000);
    let mut bytes = bgzf(text.as_bytes());
    // Each block says that it is as long as itself and the next one, which holds other text.
    let mut at = 0;
    let mut starts = Vec::new();
    while at < bytes.len() {
        starts.push(at);
        at += usize::from(u16::from_le_bytes([bytes[at + 16], bytes[at + 17]])) + 1;
    }
    for pair in starts.chunks_exact(2) {
        let next = u16::from_le_bytes([bytes[pair[1] + 16], bytes[pair[1] + 17]]);
        let both = u16::try_from(pair[1] - pair[0]).expect("a small block") + next;
        bytes[pair[0] + 16..pair[0] + 18].copy_from_slice(&both.to_le_bytes());
    }
    let error = outcome(&PACKERS[0], &bytes).expect_err("lengths that are not right");
    assert!(error.message.contains("not as long as it says"), "{error:?}");
}
