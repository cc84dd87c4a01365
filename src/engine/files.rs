//! One table of several files: their columns by name, and what their paths say.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, StringViewArray, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use millrace_protocol::{BadRowPolicy, Cell, ErrorInfo, ErrorKind, TableOptions};

use crate::Error;
use crate::engine::Engine;
use crate::format::{ColumnType, Merged, MergedColumn, NO_VALUES, Strict, parse_iso_date};
use crate::output::{ResultSet, column_type_name};
use crate::sniff::SniffedFile;
use crate::source::Source;

/// The column that says which file a row is of.
const FILE_COLUMN: &str = "filename";
/// What Hive calls a folder of rows without a value.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// A file and what was found out about it.
pub(crate) struct FoundFile {
    pub(crate) source: Rc<dyn Source>,
    pub(crate) sniffed: SniffedFile,
    /// Columns of the table that have one value in the whole file.
    pub(crate) constants: Vec<(usize, ArrayRef)>,
}

impl Engine {
    /// Finds out about files that are to be one table, and makes their columns the same.
    ///
    /// # Errors
    /// When a file cannot be read, or the options name a column that no file has.
    pub(crate) async fn find_files(
        &self,
        sources: Vec<Rc<dyn Source>>,
        options: &TableOptions,
    ) -> Result<(SchemaRef, Vec<FoundFile>), Error> {
        let mut files = Vec::with_capacity(sources.len());
        for source in sources {
            let sniffed = self.sniff_file(&source, options).await?;
            files.push(FoundFile { source, sniffed, constants: Vec::new() });
        }
        let schemas = files.iter().map(|file| (file.source.name(), &file.sniffed.found.schema));
        let mut fields = merged_fields(schemas)?;
        check_options(&fields, options)?;
        // Text formats read the values again in the type that all files share, so that none is lost on the way.
        for file in &mut files {
            let wanted = other_types(&fields, &file.sniffed.found.schema);
            if file.sniffed.format.name() == "csv" && !wanted.is_empty() {
                let mut options = options.clone();
                for (name, sql_name) in wanted {
                    options.types.entry(name).or_insert(sql_name);
                }
                file.sniffed = self.sniff_file(&file.source, &options).await?;
            }
        }
        let of_files = fields.len();
        let names: Vec<&str> = files.iter().map(|file| file.source.name()).collect();
        let constants = path_columns(&names, &mut fields);
        let schema = Arc::new(Schema::new(fields));
        for (file, constants) in files.iter_mut().zip(constants) {
            merge(file, &schema, of_files, constants);
        }
        let strict = options.bad_rows.unwrap_or_default();
        if strict != BadRowPolicy::Keep {
            for file in &mut files {
                let decoder = &file.sniffed.found.decoder;
                let decoder = Strict::try_new(decoder, schema.fields().len(), strict == BadRowPolicy::Skip);
                let decoder = decoder.ok_or_else(|| no_policy(file.source.name()))?;
                file.sniffed.found.decoder = Arc::new(decoder);
            }
        }
        Ok((schema, files))
    }
}

/// The columns of all files by their names, in the order in which they come up, with types that hold all values.
pub(crate) fn merged_fields<'a>(
    files: impl Iterator<Item = (&'a str, &'a SchemaRef)>,
) -> Result<Vec<Field>, Error> {
    let mut fields: Vec<(Field, bool)> = Vec::new();
    for (file, schema) in files {
        for field in schema.fields() {
            let is_empty = field.metadata().contains_key(NO_VALUES);
            let name = field.name().to_lowercase();
            let known = fields.iter_mut().find(|(known, _)| known.name().to_lowercase() == name);
            let Some((known, known_empty)) = known else {
                fields.push((Field::new(field.name(), field.data_type().clone(), true), is_empty));
                continue;
            };
            let wider = match (*known_empty, is_empty) {
                (true, _) => Some(field.data_type().clone()),
                (_, true) => Some(known.data_type().clone()),
                _ => wider(known.data_type(), field.data_type()),
            };
            let wider = wider.ok_or_else(|| differ(file, known, field))?;
            *known = Field::new(known.name(), wider, true);
            *known_empty &= is_empty;
        }
    }
    Ok(fields.into_iter().map(|(field, _)| field).collect())
}

