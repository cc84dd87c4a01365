//! What a string with backslashes says.

use std::borrow::Cow;

use super::scan::{Kind, Value};

/// The bytes that a string means, and whether it held half a surrogate pair, which is replaced by
/// U+FFFD. The string was found by the scan, so that its escapes are complete.
pub fn string_bytes(bytes: &[u8], value: Value) -> (Cow<'_, [u8]>, bool) {
    let raw = &bytes[value.start..value.end];
    if value.kind != Kind::Escaped {
        return (Cow::Borrowed(raw), false);
    }
    let mut text = Vec::with_capacity(raw.len());
    let mut replaced = false;
    let mut rest = raw;
    while let Some(found) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..found]);
        let (escape, behind) = rest[found + 1..].split_first().unwrap_or((&b'\\', &[]));
        rest = behind;
        let byte = match escape {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (character, len) = unicode(rest);
                rest = rest.get(len..).unwrap_or_default();
                replaced |= character.is_none();
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            itself => *itself,
        };
        text.push(byte);
    }
    text.extend_from_slice(rest);
    (Cow::Owned(text), replaced)
}

/// The character that the four digits behind `\u`, and a second half behind them, stand for, and how
/// many bytes that takes.
fn unicode(rest: &[u8]) -> (Option<char>, usize) {
    let Some(first) = unit(rest) else { return (None, 4) };
    if !(0xd800..0xdc00).contains(&first) {
        return (char::from_u32(first), 4);
    }
    let second = rest.get(4..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(unit);
    match second.filter(|second| (0xdc00..0xe000).contains(second)) {
        Some(second) => (char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)), 10),
        None => (None, 4),
    }
}

fn unit(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits.get(..4)?).ok()?, 16).ok()
}
