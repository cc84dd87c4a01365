//! Headers of pages, which say how long a page is and how many rows it has.
//!
//! They are needed where a file has no index of its pages, as those of pandas and DuckDB: whoever wants some rows
//! goes from header to header. Their encoding is Thrift's compact protocol (apache/thrift,
//! `doc/specs/thrift-compact-protocol.md`), their fields those of `PageHeader` in `parquet.thrift`.

/// Nested structures beyond this depth are none of Parquet's.
const MAX_DEPTH: usize = 16;

/// What a header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// Length of the header itself.
    pub(super) header_bytes: usize,
    /// Length of what follows it.
    pub(super) page_bytes: u64,
    pub(super) kind: PageKind,
    /// Values and nulls of a data page.
    pub(super) values: u64,
    /// Rows, where the header tells.
    pub(super) rows: Option<u64>,
}

/// Kinds of pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PageKind {
    Data,
    Dictionary,
    #[default]
    Other,
}

/// Why there is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoHeader {
    /// It is longer than the bytes.
    Truncated,
    /// The bytes are no header.
    Damaged,
}

/// Reads the header at the start of some bytes.
pub(super) fn page_header(bytes: &[u8]) -> Result<PageHeader, NoHeader> {
    let mut input = Input { bytes, at: 0 };
    let mut header = PageHeader::default();
    let mut compressed = None;
    input.fields(0, |input, id, kind| {
        match id {
            1 => {
                header.kind = match input.int()? {
                    0 | 3 => PageKind::Data,
                    2 => PageKind::Dictionary,
                    _ => PageKind::Other,
                }
            }
            3 => compressed = Some(input.int()?),
            // Of both versions of data pages the first field is the number of values.
            5 | 8 if kind == STRUCT => input.fields(1, |input, inner, kind| {
                match (id, inner) {
                    (_, 1) => header.values = unsigned(input.int()?)?,
                    (8, 3) => header.rows = Some(unsigned(input.int()?)?),
                    _ => input.skip(kind, 2)?,
                }
                Ok(())
            })?,
            _ => input.skip(kind, 1)?,
        }
        Ok(())
    })?;
    header.page_bytes = unsigned(compressed.ok_or(NoHeader::Damaged)?)?;
    header.header_bytes = input.at;
    Ok(header)
}

fn unsigned(value: i64) -> Result<u64, NoHeader> {
    u64::try_from(value).map_err(|_| NoHeader::Damaged)
}

const STRUCT: u8 = 12;

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Input<'_> {
    fn byte(&mut self) -> Result<u8, NoHeader> {
        let byte = *self.bytes.get(self.at).ok_or(NoHeader::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, NoHeader> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(NoHeader::Damaged)
    }

    fn int(&mut self) -> Result<i64, NoHeader> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn bytes(&mut self, count: u64) -> Result<(), NoHeader> {
        let count = usize::try_from(count).map_err(|_| NoHeader::Damaged)?;
        self.at = self.at.checked_add(count).ok_or(NoHeader::Damaged)?;
        if self.at > self.bytes.len() { Err(NoHeader::Truncated) } else { Ok(()) }
    }

    /// Gives each field of a structure, by number and type, to `field`, which reads it.
    fn fields(
        &mut self,
        depth: usize,
        mut field: impl FnMut(&mut Self, i64, u8) -> Result<(), NoHeader>,
    ) -> Result<(), NoHeader> {
        if depth > MAX_DEPTH {
            return Err(NoHeader::Damaged);
        }
        let mut id = 0i64;
        loop {
            let byte = self.byte()?;
            if byte == 0 {
                return Ok(());
            }
            let step = i64::from(byte >> 4);
            id = if step == 0 { self.int()? } else { id + step };
            field(self, id, byte & 0x0f)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), NoHeader> {
        if depth > MAX_DEPTH {
            return Err(NoHeader::Damaged);
        }
        match kind {
            1 | 2 => Ok(()),
            3 => self.bytes(1),
            4..=6 => self.varint().map(drop),
            7 => self.bytes(8),
            8 => {
                let count = self.varint()?;
                self.bytes(count)
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                for _ in 0..count {
                    // Booleans take a byte in lists, and are the only values that could take none.
                    let kind = byte & 0x0f;
                    if kind <= 2 { self.bytes(1)? } else { self.skip(kind, depth + 1)? }
                }
                Ok(())
            }
            STRUCT => self.fields(depth + 1, |input, _, kind| input.skip(kind, depth + 1)),
            _ => Err(NoHeader::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_or_called_truncated() {
        // type 3 (data, version 2), uncompressed 100, compressed 60, and a header of version 2 with 9 values,
        // 2 nulls and 7 rows.
        let bytes = [0x15, 6, 0x15, 200, 1, 0x15, 120, 0x5c, 0x15, 18, 0x15, 4, 0x15, 14, 0, 0, 99];
        let expected =
            PageHeader { header_bytes: 16, page_bytes: 60, kind: PageKind::Data, values: 9, rows: Some(7) };
        assert_eq!(page_header(&bytes), Ok(expected));
        for end in 0..16 {
            assert_eq!(page_header(&bytes[..end]), Err(NoHeader::Truncated), "{end}");
        }
        assert_eq!(page_header(&[0x0e; 20]), Err(NoHeader::Damaged));
    }
}
