//! Checkpoints: all of a query over streams as bytes, from which it goes on.
//!
//! A checkpoint is a header (JSON, with the version of the format) and behind it blocks of rows (Arrow's IPC).
//! It holds the state, the positions of the sources, the watermarks, and rows of the result that have not been
//! asked for. Whoever keeps what was given before it, and forgets what was given after it, has each row once.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use millrace_protocol::{BadRow, ErrorInfo, ErrorKind};
use serde::{Deserialize, Serialize};

use super::options::{StreamInput, StreamOptions};
use super::query::{Counts, StreamQuery};
use super::source::Position;
use super::state::Kept;
use super::watermark::Watermarks;
use crate::Error;
use crate::engine::Engine;
use crate::spill::{decode, encode, unshare};
use crate::stage::route;

/// What a checkpoint begins with.
const MAGIC: &[u8; 8] = b"millrace";

/// The version of the format. It also stands for what the states of aggregates look like.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    sql: String,
    options: StreamOptions,
    sources: Vec<SourceAt>,
    watermarks: Watermarks,
    dropped: i64,
    counts: Counts,
    late_count: u64,
    bad_rows: Vec<BadRow>,
    blocks: Vec<Block>,
}

#[derive(Serialize, Deserialize)]
struct SourceAt {
    table: String,
    name: String,
    rows: u64,
    position: Position,
}

#[derive(Serialize, Deserialize)]
struct Block {
    rows: Rows,
    bytes: u64,
}

/// Which rows a block holds.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Rows {
    /// Of the state of this number.
    Settled(usize),
    Fresh(usize),
    /// That came too late, of the stream of this number.
    Late(usize),
    Pending,
}

impl StreamQuery {
    /// The query as it is now. It goes on.
    ///
    /// # Errors
    /// When the query has failed before, or a state cannot be written.
    pub fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        if self.is_broken {
            return Err(refused("a query that has failed has no checkpoint"));
        }
        let (mut blocks, mut body) = (Vec::new(), Vec::new());
        let mut block = |rows: Rows, batches: &mut dyn Iterator<Item = &RecordBatch>| -> Result<(), Error> {
            let start = body.len();
            let batches = batches.map(unshare).collect::<Result<Vec<_>, _>>();
            let batches = batches.map_err(|error| refused(&error.to_string()))?;
            encode(&batches, &mut body).map_err(|error| refused(&error.to_string()))?;
            blocks.push(Block { rows, bytes: (body.len() - start) as u64 });
            Ok(())
        };
        for (number, state) in self.states.iter().enumerate() {
            block(Rows::Settled(number), &mut state.settled.partitions.iter().flatten())?;
            block(Rows::Fresh(number), &mut state.fresh.partitions.iter().flatten())?;
        }
        for (table, late) in &self.late.kept {
            block(Rows::Late(*table), &mut late.iter())?;
        }
        block(Rows::Pending, &mut self.pending.iter())?;
        let sources = self.inputs.iter().map(|input| SourceAt {
            table: self.tables[input.table].name.clone(),
            name: input.source.name().to_owned(),
            rows: input.rows,
            position: input.source.position(),
        });
        let header = Header {
            sql: self.sql.clone(),
            options: self.options.clone(),
            sources: sources.collect(),
            watermarks: self.watermarks.clone(),
            dropped: self.dropped,
            counts: self.counts,
            late_count: self.late.count,
            bad_rows: self.bad_rows.clone(),
            blocks,
        };
        let header = serde_json::to_vec(&header).map_err(|error| refused(&error.to_string()))?;
        let mut bytes = Vec::with_capacity(MAGIC.len() + 12 + header.len() + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.append(&mut body);
        Ok(bytes)
    }
}

