//! A stream as DataFusion sees it: a table whose scan gives the rows of the micro-batch at hand.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::internal_datafusion_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};

/// A stream that queries may name.
#[derive(Clone, Debug)]
pub(crate) struct StreamTable {
    /// Its number in the query.
    pub(crate) id: usize,
    pub(crate) name: String,
    pub(crate) schema: SchemaRef,
    /// Which column is the event time.
    pub(crate) event_time: usize,
    /// Parts that a micro-batch is dealt to, as many as threads can work at.
    pub(crate) partitions: usize,
}

#[async_trait]
impl TableProvider for StreamTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.schema.fields().len()).collect();
        let projection = projection.cloned().unwrap_or_else(all);
        Ok(Arc::new(StreamScanExec::try_new(self.clone(), projection)?))
    }
}

/// Rows that run through the stages that scan, by table and partition. Operators reach them through their
/// task context.
#[derive(Debug)]
pub(super) struct MicroBatch {
    pub(super) tables: Vec<Vec<Vec<RecordBatch>>>,
}

impl MicroBatch {
    /// Deals the rows of tables to so many partitions each, in their order. Few rows stay together.
    pub(super) fn new(tables: Vec<Vec<RecordBatch>>, partitions: usize) -> Self {
        const FEW_ROWS: usize = 2048;
        let deal = |batches: Vec<RecordBatch>| {
            let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
            let share = rows.div_ceil(partitions.max(1)).max(FEW_ROWS);
            let mut dealt: Vec<Vec<RecordBatch>> = vec![Vec::new(); partitions];
            let mut before = 0;
            for batch in batches {
                let mut first = 0;
                while first < batch.num_rows() {
                    let partition = before / share;
                    let count = (share - before % share).min(batch.num_rows() - first);
                    if let Some(pieces) = dealt.get_mut(partition) {
                        pieces.push(batch.slice(first, count));
                    }
                    first += count;
                    before += count;
                }
            }
            dealt
        };
        Self { tables: tables.into_iter().map(deal).collect() }
    }
}

/// Reads columns of the micro-batch at hand.
#[derive(Debug)]
pub(crate) struct StreamScanExec {
    pub(crate) table: StreamTable,
    pub(crate) projection: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl StreamScanExec {
    fn try_new(table: StreamTable, projection: Vec<usize>) -> Result<Self> {
        let schema = Arc::new(table.schema.project(&projection)?);
        // Micro-batches end, and a plan over one of them is a plan over rows that end.
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(table.partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self { table, projection, properties: Arc::new(properties) })
    }
}

impl DisplayAs for StreamScanExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.schema();
        let columns: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(formatter, "StreamScanExec: stream={}, columns=[{}]", self.table.name, columns.join(", "))
    }
}

impl ExecutionPlan for StreamScanExec {
    fn name(&self) -> &'static str {
        "StreamScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = context
            .session_config()
            .get_extension::<MicroBatch>()
            .ok_or_else(|| internal_datafusion_err!("a stream is scanned without rows"))?;
        let pieces = rows.tables.get(self.table.id).and_then(|table| table.get(partition));
        let pieces = pieces.into_iter().flatten().map(|batch| batch.project(&self.projection));
        let pieces = pieces.collect::<std::result::Result<_, _>>()?;
        Ok(Box::pin(MemoryStream::try_new(pieces, self.schema(), None)?))
    }
}
