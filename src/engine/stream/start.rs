//! How a query over streams begins: its text is planned, and tables that it looks up are read.

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::common::TableReference;
use futures::channel::mpsc;
use millrace_protocol::{ErrorInfo, ErrorKind};

use super::event_time::with_arrival;
use super::late::LateRows;
use super::lookup::LookupTable;
use super::options::{StreamInput, StreamOptions};
use super::plan::StreamPlan;
use super::query::{Counts, Input, RENEW_STEPS, StreamQuery};
use super::run::Machine;
use super::state::State;
use super::table::StreamTable;
use super::watermark::Watermarks;
use crate::Error;
use crate::cache::BudgetPool;
use crate::engine::Engine;
use crate::sql::{Names, Table, new_session, plan};
use crate::stage::JobContext;
use crate::timeline::{Recorder, TableNames};

impl Engine {
    /// A query over streams. Tables of files can be looked up for their rows; they are read now, and only what is
    /// needed of them.
    ///
    /// # Errors
    /// What is wrong with the text, what of it a stream cannot do, or why a table cannot be read.
    pub async fn stream(
        &self,
        sql: &str,
        inputs: Vec<StreamInput>,
        options: StreamOptions,
    ) -> Result<StreamQuery, Error> {
        options.check(&inputs)?;
        let inner = &self.0;
        let tables = stream_tables(&inputs, inner.options.threads.max(2))?;
        let session = new_session(inner.options.threads, Arc::new(BudgetPool(Arc::clone(&inner.cache))))?;
        for table in &tables {
            session.register_table(TableReference::bare(table.name.clone()), Arc::new(table.clone()))?;
        }
        let lookups = self.lookup_tables(&tables);
        for table in &lookups {
            session.register_table(TableReference::bare(table.name.clone()), Arc::new(table.clone()))?;
        }
        let streams = tables.iter().map(|table| (&table.name, &table.schema));
        let named = streams.chain(lookups.iter().map(|table| (&table.name, &table.schema)));
        let columns =
            named.clone().flat_map(|(_, schema)| schema.fields()).map(|field| field.name().as_str());
        let names = Names::new(named.map(|(name, _)| name.as_str()).chain(columns));
        let physical = plan(&session, &names, sql).await;
        let physical = physical.map_err(|error| self.explain_stream(error, &tables))?;
        let StreamPlan { schema, stages, states, shape } = StreamPlan::try_new(physical, options.mode)?;
        // Nobody grants wishes for the bytes of splits, as no stage reads a file.
        let (wishes, _) = mpsc::unbounded();
        let recorder = Recorder::new(None, &stages, &TableNames::default());
        let machine = Machine {
            job: Arc::new(JobContext::new(wishes, Arc::clone(&inner.cache), recorder)),
            executor: inner.executor.clone(),
            session: session.state(),
            stages,
        };
        let memory = machine.reservation("tables beside a stream");
        self.read_lookups(&machine.stages, &memory).await?;
        let kept = states.iter().map(|state| {
            let stage = &machine.stages[state.stage];
            State::new(stage.routing.partitions(stage.tasks()), machine.reservation("stream state"))
        });
        let kept = kept.collect();
        let waiting = machine.reservation("rows of the result");
        // Rows cannot arrive out of the order in which they arrive.
        let delays = inputs.iter().map(|input| input.source.event_time().map_or(0, |_| input.delay_millis));
        let watermarks = Watermarks::new(delays, options.idle_after_millis);
        let table_of = |name: &str| tables.iter().position(|table| table.name == name).unwrap_or(0);
        let inputs = inputs.into_iter().map(|input| Input {
            table: table_of(&input.table),
            source: input.source,
            rows: 0,
        });
        Ok(StreamQuery {
            sql: sql.to_owned(),
            machine,
            schema,
            shape,
            stages: states,
            states: kept,
            inputs: inputs.collect(),
            tables,
            watermarks,
            late: LateRows::new(options.late_rows_kept),
            options,
            dropped: i64::MIN,
            pending: Vec::new(),
            waiting,
            _lookups: memory,
            steps_to_renew: RENEW_STEPS,
            counts: Counts::default(),
            bad_rows: Vec::new(),
            notices: VecDeque::new(),
            now_millis: None,
            has_changed: false,
            is_broken: false,
        })
    }

    /// The tables of files, but for those with names of streams.
    fn lookup_tables(&self, streams: &[StreamTable]) -> Vec<LookupTable> {
        let tables = self.0.tables.borrow();
        let others = tables.iter().filter(|(name, _)| streams.iter().all(|stream| stream.name != **name));
        let lookup = |(name, table): (&String, &Arc<Table>)| LookupTable {
            name: name.clone(),
            schema: Arc::clone(&table.schema),
        };
        others.map(lookup).collect()
    }

    fn explain_stream(&self, error: Error, tables: &[StreamTable]) -> Error {
        let mut info = error.info();
        if !info.message.starts_with("There is no table `") {
            return self.explain(error);
        }
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        info.hint = Some(format!("Its streams are: {}.", names.join(", ")));
        Error::Sql(Box::new(info))
    }
}

/// The tables that sources give rows to.
fn stream_tables(inputs: &[StreamInput], partitions: usize) -> Result<Vec<StreamTable>, Error> {
    let mut tables: Vec<StreamTable> = Vec::new();
    for StreamInput { table: name, source, .. } in inputs {
        let own = source.schema();
        let (schema, event_time) = match source.event_time() {
            Some(column) => (own, column),
            None => (with_arrival(source.name(), &own)?, own.fields().len()),
        };
        match tables.iter().find(|table| table.name == *name) {
            None => {
                tables.push(StreamTable {
                    id: tables.len(),
                    name: name.clone(),
                    schema,
                    event_time,
                    partitions,
                });
            }
            Some(table) if table.schema == schema && table.event_time == event_time => {}
            Some(_) => {
                let source = source.name();
                let message = format!("{source} has other columns than the sources of `{name}` before it.");
                let info = ErrorInfo::new(ErrorKind::File, message)
                    .with_hint("Make it a stream of its own, and put them together with UNION ALL.");
                return Err(Error::Sql(Box::new(info)));
            }
        }
    }
    Ok(tables)
}
