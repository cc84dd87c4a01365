//! Compresses as other programs do.

use std::io::Write;

/// A way to compress.
pub struct Packer {
    /// Ending of the files.
    pub ending: &'static str,
    /// As the engine calls it.
    pub name: &'static str,
    /// One stream.
    pub pack: fn(&[u8]) -> Vec<u8>,
}

/// All of them.
pub const PACKERS: [Packer; 6] = [
    Packer { ending: ".gz", name: "gzip", pack: gzip },
    Packer { ending: ".zst", name: "Zstandard", pack: zstd },
    Packer { ending: ".bz2", name: "bzip2", pack: bzip2 },
    Packer { ending: ".xz", name: "xz", pack: xz },
    Packer { ending: ".lz4", name: "LZ4", pack: lz4 },
    Packer { ending: ".sz", name: "Snappy", pack: snappy },
];

impl Packer {
    /// Streams one behind the other, cut anywhere.
    pub fn pack_members(&self, bytes: &[u8], members: usize) -> Vec<u8> {
        let len = bytes.len().div_ceil(members).max(1);
        bytes.chunks(len).flat_map(self.pack).collect()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Deflate without a header.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// gzip as bgzip writes it: members of at most 64 KB of text, with their lengths in an extra field, and an
/// empty one at the end.
pub fn bgzf(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for piece in bytes.chunks(50_000).chain([&[][..]]) {
        let body = deflate(piece);
        let len = u16::try_from(body.len() + 25).expect("a small member");
        packed.extend_from_slice(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0");
        packed.extend_from_slice(&len.to_le_bytes());
        packed.extend_from_slice(&body);
        let mut crc = flate2::Crc::new();
        crc.update(piece);
        packed.extend_from_slice(&crc.sum().to_le_bytes());
        packed.extend_from_slice(&crc.amount().to_le_bytes());
    }
    packed
}

/// Zstandard as parallel compressors and those for seeking write it: frames of `len` bytes of text that say so.
pub fn zstd_frames(bytes: &[u8], len: usize) -> Vec<u8> {
    let frames = bytes.chunks(len).map(|piece| zstd::bulk::compress(piece, 3).expect("a frame"));
    // What is skipped may stand between them.
    frames.flat_map(|frame| [frame, b"\x5e\x2a\x4d\x18\x03\0\0\0abc".to_vec()].concat()).collect()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("an encoder");
    encoder.include_checksum(true).expect("checksums");
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).expect("an encoder");
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// With blocks that refer to those before, and with all checksums.
fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new()
        .block_mode(lz4_flex::frame::BlockMode::Linked)
        .block_size(lz4_flex::frame::BlockSize::Max64KB)
        .block_checksums(true)
        .content_checksum(true);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn snappy(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = snap::write::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.into_inner().expect("memory takes it")
}
