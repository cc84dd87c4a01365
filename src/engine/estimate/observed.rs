//! What the splits read so far hold of each group.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::row::{RowConverter, SortField};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use millrace_protocol::Estimate;

use super::interval::{Moments, Sample};
use crate::window::AssignExec;

/// Sums over splits, by group and aggregate.
#[derive(Debug)]
pub(crate) struct Observed {
    /// The operator that makes windows of panes, if these are what is grouped by.
    windows: Option<Arc<dyn ExecutionPlan>>,
    group_types: Vec<DataType>,
    /// By number of the aggregate; nothing where it is of no kind that can be estimated.
    aggregates: Vec<Option<Estimable>>,
    /// Length of each split.
    split_bytes: Vec<f64>,
    converter: Mutex<RowConverter>,
    content: Mutex<Content>,
}

#[derive(Debug, Default)]
struct Content {
    sample: Sample,
    groups: HashMap<Box<[u8]>, Box<[Moments]>>,
    given_up: bool,
}

/// An aggregate that can be estimated, and where its state stands in the partial output.
#[derive(Clone, Copy, Debug)]
enum Estimable {
    Count { count: usize },
    Sum { sum: usize },
    Average { count: usize, sum: usize },
}

/// With more groups nobody looks at single ones while the query runs, and keeping account of them
/// would cost more than it is worth.
const MOST_GROUPS: usize = 20_000;

impl Observed {
    /// For the output of a partial aggregate over splits of these lengths, or for the windows that `windows`
    /// makes of it. Nothing when none of its aggregates can be estimated.
    pub(super) fn new(
        partial: &AggregateExec,
        windows: Option<Arc<dyn ExecutionPlan>>,
        split_bytes: Vec<f64>,
    ) -> Option<Self> {
        if !partial.group_expr().is_single() {
            return None;
        }
        let groups = partial.group_expr().expr().len();
        let schema = ExecutionPlan::schema(partial);
        let group_types: Vec<_> =
            schema.fields().iter().take(groups).map(|field| field.data_type().clone()).collect();
        let mut state = groups;
        let mut aggregates = Vec::new();
        for (aggregate, filter) in partial.aggr_expr().iter().zip(partial.filter_expr()) {
            let states = aggregate.state_fields().ok()?.len();
            let plain = !aggregate.is_distinct() && filter.is_none();
            aggregates.push(match (aggregate.fun().name(), states) {
                ("count", 1) if plain => Some(Estimable::Count { count: state }),
                ("sum", 1) if plain => Some(Estimable::Sum { sum: state }),
                ("avg", 2) if plain => Some(Estimable::Average { count: state, sum: state + 1 }),
                _ => None,
            });
            state += states;
        }
        let fields = group_types.iter().cloned().map(SortField::new).collect();
        let converter = Mutex::new(RowConverter::new(fields).ok()?);
        aggregates.iter().any(Option::is_some).then(|| Self {
            windows,
            group_types,
            aggregates,
            split_bytes,
            converter,
            content: Mutex::default(),
        })
    }

    /// Number of columns that are grouped by.
    pub(super) fn group_count(&self) -> usize {
        self.group_types.len()
    }

    /// Whether aggregate number `number` can be estimated.
    pub(super) fn estimates(&self, number: usize) -> bool {
        self.aggregates.get(number).is_some_and(Option::is_some)
    }

