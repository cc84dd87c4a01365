//! Some of the rows: `reservoir_sample(x, k, key, …)`.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use arrow::row::Rows;
use datafusion::error::Result;

use super::Aggregate;
use super::arguments::Arguments;
use super::sample::{Sampling, Smallest, number};
use super::sketch::{Sketch, function};
use super::values::{Values, check_comparable};

/// Each row has the same probability to be drawn, rows being told apart by the key. Columns that are
/// sampled by the same key give values of the same rows, except where they are NULL.
pub(super) const RESERVOIR_SAMPLE: Aggregate = Aggregate {
    name: "reservoir_sample",
    aliases: &[],
    example: "reservoir_sample(x, 3, id)",
    any_order: true,
    function: function::<ReservoirSample>,
};

#[derive(Debug)]
pub(super) struct ReservoirSample {
    sampling: Sampling,
    keys: Values,
}

impl Sketch for ReservoirSample {
    const AGGREGATE: Aggregate = RESERVOIR_SAMPLE;
    const USAGE: (&'static str, usize, usize) = (
        "reservoir_sample(x, k, key) with one or more columns that tell rows apart; \
         distinct_sample(x, k) needs none",
        3,
        usize::MAX,
    );

    type State = Smallest;
    type Rows = (Rows, Rows);

    fn return_type(types: &[DataType]) -> Result<DataType> {
        check_comparable(Self::AGGREGATE.name, &types[2..])?;
        Sampling::return_type(Self::AGGREGATE.name, types)
    }

    fn new(arguments: &Arguments<'_>) -> Result<Self> {
        let keys = Values::new(arguments.types().into_iter().skip(2))?;
        Ok(Self { sampling: Sampling::new(arguments)?, keys })
    }

    fn empty(&self) -> Smallest {
        Smallest::default()
    }

    fn read(&self, columns: &[ArrayRef]) -> Result<(Rows, Rows)> {
        Ok((self.sampling.values.read(&columns[..1])?, self.keys.read(&columns[2..])?))
    }

    fn add(&self, state: &mut Smallest, (values, keys): &(Rows, Rows), row: usize) {
        self.sampling.add(state, number(keys.row(row).data()), values.row(row).data());
    }

    fn merge(&self, state: &mut Smallest, saved: &[u8]) -> Result<()> {
        self.sampling.merge(state, saved)
    }

    fn save(&self, state: &mut Smallest) -> Vec<u8> {
        state.save()
    }

    fn heap_bytes(state: &Smallest) -> usize {
        state.heap_bytes()
    }

    fn finish(&self, states: &mut [Smallest]) -> Result<ArrayRef> {
        self.sampling.finish(states)
    }
}
