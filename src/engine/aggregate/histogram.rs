//! How values are distributed: `histogram(x, bins)`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;

use super::Aggregate;
use super::arguments::Arguments;
use super::cells::{Bin, Binning, Cells};
use super::grid::Grid;
use super::numbers::{Line, fractions, from_whole, whole};
use super::sketch::{Sketch, function};
use super::values::lists;

/// Bins of one round width, at most as many as asked for, with exact counts.
///
/// Edges of bins are edges of the cells that values are counted by, so nothing is estimated. A grid
/// that becomes coarser to merge is how exponential histograms work (OpenTelemetry; UDDSketch:
/// Epicoco, Melle, Cafaro, Pulimeno, Morleo, arXiv:2004.08604); here cells are decimal and of equal
/// width.
pub(super) const HISTOGRAM: Aggregate = Aggregate {
    name: "histogram",
    aliases: &[],
    example: "histogram(x, 10)",
    any_order: true,
    function: function::<Histogram>,
};

#[derive(Debug)]
pub(super) struct Histogram {
    binning: Binning,
    line: Line,
    edge_type: DataType,
}

/// A batch of values.
pub(super) enum Numbers {
    Fractions(Float64Array),
    Whole(Int64Array),
}

impl Sketch for Histogram {
    const AGGREGATE: Aggregate = HISTOGRAM;
    const USAGE: (&'static str, usize, usize) = ("histogram(x, bins)", 2, 2);

    type State = Cells;
    type Rows = Numbers;

    fn return_type(types: &[DataType]) -> Result<DataType> {
        let line = Line::of(Self::AGGREGATE.name, &types[0])?;
        Ok(DataType::new_list(DataType::Struct(item(&edge_type(line, &types[0]))), true))
    }

    fn new(arguments: &Arguments<'_>) -> Result<Self> {
        // A bin begins at 0, so numbers on both sides of it need two.
        let bins = arguments.whole(1, "the number of bins", 2..=1000)?.unwrap_or(2);
        let value_type = arguments.types().swap_remove(0);
        let line = Line::of(Self::AGGREGATE.name, &value_type)?;
        let binning = Binning { bins: i64::from(bins), grid: Grid::new(line) };
        Ok(Self { binning, line, edge_type: edge_type(line, &value_type) })
    }

    fn empty(&self) -> Cells {
        self.binning.empty()
    }

    fn read(&self, columns: &[ArrayRef]) -> Result<Numbers> {
        Ok(match self.line {
            Line::Fractions => Numbers::Fractions(fractions(&columns[0])?),
            Line::Whole | Line::Days | Line::Instants(_) => Numbers::Whole(whole(&columns[0])?),
        })
    }

    fn add(&self, state: &mut Cells, rows: &Numbers, row: usize) {
        match rows {
            Numbers::Fractions(values) => self.binning.add_fraction(state, values.value(row)),
            Numbers::Whole(values) => self.binning.add_whole(state, values.value(row)),
        }
    }

    fn merge(&self, state: &mut Cells, saved: &[u8]) -> Result<()> {
        self.binning.merge(state, saved)
    }

    fn save(&self, state: &mut Cells) -> Vec<u8> {
        state.save()
    }

    fn heap_bytes(state: &Cells) -> usize {
        state.heap_bytes()
    }

    fn finish(&self, states: &mut [Cells]) -> Result<ArrayRef> {
        let (edges, counts, lengths) = match self.line {
            Line::Fractions => {
                let Columns { low, high, counts, lengths } =
                    columns(states.iter().map(|state| self.binning.fractions(state)));
                let edge = |edges| Arc::new(Float64Array::from(edges)) as ArrayRef;
                ([edge(low), edge(high)], counts, lengths)
            }
            Line::Whole | Line::Days | Line::Instants(_) => {
                let Columns { low, high, counts, lengths } =
                    columns(states.iter().map(|state| self.binning.whole(state)));
                let edge = |edges| from_whole(Int64Array::from(edges), &self.edge_type);
                ([edge(low)?, edge(high)?], counts, lengths)
            }
        };
        let columns = edges.into_iter().chain([Arc::new(Int64Array::from(counts)) as ArrayRef]).collect();
        let items = StructArray::try_new(item(&self.edge_type), columns, None)?;
        lists(Arc::new(items), &lengths)
    }
}

/// The bins of all states, one below the other.
struct Columns<Edge> {
    low: Vec<Edge>,
    high: Vec<Edge>,
    counts: Vec<i64>,
    /// Bins of each state; none where there were no values.
    lengths: Vec<Option<usize>>,
}

fn columns<Edge>(states: impl Iterator<Item = Vec<Bin<Edge>>>) -> Columns<Edge> {
    let mut columns = Columns { low: Vec::new(), high: Vec::new(), counts: Vec::new(), lengths: Vec::new() };
    for bins in states {
        columns.lengths.push(Some(bins.len()).filter(|length| *length > 0));
        for (low, high, count) in bins {
            columns.low.push(low);
            columns.high.push(high);
            columns.counts.push(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
    columns
}

fn edge_type(line: Line, value_type: &DataType) -> DataType {
    match line {
        Line::Fractions => DataType::Float64,
        Line::Whole => DataType::Int64,
        Line::Days | Line::Instants(_) => value_type.clone(),
    }
}

/// The fields of a bin.
fn item(edge_type: &DataType) -> Fields {
    Fields::from(vec![
        Field::new("low", edge_type.clone(), true),
        Field::new("high", edge_type.clone(), true),
        Field::new("count", DataType::Int64, true),
    ])
}
