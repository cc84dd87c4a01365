//! Whether a file is JSON.

use super::decode::Layout;
use super::keys::{KeyOrder, KeySet};
use super::scan::Scanner;
use crate::format::lines::{byte_order_mark_len, name_ending};

/// By its name; or by its content, unless the name says that it is delimited text.
pub fn claims(file_name: &str, head: &[u8]) -> bool {
    match name_ending(file_name).as_str() {
        "ndjson" | "jsonl" | "json" => true,
        "csv" | "tsv" | "tab" | "psv" => false,
        _ => looks_like_records(&head[byte_order_mark_len(head)..]),
    }
}

/// Whether the text begins with an object that has members; in a line of its own, and with another
/// one behind it if there is more; or in an array.
fn looks_like_records(text: &[u8]) -> bool {
    let start = first_byte(text, 0);
    let in_array = text.get(start) == Some(&b'[');
    let mut scanner = Scanner { bytes: text, pos: start };
    if in_array {
        scanner.pos = first_byte(text, start + 1);
    }
    let mut members = 0;
    let mut keys = KeyOrder::new(KeySet::default().into());
    let outcome = scanner.object(1, &mut keys, |_, _| members += 1);
    if outcome.is_err() || members == 0 {
        return false;
    }
    let layout = if in_array { Layout::Array } else { Layout::Lines };
    layout.skip(&mut scanner);
    let next = first_byte(text, scanner.pos);
    in_array || scanner.peek() == b'\n' && text.get(next).is_none_or(|&byte| byte == b'{')
}

/// The first position from `pos` on that holds more than space.
pub fn first_byte(text: &[u8], pos: usize) -> usize {
    let rest = text.get(pos..).unwrap_or_default();
    text.len() - rest.trim_ascii_start().len()
}
