//! Blocks: some neighbouring leaves, and of long rows as much as the wanted columns need.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, UInt64Array};
use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::column::{Builder, Column};
use super::header::Database;
use super::overflow::Chains;
use super::page::{Cell, Page};
use super::record::{Fields, Kind, Value, needed_bytes, value_bytes};
use super::survey::Groups;
use super::walk::{pages_of_runs, runs};
use crate::format::FormatError;
use crate::format::blocks::{
    Block, BlockDecoder, Bounds, Step, Steps, Wanted, assemble, batch_lengths, damaged, guarded,
};

/// Arrow counts the bytes of an array in 31 bits.
const MOST_BLOCK_BYTES: u64 = 1 << 30;

/// A table of a database.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) database: Database,
    pub(super) schema: SchemaRef,
    pub(super) columns: Vec<Column>,
    pub(super) groups: Groups,
}

impl BlockDecoder for Arc<Table> {
    fn blocks(&self) -> &[Block] {
        &self.groups.blocks
    }

    fn decode(&self, wanted: Wanted) -> Box<dyn Steps<Vec<RecordBatch>>> {
        let values = wanted.columns.iter().filter_map(|&column| self.columns.get(column)?.value);
        let values = values.max().map_or(0, |last| last + 1);
        let chains = Chains::default();
        Box::new(Decoding { table: Self::clone(self), wanted, values, pages: None, chains, is_asked: false })
    }

    /// Rows are in the order of their numbers.
    fn bounds(&self, block: usize, column: usize, _: bool) -> Option<Bounds> {
        let (place, facts) = (self.groups.places.get(block)?, self.groups.blocks.get(block)?);
        if self.columns.get(column)?.value.is_some() {
            return None;
        }
        Some(Bounds {
            rows: vec![0..facts.rows],
            min: Arc::new(Int64Array::from(vec![place.first_rowid])),
            max: Arc::new(Int64Array::from(vec![place.last_rowid])),
            nulls: Arc::new(UInt64Array::from(vec![0])),
        })
    }
}

struct Decoding {
    table: Arc<Table>,
    wanted: Wanted,
    /// How many values of a record are needed.
    values: usize,
    pages: Option<Vec<(u32, Bytes)>>,
    chains: Chains,
    is_asked: bool,
}

impl Decoding {
    fn leaves(&self) -> &[u32] {
        let groups = &self.table.groups;
        let place = groups.places.get(self.wanted.block);
        let leaves =
            place.and_then(|place| groups.leaves.get(place.first_leaf..place.first_leaf + place.leaves));
        leaves.unwrap_or_default()
    }

    fn lengths(&self) -> Vec<usize> {
        let rows = self.table.groups.blocks.get(self.wanted.block).map_or(0, |block| block.rows);
        batch_lengths(rows, self.wanted.batch_rows)
    }

    /// Goes over the rows that are wanted, each with its number in the block; `end` is told the number of each batch
    /// behind its rows.
    fn rows<'a, S>(
        &self,
        pages: &'a [(u32, Bytes)],
        state: &mut S,
        mut each: impl FnMut(&mut S, i64, Cell<'a>) -> Result<(), FormatError>,
        mut end: impl FnMut(&mut S),
    ) -> Result<(), FormatError> {
        let database = &self.table.database;
        let lengths = self.lengths();
        let (mut batch, mut row_in_batch, mut number) = (0, 0, 0);
        for (page_number, bytes) in pages {
            let page = Page::parse(database, *page_number, bytes)?;
            for index in 0..page.cells() {
                let other = || damaged("it has other rows than when it was added");
                let rows = *lengths.get(batch).ok_or_else(other)?;
                let is_selected =
                    |selection: &crate::format::Selection| selection.is_selected(batch, row_in_batch);
                if self.wanted.selection.as_ref().is_none_or(is_selected) {
                    each(state, number, page.row(database, index)?)?;
                }
                number += 1;
                row_in_batch += 1;
                if row_in_batch == rows {
                    end(state);
                    (batch, row_in_batch) = (batch + 1, 0);
                }
            }
        }
        if batch == lengths.len() { Ok(()) } else { Err(damaged("it has fewer rows than when it was added")) }
    }

