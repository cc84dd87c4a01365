//! How many rows there are in windows, for the planner, which builds the smaller side of a join.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;

/// Bytes of a start, an end or a time of a window.
const BOUND_BYTES: usize = 8;

/// Estimates of rows that are in at most so many windows each, with so many columns of bounds.
pub(super) fn in_windows(
    input: Option<&Arc<Statistics>>,
    windows: usize,
    bounds: usize,
    schema: &SchemaRef,
) -> Arc<Statistics> {
    let mut statistics = Statistics::new_unknown(schema);
    let Some(input) = input else { return Arc::new(statistics) };
    let Some(rows) = input.num_rows.get_value().map(|rows| rows.saturating_mul(windows)) else {
        return Arc::new(statistics);
    };
    statistics.num_rows = Precision::Inexact(rows);
    if let Some(bytes) = input.total_byte_size.get_value() {
        let added = rows.saturating_mul(bounds * BOUND_BYTES);
        statistics.total_byte_size = Precision::Inexact(bytes.saturating_mul(windows).saturating_add(added));
    }
    Arc::new(statistics)
}
