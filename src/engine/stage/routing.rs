//! How rows get from one stage to the next.

use datafusion::physical_plan::Partitioning;

/// How the output of a stage's tasks becomes the input of the next stage.
#[derive(Clone, Debug)]
pub(crate) enum Routing {
    /// All into one partition, in the order of the tasks. Once the first tasks in order have given
    /// `fetch` rows, the others need not run.
    Gather {
        /// Rows that are enough.
        fetch: Option<usize>,
    },
    /// By the values of expressions, or round robin.
    Partition(Partitioning),
    /// Each task's output stays a partition of its own.
    Keep,
}

impl Routing {
    /// Number of partitions behind the exchange of a stage with so many tasks.
    pub(crate) fn partitions(&self, tasks: usize) -> usize {
        match self {
            Self::Gather { .. } => 1,
            Self::Partition(partitioning) => partitioning.partition_count(),
            Self::Keep => tasks,
        }
    }

    /// Rows that are enough, when there is such a number.
    pub(crate) fn fetch(&self) -> Option<usize> {
        match self {
            Self::Gather { fetch } => *fetch,
            _ => None,
        }
    }
}
