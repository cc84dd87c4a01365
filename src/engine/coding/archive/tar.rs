//! tar archives: header after header, each before its file.
//!
//! Source: POSIX.1-2017, pax, and the GNU tar manual for long names and large files.

use super::reader::{Reader, cut_off};
use super::{MOST_FILES, Part, base_name, damaged, is_data, too_many};
use crate::Error;

/// Length of headers, of which files are multiples.
pub(super) const BLOCK_BYTES: u64 = 512;
/// Names and attributes that are longer are not those of people.
const ATTRIBUTES_LIMIT_BYTES: u64 = 1 << 20;

/// Whether a file that starts so is an archive.
pub(in crate::coding) fn begins(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// The files of an archive.
pub(super) async fn files(reader: &mut Reader<'_>) -> Result<Vec<Part>, Error> {
    let archive = reader.archive();
    let (mut files, mut at) = (Vec::new(), 0);
    // What headers of their own say of the file behind them.
    let (mut long_path, mut long_size) = (None, None);
    loop {
        let header = reader.bytes(at, BLOCK_BYTES).await?;
        if header.first().is_none_or(|&first| first == 0) {
            break;
        }
        let size = header.get(124..136).and_then(parse_size).filter(|_| header_is_right(&header));
        let size = size.ok_or_else(|| damaged(archive, &format!("is damaged near byte {at}")))?;
        let start = at + BLOCK_BYTES;
        let kind = header[156];
        let is_about_next = matches!(kind, b'L' | b'K' | b'x' | b'g');
        let size = if is_about_next { size } else { long_size.take().unwrap_or(size) };
        let end = start.checked_add(size).ok_or_else(|| cut_off(archive))?;
        match kind {
            b'L' | b'x' if size <= ATTRIBUTES_LIMIT_BYTES => {
                let text = reader.bytes(start, size).await?;
                if kind == b'L' {
                    long_path = Some(until_nul(&text));
                } else {
                    let attributes = attributes(&text);
                    long_path = attributes.0.or(long_path);
                    long_size = attributes.1;
                }
            }
            0 | b'0' | b'7' => {
                let path = long_path.take().unwrap_or_else(|| path_of(&header));
                if is_data(&path) && size > 0 {
                    if files.len() == MOST_FILES {
                        return Err(too_many(archive));
                    }
                    files.push(reader.part(base_name(&path), start, end).await?);
                }
            }
            _ => {
                if !is_about_next {
                    long_path = None;
                }
            }
        }
        at = end.checked_next_multiple_of(BLOCK_BYTES).ok_or_else(|| cut_off(archive))?;
    }
    Ok(files)
}

/// Whether the checksum of a header holds, which counts itself as spaces.
fn header_is_right(header: &[u8]) -> bool {
    if header.len() < BLOCK_BYTES as usize {
        return false;
    }
    let sum = |range: std::ops::Range<usize>| header[range].iter().map(|&byte| u64::from(byte)).sum::<u64>();
    octal(&header[148..156]) == Some(sum(0..148) + 8 * u64::from(b' ') + sum(156..512))
}

/// A number in octal digits, or in binary where its first bit is set.
fn parse_size(field: &[u8]) -> Option<u64> {
    match field.first()? {
        0x80 => Some(u64::from_be_bytes(*field.last_chunk()?)),
        _ => octal(field),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    u64::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}

fn path_of(header: &[u8]) -> String {
    let name = until_nul(&header[..100]);
    let prefix = until_nul(&header[345..500]);
    // GNU's own headers have other things in the place of the prefix.
    if prefix.is_empty() || header[263..265] != *b"00" { name } else { format!("{prefix}/{name}") }
}

fn until_nul(text: &[u8]) -> String {
    let end = memchr::memchr(0, text).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..end]).into_owned()
}

/// Path and size among the attributes of pax: lines of `LENGTH KEY=VALUE`.
fn attributes(text: &[u8]) -> (Option<String>, Option<u64>) {
    let (mut path, mut size) = (None, None);
    let mut rest = text;
    while let Some(space) = memchr::memchr(b' ', rest) {
        let len = std::str::from_utf8(&rest[..space]).ok().and_then(|len| len.parse::<usize>().ok());
        let Some(line) = len.and_then(|len| rest.get(space + 1..len)) else { break };
        let line = String::from_utf8_lossy(line);
        match line.trim_end_matches('\n').split_once('=') {
            Some(("path", value)) => path = Some(value.to_owned()),
            Some(("size", value)) => size = value.parse().ok(),
            _ => (),
        }
        rest = &rest[len.unwrap_or(rest.len())..];
    }
    (path, size)
}
