//! Tables and queries of one page.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::execution::context::SessionContext;
use datafusion::physical_plan::ExecutionPlan;
use millrace_protocol::{
    BadRowPolicy, CacheInfo, CachedColumn, DiskCacheInfo, ErrorInfo, ErrorKind, TableInfo, TableOptions,
};

use crate::Error;
use crate::cache::{BudgetPool, ColumnCache, ColumnShare};
use crate::coding::{Coded, TextSample};
use crate::files::FoundFile;
use crate::format::Sniffed;
use crate::job::Job;
use crate::output::ResultSet;
use crate::pool::{Executor, Pool};
use crate::sniff::{HEAD_BYTES, SniffedFile};
use crate::source::{SlotPool, Source, SplitPlan};
use crate::spill::{SpillSpace, SpillStore};
use crate::sql::{Names, Reading, Split, Table, TableFile, TableHandle, new_session, plan};
use crate::stage::LOOK_AHEAD_BYTES;
use crate::timeline::{Clock, Recording, TableNames};
use crate::window::WINDOWS;

/// Sizes of an engine.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Threads of the pool.
    pub threads: usize,
    /// Splits that are read or decoded at one time.
    pub slots: usize,
    /// Length of a split in bytes.
    pub split_bytes: u64,
    /// Memory for the state and the results of queries and for kept columns, in bytes.
    pub memory_budget_bytes: u64,
    /// How much of it kept columns may take; with 0 none are kept.
    pub cache_bytes: u64,
    /// Where to compute.
    pub pool: Pool,
    /// The time, for the timelines of queries; without it none are recorded.
    pub clock: Option<Arc<dyn Clock>>,
    /// Where rows go that do not fit into memory; without it a query that needs more ends with an error.
    pub spill: Option<Arc<dyn SpillStore>>,
    /// Where kept columns go that do not fit into memory, a store of its own; without it they are not kept.
    pub cache_store: Option<Arc<dyn SpillStore>>,
    /// How much of it they may take, in bytes, at the beginning; with 0 none are kept there.
    pub cache_disk_bytes: u64,
}

/// What a table is made of.
#[derive(Clone)]
pub struct TableRequest {
    /// Its name, which then replaces a table of that name; without one it is named after its first file.
    pub name: Option<String>,
    /// Its files.
    pub sources: Vec<Rc<dyn Source>>,
    /// What the user says about them.
    pub options: TableOptions,
}

/// What is read of a table's files, and how.
pub(crate) struct Contents {
    pub(crate) schema: SchemaRef,
    pub(crate) files: Vec<TableFile>,
    pub(crate) splits: Vec<Split>,
    pub(crate) bad_rows: BadRowPolicy,
}

/// Tables and queries. Lives on the coordinator's thread, which it never blocks.
#[derive(Clone)]
pub struct Engine(pub(crate) Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) options: EngineOptions,
    pub(crate) session: SessionContext,
    pub(crate) executor: Executor,
    pub(crate) slots: Arc<SlotPool>,
    pub(crate) cache: Arc<ColumnCache>,
    pub(crate) spill: Option<Arc<SpillSpace>>,
    /// By index; a removed table leaves its entries empty.
    pub(crate) sources: RefCell<Vec<Option<Rc<dyn Source>>>>,
    pub(crate) tables: RefCell<BTreeMap<String, Arc<Table>>>,
    /// What the tables were made of, by their names.
    pub(crate) requests: RefCell<BTreeMap<String, TableRequest>>,
    pub(crate) next_table: Cell<usize>,
}

