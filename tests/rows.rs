//! Writing rows until there are enough.

use std::io::{self, Write};

/// How much to write; whichever limit is reached first ends the file.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Rows at most.
    pub rows: u64,
    /// No row starts behind this many bytes.
    pub bytes: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows without the header.
    pub rows: u64,
    /// Bytes with the header.
    pub bytes: u64,
}

const BUFFER_BYTES: usize = 1 << 20;

/// Writes a header and rows; `push` appends the row of the given number, with its line end.
///
/// # Errors
/// When writing fails.
pub fn write_rows(
    out: &mut impl Write,
    limit: Limit,
    header: &[u8],
    mut push: impl FnMut(&mut Vec<u8>, u64),
) -> io::Result<Written> {
    let mut buffer = Vec::with_capacity(BUFFER_BYTES + 1024);
    buffer.extend_from_slice(header);
    let mut written = Written::default();
    while written.rows < limit.rows && written.bytes + (buffer.len() as u64) < limit.bytes {
        push(&mut buffer, written.rows);
        written.rows += 1;
        if buffer.len() >= BUFFER_BYTES {
            out.write_all(&buffer)?;
            written.bytes += buffer.len() as u64;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    written.bytes += buffer.len() as u64;
    Ok(written)
}