/// The narrowest type that holds the values of both; `None` for structs and lists that differ.
fn wider(a: &DataType, b: &DataType) -> Option<DataType> {
    use DataType::{Boolean, Date32, Float64, Int64, Timestamp, Utf8View};
    use TimeUnit::{Microsecond, Millisecond};
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Int64, Float64) | (Float64, Int64) => Float64,
        (Date32, Timestamp(unit, None)) | (Timestamp(unit, None), Date32) => Timestamp(*unit, None),
        (Timestamp(Millisecond | Microsecond, None), Timestamp(Millisecond | Microsecond, None)) => {
            Timestamp(Microsecond, None)
        }
        (a, b) => {
            let is_simple = |kind: &DataType| {
                matches!(kind, Int64 | Float64 | Date32 | Timestamp(..) | Boolean | Utf8View)
            };
            return (is_simple(a) && is_simple(b)).then_some(Utf8View);
        }
    })
}

/// The columns of a file whose types are not those of the table, with the type that is wanted.
fn other_types(fields: &[Field], file: &Schema) -> Vec<(String, String)> {
    let differs = |field: &&Arc<Field>| {
        let name = field.name().to_lowercase();
        let of_table = fields.iter().find(|wanted| wanted.name().to_lowercase() == name);
        of_table.is_some_and(|wanted| wanted.data_type() != field.data_type())
    };
    let wanted = |field: &Arc<Field>| {
        let name = field.name().to_lowercase();
        let of_table = fields.iter().find(|wanted| wanted.name().to_lowercase() == name)?;
        Some((field.name().clone(), column_type_name(of_table.data_type())))
    };
    file.fields().iter().filter(differs).filter_map(wanted).collect()
}

/// Adds the columns that paths stand for: `key=value` in all of them, and the file itself where there are several.
/// Gives the value of each for each file.
pub(crate) fn path_columns(files: &[&str], fields: &mut Vec<Field>) -> Vec<Vec<ArrayRef>> {
    let mut constants = vec![Vec::new(); files.len()];
    let taken: BTreeSet<String> = fields.iter().map(|field| field.name().to_lowercase()).collect();
    let pairs: Vec<Vec<(String, String)>> = files.iter().map(|file| path_pairs(file)).collect();
    for (key, _) in pairs.first().into_iter().flatten() {
        let value = |pairs: &Vec<(String, String)>| {
            pairs.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
        };
        let values: Option<Vec<String>> = pairs.iter().map(value).collect();
        let Some(values) = values.filter(|_| !taken.contains(&key.to_lowercase())) else { continue };
        let arrays = typed_values(&values);
        let Some(data_type) = arrays.first().map(|array| array.data_type().clone()) else { continue };
        fields.push(Field::new(key, data_type, true));
        constants.iter_mut().zip(arrays).for_each(|(constants, array)| constants.push(array));
    }
    if files.len() > 1 {
        let numbered = (2..).map(|number| format!("{FILE_COLUMN}_{number}"));
        let is_free = |name: &String| fields.iter().all(|field| field.name().to_lowercase() != *name);
        let name = std::iter::once(FILE_COLUMN.to_owned()).chain(numbered).find(is_free);
        fields.push(Field::new(name.unwrap_or_default(), DataType::Utf8View, true));
        for (constants, file) in constants.iter_mut().zip(files) {
            constants.push(Arc::new(StringViewArray::from_iter_values([file])));
        }
    }
    constants
}

