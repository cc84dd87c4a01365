//! The directory of ZIP archives, with the extension for large ones.
//!
//! Source: APPNOTE 6.3.10 of PKWARE.

use std::rc::Rc;

use super::{MOST_FILES, Part, base_name, damaged, is_data, number, too_many, wrong};
use crate::Error;
use crate::engine::Engine;
use crate::source::{Packing, Source};

/// Bytes that tell an archive.
pub(super) const HEAD_BYTES: u64 = 4;

const END: &[u8] = b"PK\x05\x06";
const END_BYTES: u64 = 22;
const END_64: &[u8] = b"PK\x06\x06";
const END_64_BYTES: u64 = 56;
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const LOCATOR_64_BYTES: usize = 20;
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_BYTES: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_BYTES: u64 = 30;
/// The longest comment that may stand behind the directory.
const COMMENT_BYTES: u64 = 65_535;
/// A directory of so many bytes is not that of an archive for people.
const DIRECTORY_LIMIT_BYTES: u64 = 64 << 20;

/// Whether a file that starts so is an archive.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(LOCAL) || head.starts_with(END)
}

/// One file, as the directory has it.
struct Entry {
    path: String,
    flags: u64,
    method: u64,
    crc32: u32,
    packed_bytes: u64,
    len_bytes: u64,
    offset: u64,
}

/// The files of an archive; `None` when it is a document of some program.
pub(super) async fn files(engine: &Engine, archive: &Rc<dyn Source>) -> Result<Option<Vec<Part>>, Error> {
    let entries = directory(engine, archive).await?;
    if entries.iter().any(|entry| matches!(entry.path.as_str(), "[Content_Types].xml" | "mimetype")) {
        return Ok(None);
    }
    let mut files = Vec::new();
    for entry in entries.into_iter().filter(|entry| is_data(&entry.path) && entry.len_bytes > 0) {
        if files.len() == MOST_FILES {
            return Err(too_many(archive));
        }
        if entry.flags & 1 == 1 {
            let what = format!("is encrypted: {} needs a password", entry.path);
            return Err(wrong(archive, &what, "Unpack it first, and add what comes of it."));
        }
        let packing = match entry.method {
            8 => Packing::Deflate { crc32: entry.crc32, len_bytes: entry.len_bytes },
            // Stored, or a whole stream of bzip2, Zstandard or xz, which its first bytes tell.
            0 | 12 | 93 | 95 => Packing::Unknown,
            method => {
                let what = format!("holds {}, which is compressed by method {method}", entry.path);
                return Err(wrong(archive, &what, "Unpack it first, and add what comes of it."));
            }
        };
        let local = engine.bytes(archive, entry.offset, LOCAL_BYTES).await?;
        let start = entry.offset + LOCAL_BYTES + number::<2>(&local, 26) + number::<2>(&local, 28);
        let end = start.saturating_add(entry.packed_bytes);
        if !local.starts_with(LOCAL) || end > archive.len_bytes() {
            return Err(damaged(archive, &format!("is damaged: {} is not where it should be", entry.path)));
        }
        let name = base_name(&entry.path).to_owned();
        files.push(Part { archive: Rc::clone(archive), name, range: start..end, packing });
    }
    Ok(Some(files))
}

/// Reads the directory, which is at the end of the file.
async fn directory(engine: &Engine, archive: &Rc<dyn Source>) -> Result<Vec<Entry>, Error> {
    let len = archive.len_bytes();
    let tail_start = len.saturating_sub(END_BYTES + COMMENT_BYTES + LOCATOR_64_BYTES as u64);
    let tail = engine.bytes(archive, tail_start, len).await?;
    let cut_off = || damaged(archive, "is cut off: its directory, which stands at its end, is missing");
    let end = memchr::memmem::rfind(&tail, END).filter(|end| tail.len() - end >= END_BYTES as usize);
    let end = end.ok_or_else(cut_off)?;
    let (mut bytes, mut offset) = (number::<4>(&tail[end..], 12), number::<4>(&tail[end..], 16));
    let mut directory_end = tail_start + end as u64;
    let locator = end.checked_sub(LOCATOR_64_BYTES).map(|at| &tail[at..end]);
    if let Some(locator) = locator.filter(|locator| locator.starts_with(LOCATOR_64)) {
        let at = number::<8>(locator, 8);
        let large = engine.bytes(archive, at, END_64_BYTES).await?;
        if !large.starts_with(END_64) {
            return Err(cut_off());
        }
        (bytes, offset) = (number::<8>(&large, 40), number::<8>(&large, 48));
        directory_end = at;
    }
    if bytes > DIRECTORY_LIMIT_BYTES {
        return Err(too_many(archive));
    }
    // Programs that unpack themselves stand before their archive, whose offsets do not count them.
    let start = directory_end.checked_sub(bytes).ok_or_else(cut_off)?;
    let before = start.checked_sub(offset).ok_or_else(cut_off)?;
    let directory = engine.bytes(archive, start, bytes).await?;
    let mut entries = Vec::new();
    let mut rest = directory.as_slice();
    while rest.len() >= ENTRY_BYTES && rest.starts_with(ENTRY) {
        let name_end = ENTRY_BYTES + number::<2>(rest, 28) as usize;
        let extra_end = name_end + number::<2>(rest, 30) as usize;
        let entry_end = extra_end + number::<2>(rest, 32) as usize;
        let (Some(path), Some(extra)) = (rest.get(ENTRY_BYTES..name_end), rest.get(name_end..extra_end))
        else {
            return Err(cut_off());
        };
        let mut entry = Entry {
            path: String::from_utf8_lossy(path).into_owned(),
            flags: number::<2>(rest, 8),
            method: number::<2>(rest, 10),
            crc32: number::<4>(rest, 16) as u32,
            packed_bytes: number::<4>(rest, 20),
            len_bytes: number::<4>(rest, 24),
            offset: number::<4>(rest, 42),
        };
        widen(&mut entry, extra);
        entry.offset = entry.offset.saturating_add(before);
        entries.push(entry);
        rest = rest.get(entry_end..).unwrap_or_default();
    }
    Ok(entries)
}

/// Takes the numbers that 32 bits do not hold from the extra field that has them.
fn widen(entry: &mut Entry, mut extra: &[u8]) {
    const LARGE: u64 = 0xffff_ffff;
    while extra.len() >= 4 {
        let (kind, end) = (number::<2>(extra, 0), 4 + number::<2>(extra, 2) as usize);
        if kind == 1 {
            let mut at = 4;
            for field in [&mut entry.len_bytes, &mut entry.packed_bytes, &mut entry.offset] {
                if *field == LARGE {
                    *field = number::<8>(extra, at);
                    at += 8;
                }
            }
        }
        extra = extra.get(end..).unwrap_or_default();
    }
}
