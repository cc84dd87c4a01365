//! The most frequent values: `approx_top_k(x, k [, capacity])`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use arrow::row::Rows;
use datafusion::error::Result;

use super::Aggregate;
use super::arguments::Arguments;
use super::frequent::{Capacity, Frequent};
use super::sketch::{Sketch, function};
use super::values::{Values, check_comparable, lists, plain};

/// Values that make up more than one row in so many are always found.
const CAPACITY: u32 = 1000;

/// The default grows with `k`, so that it can be reached by values ten times rarer than `1 / k`.
const CAPACITY_FOR_EACH: u32 = 10;

const MAX_CAPACITY: u32 = 10_000;

/// Misra–Gries and Count-Min; see [`Frequent`].
pub(super) const APPROX_TOP_K: Aggregate = Aggregate {
    name: "approx_top_k",
    aliases: &["approx_top_count"],
    example: "approx_top_k(x, 3)",
    any_order: true,
    function: function::<TopK>,
};

#[derive(Debug)]
pub(super) struct TopK {
    most: usize,
    capacity: Capacity,
    values: Values,
    item: Fields,
}

impl Sketch for TopK {
    const AGGREGATE: Aggregate = APPROX_TOP_K;
    const USAGE: (&'static str, usize, usize) = ("approx_top_k(x, k) or approx_top_k(x, k, capacity)", 2, 3);

    type State = Frequent;
    type Rows = Rows;

    fn return_type(types: &[DataType]) -> Result<DataType> {
        check_comparable(Self::AGGREGATE.name, &types[..1])?;
        Ok(DataType::new_list(DataType::Struct(item(&types[0])), true))
    }

    fn new(arguments: &Arguments<'_>) -> Result<Self> {
        let most = arguments.whole(1, "the number of values", 1..=MAX_CAPACITY / CAPACITY_FOR_EACH)?;
        let most = most.unwrap_or(1);
        let default = CAPACITY.max(most * CAPACITY_FOR_EACH);
        let capacity = arguments.whole(2, "the capacity", most..=MAX_CAPACITY)?.unwrap_or(default);
        let value_type = arguments.types().swap_remove(0);
        Ok(Self {
            most: most as usize,
            capacity: Capacity(capacity as usize),
            item: item(&value_type),
            values: Values::new([value_type])?,
        })
    }

    fn empty(&self) -> Frequent {
        Frequent::default()
    }

    fn read(&self, columns: &[ArrayRef]) -> Result<Rows> {
        self.values.read(&columns[..1])
    }

    fn add(&self, state: &mut Frequent, rows: &Rows, row: usize) {
        state.add(self.capacity, rows.row(row).data(), 1);
    }

    fn merge(&self, state: &mut Frequent, saved: &[u8]) -> Result<()> {
        state.merge(self.capacity, saved)
    }

    fn save(&self, state: &mut Frequent) -> Vec<u8> {
        state.save(self.capacity)
    }

    fn heap_bytes(state: &Frequent) -> usize {
        state.heap_bytes()
    }

    fn finish(&self, states: &mut [Frequent]) -> Result<ArrayRef> {
        let (mut values, mut counts, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for state in states {
            let top = state.top(self.capacity, self.most);
            lengths.push(top.as_ref().map(Vec::len));
            for (value, count) in top.unwrap_or_default() {
                values.push(value);
                counts.push(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        let columns: Vec<ArrayRef> = vec![self.values.array(values)?, Arc::new(Int64Array::from(counts))];
        let items = StructArray::try_new(self.item.clone(), columns, None)?;
        lists(Arc::new(items), &lengths)
    }
}

/// The fields of one value of the answer.
fn item(value_type: &DataType) -> Fields {
    let value = Field::new("value", plain(value_type), true);
    Fields::from(vec![value, Field::new("count", DataType::Int64, true)])
}