impl Engine {
    /// Goes on where a checkpoint was made, with sources of the same names for the same tables in the same
    /// order, which are told where to go on. Text and options of the query are in the checkpoint, and so are
    /// the delays of sources.
    ///
    /// # Errors
    /// When the bytes are no checkpoint of this version, the sources are others, or a source cannot go to its
    /// position.
    pub async fn resume_stream(
        &self,
        checkpoint: &[u8],
        mut inputs: Vec<StreamInput>,
    ) -> Result<StreamQuery, Error> {
        let (header, mut body) = read(checkpoint)?;
        let names = |input: &StreamInput| (input.table.clone(), input.source.name().to_owned());
        let known = header.sources.iter().map(|source| (source.table.clone(), source.name.clone()));
        if !known.eq(inputs.iter().map(names)) {
            let wanted: Vec<_> =
                header.sources.iter().map(|source| format!("{} for {}", source.name, source.table)).collect();
            return Err(refused(&format!("it goes on with other sources: {}", wanted.join(", "))));
        }
        for (input, source) in inputs.iter_mut().zip(&header.sources) {
            input.source.seek(&source.position).await?;
        }
        let mut query = self.stream(&header.sql, inputs, header.options).await?;
        for (input, source) in query.inputs.iter_mut().zip(&header.sources) {
            input.rows = source.rows;
        }
        query.watermarks = header.watermarks;
        query.dropped = header.dropped;
        query.counts = header.counts;
        query.bad_rows = header.bad_rows;
        for block in &header.blocks {
            let len = usize::try_from(block.bytes).unwrap_or(usize::MAX);
            let (bytes, rest) = body.split_at_checked(len).ok_or_else(cut_off)?;
            body = rest;
            if !bytes.is_empty() {
                let batches = decode(bytes).map_err(|error| refused(&error.to_string()))?;
                query.put_back(block.rows, batches)?;
            }
        }
        query.late.count = header.late_count;
        // Whoever shows the result has none yet.
        query.has_changed = true;
        for state in &mut query.states {
            state.reserve()?;
        }
        Ok(query)
    }
}

impl StreamQuery {
    fn put_back(&mut self, rows: Rows, batches: Vec<RecordBatch>) -> Result<(), Error> {
        let (number, is_fresh) = match rows {
            Rows::Settled(number) => (number, false),
            Rows::Fresh(number) => (number, true),
            Rows::Late(table) => {
                let schema = self.tables.get(table).map(|table| table.schema.clone());
                check_columns(&batches, schema.as_ref())?;
                batches.into_iter().for_each(|batch| self.late.add(table, batch));
                return Ok(());
            }
            Rows::Pending => {
                check_columns(&batches, Some(&self.schema))?;
                return self.wait(batches);
            }
        };
        let (Some(stage), Some(state)) = (self.stages.get(number), self.states.get_mut(number)) else {
            return Err(refused("its query is planned in another way now"));
        };
        let made_by = &self.machine.stages[stage.stage];
        check_columns(&batches, Some(&made_by.plan.schema()))?;
        let mut partitions = vec![Vec::new(); state.fresh.partitions.len()];
        // There may be other threads, and so partitions, than there were.
        for (partition, batch) in route(made_by, batches)? {
            if let Some(pieces) = partitions.get_mut(partition) {
                pieces.push(batch);
            }
        }
        let kept = Kept::of(partitions, &stage.windows)?;
        *(if is_fresh { &mut state.fresh } else { &mut state.settled }) = kept;
        Ok(())
    }
}

fn read(checkpoint: &[u8]) -> Result<(Header, &[u8]), Error> {
    let rest = checkpoint.strip_prefix(MAGIC).ok_or_else(|| refused("these bytes are something else"))?;
    let (format, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
    let format = u32::from_le_bytes(*format);
    if format != FORMAT {
        return Err(refused(&format!("it is of version {format}, and this is version {FORMAT}")));
    }
    let (len, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
    let len = usize::try_from(u64::from_le_bytes(*len)).unwrap_or(usize::MAX);
    let (header, body) = rest.split_at_checked(len).ok_or_else(cut_off)?;
    let header = serde_json::from_slice(header).map_err(|error| refused(&error.to_string()))?;
    Ok((header, body))
}

fn check_columns(batches: &[RecordBatch], schema: Option<&SchemaRef>) -> Result<(), Error> {
    let types = |schema: &SchemaRef| -> Vec<_> {
        schema.fields().iter().map(|field| field.data_type().clone()).collect()
    };
    let wanted = schema.map(types);
    if batches.iter().all(|batch| Some(types(&batch.schema())) == wanted) {
        return Ok(());
    }
    Err(refused("its rows have other columns than the query now"))
}

fn cut_off() -> Error {
    refused("it is cut off")
}

fn refused(reason: &str) -> Error {
    let info = ErrorInfo::new(ErrorKind::File, format!("The checkpoint cannot be used: {reason}."))
        .with_hint("Start the query anew.");
    Error::Sql(Box::new(info))
}