impl Engine {
    /// An engine without tables.
    ///
    /// # Errors
    /// When DataFusion's session cannot be set up.
    pub fn new(options: EngineOptions) -> Result<Self, Error> {
        let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let executor = Executor::new(options.pool.clone());
        let mut cache = ColumnCache::new(bytes(options.memory_budget_bytes), bytes(options.cache_bytes));
        if let Some(store) = &options.cache_store {
            cache = cache.with_disk(Arc::clone(store), &executor, options.cache_disk_bytes);
        }
        let cache = Arc::new(cache);
        let slot_bytes = options.split_bytes.saturating_add(LOOK_AHEAD_BYTES + 1).max(HEAD_BYTES);
        Ok(Self(Rc::new(Inner {
            session: new_session(options.threads, Arc::new(BudgetPool(Arc::clone(&cache))))?,
            executor,
            slots: SlotPool::new(bytes(slot_bytes)),
            cache,
            spill: options.spill.clone().map(SpillSpace::new),
            sources: RefCell::default(),
            tables: RefCell::default(),
            requests: RefCell::default(),
            next_table: Cell::new(0),
            options,
        })))
    }

    /// Makes a table of files, named `name` or after the first file. Columns of several files are merged by name.
    ///
    /// # Errors
    /// When a file cannot be read or is of no known format, or structs or lists of one name differ.
    pub async fn add_table(
        &self,
        name: Option<&str>,
        sources: Vec<Rc<dyn Source>>,
    ) -> Result<TableInfo, Error> {
        self.add(TableRequest { name: name.map(str::to_owned), sources, options: TableOptions::default() })
            .await
    }

    /// Makes a table of files as its options say; what they leave open is found out from samples. Of a file with
    /// several tables all are made, and the first is told.
    ///
    /// # Errors
    /// As [`Engine::add_table`], and when an option cannot be followed.
    pub async fn add(&self, request: TableRequest) -> Result<TableInfo, Error> {
        let tables = self.add_all(request).await?;
        tables.into_iter().next().ok_or_else(|| Error::Internal("a file without a table".to_owned()))
    }

    /// As [`Engine::add`], and tells all tables.
    ///
    /// # Errors
    /// As [`Engine::add`].
    pub async fn add_all(&self, request: TableRequest) -> Result<Vec<TableInfo>, Error> {
        match self.add_block_tables(request.name.as_deref(), &request.sources, None).await? {
            Some(tables) => Ok(tables),
            None => Ok(vec![self.add_text_table(request).await?]),
        }
    }

    /// As [`Engine::add`], of a file that may have several tables: only the one with this number, counted from 0, which
    /// gets the name.
    ///
    /// # Errors
    /// As [`Engine::add`].
    pub async fn add_part(&self, request: TableRequest, part: usize) -> Result<TableInfo, Error> {
        match self.add_block_tables(request.name.as_deref(), &request.sources, Some(part)).await? {
            Some(tables) => tables
                .into_iter()
                .next()
                .ok_or_else(|| Error::Internal("a file without that table".to_owned())),
            None => self.add_text_table(request).await,
        }
    }

    async fn add_text_table(&self, request: TableRequest) -> Result<TableInfo, Error> {
        let TableRequest { name, sources, options } = request;
        let (schema, found) = self.find_files(sources.clone(), &options).await?;
        let Some(first) = found.first() else {
            return Err(Error::Internal("a table of no files".to_owned()));
        };
        let name = self.free_name(name.as_deref().unwrap_or(first.source.name()), name.is_some());
        let SniffedFile { format, found: sniffed, preview, sample } = &first.sniffed;
        let mut info = TableInfo {
            name: name.clone(),
            format: sniffed.decoder.format_name().unwrap_or(format.name()).to_owned(),
            files: Vec::new(),
            bytes: 0,
            rows_estimate: 0,
            columns: ResultSet::new(Arc::clone(&schema), Vec::new()).columns(),
            dialect: sniffed.dialect.clone(),
            compression: sample.recipe.compression().map(str::to_owned),
            encoding: sample.recipe.encoding().map(str::to_owned),
            file: 0,
            part: 0,
            preview: preview.clone(),
            warnings: Vec::new(),
        };
        let several = found.len() > 1;
        let (mut files, mut splits) = (Vec::new(), Vec::new());
        for FoundFile { source, sniffed: SniffedFile { found, sample, .. }, constants } in found {
            let len_bytes = source.len_bytes();
            let (ranges, coded) = self.text_splits(len_bytes, &found, &sample, splits.len());
            splits.extend(ranges.into_iter().map(|owned| Split { file: files.len(), owned, block: 0 }));
            info.files.push(source.name().to_owned());
            info.bytes += len_bytes;
            let text_bytes = (len_bytes as f64 * sample.text_per_byte) as u64;
            let data_bytes = text_bytes.saturating_sub(found.first_record);
            info.rows_estimate += (data_bytes as f64 / found.mean_record_bytes.max(1.0)).round() as u64;
            let of_file = if several { format!("{}: ", source.name()) } else { String::new() };
            info.warnings.extend(found.warnings.iter().map(|warning| format!("{of_file}{warning}")));
            info.warnings.extend(encoding_warning(source.name(), &sample));
            files.push(TableFile {
                name: source.name().to_owned(),
                source: self.keep_source(source),
                len_bytes,
                first_record: found.first_record,
                first_line: found.first_line,
                reading: Reading::Lines(found.decoder),
                coded,
                constants,
            });
        }
        let bad_rows = options.bad_rows.unwrap_or_default();
        self.register(&info, Contents { schema, files, splits, bad_rows })?;
        let request = TableRequest { name: Some(name.clone()), sources, options };
        self.0.requests.borrow_mut().insert(name, request);
        Ok(info)
    }

