//! Files that are not text, and what they seem to be.

use crate::format::FormatError;

/// First bytes of well-known files.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Unpack it, or save the sheet as CSV."),
    (b"\x1f\x8b", "compressed with gzip, twice", "Decompress it once."),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard, twice", "Decompress it once."),
    (b"\xfd7zXZ\0", "compressed with xz, twice", "Decompress it once."),
    (b"PAR1", "a Parquet file", "Export it as CSV."),
    (b"ARROW1", "an Arrow file", "Export it as CSV."),
    (b"Obj\x01", "an Avro file", "Export it as CSV."),
    (b"SQLite format 3\0", "an SQLite database", "Export its tables as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"%PDF", "a PDF document", "Only text with one record a line can be read."),
    (b"\x89PNG", "a picture", "Only text with one record a line can be read."),
    (b"\xff\xd8\xff", "a picture", "Only text with one record a line can be read."),
    (b"GIF8", "a picture", "Only text with one record a line can be read."),
    (
        b"ORC",
        "an ORC file, which cannot be read yet",
        "Convert it to Parquet, in Python: pyarrow.parquet.write_table(pyarrow.orc.read_table('a.orc'), 'a.parquet').",
    ),
    (
        b"\x89HDF",
        "an HDF5 file, which cannot be read yet",
        "Export its tables as CSV or Parquet, as with pandas.",
    ),
    (b"$FL", "an SPSS file, which cannot be read yet", "Save it as CSV, or convert it with pyreadstat."),
    (
        b"<stata_dta>",
        "a Stata file, which cannot be read yet",
        "Export it as CSV, or convert it with pandas.",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"FEA1", "a Feather file of version 1", "Write it as version 2, as pyarrow does today."),
];

/// Bytes below which a share of NUL bytes says nothing.
const MIN_BYTES: usize = 64;

/// Refuses files that begin like something else than text in UTF-8.
///
/// # Errors
/// Says what the file seems to be and what to do.
pub fn refuse_binary(head: &[u8]) -> Result<(), FormatError> {
    if head.get(8..12) == Some(b"DUCK".as_slice()) {
        let hint = "Export its tables as Parquet: COPY t TO 't.parquet'.";
        return Err(refusal("a database of DuckDB, which cannot be read yet", hint));
    }
    let known = SIGNATURES.iter().find(|(signature, ..)| head.starts_with(signature));
    if let Some((_, what, hint)) = known {
        return Err(refusal(what, hint));
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || looks_like_utf16(head) {
        return Err(refusal("text in UTF-16", "Save it in UTF-8."));
    }
    let nuls = memchr::memchr_iter(0, head).count();
    if head.len() >= MIN_BYTES && nuls > head.len() / 4 {
        return Err(refusal("a binary file", "Only text with one record a line can be read."));
    }
    Ok(())
}

/// Text in a western language in UTF-16 has a NUL in nearly every second place and in no other.
fn looks_like_utf16(head: &[u8]) -> bool {
    let nuls = |first: usize| head.iter().skip(first).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    head.len() >= 8 && even.max(odd) > head.len() * 4 / 10 && even.min(odd) < head.len() / 50 + 1
}

fn refusal(what: &str, hint: &str) -> FormatError {
    FormatError { message: format!("this is not text but seems to be {what}"), hint: Some(hint.to_owned()) }
}
