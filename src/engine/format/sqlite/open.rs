//! The tables of a database: its schema, and a survey of each.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use bytes::Bytes;

use super::column::Column;
use super::decode::Table;
use super::definition::Definition;
use super::header::{Database, HEADER_BYTES};
use super::record::{Value, all_values};
use super::scan::{Leaf, Scan, Visitor};
use super::survey::Survey;
use super::{companion, not_a_database};
use crate::format::FormatError;
use crate::format::blocks::{BlockFile, BlockTable, Step, Steps, damaged};
use crate::format::names::unique_names;

/// Blocks have this share of what a task may decode: rows take more than they do in the file.
const BLOCK_SHARE: u64 = 8;
/// Names that a warning lists.
const LISTED_NAMES: usize = 5;

/// Finds the tables.
pub(super) struct Opening {
    file: BlockFile,
    database: Option<Database>,
    /// Pages that have not been seen as part of a tree.
    pages_left: u64,
    stage: Stage,
    /// What is still to be surveyed, the next one last.
    declared: Vec<DeclaredTable>,
    /// What is no table here: name and reason.
    left_out: Vec<(String, &'static str)>,
    tables: Vec<BlockTable>,
}

enum Stage {
    Start,
    Header,
    Schema(Scan, Master),
    Table(Scan, DeclaredTable, Survey),
}

/// A table of the schema.
struct DeclaredTable {
    name: String,
    root: u32,
    definition: Definition,
}

/// The rows of the schema.
struct Master {
    database: Database,
    rows: Vec<(i64, MasterRow)>,
}

struct MasterRow {
    kind: String,
    name: String,
    root: u32,
    sql: String,
}

impl Opening {
    pub(super) fn new(file: &BlockFile) -> Self {
        Self {
            file: file.clone(),
            database: None,
            pages_left: 0,
            stage: Stage::Start,
            declared: Vec::new(),
            left_out: Vec::new(),
            tables: Vec::new(),
        }
    }

    fn take_schema(&mut self, mut rows: Vec<(i64, MasterRow)>) {
        rows.sort_by_key(|(rowid, _)| *rowid);
        for (_, MasterRow { kind, name, root, sql }) in rows {
            if kind == "view" {
                self.left_out.push((name, "a view"));
                continue;
            }
            if kind != "table" || name.starts_with("sqlite_") {
                continue;
            }
            match Definition::parse(&sql) {
                Some(definition) if definition.without_rowid => {
                    self.left_out.push((name, "a table WITHOUT ROWID"))
                }
                Some(definition) if root > 0 => self.declared.push(DeclaredTable { name, root, definition }),
                _ => self.left_out.push((name, "a virtual table")),
            }
        }
        self.declared.reverse();
    }

    fn next_table(&mut self) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let database = self.database.ok_or_else(|| damaged("it has no header"))?;
        let Some(table) = self.declared.pop() else { return self.done(&database) };
        let survey = Survey::new(&database, &table.definition, self.file.decoded_bytes / BLOCK_SHARE);
        self.survey(&database, Scan::new(table.root), table, survey, Vec::new())
    }

    fn survey(
        &mut self,
        database: &Database,
        mut scan: Scan,
        table: DeclaredTable,
        mut survey: Survey,
        bytes: Vec<Bytes>,
    ) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let wanted = scan.step(database, bytes, &mut self.pages_left, &mut survey)?;
        if !wanted.is_empty() {
            self.stage = Stage::Table(scan, table, survey);
            return Ok(Step::Read(wanted));
        }
        self.tables.push(table.finish(*database, survey));
        self.next_table()
    }

    fn done(&mut self, database: &Database) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let mut tables = std::mem::take(&mut self.tables);
        let left_out = std::mem::take(&mut self.left_out);
        let listed: Vec<String> =
            left_out.iter().take(LISTED_NAMES).map(|(name, what)| format!("{name}, {what}")).collect();
        let more = left_out.len().saturating_sub(LISTED_NAMES);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let Some(first) = tables.first_mut() else {
            let (message, hint) = match left_out.is_empty() {
                true => ("the database has no tables".to_owned(), "Choose one with at least one table."),
                false => (
                    format!(
                        "the database has no table that can be read here, only {}{more}",
                        listed.join("; ")
                    ),
                    "Copy their rows with SQLite: CREATE TABLE rows AS SELECT * FROM name.",
                ),
            };
            return Err(FormatError { message, hint: Some(hint.to_owned()) });
        };
        if !left_out.is_empty() {
            first.warnings.push(format!(
                "Not read of this database: {}{more}. CREATE TABLE rows AS SELECT * FROM name makes a table of one.",
                listed.join("; ")
            ));
        }
        if database.has_wal {
            first.warnings.push(format!(
                "Its newest rows may be in {}-wal beside it, which is not read: close the programs that have the \
                 database open, or let SQLite run PRAGMA wal_checkpoint(TRUNCATE).",
                self.file.name
            ));
        }
        Ok(Step::Done(tables))
    }
}

