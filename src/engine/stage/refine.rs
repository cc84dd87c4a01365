//! Fits a stage to the memory there is: what of its inputs goes to the storage before it runs, over which
//! partitions it then runs, and with how many tasks at a time.

use std::sync::Arc;

use datafusion::error::{DataFusionError, Result as DataFusionResult};
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool};
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, replace_children_if_necessary};

use super::input::StageInputExec;
use super::schedule::Run;
use super::{Exchange, Routing, Runner, Stage, input_stage};
use crate::Error;
use crate::pool::Priority;

/// Memory that an operator takes for its rows, as a multiple of theirs: its copy of them, its hash table or
/// its sorted form, and what it gives.
const STATE_FACTOR: usize = 3;

impl Runner<'_> {
    /// Divides the inputs of a stage, when no stage before it is looked at any more (`last_scan` is the last one
    /// that snapshots are made of), puts them aside, if memory would not hold them and what is made of them, and
    /// fits the stage to them. Says how many of its tasks may be in flight.
    pub(super) async fn prepare(
        &self,
        run: &mut Run,
        index: usize,
        last_scan: Option<usize>,
        all: bool,
    ) -> Result<usize, Error> {
        let memory = &self.session.runtime_env().memory_pool;
        let stage = &run.stages[index];
        inputs(&stage.plan).into_iter().for_each(|input| run.exchanges[input].pin(true));
        if let Some(spill) = &self.spill {
            // A task that was dropped while it wrote one of them has let go of it when this turn comes.
            drop(spill.turn().await);
        }
        if !all && last_scan.is_none_or(|last_scan| index > last_scan) {
            self.divide(run, index).await?;
        }
        if let Some(spill) = &self.spill {
            for exchange in to_put_aside(&run.stages, stage, &run.exchanges, self.in_flight, memory, all) {
                let spill = Arc::clone(spill);
                let work = async move { Ok(spill.put_aside(&exchange).await?) };
                self.executor.spawn(Priority::Normal, work).await?;
            }
        }
        let tasks = stage.tasks();
        let plan = match all {
            true => reset_plan_states(Arc::clone(&stage.plan))?,
            false => Arc::clone(&stage.plan),
        };
        let plan = fit(plan, &run.exchanges)?;
        let stage = Arc::new(Stage { plan, routing: stage.routing.clone() });
        if stage.tasks() != tasks {
            run.exchanges[index] = self.new_exchange(&stage, index + 1 == run.stages.len());
        }
        run.stages[index] = Arc::clone(&stage);
        Ok(tasks_in_flight(&stage, &run.exchanges, self.in_flight, memory))
    }

    /// Whether a task that failed may succeed when fewer run beside it. What it commits it commits last, so
    /// that a task that failed has left nothing behind.
    pub(super) fn may_run_again(&self, error: &Error, run: &Run, index: usize, was_alone: bool) -> bool {
        self.spill.is_some() && !was_alone && is_out_of_memory(error) && run.input_bytes(index) == 0
    }

    /// Gives up what memory can do without while none of a stage's tasks run. The stage is then as if it
    /// had not run: an operator whose state all tasks share remembers its failure.
    pub(super) async fn relieve(&self, stage: &Stage) -> Result<Arc<Stage>, Error> {
        if let Some(spill) = self.spill.clone() {
            let work = async move { Ok(spill.put_all_aside().await?) };
            self.executor.spawn(Priority::Normal, work).await?;
        }
        let plan = reset_plan_states(Arc::clone(&stage.plan))?;
        Ok(Arc::new(Stage { plan, routing: stage.routing.clone() }))
    }
}

impl Run {
    /// Bytes that the inputs of a stage hold in memory.
    pub(super) fn input_bytes(&self, index: usize) -> usize {
        inputs(&self.stages[index].plan).into_iter().map(|input| self.exchanges[input].bytes()).sum()
    }

    /// Gives back what no stage behind `index` reads.
    pub(super) fn clear_behind(&self, index: usize) {
        self.exchanges.iter().for_each(|exchange| exchange.pin(false));
        let read: Vec<usize> =
            self.stages[index + 1..].iter().flat_map(|stage| inputs(&stage.plan)).collect();
        for (number, exchange) in self.exchanges[..=index].iter().enumerate() {
            if number + 1 < self.stages.len() && !read.contains(&number) {
                exchange.clear();
            }
        }
    }
}