    /// Makes a table known to queries.
    ///
    /// # Errors
    /// When DataFusion refuses it.
    pub(crate) fn register(&self, info: &TableInfo, contents: Contents) -> Result<(), Error> {
        let Contents { schema, files, splits, bad_rows } = contents;
        let id = self.0.next_table.replace(self.0.next_table.get() + 1);
        let rows_estimate = info.rows_estimate;
        let table =
            Arc::new(Table { id, schema, files, splits, rows_estimate, bad_rows, starts: None.into() });
        let handle = Arc::new(TableHandle(Arc::clone(&table)));
        self.0.session.register_table(table_reference(&info.name), handle)?;
        self.0.tables.borrow_mut().insert(info.name.clone(), table);
        Ok(())
    }

    /// The splits of a file, of which the first gets the number `first_split` in its table, and how their bytes become
    /// text.
    fn text_splits(
        &self,
        len_bytes: u64,
        found: &Sniffed,
        sample: &TextSample,
        first_split: usize,
    ) -> (Vec<Range<u64>>, Option<Arc<Coded>>) {
        let split_bytes = self.0.options.split_bytes;
        if sample.recipe.is_empty() {
            return (SplitPlan::new(found.first_record, len_bytes, split_bytes).ranges, None);
        }
        let packed_bytes = (split_bytes as f64 / sample.text_per_byte.max(f64::MIN_POSITIVE)) as u64;
        let plan = SplitPlan::new(0, len_bytes, packed_bytes);
        let recipe = Arc::clone(&sample.recipe);
        let coded = Coded::new(recipe, &plan.ranges, first_split, found.first_record, split_bytes);
        (plan.ranges, Some(Arc::new(coded)))
    }

    /// Reads the files of a table in another way, without adding them again: what is kept of it is forgotten, and
    /// queries see it anew.
    ///
    /// # Errors
    /// When there is no such table, or as [`Engine::add`]; the table is then as before.
    pub async fn set_options(&self, name: &str, options: TableOptions) -> Result<TableInfo, Error> {
        let request = self.0.requests.borrow().get(name).cloned();
        let request = request.ok_or_else(|| self.no_options(name))?;
        self.add(TableRequest { options, ..request }).await
    }

    /// Gives columns of a table other types, by their names in SQL. What else was said about the table stays.
    ///
    /// # Errors
    /// As [`Engine::set_options`].
    pub async fn set_column_types(
        &self,
        name: &str,
        types: impl IntoIterator<Item = (String, String)>,
    ) -> Result<TableInfo, Error> {
        let options = self.0.requests.borrow().get(name).map(|request| request.options.clone());
        let mut options = options.ok_or_else(|| self.no_options(name))?;
        for (column, sql_name) in types {
            options.types.retain(|known, _| !known.eq_ignore_ascii_case(&column));
            options.types.insert(column, sql_name);
        }
        self.set_options(name, options).await
    }

