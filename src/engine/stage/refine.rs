//! Fits a stage to what its inputs have become: more and smaller partitions, when rows were put aside.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool};
use datafusion::physical_plan::{ExecutionPlan, Partitioning, replace_children_if_necessary};

use super::input::StageInputExec;
use super::{Exchange, Routing, Stage, input_stage};

/// Memory that an operator takes for its rows, as a multiple of theirs: its copy of them, its hash table or
/// its sorted form, and what it gives.
const STATE_FACTOR: usize = 3;

/// Numbers of the stages that a plan reads from.
pub(super) fn inputs(plan: &Arc<dyn ExecutionPlan>) -> Vec<usize> {
    let mut found: Vec<usize> = plan.children().into_iter().flat_map(inputs).collect();
    found.extend(input_stage(plan));
    found.sort_unstable();
    found.dedup();
    found
}

/// The plan over as many partitions as its inputs have.
///
/// # Errors
/// When an operator does not take its new children.
pub(super) fn fit(
    plan: Arc<dyn ExecutionPlan>,
    exchanges: &[Arc<Exchange>],
) -> Result<Arc<dyn ExecutionPlan>> {
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
    let children = children.collect::<Result<Vec<_>>>()?;
    if children.is_empty() { Ok(plan) } else { replace_children_if_necessary(plan, children) }
}

/// The exchanges that have to go to the storage before a stage runs. Of those that it reads by hash all go, if
/// one of them is there already, or if the state that is made of their rows would not fit beside them. Of
/// the others the rest goes where a part has gone, so that there is memory for merging. With `all` memory has
/// not sufficed, whatever was thought.
pub(super) fn to_put_aside(
    stages: &[Arc<Stage>],
    stage: &Stage,
    exchanges: &[Arc<Exchange>],
    in_flight: usize,
    memory: &Arc<dyn MemoryPool>,
    all: bool,
) -> Vec<Arc<Exchange>> {
    let is_hashed = |stage: &Stage| matches!(stage.routing, Routing::Partition(Partitioning::Hash(..)));
    let (hashed, others): (Vec<usize>, _) =
        inputs(&stage.plan).into_iter().partition(|input| is_hashed(&stages[*input]));
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
pub(super) fn tasks_in_flight(
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
