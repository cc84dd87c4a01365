//! What of a query's plan runs over micro-batches, what is kept of them, and what a stream cannot do.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::union::{InterleaveExec, UnionExec};

use super::OutputMode;
use super::lookup::{looked_up, only_looks_up, passed_column};
use super::refusal::{Refusal, refuse};
use super::scope::{
    Obstacle, best, ends_of, gives_the_same, groups_by_start, is_by_group, passes_rows, reads_stage,
};
use super::table::{StreamScanExec, StreamTable};
use crate::Error;
use crate::stage::{Stage, cut, partial_aggregate};
use crate::window::{AssignExec, Ends, SessionExec, WindowsOfMoments, micros_up, nanos_of_unit};

/// A query over streams, cut into stages.
#[derive(Debug)]
pub(super) struct StreamPlan {
    pub(super) schema: SchemaRef,
    pub(super) stages: Vec<Stage>,
    /// The stages that scan, whose output is the state.
    pub(super) states: Vec<StateStage>,
    pub(super) shape: Shape,
}

/// What becomes of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// There is none: rows go through one by one.
    Passing,
    /// It is dropped window by window.
    Windowed,
    /// It stays.
    Lasting,
}

/// A stage that scans streams.
#[derive(Debug)]
pub(super) struct StateStage {
    pub(super) stage: usize,
    pub(super) windows: StateWindows,
    pub(super) merging: Merging,
    /// When rows of which streams are late.
    pub(super) late: Vec<Late>,
    /// The first columns, by which partial aggregates are grouped.
    pub(super) group_columns: usize,
}

/// Which windows a row of the state belongs to.
#[derive(Debug)]
pub(super) enum StateWindows {
    /// To none.
    None,
    /// To one, whose end is told by a column.
    One(Told),
    /// To all that hold a pane.
    Panes {
        /// The column that says which pane it is.
        column: usize,
        windows: WindowsOfMoments,
        /// Whether groups have the start of windows only.
        by_start: bool,
    },
}

/// A column that tells when a window ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) column: usize,
    pub(super) unit_nanos: i64,
    pub(super) later_nanos: i64,
    /// A session goes on when a row comes at its very end, so that it closes one microsecond later.
    pub(super) grace_micros: i64,
}

/// How rows of the state become fewer.
#[derive(Clone, Debug)]
pub(super) enum Merging {
    /// They do not.
    Never,
    /// Partial aggregates of a group are merged.
    Groups,
    /// Parts of sessions are merged by this plan, which reads them.
    Sessions(Arc<dyn ExecutionPlan>),
}

/// When a row of a stream is late.
#[derive(Debug)]
pub(super) struct Late {
    pub(super) table: usize,
    /// Its windows; nothing for sessions.
    windows: Option<WindowsOfMoments>,
    gap_nanos: i64,
}

impl StateWindows {
    /// The column by which rows are told apart.
    pub(super) fn column(&self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::One(told) => Some(told.column),
            Self::Panes { column, .. } => Some(*column),
        }
    }

    /// Calls `each` with the end of each window of rows with this value, in microseconds.
    pub(super) fn ends(&self, value: i64, each: &mut dyn FnMut(i64)) {
        match self {
            Self::None => {}
            Self::One(told) => each(told.end(value)),
            Self::Panes { windows, by_start, .. } => windows.ends_of(value, *by_start, each),
        }
    }

    /// When the last of them ends.
    pub(super) fn last_end(&self, value: i64) -> i64 {
        let mut last = i64::MIN;
        self.ends(value, &mut |end| last = last.max(end));
        last
    }
}

impl Told {
    fn end(&self, value: i64) -> i64 {
        micros_up(value, self.unit_nanos, self.later_nanos).saturating_add(self.grace_micros)
    }
}

