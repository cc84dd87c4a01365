//! Some of the distinct values: `distinct_sample(x, k)`.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use arrow::row::Rows;
use datafusion::error::Result;

use super::Aggregate;
use super::arguments::Arguments;
use super::sample::{Sampling, Smallest, number};
use super::sketch::{Sketch, function};

/// Each distinct value has the same probability to be drawn, however often it came.
pub(super) const DISTINCT_SAMPLE: Aggregate = Aggregate {
    name: "distinct_sample",
    aliases: &[],
    example: "distinct_sample(x, 3)",
    any_order: true,
    function: function::<DistinctSample>,
};

#[derive(Debug)]
pub(super) struct DistinctSample(Sampling);

impl Sketch for DistinctSample {
    const AGGREGATE: Aggregate = DISTINCT_SAMPLE;
    const USAGE: (&'static str, usize, usize) = ("distinct_sample(x, k)", 2, 2);

    type State = Smallest;
    type Rows = Rows;

    fn return_type(types: &[DataType]) -> Result<DataType> {
        Sampling::return_type(Self::AGGREGATE.name, types)
    }

    fn new(arguments: &Arguments<'_>) -> Result<Self> {
        Ok(Self(Sampling::new(arguments)?))
    }

    fn empty(&self) -> Smallest {
        Smallest::default()
    }

    fn read(&self, columns: &[ArrayRef]) -> Result<Rows> {
        self.0.values.read(&columns[..1])
    }

    fn add(&self, state: &mut Smallest, rows: &Rows, row: usize) {
        let value = rows.row(row).data();
        self.0.add(state, number(value), value);
    }

    fn merge(&self, state: &mut Smallest, saved: &[u8]) -> Result<()> {
        self.0.merge(state, saved)
    }

    fn save(&self, state: &mut Smallest) -> Vec<u8> {
        state.save()
    }

    fn heap_bytes(state: &Smallest) -> usize {
        state.heap_bytes()
    }

    fn finish(&self, states: &mut [Smallest]) -> Result<ArrayRef> {
        self.0.finish(states)
    }
}
