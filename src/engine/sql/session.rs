//! The DataFusion session: which rules plan, and what may be asked.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::context::{SQLOptions, SessionContext};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::analyze::AnalyzeExec;
use datafusion::prelude::SessionConfig;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Tokenizer;
use millrace_protocol::{ErrorInfo, ErrorKind};

use super::Names;
use super::not_in::CorrelatedNotIn;
use super::window_call::{self, WindowCalls};
use crate::top_rows::KeepTopRows;
use crate::{Error, aggregate, window};

/// Rows of a split after which a partial aggregate is asked whether it makes fewer rows of them.
const TRIAL_ROWS: usize = 8 * 1024;

/// Partitions of rows that are routed by hash. Their tables are smaller than with one for each thread, and so
/// nearer to the processor, and those that are done give their memory back before others begin.
const PARTITIONS_PER_THREAD: usize = 4;

/// What a side of a join may take of the budget to be built once for all tasks: one part in so many, with
/// so many bytes for a row of it.
const SMALL_SIDE_SHARE: usize = 64;
const SMALL_SIDE_ROW_BYTES: usize = 32;

/// A session whose plans can be cut into stages. Their state is reserved in `memory`.
///
/// # Errors
/// When the runtime environment cannot be made.
pub(crate) fn new_session(threads: usize, memory: Arc<dyn MemoryPool>) -> Result<SessionContext, Error> {
    let mut config = SessionConfig::new()
        // With one partition the planner would leave out the exchanges at which we cut.
        .with_target_partitions(threads.max(2) * PARTITIONS_PER_THREAD)
        .with_information_schema(true);
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    // A filter that one task finds while it runs would make rows depend on the order of tasks, and
    // some operators wait for the filters of all partitions, which are not all running.
    options.optimizer.enable_dynamic_filter_pushdown = false;
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    options.optimizer.enable_join_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    // From so many partitions on, a second aggregation by more keys would do without partial ones, and so without
    // parts of sessions.
    options.optimizer.subset_repartition_threshold = usize::MAX;
    // A split has fewer rows than the usual trial. Where most rows are groups of their own, they go to the exchange
    // as they are.
    options.execution.skip_partial_aggregation_probe_rows_threshold = TRIAL_ROWS;
    // Splits are already more than the threads.
    options.optimizer.enable_round_robin_repartition = false;
    // As joins, subqueries take part in the stages.
    options.optimizer.enable_physical_uncorrelated_scalar_subquery = false;
    if let MemoryLimit::Finite(budget_bytes) = memory.memory_limit() {
        // One side of a join that is built for all tasks at once stays in memory, so it must be small.
        let join = &mut options.optimizer;
        join.hash_join_single_partition_threshold =
            join.hash_join_single_partition_threshold.min(budget_bytes / SMALL_SIDE_SHARE);
        join.hash_join_single_partition_threshold_rows = join
            .hash_join_single_partition_threshold_rows
            .min(budget_bytes / SMALL_SIDE_SHARE / SMALL_SIDE_ROW_BYTES);
    }
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(memory)
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
        .build_arc()?;
    let builder = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_relation_planners(vec![Arc::new(WindowCalls)])
        .with_analyzer_rule(Arc::new(CorrelatedNotIn));
    let builder = window::register(builder).with_physical_optimizer_rule(Arc::new(KeepTopRows));
    let session = SessionContext::new_with_state(builder.build());
    aggregate::register(&session);
    window::register_functions(&session);
    Ok(session)
}

/// Plans one query; `names` are the tables and columns that it may mean.
///
/// # Errors
/// When the text is wrong or asks for what we do not do.
pub(crate) async fn plan(
    session: &SessionContext,
    names: &Names,
    sql: &str,
) -> Result<Arc<dyn ExecutionPlan>, Error> {
    if sql.trim().is_empty() {
        return Err(no_query());
    }
    let state = session.state();
    let mut statement = parse(&state, sql)?;
    names.apply(sql, &mut statement);
    window_call::name_windows(&mut statement);
    let logical = state.statement_to_plan(statement).await?;
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&logical)
        .map_err(|error| {
            let told = super::error_info(&error).message;
            let info = ErrorInfo::new(ErrorKind::Unsupported, told)
                .with_hint("Files are only read here: write a query that starts with SELECT or WITH.");
            Error::Sql(Box::new(info))
        })?;
    let physical = state.create_physical_plan(&logical).await?;
    if contains::<AnalyzeExec>(&physical) {
        let info = ErrorInfo::new(ErrorKind::Unsupported, "EXPLAIN ANALYZE cannot be run here.")
            .with_hint("EXPLAIN without ANALYZE shows the plan.");
        return Err(Error::Sql(Box::new(info)));
    }
    Ok(physical)
}

/// What [`SessionState::sql_to_statement`] does, with the syntax of windows.
fn parse(state: &SessionState, sql: &str) -> Result<Statement, Error> {
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql).tokenize_with_location().map_err(ParserError::from);
    let tokens = window_call::rewrite(tokens.map_err(DataFusionError::from)?);
    let mut statements = DFParserBuilder::new(tokens)
        .with_dialect(&dialect)
        .with_recursion_limit(state.config().options().sql_parser.recursion_limit.get())
        .build()?
        .parse_statements()?;
    match (statements.pop_front(), statements.len()) {
        (Some(statement), 0) => Ok(statement),
        (Some(_), _) => {
            let info = ErrorInfo::new(ErrorKind::Unsupported, "There is more than one query.")
                .with_hint("Run them one after the other.");
            Err(Error::Sql(Box::new(info)))
        }
        (None, _) => Err(no_query()),
    }
}

fn no_query() -> Error {
    let info = ErrorInfo::new(ErrorKind::Sql, "There is no query yet.")
        .with_hint("Write one, for example SELECT count(*) FROM t.");
    Error::Sql(Box::new(info))
}

fn contains<T: ExecutionPlan>(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.is::<T>() || plan.children().into_iter().any(contains::<T>)
}

impl From<Box<DataFusionError>> for Error {
    fn from(error: Box<DataFusionError>) -> Self {
        Self::DataFusion(*error)
    }
}