/// `year=2026/month=01/sales.csv`: the names and values of its folders.
fn path_pairs(path: &str) -> Vec<(String, String)> {
    let folders = path.split(['/', '\\']).collect::<Vec<_>>();
    let folders = folders.split_last().map_or(&[][..], |(_, folders)| folders);
    let pairs = folders.iter().filter_map(|folder| folder.split_once('=')).filter(|(key, _)| !key.is_empty());
    pairs.map(|(key, value)| (key.to_owned(), percent_decoded(value))).collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| byte == b'%') {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &behind[2..];
            }
            None => {
                bytes.push(byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Values of folders, as BIGINT or DATE when all of them are such.
fn typed_values(values: &[String]) -> Vec<ArrayRef> {
    let given = || values.iter().filter(|value| *value != HIVE_NULL);
    let integers = given().all(|value| value.parse::<i64>().is_ok());
    let dates = given().all(|value| parse_iso_date(value.as_bytes()).is_some());
    let array = |value: &String| -> ArrayRef {
        let null = value == HIVE_NULL;
        match () {
            () if integers => Arc::new(Int64Array::from(vec![value.parse::<i64>().ok()])),
            () if dates => Arc::new(Date32Array::from(vec![parse_iso_date(value.as_bytes())])),
            () if null => new_null_array(&DataType::Utf8View, 1),
            () => Arc::new(StringViewArray::from_iter_values([value])),
        }
    };
    values.iter().map(array).collect()
}

/// Makes the file decode the columns of the table. `constants` are those behind the first `of_files`.
fn merge(file: &mut FoundFile, schema: &SchemaRef, of_files: usize, constants: Vec<ArrayRef>) {
    file.constants = (of_files..).zip(constants.iter().cloned()).collect();
    let found = &file.sniffed.found.schema;
    let Some(columns) = merged_columns(found, schema, of_files, constants) else { return };
    merge_preview(&mut file.sniffed.preview, &columns);
    let decoder = Merged::new(Arc::clone(&file.sniffed.found.decoder), columns, Arc::clone(schema));
    file.sniffed.found.decoder = Arc::new(decoder);
}

/// Where the columns of a table come from in a file of the schema `found`, `constants` behind the first `of_files`;
/// `None` when the file has these and no others.
pub(crate) fn merged_columns(
    found: &SchemaRef,
    schema: &SchemaRef,
    of_files: usize,
    constants: Vec<ArrayRef>,
) -> Option<Vec<MergedColumn>> {
    let of_file = |field: &Arc<Field>| {
        let name = field.name().to_lowercase();
        let exact = found.fields().iter().position(|own| own.name() == field.name());
        let place = exact.or_else(|| found.fields().iter().position(|own| own.name().to_lowercase() == name));
        place.map_or(MergedColumn::Missing, MergedColumn::File)
    };
    let mut columns: Vec<MergedColumn> = schema.fields()[..of_files].iter().map(of_file).collect();
    columns.extend(constants.into_iter().map(MergedColumn::Constant));
    let as_it_is = |(number, column): (usize, &MergedColumn)| {
        let same_type = || found.field(number).data_type() == schema.field(number).data_type();
        matches!(column, MergedColumn::File(own) if *own == number) && same_type()
    };
    let is_same = columns.len() == found.fields().len() && columns.iter().enumerate().all(as_it_is);
    (!is_same).then_some(columns)
}

/// Makes rows of a file those of the table.
pub(crate) fn merge_preview(rows: &mut [Vec<Cell>], columns: &[MergedColumn]) {
    for row in rows {
        let cell = |column: &MergedColumn| match column {
            MergedColumn::File(own) => row.get(*own).cloned().unwrap_or(Cell::Null),
            MergedColumn::Missing => Cell::Null,
            MergedColumn::Constant(value) => cell_of(value),
        };
        *row = columns.iter().map(cell).collect();
    }
}

fn cell_of(value: &ArrayRef) -> Cell {
    let schema = Arc::new(Schema::new(vec![Field::new("value", value.data_type().clone(), true)]));
    let batch = arrow::array::RecordBatch::try_new(Arc::clone(&schema), vec![Arc::clone(value)]);
    let rows = batch.map(|batch| ResultSet::new(schema, vec![batch]).rows(None, 0, 1));
    rows.ok().and_then(|mut rows| rows.pop()?.pop()).unwrap_or(Cell::Null)
}

fn check_options(fields: &[Field], options: &TableOptions) -> Result<(), Error> {
    let is_type = |sql_name: &String| ColumnType::from_sql_name(sql_name).is_some();
    if let Some((name, sql_name)) = options.types.iter().find(|(_, sql_name)| !is_type(sql_name)) {
        let message = format!("{sql_name} is no type for column {name}.");
        let info = ErrorInfo::new(ErrorKind::File, message)
            .with_hint("The types are BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP and VARCHAR.");
        return Err(Error::Sql(Box::new(info)));
    }
    let is_there = |name: &str| fields.iter().any(|field| field.name().eq_ignore_ascii_case(name));
    let Some(missing) = options.types.keys().find(|name| !is_there(name)) else { return Ok(()) };
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).take(20).collect();
    let info = ErrorInfo::new(ErrorKind::File, format!("There is no column `{missing}` to give a type to."))
        .with_hint(format!("The columns are {}.", names.join(", ")));
    Err(Error::Sql(Box::new(info)))
}

fn differ(file: &str, known: &Field, field: &Field) -> Error {
    let message = format!(
        "{file} cannot be one table with the other files: `{}` is {} there and {} here.",
        known.name(),
        column_type_name(known.data_type()),
        column_type_name(field.data_type())
    );
    let info = ErrorInfo::new(ErrorKind::File, message)
        .with_hint("Add the files as tables of their own and join them with UNION ALL.");
    Error::Sql(Box::new(info))
}

fn no_policy(file: &str) -> Error {
    let info = ErrorInfo::new(ErrorKind::Unsupported, format!("Bad rows of {file} can only be kept."))
        .with_hint("Its format says of each value what it is, so that no row is bad.");
    Error::Sql(Box::new(info))
}
