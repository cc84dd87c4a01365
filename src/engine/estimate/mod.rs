//! What a running query will find in the whole input, from the splits read so far.
//!
//! Owns: the statistics by group and split, the intervals made of them, and the way back from columns
//! of a result to the aggregates that they show. Touches: DataFusion's plans and Arrow. It starts no
//! tasks.
//!
//! The method is online aggregation (Hellerstein, Haas and Wang 1997): splits are visited spread out
//! over the input, so those read so far are a sample of clusters without replacement. A count or a sum
//! is scaled by the share that was read, an average is a ratio of two such sums, and the scatter
//! between splits gives the variance (Cochran, Sampling Techniques, 1977, chapters 3, 6 and 9). The interval
//! is Student's at 95 %. Of windows that overlap, which splits aggregate by panes, the panes of a split make
//! up what it holds of each window. Sessions and windows of rows are not estimated: which of them there are
//! depends on the rows that were not yet read. Rows that stand together in a file need not scatter like that,
//! which makes intervals of sorted input too wide rather than too narrow.

mod interval;
mod observed;
mod origin;

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use millrace_protocol::{ColumnEstimates, Estimate};

pub(crate) use observed::Observed;
use origin::{Origin, Shown, shown};

use crate::stage::Stage;

/// Lengths of the splits of a stage whose tasks each read one. Nothing of others: their tasks are no
/// sample of anything, nor are the first splits of a file that has to be read in order.
fn split_bytes(stage: &Stage) -> Option<Vec<f64>> {
    let scans = stage.scans();
    let [scan] = scans.as_slice() else { return None };
    let splits = &scan.table.splits;
    let bytes = splits.iter().map(|split| (split.owned.end - split.owned.start) as f64).collect();
    (splits.len() == stage.tasks() && !scan.is_chained()).then_some(bytes)
}

/// The estimates that belong to the rows of a partial result, in their order.
pub(crate) type Estimates = Arc<[ColumnEstimates]>;

/// How the rows of a query's result can be estimated.
#[derive(Debug)]
pub(crate) struct Estimator {
    /// What each column of the result shows.
    origins: Vec<Origin>,
    observed: Arc<Observed>,
}

impl Estimator {
    /// For a query whose stage number `scanning` makes the partial aggregates of the splits. Nothing
    /// when its result does not show counts, sums or averages together with all columns that it
    /// groups by.
    pub(crate) fn new(stages: &[Stage], scanning: usize) -> Option<Self> {
        let partial = crate::stage::partial_aggregate(&stages[scanning])?;
        let Shown { origins, windows } = shown(stages, scanning)?;
        let observed = Observed::new(partial, windows, split_bytes(&stages[scanning])?)?;
        let groups = partial.group_expr().expr().len();
        let all_groups = (0..groups).all(|group| origins.contains(&Origin::Group(group)));
        let some = origins
            .iter()
            .any(|origin| matches!(origin, Origin::Aggregate(number) if observed.estimates(*number)));
        (all_groups && some).then(|| Self { origins, observed: Arc::new(observed) })
    }

    /// Takes note of what each split holds.
    pub(crate) fn observed(&self) -> &Arc<Observed> {
        &self.observed
    }

    /// Estimates for the rows of a snapshot.
    pub(crate) fn estimate(&self, batches: &[RecordBatch]) -> Estimates {
        let groups = self.observed.group_count();
        let place = |group| self.origins.iter().position(|origin| *origin == Origin::Group(group));
        let Some(places) = (0..groups).map(place).collect::<Option<Vec<_>>>() else { return Arc::new([]) };
        let mut columns: Vec<(usize, ColumnEstimates)> = Vec::new();
        for (column, origin) in self.origins.iter().enumerate() {
            if let Origin::Aggregate(number) = origin
                && self.observed.estimates(*number)
            {
                let column = u32::try_from(column).unwrap_or(u32::MAX);
                columns.push((*number, ColumnEstimates { column, values: Vec::new() }));
            }
        }
        for batch in batches {
            let keys: Vec<_> = places.iter().map(|place| Arc::clone(batch.column(*place))).collect();
            let numbers: Vec<usize> = columns.iter().map(|(number, _)| *number).collect();
            let rows = self.observed.look_up(&keys, batch.num_rows(), &numbers);
            for (slot, (_, column)) in columns.iter_mut().enumerate() {
                let shown = batch.column(column.column as usize);
                let of_row = |row: usize| -> Option<Estimate> {
                    rows.get(row)?.get(slot).copied().flatten().filter(|_| shown.is_valid(row))
                };
                column.values.extend((0..batch.num_rows()).map(of_row));
            }
        }
        columns.into_iter().map(|(_, column)| column).collect()
    }
}