    /// Begins with the parts of rows that are on other pages.
    fn begin_chains(&mut self, pages: &[(u32, Bytes)]) -> Result<(), FormatError> {
        let values = self.values;
        let mut chains = std::mem::take(&mut self.chains);
        let add = |chains: &mut Chains, number: i64, cell: Cell<'_>| {
            chains.add(number, &cell, |record| needed_bytes(record, values)).map(drop)
        };
        self.rows(pages, &mut chains, add, |_| ())?;
        self.chains = chains;
        Ok(())
    }

    fn build(&mut self, pages: &[(u32, Bytes)]) -> Result<Vec<RecordBatch>, FormatError> {
        let columns: Vec<&Column> =
            self.wanted.columns.iter().filter_map(|&column| self.table.columns.get(column)).collect();
        let long_rows = self.chains.finish();
        let mut rows = Rows {
            long_rows: &long_rows,
            builders: columns.iter().map(|column| column.builder()).collect(),
            arrays: vec![Vec::new(); columns.len()],
            fields: Vec::new(),
        };
        let database = &self.table.database;
        let row = |rows: &mut Rows<'_>, number, cell: Cell<'_>| {
            rows.append(database, &columns, self.values, number, &cell)
        };
        guarded(|| self.rows(pages, &mut rows, row, Rows::end_batch))?;
        self.finish(&rows.arrays)
    }

    fn finish(&self, arrays: &[Vec<ArrayRef>]) -> Result<Vec<RecordBatch>, FormatError> {
        let selected = |(batch, rows): (usize, usize)| match &self.wanted.selection {
            Some(selection) => selection.batch(batch).map_or(0, |bits| bits.count_set_bits()),
            None => rows,
        };
        let lengths: Vec<usize> = self.lengths().into_iter().enumerate().map(selected).collect();
        let schema = guarded(|| self.table.schema.project(&self.wanted.columns))?;
        assemble(&Arc::new(schema), arrays, &lengths)
    }
}

/// Rows that become arrays.
struct Rows<'a> {
    /// Those that go on on other pages, with their numbers, ascending.
    long_rows: &'a [(i64, Vec<u8>)],
    builders: Vec<Builder>,
    arrays: Vec<Vec<ArrayRef>>,
    /// The values of one row.
    fields: Vec<(Kind, usize)>,
}

impl Rows<'_> {
    fn append(
        &mut self,
        database: &Database,
        columns: &[&Column],
        values: usize,
        number: i64,
        cell: &Cell<'_>,
    ) -> Result<(), FormatError> {
        let record = match self.long_rows.first() {
            Some((long, record)) if *long == number => {
                self.long_rows = &self.long_rows[1..];
                record.as_slice()
            }
            _ => cell.local,
        };
        self.fields.clear();
        if values > 0 {
            let mut fields = Fields::new(record)?;
            while self.fields.len() < values
                && let Some(field) = fields.next()?
            {
                self.fields.push(field);
            }
        }
        for (column, builder) in columns.iter().zip(&mut self.builders) {
            match column.value.map(|value| self.fields.get(value).copied()) {
                None => builder.append(Value::Integer(cell.rowid), Some(database)),
                Some(None) => column.append_default(builder),
                Some(Some((kind, at))) => {
                    builder.append(kind.value(value_bytes(record, kind, at)?), Some(database));
                }
            }
        }
        Ok(())
    }

    fn end_batch(&mut self) {
        for (builder, arrays) in self.builders.iter_mut().zip(&mut self.arrays) {
            arrays.push(builder.finish());
        }
    }
}

impl Steps<Vec<RecordBatch>> for Decoding {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<RecordBatch>>, FormatError> {
        if self.wanted.columns.is_empty() {
            return self.finish(&[]).map(Step::Done);
        }
        let table = Arc::clone(&self.table);
        if !std::mem::replace(&mut self.is_asked, true) {
            return Ok(Step::Read(runs(&table.database, self.leaves())?));
        }
        let pages = match self.pages.take() {
            None => {
                let pages = pages_of_runs(&table.database, self.leaves(), &bytes)?;
                self.begin_chains(&pages)?;
                pages
            }
            Some(pages) => {
                let values = self.values;
                self.chains.take(&table.database, bytes, |record| needed_bytes(record, values))?;
                pages
            }
        };
        let wanted = self.chains.wanted(&table.database)?;
        if wanted.is_empty() {
            return self.build(&pages).map(Step::Done);
        }
        let block = table.groups.blocks.get(self.wanted.block);
        if block.is_some_and(|block| block.bytes > MOST_BLOCK_BYTES) {
            return Err(FormatError {
                message: "some rows that are next to each other have more than 1 GB together".to_owned(),
                hint: Some("Leave out the columns with the longest texts or blobs.".to_owned()),
            });
        }
        self.pages = Some(pages);
        Ok(Step::Read(wanted))
    }
}
