//! The operator that lets through the rows which may be among the first of their group.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, internal_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use datafusion::physical_plan::execution_plan::apply_expression_roots;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, stream};

use super::held::TopRows;
use super::order_key::{OrderKey, has_order_key, order_keys};

/// After so many rows it is asked whether any are held back.
const TRIAL_ROWS: usize = 16 * 1024;
/// When groups have fewer rows than this for each that may be let through, it is not worth it.
const LEAST_ROWS: usize = 4;

/// Lets through, in their order, the rows of which fewer than `count` of their group come before them by the
/// first column of an order; and others, when holding rows back is not worth it or takes too much memory. So what
/// is above must still look for the first ones.
#[derive(Clone, Debug)]
pub(crate) struct TopRowsExec {
    input: Arc<dyn ExecutionPlan>,
    by: Vec<Arc<dyn PhysicalExpr>>,
    order: PhysicalSortExpr,
    count: usize,
    /// Whether it hands on all rows when it finds that it holds few of them back: another one comes later, which
    /// does not.
    gives_up: bool,
}

impl TopRowsExec {
    /// Nothing when the order is of a type that cannot be compared as words, or groups of one that cannot be told
    /// apart.
    pub(super) fn try_new(
        input: Arc<dyn ExecutionPlan>,
        by: Vec<Arc<dyn PhysicalExpr>>,
        order: PhysicalSortExpr,
        count: usize,
        gives_up: bool,
    ) -> Option<Self> {
        let schema = input.schema();
        let known = has_order_key(&order.expr.data_type(&schema).ok()?) && count > 0;
        (known && table_of(&by, &schema).is_ok()).then_some(Self { input, by, order, count, gives_up })
    }

    /// What the rows of a group have in common.
    pub(crate) fn group_by(&self) -> &[Arc<dyn PhysicalExpr>] {
        &self.by
    }
}

/// An empty table of groups.
fn table_of(by: &[Arc<dyn PhysicalExpr>], schema: &Schema) -> Result<Box<dyn GroupValues>> {
    let fields = by.iter().map(|expression| expression.return_field(schema));
    let fields = fields.collect::<Result<Vec<_>>>()?;
    new_group_values(Arc::new(Schema::new(fields)), &GroupOrdering::None)
}

impl DisplayAs for TopRowsExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by: Vec<_> = self.by.iter().map(ToString::to_string).collect();
        write!(formatter, "TopRowsExec: {} of each [{}] by {}", self.count, by.join(", "), self.order)
    }
}

impl ExecutionPlan for TopRowsExec {
    fn name(&self) -> &'static str {
        "TopRowsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let expressions = self.by.iter().chain([&self.order.expr]);
        apply_expression_roots(expressions, visit)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => Ok(Arc::new(Self { input, ..Self::clone(&self) })),
            _ => internal_err!("TopRowsExec has one input"),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.input.schema();
        let table = table_of(&self.by, &schema)?;
        let task = Task {
            input: Some(self.input.execute(partition, Arc::clone(&context))?),
            by: self.by.clone(),
            order: self.order.clone(),
            count: self.count,
            gives_up: self.gives_up,
            top: Some(TopRows::new(table, self.count)),
            order_keys: Vec::new(),
            rows: 0,
            reservation: MemoryConsumer::new("top rows").register(context.memory_pool()),
            output: VecDeque::new(),
        };
        let batches = stream::try_unfold(task, |mut task| async move {
            let batch = task.next().await?;
            Ok(batch.map(|batch| (batch, task)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }
}

struct Task {
    /// Nothing any more once it has ended.
    input: Option<SendableRecordBatchStream>,
    by: Vec<Arc<dyn PhysicalExpr>>,
    order: PhysicalSortExpr,
    count: usize,
    gives_up: bool,
    /// Nothing when rows are no longer held back.
    top: Option<TopRows>,
    order_keys: Vec<OrderKey>,
    rows: usize,
    reservation: MemoryReservation,
    output: VecDeque<RecordBatch>,
}

impl Task {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.output.pop_front() {
                return Ok(Some(batch));
            }
            let Some(input) = &mut self.input else { return Ok(None) };
            match input.next().await {
                Some(batch) => self.take_in(batch?)?,
                None => {
                    self.input = None;
                    self.let_through()?;
                }
            }
        }
    }

    fn take_in(&mut self, batch: RecordBatch) -> Result<()> {
        let Some(top) = &mut self.top else {
            self.output.push_back(batch);
            return Ok(());
        };
        let values = |expression: &Arc<dyn PhysicalExpr>| {
            expression.evaluate(&batch).and_then(|value| value.into_array(batch.num_rows()))
        };
        let arrays = self.by.iter().map(values).collect::<Result<Vec<_>>>()?;
        order_keys(&values(&self.order.expr)?, self.order.options, &mut self.order_keys);
        top.add(&batch, &arrays, &self.order_keys)?;
        self.rows += batch.num_rows();
        let few_rows = top.groups() * self.count * LEAST_ROWS > self.rows;
        if self.gives_up && self.rows >= TRIAL_ROWS && few_rows {
            self.let_through()?;
            self.top = None;
            return Ok(());
        }
        match self.reservation.try_resize(top.bytes()) {
            Err(DataFusionError::ResourcesExhausted(_)) => self.let_through(),
            outcome => outcome,
        }
    }

    /// Hands out what is held, and begins anew.
    fn let_through(&mut self) -> Result<()> {
        if let Some(top) = &mut self.top {
            self.output.extend(top.take()?);
        }
        self.rows = 0;
        self.reservation.free();
        Ok(())
    }
}
