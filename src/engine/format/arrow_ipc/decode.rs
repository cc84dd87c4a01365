//! Record batches: which buffers are needed, and their decoding.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MutableArrayData, RecordBatch, make_array};
use arrow::buffer::{Buffer, MutableBuffer};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::RecordBatchDecoder;
use bytes::Bytes;

use super::layout::{buffers_of_columns, check_compressed};
use super::message::{MessageAt, parse};
use crate::format::FormatError;
use crate::format::blocks::{
    Block, BlockDecoder, Step, Steps, Wanted, assemble, batch_lengths, cut_rows, damaged, guarded,
    select_rows,
};
use crate::format::column_types::to_type;

/// Small batches are read together up to this share of what a task may decode.
const TOGETHER: u64 = 8;

/// A file or stream whose messages are known.
#[derive(Debug)]
pub(super) struct IpcFile {
    /// As the file has it.
    schema: SchemaRef,
    /// Of the table.
    table: SchemaRef,
    batches: Vec<Batch>,
    /// The batches of each block.
    groups: Vec<Range<usize>>,
    blocks: Vec<Block>,
}

/// A record batch in the file.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) at: MessageAt,
    pub(super) rows: usize,
    /// By id, as they are for this batch.
    pub(super) dictionaries: Arc<HashMap<i64, ArrayRef>>,
}

impl IpcFile {
    pub(super) fn new(schema: SchemaRef, table: SchemaRef, batches: Vec<Batch>, decoded_bytes: u64) -> Self {
        let (mut groups, mut blocks): (Vec<Range<usize>>, Vec<Block>) = Default::default();
        for (index, batch) in batches.iter().enumerate() {
            let bytes = (batch.at.body.end - batch.at.body.start).max(1);
            match (groups.last_mut(), blocks.last_mut()) {
                (Some(group), Some(block)) if block.bytes + bytes <= decoded_bytes / TOGETHER => {
                    group.end = index + 1;
                    block.bytes += bytes;
                    block.rows += batch.rows;
                }
                _ => {
                    groups.push(index..index + 1);
                    blocks.push(Block { rows: batch.rows, bytes });
                }
            }
        }
        Self { schema, table, batches, groups, blocks }
    }
}

impl BlockDecoder for Arc<IpcFile> {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn decode(&self, wanted: Wanted) -> Box<dyn Steps<Vec<RecordBatch>>> {
        Box::new(Decoding { file: Self::clone(self), wanted, asked: None })
    }
}

struct Decoding {
    file: Arc<IpcFile>,
    wanted: Wanted,
    /// What was asked for, as batch and place in its body.
    asked: Option<Vec<(usize, Range<usize>)>>,
}

impl Decoding {
    fn batches(&self) -> Range<usize> {
        self.file.groups.get(self.wanted.block).cloned().unwrap_or(0..0)
    }

    /// The places of the buffers of the wanted columns, in the bodies of the block's batches.
    fn needed(&self) -> Result<Vec<(usize, Range<usize>)>, FormatError> {
        let mut needed = Vec::new();
        for index in self.batches() {
            let at = &self.file.batches[index].at;
            let body_bytes = at.body.end - at.body.start;
            let message = parse(&at.metadata)?;
            let batch = message.header_as_record_batch().ok_or_else(|| damaged("a batch is none"))?;
            let fields = self.file.schema.fields().iter().map(|field| field.as_ref());
            let of_columns = buffers_of_columns(fields, batch, message.version());
            let (of_columns, buffers) =
                of_columns.zip(batch.buffers()).ok_or_else(|| damaged("a batch lacks buffers"))?;
            for &column in &self.wanted.columns {
                for buffer in of_columns.get(column).cloned().unwrap_or(0..0) {
                    let (start, length) = (buffers.get(buffer).offset(), buffers.get(buffer).length());
                    let place = u64::try_from(start).ok().zip(u64::try_from(length).ok());
                    let place = place.and_then(|(start, length)| Some(start..start.checked_add(length)?));
                    match place.filter(|place| place.end <= body_bytes) {
                        Some(place) if place.is_empty() => (),
                        Some(place) => needed.push((index, place.start as usize..place.end as usize)),
                        None => return Err(damaged("a buffer ends behind its batch")),
                    }
                }
            }
        }
        Ok(needed)
    }