    /// Why nothing can be said about how a table is read.
    pub(crate) fn no_options(&self, name: &str) -> Error {
        if !self.0.tables.borrow().contains_key(name) {
            return no_table(name);
        }
        let message = format!("The files of {name} say themselves how they are read.");
        let hint = "Convert columns in the query instead: CAST(column AS type).";
        Error::Sql(Box::new(ErrorInfo::new(ErrorKind::Sql, message).with_hint(hint)))
    }

    /// A table by its name.
    pub(crate) fn table(&self, name: &str) -> Result<Arc<Table>, Error> {
        self.0.tables.borrow().get(name).cloned().ok_or_else(|| no_table(name))
    }

    /// Forgets a table and its files. Says whether there was one.
    pub fn remove_table(&self, name: &str) -> bool {
        let Some(table) = self.0.tables.borrow_mut().remove(name) else { return false };
        self.0.requests.borrow_mut().remove(name);
        self.0.cache.forget_table(table.id);
        let mut sources = self.0.sources.borrow_mut();
        for file in &table.files {
            if let Some(source) = sources.get_mut(file.source) {
                *source = None;
            }
        }
        self.0.session.deregister_table(table_reference(name)).is_ok()
    }

    /// The columns that are kept since queries decoded them.
    pub fn cached(&self) -> CacheInfo {
        let tables = self.0.tables.borrow();
        let names: BTreeMap<usize, (&String, &Arc<Table>)> =
            tables.iter().map(|(name, table)| (table.id, (name, table))).collect();
        let column = |share: ColumnShare| {
            let (name, table) = names.get(&share.table)?;
            Some(CachedColumn {
                table: (*name).clone(),
                column: table.schema.fields().get(share.column)?.name().clone(),
                bytes: share.bytes,
                disk_bytes: share.disk_bytes,
                fraction: share.splits as f64 / table.splits.len().max(1) as f64,
            })
        };
        let shares = self.0.cache.shares();
        let disk = self.0.cache.disk_state().map(|(limit_bytes, failure)| DiskCacheInfo {
            bytes: shares.iter().map(|share| share.disk_bytes).sum(),
            limit_bytes,
            failure: failure.map(|error| error.to_string()),
        });
        CacheInfo {
            bytes: self.0.cache.kept_bytes() as u64,
            limit_bytes: self.0.cache.limit_bytes() as u64,
            disk,
            columns: shares.into_iter().filter_map(column).collect(),
        }
    }

    /// Lets kept columns take so many bytes of their store; with less than before, what is there is forgotten.
    pub fn set_cache_disk_bytes(&self, bytes: u64) {
        self.0.cache.set_disk_limit_bytes(bytes);
    }

    /// Threads that are computing right now.
    pub fn threads_busy(&self) -> u32 {
        self.0.executor.busy()
    }

    /// Bytes that the state of running queries takes of the budget: none when no query runs.
    pub fn state_bytes(&self) -> u64 {
        self.0.session.runtime_env().memory_pool.reserved() as u64
    }

    /// Forgets all kept columns; the next query reads its files again.
    pub fn clear_cache(&self) {
        self.0.cache.clear();
    }

    /// Names of all SQL functions, sorted.
    pub fn functions(&self) -> Vec<String> {
        let state = self.0.session.state();
        let mut names: Vec<String> = state.scalar_functions().keys().cloned().collect();
        names.extend(state.aggregate_functions().keys().cloned());
        names.extend(state.window_functions().keys().cloned());
        names.extend(WINDOWS.iter().map(|kind| kind.name.to_lowercase()));
        names.sort();
        names.dedup();
        names
    }

