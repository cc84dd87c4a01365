//! Windows over event time: which rows belong together because of when they happened.
//!
//! Owns: the table of kinds ([`WINDOWS`]), one file each; the operators that give rows their windows,
//! their place in logical and physical plans; calendars in time zones ([`calendar`]); the numbers of rows
//! that windows of rows are made of ([`numbered`]); the aggregation by panes ([`panes`])
//! and by parts of sessions ([`local_sessions`]); and the functions
//! `window` and `session_window` of Spark ([`spark`]). Touches: DataFusion's plans and Arrow arrays.
//! How calls are written is in `sql/window_call`; what they mean is in `docs/WINDOWS.md`.
//!
//! A window is half-open: it holds its start and not its end. Windows are aligned to 1970-01-01 in UTC, or
//! in the time zone of their calendar, moved by an offset. A row whose event time is NULL is in no window,
//! and is counted.

mod assign_exec;
mod calendar;
mod count;
mod cumulate;
mod ends;
mod estimate;
mod hop;
mod length;
mod local_sessions;
mod node;
mod numbered;
mod origins;
mod panes;
mod planner;
mod position;
mod session;
mod session_exec;
mod sessions;
mod spark;
mod spark_calls;
mod spec;
#[cfg(test)]
mod tests;
mod time;
mod tumble;
mod zone;

use std::sync::Arc;

use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::physical_plan::ExecutionPlan;

pub(crate) use ends::{Ends, WindowsOfMoments, micros_up, nanos_of_unit};
pub(crate) use length::{Length, length_nanos, length_of, row_count};
pub(crate) use node::{WindowInput, WindowNode};
pub(crate) use numbered::{Numbered, has_file_order, numbered};
pub(crate) use session_exec::SessionExec;
pub(crate) use spark::is_spark_window;
pub(crate) use spec::WindowSpec;
pub(crate) use time::{COLUMN_NAMES, is_time};
pub(crate) use zone::Zone;

pub(crate) use assign_exec::AssignExec;

/// A kind of window, which is a table function in FROM.
#[derive(Debug)]
pub struct WindowKind {
    /// Name of the function.
    pub name: &'static str,
    /// Its lengths of time, behind the table and the column of the event time, in this order.
    pub parameters: &'static [Parameter],
    /// A call over a table `t` whose event time is `ts`.
    pub example: &'static str,
    /// What its lengths are lengths of.
    pub measure: Measure,
    /// What is wrong with these lengths, beyond signs; in one unit, in the order of `parameters`.
    check: fn(&[i64]) -> Result<(), Complaint>,
    /// What it expands a moment to; nothing when windows depend on the rows beside each other.
    assigner: Option<NewAssigner>,
}

/// Makes an assigner of lengths in any unit, in the order of the parameters.
type NewAssigner = fn(&[i64]) -> Box<dyn Assigner>;

/// A length of time that a kind of window takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in a call.
    pub name: &'static str,
    /// Whether it moves windows, and so may be zero or negative; others are lengths.
    pub is_offset: bool,
    /// Whether it may be left out: an offset is then zero, a length that of the first parameter.
    pub is_optional: bool,
}

/// What a window is long in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Time: so long, or so many days or months of a calendar.
    Time,
    /// Rows.
    Rows,
}

/// All kinds.
pub const WINDOWS: &[WindowKind] =
    &[tumble::TUMBLE, hop::HOP, cumulate::CUMULATE, session::SESSION, count::COUNT_WINDOW];

/// Offsets move windows and may be left out.
const OFFSET: Parameter = Parameter { name: "OFFSET", is_offset: true, is_optional: true };

const fn length(name: &'static str) -> Parameter {
    Parameter { name, is_offset: false, is_optional: false }
}

/// What is wrong with the parameters of a window, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// The windows of a moment. All numbers are in one unit of time.
pub(crate) trait Assigner: std::fmt::Debug + Send + Sync {
    /// Calls `each` with start and end of every window that holds `time`, the one that ends first
    /// coming first.
    fn windows_of(&self, time: i64, each: &mut dyn FnMut(i64, i64));

    /// The most windows that hold a moment.
    fn most(&self) -> usize;

    /// Lengths of a tumbling window, size and offset, of which every window of this kind is made up.
    /// Nothing when a moment has only one window anyway.
    fn pane(&self) -> Option<[i64; 2]>;
}

impl WindowKind {
    /// The kind of this name, in any case.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        WINDOWS.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
    }

    /// Whether windows depend on the rows beside each other, and so on those with the same keys.
    pub(crate) fn is_session(&self) -> bool {
        self.assigner.is_none()
    }

    /// Whether windows hold a number of rows, and not those of a length of time.
    pub(crate) fn counts_rows(&self) -> bool {
        self.measure == Measure::Rows
    }

    /// Whether each combination of keys has windows of its own.
    pub(crate) fn takes_keys(&self) -> bool {
        self.is_session() || self.counts_rows()
    }

    /// Whether windows grow by their first length.
    fn grows(&self) -> bool {
        self.parameters.first().is_some_and(|parameter| parameter.name == "STEP")
    }

    /// Whether windows can be those of a calendar, in a time zone.
    pub(crate) fn takes_zone(&self) -> bool {
        !self.takes_keys()
    }
}

/// Makes windows known to a session that is being built.
pub(crate) fn register(builder: SessionStateBuilder) -> SessionStateBuilder {
    builder
        .with_query_planner(Arc::new(planner::WindowQueryPlanner))
        .with_analyzer_rule(Arc::new(spark_calls::SparkWindows))
        .with_physical_optimizer_rule(Arc::new(panes::AggregatePanes))
        .with_physical_optimizer_rule(Arc::new(local_sessions::LocalSessions))
}

/// Makes functions known to a session.
pub(crate) fn register_functions(session: &datafusion::execution::context::SessionContext) {
    spark::functions().into_iter().for_each(|function| session.register_udf(function));
}

/// Rows that were in no window, for want of an event time, in all operators of a plan that has run.
pub(crate) fn rows_without_time(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    let metrics = plan.metrics().and_then(|metrics| metrics.sum_by_name(time::ROWS_WITHOUT_TIME));
    let own = metrics.map_or(0, |rows| rows.as_usize() as u64);
    own + plan.children().into_iter().map(rows_without_time).sum::<u64>()
}
