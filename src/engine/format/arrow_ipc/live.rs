//! Messages that come one after the other and do not end: a schema, dictionaries and batches of rows.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::buffer::Buffer;
use arrow::datatypes::{Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow::ipc::{self, Message, MessageHeader};

use super::layout::check_compressed;
use super::message::{metadata_range, parse};
use crate::format::FormatError;
use crate::format::blocks::guarded;
use crate::format::column_types::{to_type, type_in_table};
use crate::format::names::unique_names;

/// What a file begins with, which is no stream.
const FILE_MAGIC: &[u8] = b"ARROW1";

/// Decodes what comes of a stream of Arrow's, piece by piece. Each piece is one or more whole messages. A schema may
/// come again, as at the beginning of each piece, if it is the same; dictionaries then come again too.
#[derive(Debug)]
pub(crate) struct LiveIpc {
    /// As it was sent.
    schema: SchemaRef,
    /// As a table has it.
    table: SchemaRef,
    dictionaries: HashMap<i64, ArrayRef>,
}

/// Whether bytes look like messages of Arrow's, and not like text.
pub(crate) fn looks_like_ipc(piece: &[u8]) -> bool {
    piece.starts_with(&[0xff; 4]) || piece.starts_with(FILE_MAGIC) || super::message::starts_stream(piece)
}

impl LiveIpc {
    /// Of a stream whose first piece this is; its rows are not taken.
    ///
    /// # Errors
    /// When it does not begin with a schema of at least one column.
    pub(crate) fn of_first(piece: &[u8]) -> Result<Self, FormatError> {
        let Some((message, _, _)) = next_message(piece)? else {
            return Err(wrong("it is empty"));
        };
        let message = parse(&message)?;
        let schema = message.header_as_schema().ok_or_else(|| {
            wrong(&format!("it begins with {} and not with a schema", words(message.header_type())))
        })?;
        let schema = read_schema(schema)?;
        if schema.fields().is_empty() {
            return Err(wrong("its schema has no columns"));
        }
        let given: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let names = unique_names(&given, given.len(), &mut Vec::new());
        let fields = names.into_iter().zip(schema.fields());
        let fields: Vec<Field> =
            fields.map(|(name, field)| Field::new(name, type_in_table(field.data_type()), true)).collect();
        Ok(Self { schema, table: Arc::new(Schema::new(fields)), dictionaries: HashMap::new() })
    }

    /// Names and types of the columns.
    pub(crate) fn table(&self) -> &SchemaRef {
        &self.table
    }

    /// The rows of a piece, those before a mistake too, and the mistake.
    pub(crate) fn take(&mut self, piece: &[u8]) -> (Vec<RecordBatch>, Option<FormatError>) {
        let mut batches = Vec::new();
        let failure = self.take_all(piece, &mut batches).err();
        (batches, failure)
    }

    fn take_all(&mut self, mut piece: &[u8], batches: &mut Vec<RecordBatch>) -> Result<(), FormatError> {
        if piece.starts_with(FILE_MAGIC) {
            return Err(wrong("it is a file of Arrow's and no stream: write it with a stream writer"));
        }
        if !piece.is_empty() && std::str::from_utf8(piece).is_ok_and(|text| !text.contains('\0')) {
            return Err(wrong("it is text"));
        }
        while let Some((metadata, body, rest)) = next_message(piece)? {
            piece = rest;
            let message = parse(&metadata)?;
            match message.header_type() {
                MessageHeader::Schema => self.begin_again(&message)?,
                MessageHeader::DictionaryBatch => self.take_dictionary(&message, body)?,
                MessageHeader::RecordBatch => batches.push(self.take_batch(&message, body)?),
                MessageHeader::NONE => {}
                other => return Err(wrong(&format!("it holds {}", words(other)))),
            }
        }
        Ok(())
    }

    fn begin_again(&mut self, message: &Message<'_>) -> Result<(), FormatError> {
        let Some(schema) = message.header_as_schema() else { return Err(wrong("its schema is none")) };
        let schema = read_schema(schema)?;
        if let Some(difference) = difference(self.schema.fields(), schema.fields()) {
            return Err(wrong(&difference));
        }
        // The same columns may have other dictionaries.
        self.schema = schema;
        self.dictionaries.clear();
        Ok(())
    }

    fn take_dictionary(&mut self, message: &Message<'_>, body: &[u8]) -> Result<(), FormatError> {
        let header = message.header_as_dictionary_batch().ok_or_else(|| wrong("a dictionary is none"))?;
        if let Some(values) = header.data() {
            check(&values, body)?;
        }
        let (schema, dictionaries) = (Arc::clone(&self.schema), &mut self.dictionaries);
        let body = Buffer::from(body);
        guarded(|| read_dictionary(&body, header, &schema, dictionaries, &message.version()))
            .map_err(in_piece)
    }

    fn take_batch(&self, message: &Message<'_>, body: &[u8]) -> Result<RecordBatch, FormatError> {
        let header = message.header_as_record_batch().ok_or_else(|| wrong("a batch is none"))?;
        check(&header, body)?;
        let rows = usize::try_from(header.length()).map_err(|_| wrong("a batch has less than no rows"))?;
        let body = Buffer::from(body);
        let batch = guarded(|| {
            let schema = Arc::clone(&self.schema);
            let version = message.version();
            let decoder = RecordBatchDecoder::try_new(&body, header, schema, &self.dictionaries, &version)?;
            decoder.read_record_batch()
        });
        let batch = batch.map_err(in_piece)?;
        if batch.num_rows() != rows {
            return Err(wrong("a batch has other rows than it says"));
        }
        let columns = batch.columns().iter().zip(self.table.fields());
        guarded(|| {
            let columns = columns.map(|(column, field)| to_type(column, field.data_type()));
            let columns = columns.collect::<Result<Vec<_>, ArrowError>>()?;
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(Arc::clone(&self.table), columns, &options)
        })
        .map_err(in_piece)
    }
}

/// A message's metadata and body, and what comes behind it.
type CutMessage<'a> = (Vec<u8>, &'a [u8], &'a [u8]);

/// The first message; nothing when there is none. Marks of the end of a stream are passed over.
fn next_message(mut piece: &[u8]) -> Result<Option<CutMessage<'_>>, FormatError> {
    loop {
        if piece.is_empty() {
            return Ok(None);
        }
        let range = metadata_range(piece).map_err(in_piece)?;
        let Some(range) = range else {
            let mark = if piece.starts_with(&[0xff; 4]) { 8 } else { 4 };
            piece = piece.get(mark..).unwrap_or_default();
            continue;
        };
        let cut_off = || wrong("a message in it is cut off");
        // Flatbuffers want to be aligned, which a copy is.
        let metadata = piece.get(range.clone()).ok_or_else(cut_off)?.to_vec();
        let length = parse(&metadata).map_err(in_piece)?.bodyLength();
        let length = usize::try_from(length).map_err(|_| wrong("a message in it has a negative length"))?;
        let (body, rest) = piece[range.end..].split_at_checked(length).ok_or_else(cut_off)?;
        return Ok(Some((metadata, body, rest)));
    }
}