impl Late {
    /// When the last window ends that a row with this event time is in, all in microseconds.
    pub(super) fn last_end(&self, time_micros: i64) -> i64 {
        let Some(windows) = &self.windows else {
            return micros_up(time_micros, 1000, self.gap_nanos).saturating_add(1);
        };
        let nanos = i128::from(time_micros) * 1000;
        let moment = nanos.div_euclid(i128::from(windows.unit_nanos()));
        let mut last = i64::MIN;
        windows.ends_of(moment as i64, false, &mut |end| last = last.max(end));
        last
    }
}

impl StreamPlan {
    /// Cuts a plan, if a stream can run it in this mode.
    ///
    /// # Errors
    /// When it cannot, with what to do instead.
    pub(super) fn try_new(plan: Arc<dyn ExecutionPlan>, mode: OutputMode) -> Result<Self, Error> {
        let schema = plan.schema();
        let stages = cut(plan)?;
        if stages.iter().all(|stage| find::<StreamScanExec>(&stage.plan).is_empty()) {
            return Err(refuse(Refusal::NoStream));
        }
        if !stages.iter().all(|stage| only_looks_up(&stage.plan)) {
            return Err(refuse(Refusal::Table));
        }
        let windows = stages.iter().flat_map(|stage| find::<AssignExec>(&stage.plan));
        if windows.into_iter().any(AssignExec::counts_rows) {
            return Err(refuse(Refusal::WindowOfRows));
        }
        let mut states = Vec::new();
        let mut ends: Vec<Ends> = Vec::new();
        let mut obstacle = None;
        for (number, stage) in stages.iter().enumerate() {
            let of_stage = match stage.routing.fetch() {
                Some(_) => Err(Obstacle::Limit),
                None => ends_of(&stage.plan, &ends),
            };
            if !find::<StreamScanExec>(&stage.plan).is_empty() {
                if reads_stage(&stage.plan) {
                    return Err(refuse(Refusal::Join));
                }
                states.push((number, of_stage.clone().unwrap_or_default()));
            }
            match of_stage {
                Ok(told) => ends.push(told),
                Err(found) => {
                    // The first in the order of the plan says most.
                    obstacle.get_or_insert(found);
                    ends.push(Ends::new());
                }
            }
        }
        let shape = shape(&stages, &states, obstacle.as_ref(), mode)?;
        let states = states
            .into_iter()
            .map(|(number, ends)| state_stage(&stages, number, &ends, shape))
            .collect::<Result<Vec<_>, _>>()?;
        let has_sessions = states.iter().any(|state| matches!(state.merging, Merging::Sessions(_)));
        if has_sessions && mode == OutputMode::Update {
            return Err(refuse(Refusal::UpdateOfSessions));
        }
        if has_sessions && states.len() > 1 {
            return Err(refuse(Refusal::JoinOfSessions));
        }
        Ok(Self { schema, stages, states, shape })
    }
}