    fn decode(
        &self,
        asked: &[(usize, Range<usize>)],
        bytes: &[Bytes],
    ) -> Result<Vec<RecordBatch>, FormatError> {
        let mut order: Vec<usize> = self.wanted.columns.clone();
        order.sort_unstable();
        let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::new(); self.wanted.columns.len()];
        for index in self.batches() {
            let batch = &self.file.batches[index];
            // What was not asked for is zero, and is not looked at.
            let mut body = MutableBuffer::from_len_zeroed((batch.at.body.end - batch.at.body.start) as usize);
            let of_batch = || asked.iter().zip(bytes).filter(|((of, _), _)| *of == index);
            for ((_, place), bytes) in of_batch() {
                body.as_slice_mut()[place.clone()].copy_from_slice(bytes);
            }
            let message = parse(&batch.at.metadata)?;
            if message.header_as_record_batch().is_some_and(|header| header.compression().is_some()) {
                check_compressed(of_batch().map(|(_, bytes)| bytes.as_ref()))?;
            }
            let (decoded, is_compressed) = guarded(|| self.decode_batch(batch, &body.into(), &order))?;
            if decoded.num_rows() != batch.rows || decoded.num_columns() != order.len() {
                return Err(damaged("a batch has other rows than it says"));
            }
            for (place, column) in self.wanted.columns.iter().enumerate() {
                let number = order.iter().position(|other| other == column).unwrap_or(0);
                let data_type = self.file.table.field(*column).data_type();
                let array = guarded(|| to_type(decoded.column(number), data_type))?;
                // Buffers that are part of the body would keep all of it in memory.
                columns[place].push(if is_compressed { array } else { guarded(|| own(&array))? });
            }
        }
        self.cut(columns)
    }

    fn decode_batch(
        &self,
        batch: &Batch,
        body: &Buffer,
        columns: &[usize],
    ) -> Result<(RecordBatch, bool), ArrowError> {
        let broken = |error: FormatError| ArrowError::IpcError(error.message);
        let message = parse(&batch.at.metadata).map_err(broken)?;
        let Some(header) = message.header_as_record_batch() else {
            return Err(ArrowError::IpcError("a batch is none".to_owned()));
        };
        let (schema, version) = (Arc::clone(&self.file.schema), message.version());
        let decoder = RecordBatchDecoder::try_new(body, header, schema, &batch.dictionaries, &version)?;
        let decoded = decoder.with_projection(Some(columns)).read_record_batch()?;
        Ok((decoded, header.compression().is_some()))
    }

    fn cut(&self, columns: Vec<Vec<ArrayRef>>) -> Result<Vec<RecordBatch>, FormatError> {
        let rows = self.file.blocks.get(self.wanted.block).map_or(0, |block| block.rows);
        let lengths = batch_lengths(rows, self.wanted.batch_rows);
        let cut = |arrays: Vec<ArrayRef>| match &self.wanted.selection {
            Some(selection) => select_rows(&arrays, &[0..rows], selection, &lengths),
            None => cut_rows(arrays, &lengths),
        };
        let columns =
            columns.into_iter().map(|arrays| guarded(|| cut(arrays))).collect::<Result<Vec<_>, _>>()?;
        let schema = guarded(|| self.file.table.project(&self.wanted.columns))?;
        let selected = |(batch, &rows): (usize, &usize)| match &self.wanted.selection {
            Some(selection) => selection.batch(batch).map_or(0, |bits| bits.count_set_bits()),
            None => rows,
        };
        let lengths: Vec<usize> = lengths.iter().enumerate().map(selected).collect();
        assemble(&Arc::new(schema), &columns, &lengths)
    }
}

impl Steps<Vec<RecordBatch>> for Decoding {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<RecordBatch>>, FormatError> {
        if self.wanted.columns.is_empty() {
            return self.cut(Vec::new()).map(Step::Done);
        }
        if let Some(asked) = self.asked.take() {
            return self.decode(&asked, &bytes).map(Step::Done);
        }
        let needed = self.needed()?;
        let in_file = |(batch, place): &(usize, Range<usize>)| {
            let start = self.file.batches[*batch].at.body.start;
            start + place.start as u64..start + place.end as u64
        };
        let ranges = needed.iter().map(in_file).collect();
        self.asked = Some(needed);
        Ok(Step::Read(ranges))
    }
}

/// The same values in buffers of their own.
fn own(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if *array.data_type() == DataType::Utf8View {
        return Ok(Arc::new(array.as_string_view().gc()));
    }
    let data = array.to_data();
    let mut copy = MutableArrayData::new(vec![&data], false, array.len());
    copy.try_extend(0, 0, array.len())?;
    Ok(make_array(copy.freeze()))
}