impl DeclaredTable {
    fn finish(self, database: Database, survey: Survey) -> BlockTable {
        let mut warnings = Vec::new();
        let stored = || self.definition.stored();
        let given: Vec<String> = stored().map(|column| column.name.clone()).collect();
        let names = unique_names(&given, given.len(), &mut warnings);
        let computed: Vec<&str> =
            self.definition.columns.iter().filter(|c| c.is_virtual).map(|c| c.name.as_str()).collect();
        if !computed.is_empty() {
            warnings.push(format!("Left out, as SQLite computes them when asked: {}.", computed.join(", ")));
        }
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for (number, (declared, name)) in stored().zip(names).enumerate() {
            let (data_type, warning) = match survey.seen(number) {
                Some(seen) if !declared.is_rowid => seen.data_type(declared),
                _ => (arrow::datatypes::DataType::Int64, None),
            };
            warnings.extend(warning);
            fields.push(Field::new(name, data_type.clone(), true));
            let value = (!declared.is_rowid).then_some(number);
            columns.push(Column { data_type, value, default: declared.default.clone() });
        }
        let schema = Arc::new(Schema::new(fields));
        let table = Table { database, schema: Arc::clone(&schema), columns, groups: survey.groups };
        BlockTable { title: Some(self.name), schema, decoder: Arc::new(Arc::new(table)), warnings }
    }
}

impl Visitor for Master {
    fn needed_bytes(&self, _: &[u8]) -> Result<usize, FormatError> {
        Ok(usize::MAX)
    }

    fn row(&mut self, rowid: i64, record: &[u8]) -> Result<(), FormatError> {
        let values = all_values(record)?;
        let text = |index: usize| match values.get(index) {
            Some(Value::Text(text)) => self.database.text(text).into_owned(),
            _ => String::new(),
        };
        let root = match values.get(3) {
            Some(Value::Integer(root)) => u32::try_from(*root).unwrap_or(0),
            _ => 0,
        };
        self.rows.push((rowid, MasterRow { kind: text(0), name: text(1), root, sql: text(4) }));
        Ok(())
    }

    fn leaf(&mut self, _: Leaf) {}
}

impl Steps<Vec<BlockTable>> for Opening {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let (mut scan, mut master, bytes) = match std::mem::replace(&mut self.stage, Stage::Start) {
            Stage::Start => {
                self.stage = Stage::Header;
                return Ok(Step::Read(vec![0..self.file.len_bytes.min(HEADER_BYTES as u64)]));
            }
            Stage::Header => {
                let head = bytes.first().cloned().unwrap_or_default();
                if let Some(what) = companion(&head) {
                    return Err(not_a_database(what));
                }
                let database = Database::parse(&head, self.file.len_bytes)?;
                self.pages_left = database.pages.into();
                self.database = Some(database);
                (Scan::new(1), Master { database, rows: Vec::new() }, Vec::new())
            }
            Stage::Schema(scan, master) => (scan, master, bytes),
            Stage::Table(scan, table, survey) => {
                let database = self.database.ok_or_else(|| damaged("it has no header"))?;
                return self.survey(&database, scan, table, survey, bytes);
            }
        };
        let database = master.database;
        let wanted = scan.step(&database, bytes, &mut self.pages_left, &mut master)?;
        if wanted.is_empty() {
            self.take_schema(master.rows);
            return self.next_table();
        }
        self.stage = Stage::Schema(scan, master);
        Ok(Step::Read(wanted))
    }
}