fn shape(
    stages: &[Stage],
    states: &[(usize, Ends)],
    obstacle: Option<&Obstacle>,
    mode: OutputMode,
) -> Result<Shape, Error> {
    if stages.iter().all(|stage| passes_rows(&stage.plan) && stage.routing.fetch().is_none()) {
        return match mode {
            OutputMode::Complete => Err(refuse(Refusal::CompleteRows)),
            OutputMode::Append | OutputMode::Update => Ok(Shape::Passing),
        };
    }
    let is_windowed = states.iter().all(|(_, ends)| best(ends).is_some());
    if is_windowed {
        return match (obstacle, mode) {
            (None, _) | (_, OutputMode::Complete) => Ok(Shape::Windowed),
            (Some(obstacle), _) => Err(refuse(Refusal::Across(obstacle.clone()))),
        };
    }
    let aggregates = states.iter().all(|(number, _)| partial_aggregate(&stages[*number]).is_some());
    if !aggregates {
        let sorts = stages.iter().any(|stage| !find::<SortExec>(&stage.plan).is_empty());
        return Err(refuse(match obstacle {
            Some(obstacle @ (Obstacle::SessionOfRows | Obstacle::Limit)) => Refusal::Across(obstacle.clone()),
            _ if states.len() > 1 => Refusal::Join,
            _ if sorts => Refusal::OrderOfRows,
            _ => Refusal::KeepsRows,
        }));
    }
    if states.len() > 1 && mode != OutputMode::Complete {
        return Err(refuse(Refusal::Join));
    }
    match mode {
        OutputMode::Append => Err(refuse(Refusal::AppendOfGroups)),
        OutputMode::Complete => Ok(Shape::Lasting),
        OutputMode::Update => {
            let later = stages.iter().filter(|stage| find::<StreamScanExec>(&stage.plan).is_empty());
            let plain =
                later.clone().all(|stage| is_by_group(&stage.plan) && stage.routing.fetch().is_none());
            let finals = later.map(|stage| find::<AggregateExec>(&stage.plan).len()).sum::<usize>();
            if plain && finals == 1 { Ok(Shape::Lasting) } else { Err(refuse(Refusal::UpdateAcrossGroups)) }
        }
    }
}

fn state_stage(stages: &[Stage], number: usize, ends: &Ends, shape: Shape) -> Result<StateStage, Error> {
    let stage = &stages[number];
    let partial = partial_aggregate(stage);
    let mut merging = if partial.is_some() { Merging::Groups } else { Merging::Never };
    let groups = partial.map(AggregateExec::group_expr);
    let group_columns =
        groups.map_or(0, |groups| groups.expr().len() + usize::from(groups.has_grouping_set()));
    let (mut windows, mut late) = (StateWindows::None, Vec::new());
    if shape == Shape::Windowed
        && let Some((column, later_nanos)) = best(ends)
    {
        let reader = stages.iter().position(|later| {
            find_with(&later.plan, &|plan| crate::stage::input_stage(plan) == Some(number))
        });
        let spread = reader.and_then(|reader| {
            let spreads = find::<AssignExec>(&stages[reader].plan).into_iter();
            spreads.into_iter().find(|windows| windows.spreads_panes())
        });
        let assigned = find::<AssignExec>(&stage.plan);
        let sessions = find::<SessionExec>(&stage.plan);
        let unit_nanos = nanos_of_unit(stage.plan.schema().field(column).data_type())
            .ok_or_else(|| Error::Internal("a window's bound that is no timestamp".to_owned()))?;
        let grace_micros = i64::from(!sessions.is_empty());
        windows = StateWindows::One(Told { column, unit_nanos, later_nanos, grace_micros });
        if let Some(spread) = spread {
            let column = spread.event_time().downcast_ref::<Column>().map(Column::index);
            let by_start = groups_by_start(spread);
            let (Some(column), Some(of_panes)) = (column, spread.windows_of_moments()) else {
                return Err(Error::Internal("panes that are in no windows".to_owned()));
            };
            windows = StateWindows::Panes { column, windows: of_panes, by_start };
        }
        for rows in assigned {
            for table in tables(rows.event_time(), rows.rows())? {
                let windows = spread.unwrap_or(rows).windows_of_moments();
                let Some(windows) = windows else {
                    return Err(refuse(Refusal::Across(Obstacle::Operator(rows.name().to_owned()))));
                };
                // Rows do not stand behind the starts of panes, as the states of panes do.
                late.push(Late { table, windows: Some(windows.of_rows()), gap_nanos: 0 });
            }
        }
        for rows in sessions {
            let Some(gap_nanos) = rows.gap_nanos() else { return Err(refuse(Refusal::GapOfRows)) };
            for table in tables(rows.event_time(), rows.rows())? {
                late.push(Late { table, windows: None, gap_nanos });
            }
            let merges = reader.and_then(|reader| merges_sessions(&stages[reader].plan));
            match merges {
                Some(plan) if plan.schema() == stage.plan.schema() => merging = Merging::Sessions(plan),
                _ => return Err(refuse(Refusal::Across(Obstacle::SessionOfRows))),
            }
        }
    }
    Ok(StateStage { stage: number, windows, merging, late, group_columns })
}