    /// Takes the partial aggregates of split number `split`.
    pub(crate) fn add(&self, split: usize, batches: &[&RecordBatch]) {
        let Some(&bytes) = self.split_bytes.get(split) else { return };
        if self.content.lock().unwrap_or_else(PoisonError::into_inner).given_up {
            return;
        }
        // A group may come more than once, when its split has so many that they are not merged.
        let mut sums_of: HashMap<Box<[u8]>, Vec<(f64, f64)>> = HashMap::new();
        let Some(batches) = self.in_windows(batches) else { return };
        for batch in batches {
            let groups = &batch.columns()[..self.group_types.len()];
            let Some(keys) = self.keys(groups, batch.num_rows()) else { return };
            let states: Vec<_> =
                self.aggregates.iter().map(|aggregate| State::of(*aggregate, &batch)).collect();
            for (row, key) in keys.into_iter().enumerate() {
                let entry = sums_of.entry(key).or_insert_with(|| vec![(0.0, 0.0); states.len()]);
                for (sums, state) in entry.iter_mut().zip(&states) {
                    let (total, rows) = state.at(row);
                    sums.0 += total;
                    sums.1 += rows;
                }
            }
            if sums_of.len() > MOST_GROUPS {
                break;
            }
        }
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        content.sample.splits += 1;
        content.sample.bytes += bytes;
        content.sample.bytes_squared += bytes * bytes;
        for (key, sums) in sums_of {
            let moments =
                content.groups.entry(key).or_insert_with(|| vec![Moments::default(); sums.len()].into());
            for (moments, (total, rows)) in moments.iter_mut().zip(sums) {
                moments.add(total, rows, bytes);
            }
        }
        if content.groups.len() > MOST_GROUPS {
            *content = Content { given_up: true, ..Content::default() };
        }
    }

    /// States of groups, and of windows where splits have those of panes.
    fn in_windows(&self, batches: &[&RecordBatch]) -> Option<Vec<RecordBatch>> {
        let Some(windows) = self.windows.as_ref().and_then(|windows| windows.downcast_ref::<AssignExec>())
        else {
            return Some(batches.iter().copied().cloned().collect());
        };
        let spread = batches.iter().map(|batch| windows.spread(RecordBatch::clone(batch)));
        spread.collect::<Result<_, _>>().ok()
    }

    /// For each row of these group columns and each of these aggregates, the estimate.
    pub(super) fn look_up(
        &self,
        groups: &[ArrayRef],
        rows: usize,
        numbers: &[usize],
    ) -> Vec<Vec<Option<Estimate>>> {
        let Some(keys) = self.keys(groups, rows) else { return Vec::new() };
        let content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let sample = Sample { bytes_total: self.split_bytes.iter().sum(), ..content.sample };
        let estimate = |moments: &[Moments], number: usize| {
            let moments = moments.get(number)?;
            match self.aggregates.get(number)?.as_ref()? {
                Estimable::Count { .. } => moments.whole_count(sample),
                Estimable::Sum { .. } => moments.whole_total(sample),
                Estimable::Average { .. } => moments.whole_average(sample),
            }
        };
        keys.iter()
            .map(|key| {
                let moments = content.groups.get(key);
                numbers.iter().map(|&number| estimate(moments?, number)).collect()
            })
            .collect()
    }

    fn keys(&self, groups: &[ArrayRef], rows: usize) -> Option<Vec<Box<[u8]>>> {
        if groups.is_empty() {
            return Some(vec![Box::default(); rows]);
        }
        let groups: Vec<ArrayRef> = groups
            .iter()
            .zip(&self.group_types)
            .map(
                |(group, wanted)| {
                    if group.data_type() == wanted { Ok(group.clone()) } else { cast(group, wanted) }
                },
            )
            .collect::<Result<_, _>>()
            .ok()?;
        let converter = self.converter.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = converter.convert_columns(&groups).ok()?;
        Some(keys.iter().map(|key| key.as_ref().into()).collect())
    }
}

/// The state of one aggregate in a batch, as numbers.
struct State {
    total: Option<ArrayRef>,
    rows: Option<ArrayRef>,
}

impl State {
    fn of(aggregate: Option<Estimable>, batch: &RecordBatch) -> Self {
        let number = |column: usize| cast(batch.columns().get(column)?, &DataType::Float64).ok();
        match aggregate {
            Some(Estimable::Count { count: total } | Estimable::Sum { sum: total }) => {
                Self { total: number(total), rows: None }
            }
            Some(Estimable::Average { count, sum }) => Self { total: number(sum), rows: number(count) },
            None => Self { total: None, rows: None },
        }
    }

    fn at(&self, row: usize) -> (f64, f64) {
        let value = |column: &Option<ArrayRef>| {
            let column = column.as_ref()?.as_primitive_opt::<Float64Type>()?;
            column.is_valid(row).then(|| column.value(row))
        };
        (value(&self.total).unwrap_or(0.0), value(&self.rows).unwrap_or(0.0))
    }
}
