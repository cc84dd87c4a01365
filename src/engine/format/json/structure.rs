//! Where elements of an array end, whatever is in them.

/// The first position from `pos` on that holds no space.
pub fn skip_space(bytes: &[u8], mut pos: usize) -> usize {
    while matches!(bytes.get(pos), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        pos += 1;
    }
    pos
}

/// Position behind the string whose opening quote is at `pos`, if it ends.
pub fn string_end(bytes: &[u8], pos: usize) -> Option<usize> {
    let mut pos = pos + 1;
    loop {
        pos += memchr::memchr2(b'"', b'\\', bytes.get(pos..)?)?;
        if bytes[pos] == b'"' {
            return Some(pos + 1);
        }
        pos += 2;
    }
}

/// Position behind the value that starts at `pos`, if it ends within the bytes. What is no value ends where
/// the next one may start.
pub fn element_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut pos = start;
    while let Some(&byte) = bytes.get(pos) {
        match byte {
            b'"' => pos = string_end(bytes, pos)?,
            b'{' | b'[' => {
                depth += 1;
                pos += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                pos += 1;
                if depth == 0 {
                    return Some(pos);
                }
                continue;
            }
            _ => pos += 1,
        }
        if depth == 0 && matches!(bytes.get(pos), Some(b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n')) {
            return Some(pos);
        }
    }
    None
}

/// What comes behind an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another one, which starts here.
    Element(usize),
    /// The bracket at this position closes the array.
    End(usize),
    /// Nothing within the bytes.
    Nothing,
}

/// Goes over the comma and the space behind an element.
pub fn next_element(bytes: &[u8], mut pos: usize, in_array: bool) -> Next {
    loop {
        pos = skip_space(bytes, pos);
        match bytes.get(pos) {
            None => return Next::Nothing,
            Some(b',') => pos += 1,
            Some(b']') if in_array => return Next::End(pos),
            Some(_) => return Next::Element(pos),
        }
    }
}

/// Appends an element as a line. Line ends stand nowhere in JSON where a space may not.
pub fn push_line(element: &[u8], lines: &mut Vec<u8>) {
    let start = lines.len();
    lines.extend_from_slice(element);
    for byte in &mut lines[start..] {
        if *byte == b'\n' {
            *byte = b' ';
        }
    }
    lines.push(b'\n');
}
