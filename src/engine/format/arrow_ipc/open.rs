//! The messages of a file, by its footer, or of a stream, from one to the next.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::buffer::Buffer;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::read_dictionary;
use arrow::ipc::{MessageHeader, root_as_footer};
use bytes::Bytes;

use super::decode::{Batch, IpcFile};
use super::layout::check_compressed;
use super::message::{MessageAt, metadata_range, parse};
use crate::format::blocks::{BlockFile, BlockTable, Step, Steps, damaged, guarded};
use crate::format::column_types::type_in_table;
use crate::format::names::unique_names;
use crate::format::{FormatError, memory_rows};

const MAGIC: &[u8] = b"ARROW1";
/// Length of the footer and magic, at the end of a file.
const TAIL_BYTES: u64 = 10;
/// Bytes read for a message of a stream; metadata that is longer is read once more.
const MESSAGE_BYTES: u64 = 4 << 10;

/// Finds the messages of a file or stream.
pub(super) struct Opening {
    file: BlockFile,
    stage: Stage,
    schema: Option<SchemaRef>,
    messages: Vec<MessageAt>,
}

enum Stage {
    Start,
    Magic,
    Tail,
    Footer,
    /// Metadata of the messages of a file.
    Metadata(Vec<(Range<u64>, u64)>),
    /// Messages of a stream are followed from this place on.
    Stream(u64),
    /// Bodies of dictionaries, which these messages are.
    Dictionaries(Vec<usize>),
}

impl Opening {
    pub(super) fn new(file: &BlockFile) -> Self {
        Self { file: file.clone(), stage: Stage::Start, schema: None, messages: Vec::new() }
    }

    fn read(&mut self, stage: Stage, ranges: Vec<Range<u64>>) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let end = self.file.len_bytes;
        if ranges.iter().any(|range| range.start > range.end || range.end > end) {
            return Err(damaged("a message ends behind the file"));
        }
        self.stage = stage;
        Ok(Step::Read(ranges))
    }

    fn footer(&mut self, footer: &[u8]) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let (schema, blocks) = guarded(|| {
            let footer = root_as_footer(footer).map_err(|error| ArrowError::IpcError(error.to_string()))?;
            let schema = footer.schema().ok_or_else(|| ArrowError::IpcError("no schema".to_owned()))?;
            if !schema.endianness().equals_to_target_endianness() {
                return Err(ArrowError::IpcError("its numbers are big-endian".to_owned()));
            }
            let places = footer
                .dictionaries()
                .into_iter()
                .flatten()
                .chain(footer.recordBatches().into_iter().flatten());
            let blocks: Vec<_> =
                places.map(|block| (block.offset(), block.metaDataLength(), block.bodyLength())).collect();
            Ok((Arc::new(fb_to_schema(schema)), blocks))
        })?;
        self.schema = Some(schema);
        let place = |(offset, metadata, body): (i64, i32, i64)| {
            let (offset, metadata) = (u64::try_from(offset).ok()?, u64::try_from(metadata).ok()?);
            let (body, start) = (u64::try_from(body).ok()?, offset.checked_add(metadata)?);
            (start.checked_add(body)? <= self.file.len_bytes).then_some((offset..start, start + body))
        };
        let places: Option<Vec<_>> = blocks.into_iter().map(place).collect();
        let places = places.ok_or_else(|| damaged("its footer names batches behind its end"))?;
        let total = places.iter().map(|(metadata, end)| end - metadata.start).fold(0, u64::saturating_add);
        if total > self.file.len_bytes {
            return Err(damaged("its footer names batches that overlap"));
        }
        let ranges = places.iter().map(|(metadata, _)| metadata.clone()).collect();
        self.read(Stage::Metadata(places), ranges)
    }

    /// Takes the message at the start of these bytes, which are at a place of a stream.
    fn stream(&mut self, at: u64, bytes: &Bytes) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let end = self.file.len_bytes;
        let Some(range) = (if bytes.is_empty() { None } else { metadata_range(bytes)? }) else {
            return self.dictionaries();
        };
        if range.end > bytes.len() {
            if at + range.end as u64 > end || bytes.len() as u64 > MESSAGE_BYTES {
                return Err(damaged("a message is cut off"));
            }
            return self.read(Stage::Stream(at), vec![at..at + range.end as u64]);
        }
        let metadata = bytes.slice(range.clone());
        let message = parse(&metadata)?;
        let body =
            u64::try_from(message.bodyLength()).map_err(|_| damaged("a message has a negative length"))?;
        let start = at + range.end as u64;
        let next = start.checked_add(body).filter(|&next| next <= end);
        let next = next.ok_or_else(|| damaged("a message ends behind the file"))?;
        if let (None, Some(schema)) = (&self.schema, message.header_as_schema()) {
            if !schema.endianness().equals_to_target_endianness() {
                return Err(damaged("its numbers are big-endian"));
            }
            self.schema = Some(Arc::new(guarded(|| Ok::<_, ArrowError>(fb_to_schema(schema)))?));
        } else {
            self.messages.push(MessageAt { metadata, body: start..next });
        }
        self.read(Stage::Stream(next), vec![next..end.min(next + MESSAGE_BYTES)])
    }

    fn dictionaries(&mut self) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let mut which = Vec::new();
        for (index, message) in self.messages.iter().enumerate() {
            if parse(&message.metadata)?.header_type() == MessageHeader::DictionaryBatch {
                which.push(index);
            }
        }
        let bodies: Vec<Range<u64>> = which.iter().map(|&index| self.messages[index].body.clone()).collect();
        let total = bodies.iter().map(|body| body.end - body.start).sum();
        memory_rows::check_size(total, self.file.memory_bytes, "Write its texts without dictionaries.")?;
        self.read(Stage::Dictionaries(which), bodies)
    }

    fn done(&mut self, which: &[usize], bodies: Vec<Bytes>) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let schema = self.schema.clone().ok_or_else(|| damaged("it has no schema"))?;
        let mut dictionaries: Arc<HashMap<i64, ArrayRef>> = Arc::default();
        let mut bodies: HashMap<usize, Bytes> = which.iter().copied().zip(bodies).collect();
        let mut batches = Vec::new();
        for (index, at) in std::mem::take(&mut self.messages).into_iter().enumerate() {
            let metadata = at.metadata.clone();
            let message = parse(&metadata)?;
            if let Some(body) = bodies.remove(&index) {
                let values = message.header_as_dictionary_batch().and_then(|batch| batch.data());
                if let Some((values, _)) = values.and_then(|values| Some((values, values.compression()?))) {
                    let place = |buffer: &arrow::ipc::Buffer| {
                        let start = usize::try_from(buffer.offset()).ok()?;
                        body.get(start..start.checked_add(usize::try_from(buffer.length()).ok()?)?)
                    };
                    check_compressed(values.buffers().into_iter().flatten().filter_map(place))?;
                }
                let mut with_this = HashMap::clone(&dictionaries);
                guarded(|| match message.header_as_dictionary_batch() {
                    Some(batch) => {
                        let (body, version) = (Buffer::from(body), message.version());
                        read_dictionary(&body, batch, &schema, &mut with_this, &version)
                    }
                    None => Ok(()),
                })?;
                dictionaries = Arc::new(with_this);
            } else if let Some(batch) = message.header_as_record_batch() {
                let rows =
                    usize::try_from(batch.length()).map_err(|_| damaged("a batch has less than no rows"))?;
                if rows > 0 {
                    batches.push(Batch { at, rows, dictionaries: Arc::clone(&dictionaries) });
                }
            }
        }
        let mut warnings = Vec::new();
        let given: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let names = unique_names(&given, given.len(), &mut warnings);
        let fields = names.into_iter().zip(schema.fields());
        let fields: Vec<Field> =
            fields.map(|(name, field)| Field::new(name, type_in_table(field.data_type()), true)).collect();
        if fields.is_empty() {
            return Err(damaged("it has no columns"));
        }
        let table_schema = Arc::new(Schema::new(fields));
        let file = IpcFile::new(schema, Arc::clone(&table_schema), batches, self.file.decoded_bytes);
        let decoder = Arc::new(Arc::new(file));
        Ok(Step::Done(vec![BlockTable { title: None, schema: table_schema, decoder, warnings }]))
    }
}