/// Whether a task failed because the budget was used up.
pub(super) fn is_out_of_memory(error: &Error) -> bool {
    match error {
        Error::DataFusion(error) => matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)),
        _ => false,
    }
}

/// Numbers of the stages that a plan reads from.
fn inputs(plan: &Arc<dyn ExecutionPlan>) -> Vec<usize> {
    let mut found: Vec<usize> = plan.children().into_iter().flat_map(inputs).collect();
    found.extend(input_stage(plan));
    found.sort_unstable();
    found.dedup();
    found
}

/// Numbers of the stages whose rows a stage reads by their hashes.
pub(super) fn hashed_inputs(stages: &[Arc<Stage>], stage: &Stage) -> Vec<usize> {
    let is_hashed = |stage: &Stage| matches!(stage.routing, Routing::Partition(Partitioning::Hash(..)));
    inputs(&stage.plan).into_iter().filter(|input| is_hashed(&stages[*input])).collect()
}

/// The plan over as many partitions as its inputs have.
///
/// # Errors
/// When an operator does not take its new children.
fn fit(
    plan: Arc<dyn ExecutionPlan>,
    exchanges: &[Arc<Exchange>],
) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
    if let Some(input) = plan.downcast_ref::<StageInputExec>() {
        let partitions =
            input_stage(&plan).and_then(|stage| exchanges.get(stage)).map(|each| each.partitions());
        return Ok(match partitions {
            Some(count) if count != plan.properties().output_partitioning().partition_count() => {
                Arc::new(input.with_partitions(count))
            }
            _ => plan,
        });
    }
    let children = plan.children().into_iter().map(|child| fit(Arc::clone(child), exchanges));
    let children = children.collect::<DataFusionResult<Vec<_>>>()?;
    if children.is_empty() { Ok(plan) } else { replace_children_if_necessary(plan, children) }
}

/// The exchanges that have to go to the storage before a stage runs. Of those that it reads by hash all go, if
/// one of them is there already, or if the state that is made of their rows would not fit beside them. Of
/// the others the rest goes where a part has gone, so that there is memory for merging. With `all` memory has
/// not sufficed, whatever was thought.
fn to_put_aside(
    stages: &[Arc<Stage>],
    stage: &Stage,
    exchanges: &[Arc<Exchange>],
    in_flight: usize,
    memory: &Arc<dyn MemoryPool>,
    all: bool,
) -> Vec<Arc<Exchange>> {
    let hashed = hashed_inputs(stages, stage);
    let others = inputs(&stage.plan).into_iter().filter(|input| !hashed.contains(input)).collect::<Vec<_>>();
    let held = hashed.iter().map(|input| exchanges[*input].bytes()).sum::<usize>();
    let partitions = hashed.iter().map(|input| exchanges[*input].partitions()).max().unwrap_or(1).max(1);
    let state = held.saturating_mul(STATE_FACTOR) / partitions * partitions.min(in_flight);
    let has_spilled = |input: &usize| exchanges[*input].has_spilled();
    let all_hashed = all || hashed.iter().any(has_spilled) || state > free_bytes(memory);
    let hashed = hashed.into_iter().filter(|_| all_hashed);
    let others = others.into_iter().filter(|input| all || has_spilled(input));
    hashed.chain(others).map(|input| Arc::clone(&exchanges[input])).collect()
}

/// Tasks of a stage that may run at one time, at most `in_flight`: when it reads from the storage, as many
/// as have room for the state that they make of their rows.
fn tasks_in_flight(
    stage: &Stage,
    exchanges: &[Arc<Exchange>],
    in_flight: usize,
    memory: &Arc<dyn MemoryPool>,
) -> usize {
    let mut bytes: Vec<usize> = Vec::new();
    for input in inputs(&stage.plan) {
        for (partition, spilled) in exchanges[input].spilled_bytes().into_iter().enumerate() {
            bytes.resize(bytes.len().max(partition + 1), 0);
            bytes[partition] += spilled;
        }
    }
    // A merge reads all partitions in one task, a block of each at a time.
    if stage.tasks() != bytes.len() {
        return in_flight;
    }
    let largest = bytes.into_iter().max().unwrap_or(0).saturating_mul(STATE_FACTOR);
    (free_bytes(memory) / largest.max(1)).clamp(1, in_flight)
}

fn free_bytes(memory: &Arc<dyn MemoryPool>) -> usize {
    match memory.memory_limit() {
        MemoryLimit::Finite(limit) => limit.saturating_sub(memory.reserved()),
        _ => usize::MAX,
    }
}
