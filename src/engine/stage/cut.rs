//! Cuts a physical plan at its exchanges.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};

use super::input::StageInputExec;
use super::same::{same_plan, same_routing};
use super::{Routing, Stage};

/// Cuts `plan` into stages, each after the stages that it reads from. The last stage is the root;
/// its output is gathered and is the result.
///
/// DataFusion's own exchange operators start tokio tasks, for which there is no runtime here; and
/// they stream, while a snapshot needs what has come through so far to be kept.
///
/// # Errors
/// When an operator does not take its new children.
pub(crate) fn cut(plan: Arc<dyn ExecutionPlan>) -> Result<Vec<Stage>> {
    let mut stages = Vec::new();
    let root = rewrite(plan, &mut stages)?;
    stages.push(Stage { plan: root, routing: Routing::Gather { fetch: None } });
    Ok(stages)
}

fn rewrite(plan: Arc<dyn ExecutionPlan>, stages: &mut Vec<Stage>) -> Result<Arc<dyn ExecutionPlan>> {
    let children = plan
        .children()
        .into_iter()
        .map(|child| rewrite(Arc::clone(child), stages))
        .collect::<Result<Vec<_>>>()?;
    let plan = if children.is_empty() { plan } else { replace_children_if_necessary(plan, children)? };

    let below = plan.children().first().map(|child| Arc::clone(child));
    let Some(below) = below else { return Ok(plan) };
    if let Some(exchange) = plan.downcast_ref::<RepartitionExec>() {
        let routing = Routing::Partition(exchange.partitioning().clone());
        return Ok(end_stage(stages, below, routing, &plan));
    }
    if plan.is::<CoalescePartitionsExec>() {
        let routing = Routing::Gather { fetch: plan.fetch() };
        return Ok(end_stage(stages, below, routing, &plan));
    }
    if plan.is::<SortPreservingMergeExec>() && !below.is::<StageInputExec>() {
        let input = end_stage(stages, Arc::clone(&below), Routing::Keep, &below);
        return replace_children_if_necessary(plan, vec![input]);
    }
    Ok(plan)
}

/// Makes a stage of `below`, unless one computes the same already, and gives the leaf that stands for
/// its output, with the properties of `like`.
fn end_stage(
    stages: &mut Vec<Stage>,
    below: Arc<dyn ExecutionPlan>,
    routing: Routing,
    like: &Arc<dyn ExecutionPlan>,
) -> Arc<dyn ExecutionPlan> {
    let known = stages
        .iter()
        .position(|stage| same_routing(&stage.routing, &routing) && same_plan(&stage.plan, &below));
    let stage = known.unwrap_or_else(|| {
        stages.push(Stage { plan: below, routing });
        stages.len() - 1
    });
    Arc::new(StageInputExec::new(stage, Arc::clone(like.properties())))
}
