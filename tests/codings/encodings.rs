//! Text that is not in UTF-8.

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};
use std::rc::Rc;

use futures::executor::block_on;
use millrace_engine::TableRequest;
use millrace_engine::source::MemorySource;
use millrace_protocol::{Cell, TableOptions};

use crate::pack::PACKERS;
use crate::{SHAPES, add, engine, rows};

const SQL: &str = "SELECT * FROM t";

/// A table whose text is in a language.
fn table(sentences: &[&str]) -> String {
    let mut text = format!("id,{},other\n", sentences[0]);
    for id in 0..1_500usize {
        let sentence = sentences[id % sentences.len()];
        text.push_str(&format!("{id},{sentence},\"{sentence}, {}\n{sentence}\"\n", id * 7919 % 1009));
    }
    text
}

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

/// The same rows as of the text in UTF-8, in all shapes, plain and compressed.
fn check(text: &str, bytes: &[u8], encoding: &str, is_guess: bool) {
    let plain = engine(2, 10_000, 0);
    add(&plain, "t.csv", text.as_bytes()).expect("a table");
    let expected = rows(&plain, SQL);
    assert_eq!(expected.len(), 1_500);
    let packed = (PACKERS[0].pack)(bytes);
    for (file, bytes) in [("t.csv", bytes), ("t.csv.gz", &packed)] {
        for (threads, split_bytes) in SHAPES {
            let engine = engine(threads, split_bytes, 0);
            let info = add(&engine, file, bytes).unwrap_or_else(|error| panic!("{encoding}: {error:?}"));
            assert_eq!(info.encoding.as_deref(), Some(encoding));
            assert_eq!(info.warnings.iter().any(|warning| warning.contains("guess")), is_guess, "{info:?}");
            for _ in 0..2 {
                assert!(rows(&engine, SQL) == expected, "{encoding}, {file}, {threads}, {split_bytes}");
            }
        }
    }
}

#[test]
fn encodings_are_found_and_read() {
    let western = ["Größe über alles", "déjà vu à la façon", "Señor Núñez está aquí", "naïve café"];
    let cases: [(&'static Encoding, &[&str]); 6] = [
        (WINDOWS_1252, &western),
        (WINDOWS_1251, &["Съешь же ещё этих мягких", "французских булок", "да выпей чаю"]),
        (SHIFT_JIS, &["いろはにほへと", "ちりぬるを表示ソース", "わかよたれそ能力", "つねならむ"]),
        (GBK, &["天地玄黄宇宙洪荒", "日月盈昃辰宿列张", "这是一个简单的测试", "寒来暑往秋收冬藏"]),
        (BIG5, &["天地玄黃宇宙洪荒", "這是一個簡單的測試", "許功蓋成功", "寒來暑往秋收冬藏"]),
        (EUC_KR, &["동해 물과 백두산이", "마르고 닳도록", "하느님이 보우하사", "우리나라 만세"]),
    ];
    for (encoding, sentences) in cases {
        let text = table(sentences);
        let (bytes, _, is_lossy) = encoding.encode(&text);
        assert!(!is_lossy, "{}", encoding.name());
        check(&text, &bytes, encoding.name(), true);
    }
}

#[test]
fn utf16_is_read_with_and_without_its_mark() {
    let text = table(&["Größe über", "Crab 🦀 twice 🦀", "plain", "more of it"]);
    for (little, name) in [(true, "UTF-16LE"), (false, "UTF-16BE")] {
        check(&text, &utf16(&text, little, true), name, false);
        check(&text, &utf16(&text, little, false), name, true);
    }
}

#[test]
fn an_encoding_that_is_told_is_taken() {
    let text = "a,b\n1,\u{448}\n";
    let (bytes, _, _) = WINDOWS_1251.encode(text);
    let cell = |encoding: &str| {
        let engine = engine(1, 100, 0);
        let source = Rc::new(MemorySource::new("t.csv", bytes.as_ref()));
        let options = TableOptions { encoding: Some(encoding.to_owned()), ..TableOptions::default() };
        let request = TableRequest { name: Some("t".to_owned()), sources: vec![source], options };
        block_on(engine.add(request)).map_err(|error| error.info())?;
        Ok::<_, millrace_protocol::ErrorInfo>(rows(&engine, "SELECT b FROM t").remove(0).remove(0))
    };
    assert_eq!(cell("windows-1251"), Ok(Cell::Text("\u{448}".to_owned())));
    assert_eq!(cell("latin1"), Ok(Cell::Text("\u{f8}".to_owned())));
    assert!(cell("klingon").is_err_and(|error| error.message.contains("klingon")));
}

#[test]
fn a_damaged_character_does_not_make_another_encoding() {
    let mut bytes = table(&["Größe über", "naïve café"]).into_bytes();
    let place = bytes.len() / 2;
    bytes[place] = 0xff;
    let engine = engine(2, 5_000, 0);
    let info = add(&engine, "t.csv", &bytes).expect("a table");
    assert_eq!(info.encoding, None);
}
