//! The footer: from the end of the file backwards.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parquet::DecodeResult;
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataPushDecoder, ParquetMetaDataReader,
};

use super::file::ParquetFile;
use crate::format::FormatError;
use crate::format::blocks::{BlockFile, BlockTable, Step, Steps, damaged, guarded};

/// Length and magic behind the footer.
const TAIL_BYTES: u64 = 8;
/// Bytes read from the end at first: most footers are shorter.
const FIRST_READ_BYTES: u64 = 64 << 10;
/// A longer index of pages is not read: pages are then found by their headers.
const INDEX_LIMIT_BYTES: u64 = 64 << 20;
/// A footer takes some times its length in memory.
const FOOTER_SHARE: u64 = 16;

/// Reads footer and page index of a file.
pub(super) struct Opening {
    file: BlockFile,
    stage: Stage,
}

enum Stage {
    Start,
    Tail,
    Footer,
    Index(Box<ParquetMetaData>, Box<ParquetMetaDataPushDecoder>, Range<u64>),
}

impl Opening {
    pub(super) fn new(file: &BlockFile) -> Self {
        Self { file: file.clone(), stage: Stage::Start }
    }

    /// The footer, whose length and magic are the last bytes of `tail`; `None` when it begins before `tail`, and
    /// where it begins.
    fn footer<'a>(&self, tail: &'a [u8]) -> Result<Result<&'a [u8], Range<u64>>, FormatError> {
        let (before, end) = tail.split_at(tail.len().saturating_sub(TAIL_BYTES as usize));
        let [a, b, c, d, magic @ ..] = end else { return Err(no_footer()) };
        match magic {
            b"PAR1" => (),
            b"PARE" => return Err(encrypted()),
            _ => return Err(no_footer()),
        }
        let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
        if length > self.file.memory_bytes / FOOTER_SHARE {
            return Err(FormatError {
                message: format!("the footer has {length} bytes, which are more than memory holds"),
                hint: Some("Write it with fewer columns or larger row groups.".to_owned()),
            });
        }
        let end = self.file.len_bytes - TAIL_BYTES;
        if length + 4 > end {
            return Err(no_footer());
        }
        let missing = usize::try_from(length).ok().and_then(|length| before.len().checked_sub(length));
        Ok(missing.map(|start| &before[start..]).ok_or(end - length..end))
    }

    /// Decodes the footer and asks for the index of pages, if there is one.
    fn decode(&mut self, footer: &[u8]) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let metadata = guarded(|| ParquetMetaDataReader::decode_metadata(footer))?;
        let wish = guarded(|| {
            let decoder =
                ParquetMetaDataPushDecoder::try_new_with_metadata(self.file.len_bytes, metadata.clone())?;
            let mut decoder = decoder.with_page_index_policy(PageIndexPolicy::Optional);
            let wish = decoder.try_decode()?;
            Ok::<_, parquet::errors::ParquetError>((decoder, wish))
        });
        if let Ok((decoder, DecodeResult::NeedsData(ranges))) = wish
            && let [range] = ranges.as_slice()
            && range.start < range.end
            && range.end <= self.file.len_bytes
            && range.end - range.start <= INDEX_LIMIT_BYTES
        {
            self.stage = Stage::Index(Box::new(metadata), Box::new(decoder), range.clone());
            return Ok(Step::Read(ranges));
        }
        self.done(metadata)
    }

    fn done(&self, metadata: ParquetMetaData) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let mut warnings = Vec::new();
        let file = Arc::new(guarded(|| ParquetFile::new(&self.file, metadata, &mut warnings))?);
        let schema = Arc::clone(&file.schema);
        Ok(Step::Done(vec![BlockTable { title: None, schema, decoder: Arc::new(file), warnings }]))
    }
}

impl Steps<Vec<BlockTable>> for Opening {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let bytes = bytes.into_iter().next().unwrap_or_default();
        match std::mem::replace(&mut self.stage, Stage::Start) {
            Stage::Start => {
                let len = self.file.len_bytes;
                let range = len.saturating_sub(FIRST_READ_BYTES)..len;
                self.stage = Stage::Tail;
                Ok(Step::Read(vec![range]))
            }
            Stage::Tail => match self.footer(&bytes)? {
                Ok(footer) => {
                    let footer = footer.to_vec();
                    self.decode(&footer)
                }
                Err(range) => {
                    self.stage = Stage::Footer;
                    Ok(Step::Read(vec![range]))
                }
            },
            Stage::Footer => self.decode(&bytes),
            Stage::Index(metadata, mut decoder, range) => {
                let index = guarded(|| {
                    decoder.push_range(range, bytes)?;
                    decoder.try_decode()
                });
                // Without its index a file can be read as well.
                match index {
                    Ok(DecodeResult::Data(with_index)) => self.done(with_index),
                    _ => self.done(*metadata),
                }
            }
        }
    }
}

fn no_footer() -> FormatError {
    damaged("a Parquet file ends with a footer, and this one does not")
}

fn encrypted() -> FormatError {
    FormatError {
        message: "this Parquet file is encrypted".to_owned(),
        hint: Some("Write it without encryption.".to_owned()),
    }
}