/// The part of a plan that merges parts of sessions with their partial aggregates.
fn merges_sessions(plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    let merges = plan
        .downcast_ref::<AggregateExec>()
        .filter(|aggregate| *aggregate.mode() == AggregateMode::PartialReduce)
        .and_then(|aggregate| aggregate.input().downcast_ref::<SessionExec>())
        .is_some_and(SessionExec::merges_parts);
    if merges {
        return Some(Arc::clone(plan));
    }
    plan.children().into_iter().find_map(merges_sessions)
}

/// The streams whose event time an expression over a plan is.
fn tables(time: &Arc<dyn PhysicalExpr>, plan: &Arc<dyn ExecutionPlan>) -> Result<Vec<usize>, Error> {
    let mut found = Vec::new();
    let is_event_time = origins(time, plan, &mut found).is_some();
    let wrong = found.iter().find(|(table, column)| table.event_time != *column);
    match (is_event_time, wrong) {
        (true, None) => Ok(found.iter().map(|(table, _)| table.id).collect()),
        (_, wrong) => {
            let mut tables = Vec::new();
            find::<StreamScanExec>(plan).into_iter().for_each(|scan| tables.push(&scan.table));
            let table = wrong.map(|(table, _)| table).or(tables.first().copied());
            let (stream, column) = table.map_or((String::new(), String::new()), |table| {
                (table.name.clone(), table.schema.field(table.event_time).name().clone())
            });
            Err(refuse(Refusal::OtherTime { stream, column }))
        }
    }
}

/// The columns of streams that an expression over a plan is.
fn origins(
    expression: &Arc<dyn PhysicalExpr>,
    plan: &Arc<dyn ExecutionPlan>,
    found: &mut Vec<(StreamTable, usize)>,
) -> Option<()> {
    if let Some(cast) = expression.downcast_ref::<CastExpr>() {
        nanos_of_unit(cast.cast_type())?;
        return origins(cast.expr(), plan, found);
    }
    let column = expression.downcast_ref::<Column>()?;
    if let Some(scan) = plan.downcast_ref::<StreamScanExec>() {
        found.push((scan.table.clone(), *scan.projection.get(column.index())?));
        return Some(());
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        return origins(&projection.expr().get(column.index())?.expr, projection.input(), found);
    }
    if let Some(join) = looked_up(plan) {
        let column: Arc<dyn PhysicalExpr> =
            Arc::new(Column::new(column.name(), passed_column(join, column.index())?));
        return origins(&column, join.right(), found);
    }
    let mut place = column.index();
    if let Some(places) = plan.downcast_ref::<FilterExec>().and_then(|filter| filter.projection().as_ref()) {
        place = *places.get(place)?;
    }
    let same = gives_the_same(plan)
        || plan.is::<FilterExec>()
        || plan.is::<SortExec>()
        || plan.is::<UnionExec>()
        || plan.is::<InterleaveExec>();
    if !same {
        return None;
    }
    let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(column.name(), place));
    plan.children().into_iter().try_for_each(|child| origins(&column, child, found))
}

/// The operators of a type in a plan.
pub(super) fn find<T: ExecutionPlan>(plan: &Arc<dyn ExecutionPlan>) -> Vec<&T> {
    let mut found: Vec<&T> = plan.downcast_ref::<T>().into_iter().collect();
    found.extend(plan.children().into_iter().flat_map(find::<T>));
    found
}

fn find_with(plan: &Arc<dyn ExecutionPlan>, is: &dyn Fn(&Arc<dyn ExecutionPlan>) -> bool) -> bool {
    is(plan) || plan.children().into_iter().any(|child| find_with(child, is))
}