impl Steps<Vec<BlockTable>> for Opening {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let first = bytes.first().cloned().unwrap_or_default();
        let len = self.file.len_bytes;
        match std::mem::replace(&mut self.stage, Stage::Start) {
            Stage::Start => self.read(Stage::Magic, vec![0..len.min(MESSAGE_BYTES)]),
            Stage::Magic if first.starts_with(b"FEA1") => Err(FormatError {
                message: "this is a Feather file of version 1".to_owned(),
                hint: Some("Write it as version 2, as pyarrow does today.".to_owned()),
            }),
            Stage::Magic if first.starts_with(MAGIC) => {
                let start = len.checked_sub(TAIL_BYTES).ok_or_else(no_footer)?;
                self.read(Stage::Tail, vec![start..len])
            }
            Stage::Magic => self.stream(0, &first),
            Stage::Tail => {
                let end = len - TAIL_BYTES;
                let length = first.get(..4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
                let start = length.and_then(|length| end.checked_sub(length.into()));
                match start.filter(|_| first.ends_with(MAGIC)) {
                    Some(start) => self.read(Stage::Footer, vec![start..end]),
                    None => Err(no_footer()),
                }
            }
            Stage::Footer => self.footer(&first),
            Stage::Metadata(places) => {
                for ((metadata, end), bytes) in places.into_iter().zip(bytes) {
                    let range = metadata_range(&bytes)?.filter(|range| range.end <= bytes.len());
                    let range = range.ok_or_else(|| damaged("a message is cut off"))?;
                    self.messages.push(MessageAt { metadata: bytes.slice(range), body: metadata.end..end });
                }
                self.dictionaries()
            }
            Stage::Stream(at) => self.stream(at, &first),
            Stage::Dictionaries(which) => self.done(&which, bytes),
        }
    }
}

fn no_footer() -> FormatError {
    damaged("an Arrow file ends with a footer, and this one does not")
}
