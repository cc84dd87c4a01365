//! From a window in a logical plan to its operator.

use std::sync::Arc;

use arrow::datatypes::{DataType, IntervalUnit, Schema};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{internal_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNode, cast};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};

use super::position::{PositionExec, PositionNode};
use super::sessions::{End, SessionColumns};
use super::time::{BOUNDS, Output};
use super::{AssignExec, SessionExec, WindowNode};

/// DataFusion's planner, which knows windows too.
#[derive(Debug)]
pub(super) struct WindowQueryPlanner;

#[async_trait]
impl datafusion::execution::context::QueryPlanner for WindowQueryPlanner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(WindowPlanner)]);
        planner.create_physical_plan(plan, session).await
    }
}

struct WindowPlanner;

#[async_trait]
impl ExtensionPlanner for WindowPlanner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        if let (true, [input]) = (node.as_any().is::<PositionNode>(), physical_inputs) {
            return Ok(Some(Arc::new(PositionExec::new(Arc::clone(input)))));
        }
        let Some(node) = node.as_any().downcast_ref::<WindowNode>() else { return Ok(None) };
        let (&[logical], [input]) = (logical_inputs, physical_inputs) else {
            return internal_err!("a window has one input");
        };
        let physical =
            |expression: &Expr| planner.create_physical_expr(expression, logical.schema(), session, context);
        let bounds = node.bound_fields();
        let Some(bounds_type) = bounds.first().map(|field| field.data_type().clone()) else {
            return internal_err!("a window without bounds");
        };
        let input_schema = input.schema();
        let fields = input_schema.fields().iter().map(|field| field.as_ref().clone()).chain(bounds);
        let schema = Schema::new(fields.collect::<Vec<_>>()).with_metadata(input_schema.metadata().clone());
        let time = physical(&node.time)?;
        let inputs = (0..input_schema.fields().len()).map(Output::Input);
        let columns = inputs.chain(BOUNDS.map(Output::Bound)).collect();
        if !node.spec.kind.is_session() {
            let (input, schema) = (Arc::clone(input), Arc::new(schema));
            let assign = AssignExec::new(input, node.spec.clone(), time, columns, schema, bounds_type);
            return Ok(Some(Arc::new(assign)));
        }
        let Some(gap) = &node.gap else { return plan_err!("A session needs a gap.") };
        let columns = SessionColumns {
            time,
            end: End::After(physical(&cast(gap.clone(), DataType::Interval(IntervalUnit::MonthDayNano)))?),
            keys: node.keys.iter().map(physical).collect::<Result<_>>()?,
            outputs: columns,
        };
        Ok(Some(Arc::new(SessionExec::new(Arc::clone(input), columns, Arc::new(schema), bounds_type))))
    }
}