    /// Plans without running.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub async fn check(&self, sql: &str) -> Result<(), Error> {
        self.plan(sql).await.map(drop).map_err(|error| self.explain(error))
    }

    /// A query that is ready to run.
    pub fn query(&self, sql: &str) -> Job {
        Job::new(self.clone(), sql)
    }

    /// Runs a closure on the pool; a panic in it becomes an error.
    ///
    /// # Errors
    /// When the closure panics.
    pub async fn on_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.0.executor.run(work).await
    }

    /// A recording of a job that starts now.
    pub(crate) fn new_recording(&self) -> Option<Recording> {
        let Inner { options, .. } = &*self.0;
        options.clock.as_ref().map(|clock| Recording::new(Arc::clone(clock), options.threads))
    }

    /// Names of the tables by their ids.
    pub(crate) fn table_names(&self) -> TableNames {
        self.0.tables.borrow().iter().map(|(name, table)| (table.id, name.clone())).collect()
    }

    /// Plans a query over the tables there are.
    pub(crate) async fn plan(&self, sql: &str) -> Result<Arc<dyn ExecutionPlan>, Error> {
        let names = {
            let tables = self.0.tables.borrow();
            let columns = tables.values().flat_map(|table| table.schema.fields());
            Names::new(tables.keys().map(String::as_str).chain(columns.map(|field| field.name().as_str())))
        };
        plan(&self.0.session, &names, sql).await
    }

    /// Adds what only the engine knows to an error: the tables and functions there are.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let mut info = error.info();
        let function =
            info.message.strip_prefix("Invalid function '").and_then(|rest| rest.strip_suffix("'."));
        if let Some(function) = function {
            let functions = self.functions();
            let near = crate::sql::nearest(function, functions.iter().map(String::as_str));
            info.hint = near.map(|near| format!("Did you mean `{near}`?"));
            info.message = format!("There is no function `{function}`.");
            return Error::Sql(Box::new(info));
        }
        let missing =
            info.message.strip_prefix("There is no table `").and_then(|rest| rest.strip_suffix("`."));
        let Some(missing) = missing else { return error };
        let tables = self.0.tables.borrow();
        info.hint = Some(match crate::sql::nearest(missing, tables.keys().map(String::as_str)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if tables.is_empty() => "Add a file first: drop it on the page.".to_owned(),
            None => format!("The tables are {}.", tables.keys().cloned().collect::<Vec<_>>().join(", ")),
        });
        Error::Sql(Box::new(info))
    }

    pub(crate) fn keep_source(&self, source: Rc<dyn Source>) -> usize {
        let mut sources = self.0.sources.borrow_mut();
        sources.push(Some(source));
        sources.len() - 1
    }

    /// A table name that needs no quotes, made of a file's name, and not yet taken. A name that was
    /// asked for is taken as it is and replaces a table of that name.
    pub(crate) fn free_name(&self, wanted: &str, exactly: bool) -> String {
        if exactly {
            self.remove_table(wanted);
            return wanted.to_owned();
        }
        let name = table_name(wanted);
        let tables = self.0.tables.borrow();
        let free = |name: &String| !tables.contains_key(name);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        std::iter::once(name.clone()).chain(numbered).find(free).unwrap_or(name)
    }
}

fn no_table(name: &str) -> Error {
    Error::Sql(Box::new(ErrorInfo::new(ErrorKind::Sql, format!("There is no table {name}."))))
}

/// A table name that needs no quotes, made of a file's name, which may have folders in front of it.
pub fn table_name(file: &str) -> String {
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    let mut name: String =
        stem.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect::<String>().to_lowercase();
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        name.insert_str(0, "t_");
    }
    name
}

/// What the user should know of an encoding that was not said.
fn encoding_warning(file: &str, sample: &TextSample) -> Option<String> {
    let encoding = sample.recipe.encoding().filter(|_| sample.encoding_is_guessed)?;
    Some(format!(
        "{file} is not in UTF-8; it was read as {encoding}, which is a guess. Look whether letters are right."
    ))
}

pub(crate) fn table_reference(name: &str) -> datafusion::common::TableReference {
    datafusion::common::TableReference::bare(name.to_owned())
}
