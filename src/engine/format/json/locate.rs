//! Which part of a document holds the rows.

use super::structure::{Next, element_end, next_element, skip_space, string_end};
use crate::format::FormatError;

/// Where the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Position of the first.
    pub first: usize,
    /// Whether they are elements of an array.
    pub in_array: bool,
    /// The keys that lead to the array, with points between them, when an object holds it.
    pub path: Option<String>,
}

/// An array of objects that is inside no other.
struct Array {
    path: Vec<u8>,
    first: usize,
    bytes: usize,
}

/// Finds the rows of a document that begins with `text`, and goes on unless that is the `whole` of it.
///
/// # Errors
/// When there are none.
pub fn locate(text: &[u8], whole: bool) -> Result<Records, FormatError> {
    let start = skip_space(text, 0);
    if text.get(start) == Some(&b'[') {
        let first = skip_space(text, start + 1);
        return match text.get(first) {
            None | Some(b']') => Err(error("the array is empty", "Choose a file with at least one record.")),
            _ => Ok(Records { first, in_array: true, path: None }),
        };
    }
    if text.get(start) != Some(&b'{') {
        return Err(error("this is neither an array nor an object of JSON", "Choose a file of JSON."));
    }
    let end = element_end(text, start);
    let objects = Records { first: start, in_array: false, path: None };
    if let Some(end) = end
        && let Next::Element(_) = next_element(text, end, false)
    {
        return Ok(objects);
    }
    let largest = arrays(&text[..end.unwrap_or(text.len())]).into_iter().max_by_key(|array| array.bytes);
    match (largest, end) {
        // A small array is a part of what an object says about one thing.
        (Some(array), Some(end)) if array.bytes * 2 < end - start => Ok(objects),
        (Some(Array { path, first, .. }), _) => {
            let path = Some(String::from_utf8_lossy(&path).into_owned());
            Ok(Records { first, in_array: true, path })
        }
        (None, Some(_)) => Ok(objects),
        (None, None) if whole => Ok(objects),
        (None, None) => Err(error(
            "the file is one object, and no array of objects was found near its start",
            "Put each object on a line of its own: jq -c '.key[]' file.json > file.ndjson",
        )),
    }
}

/// The arrays of objects in an object, also those that the end of the text cuts.
fn arrays(text: &[u8]) -> Vec<Array> {
    let mut found = Vec::new();
    // What is open: the keys that lead to it, and where the array of objects starts that it is.
    let mut open: Vec<(Vec<u8>, Option<usize>)> = Vec::new();
    let mut inside = false;
    let mut key = Vec::new();
    let mut pos = 0;
    while let Some(&byte) = text.get(pos) {
        match byte {
            b'"' => {
                let Some(end) = string_end(text, pos) else { break };
                if !inside && text.get(skip_space(text, end)) == Some(&b':') {
                    key = text[pos + 1..end - 1].to_vec();
                }
                pos = end;
                continue;
            }
            b'{' | b'[' => {
                let first = skip_space(text, pos + 1);
                let is_rows = byte == b'[' && !inside && text.get(first) == Some(&b'{');
                inside |= is_rows;
                let outer = open.last().map(|(path, _)| path.as_slice()).unwrap_or_default();
                let points: &[u8] = if outer.is_empty() || key.is_empty() { b"" } else { b"." };
                let path = [outer, points, &key].concat();
                open.push((path, is_rows.then_some(first)));
                key.clear();
            }
            b'}' | b']' => {
                if let Some((path, Some(first))) = open.pop() {
                    inside = false;
                    found.push(Array { path, first, bytes: pos - first });
                }
            }
            _ => (),
        }
        pos += 1;
    }
    let cut = open.into_iter().filter_map(|(path, first)| Some((path, first?)));
    found.extend(cut.map(|(path, first)| Array { path, first, bytes: text.len() - first }));
    found
}

fn error(message: &str, hint: &str) -> FormatError {
    FormatError { message: message.to_owned(), hint: Some(hint.to_owned()) }
}
