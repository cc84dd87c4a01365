//! Archives as other programs write them.

use crate::pack::deflate;

/// How a file of a ZIP archive is written.
#[derive(Clone, Copy)]
pub struct Zipped<'a> {
    pub path: &'a str,
    pub text: &'a [u8],
    pub method: u16,
    pub flags: u16,
}

/// A file with a text.
pub fn zipped<'a>(path: &'a str, text: &'a str, method: u16) -> Zipped<'a> {
    Zipped { path, text: text.as_bytes(), method, flags: 0 }
}

/// A ZIP archive; with `large`, all lengths and places are in the extension for large ones.
pub fn zip(files: &[Zipped<'_>], large: bool, before: &[u8]) -> Vec<u8> {
    let (mut out, mut directory) = (before.to_vec(), Vec::new());
    for file in files {
        let offset = (out.len() - before.len()) as u64;
        let body = if file.method == 8 { deflate(file.text) } else { file.text.to_vec() };
        let mut crc = flate2::Crc::new();
        crc.update(file.text);
        let lengths = [body.len() as u64, file.text.len() as u64];
        let small = |number: u64| if large { u32::MAX } else { u32::try_from(number).expect("small") };
        let common = |out: &mut Vec<u8>| {
            out.extend([20u16, file.flags, file.method, 0, 0].into_iter().flat_map(u16::to_le_bytes));
            out.extend(crc.sum().to_le_bytes());
            out.extend(lengths.into_iter().flat_map(|number| small(number).to_le_bytes()));
            out.extend((file.path.len() as u16).to_le_bytes());
        };
        let extra: Vec<u8> = match large {
            true => {
                let numbers = [lengths[1], lengths[0], offset].into_iter().flat_map(u64::to_le_bytes);
                [1u16, 24].into_iter().flat_map(u16::to_le_bytes).chain(numbers).collect()
            }
            false => Vec::new(),
        };
        out.extend(b"PK\x03\x04");
        common(&mut out);
        out.extend(3u16.to_le_bytes());
        out.extend(file.path.bytes());
        out.extend(b"any");
        out.extend(body);
        directory.extend(b"PK\x01\x02\x14\0");
        common(&mut directory);
        directory.extend((extra.len() as u16).to_le_bytes());
        directory.extend([0; 10]);
        directory.extend(small(offset).to_le_bytes());
        directory.extend(file.path.bytes());
        directory.extend(extra);
    }
    let start = (out.len() - before.len()) as u64;
    let count = files.len() as u64;
    out.extend(&directory);
    let len = directory.len() as u64;
    if large {
        let at = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44u64.to_le_bytes());
        out.extend([0; 12]);
        out.extend([count, count, len, start].into_iter().flat_map(u64::to_le_bytes));
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(at.to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    let (len, start) = if large { (u32::MAX, u32::MAX) } else { (len as u32, start as u32) };
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count as u16, count as u16].into_iter().flat_map(u16::to_le_bytes));
    out.extend([len, start].into_iter().flat_map(u32::to_le_bytes));
    out.extend(b"\x05\0hello");
    out
}

/// A tar archive.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut entry = |path: &str, kind: u8, body: &[u8]| {
        let mut header = [0u8; 512];
        let name = &path.as_bytes()[..path.len().min(100)];
        header[..name.len()].copy_from_slice(name);
        header[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend(header);
        out.extend(body);
        out.resize(out.len().next_multiple_of(512), 0);
    };
    for (path, body) in files {
        if path.len() > 100 {
            entry("././@LongLink", b'L', format!("{path}\0").as_bytes());
        }
        entry(path, if path.ends_with('/') { b'5' } else { b'0' }, body);
    }
    out.extend([0; 1024]);
    out
}
