//! Each way to compress, by itself: what is told apart, and states that go on in pieces.

use super::{CODINGS, detect, plain_name};

#[test]
fn names_lose_the_ending_of_their_compression() {
    for coding in CODINGS {
        for ending in coding.endings() {
            let upper = format!("Sales.CSV{}", ending.to_uppercase());
            assert_eq!(plain_name(*coding, &format!("sales.csv{ending}")), "sales.csv");
            assert_eq!(plain_name(*coding, &upper), "Sales.CSV");
        }
        assert_eq!(plain_name(*coding, "sales.csv"), "sales.csv");
    }
}

#[test]
fn plain_text_is_not_taken_for_compressed() {
    for text in ["", "B", "BZh9,a\n1,2\n", "a,b\n1,2\n", "PK", "\u{feff}a,b"] {
        assert!(detect("t.csv.gz", text.as_bytes()).is_none(), "{text:?}");
    }
}

#[test]
fn skippable_frames_go_by_the_name() {
    let head = b"\x50\x2a\x4d\x18\x04\0\0\0abcd";
    let name = |file| detect(file, head).map(|coding| coding.name());
    assert_eq!(
        (name("t.csv.lz4"), name("t.csv.zst"), name("t")),
        (Some("LZ4"), Some("Zstandard"), Some("Zstandard"))
    );
}