fn read_schema(schema: ipc::Schema<'_>) -> Result<SchemaRef, FormatError> {
    if !schema.endianness().equals_to_target_endianness() {
        return Err(wrong("its numbers are big-endian"));
    }
    guarded(|| Ok::<_, ArrowError>(Arc::new(fb_to_schema(schema)))).map_err(in_piece)
}

/// Checks lengths for which memory would be taken.
fn check(batch: &ipc::RecordBatch<'_>, body: &[u8]) -> Result<(), FormatError> {
    if batch.compression().is_none() {
        return Ok(());
    }
    let place = |buffer: &ipc::Buffer| {
        let start = usize::try_from(buffer.offset()).ok()?;
        body.get(start..start.checked_add(usize::try_from(buffer.length()).ok()?)?)
    };
    check_compressed(batch.buffers().into_iter().flatten().filter_map(place)).map_err(in_piece)
}

/// How columns differ, if they do.
fn difference(first: &Fields, other: &Fields) -> Option<String> {
    let same = |(a, b): (&Arc<Field>, &Arc<Field>)| a.name() == b.name() && a.data_type() == b.data_type();
    if first.len() != other.len() {
        return Some(format!("it has {} columns, and the first had {}", other.len(), first.len()));
    }
    let (a, b) = first.iter().zip(other).find(|pair| !same(*pair))?;
    let column = |field: &Field| format!("`{}` {}", field.name(), field.data_type());
    Some(format!("it has the column {}, where the first had {}", column(b), column(a)))
}

fn words(header: MessageHeader) -> &'static str {
    match header {
        MessageHeader::Schema => "a schema",
        MessageHeader::DictionaryBatch => "a dictionary",
        MessageHeader::RecordBatch => "rows",
        MessageHeader::Tensor | MessageHeader::SparseTensor => "a tensor",
        _ => "nothing that is known",
    }
}

/// What is wrong with a file that is no file but a piece of a stream.
fn in_piece(error: FormatError) -> FormatError {
    let reason = error.message.strip_prefix("the file is damaged or not complete: ");
    wrong(reason.unwrap_or(&error.message))
}

fn wrong(reason: &str) -> FormatError {
    FormatError {
        message: reason.to_owned(),
        hint: Some("Each message is a stream of Arrow IPC: its schema and rows, or rows behind the schema of the first.".to_owned()),
    }
}
