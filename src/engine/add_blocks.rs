//! Tables of files of blocks.

use std::rc::Rc;
use std::sync::Arc;

use arrow::datatypes::Schema;
use millrace_protocol::{BadRowPolicy, TableInfo};

use crate::Error;
use crate::engine::{Contents, Engine};
use crate::files::{merge_preview, merged_columns, merged_fields, path_columns};
use crate::format::{Block, FormatError, MergedBlocks};
use crate::output::ResultSet;
use crate::sniff_blocks::FoundTable;
use crate::source::Source;
use crate::sql::{Reading, Split, TableFile};

/// A file, and what it gives for a table.
type Part = (Rc<dyn Source>, FoundTable);

impl Engine {
    /// A table of files of blocks, whose columns are merged by name, named `name` or after the first file; or several, when a
    /// single file has several: their names have the titles that they have there behind that name. `None` when the
    /// first of the files is none of blocks. With a number only that table of a file is made.
    ///
    /// # Errors
    /// When a file cannot be read, is of another kind, or has a column of another type than the one of that name in
    /// the first, and no type holds the values of both.
    pub(crate) async fn add_block_tables(
        &self,
        name: Option<&str>,
        sources: &[Rc<dyn Source>],
        only: Option<usize>,
    ) -> Result<Option<Vec<TableInfo>>, Error> {
        let (mut parts, mut others): (Vec<Part>, Vec<Part>) = Default::default();
        for source in sources {
            let Some(found) = self.find_blocks(source).await? else {
                let Some((first, _)) = parts.first() else { return Ok(None) };
                return Err(Error::Format(FormatError {
                    message: format!("{} is another kind of file than {}.", source.name(), first.name()),
                    hint: Some(
                        "Add the files as tables of their own and join them with UNION ALL.".to_owned(),
                    ),
                }));
            };
            let wanted = |(number, _): &(usize, FoundTable)| only.is_none_or(|only| only == *number);
            let found: Vec<_> =
                found.into_iter().enumerate().filter(wanted).map(|(_, table)| table).collect();
            let mut found = found.into_iter();
            let Some(mut part) = found.next() else { continue };
            if sources.len() == 1 {
                others.extend(found.map(|other| (Rc::clone(source), other)));
            } else if let (Some(title), 1..) = (&part.table.title, found.len()) {
                let warning = format!("Of {} only the first table, {title}, is taken.", source.name());
                part.table.warnings.push(warning);
            }
            parts.push((Rc::clone(source), part));
        }
        if others.is_empty() {
            let Some((first, _)) = parts.first() else { return Ok(None) };
            let name = self.free_name(name.unwrap_or(first.name()), name.is_some());
            return Ok(Some(vec![self.make_block_table(name, parts)?]));
        }
        let mut tables = Vec::new();
        for part in parts.into_iter().chain(others) {
            let wanted = name.unwrap_or(part.0.name());
            let stem = wanted.split_once('.').map_or(wanted, |(stem, _)| stem);
            let title = part.1.table.title.as_deref().unwrap_or_default().replace('.', "_");
            let name = self.free_name(&format!("{stem}_{title}"), false);
            tables.push(self.make_block_table(name, vec![part])?);
        }
        Ok(Some(tables))
    }

    /// Makes a table of parts, of which there is at least one.
    fn make_block_table(&self, name: String, parts: Vec<Part>) -> Result<TableInfo, Error> {
        let Some((_, first)) = parts.first() else {
            return Err(Error::Internal("a table of no files".to_owned()));
        };
        let schemas = parts.iter().map(|(source, part)| (source.name(), &part.table.schema));
        // A single file may have names that differ in capital letters only.
        let mut fields = match parts.len() {
            1 => first.table.schema.fields().iter().map(|field| field.as_ref().clone()).collect(),
            _ => merged_fields(schemas)?,
        };
        let of_files = fields.len();
        let names: Vec<&str> = parts.iter().map(|(source, _)| source.name()).collect();
        let constants = path_columns(&names, &mut fields);
        let is_as_it_is = parts.len() == 1 && fields.len() == of_files;
        let schema =
            if is_as_it_is { Arc::clone(&first.table.schema) } else { Arc::new(Schema::new(fields)) };
        let mut info = TableInfo {
            name,
            format: first.format.to_owned(),
            files: Vec::new(),
            bytes: 0,
            rows_estimate: 0,
            columns: ResultSet::new(Arc::clone(&schema), Vec::new()).columns(),
            dialect: None,
            compression: None,
            encoding: None,
            file: 0,
            part: 0,
            preview: Vec::new(),
            warnings: Vec::new(),
        };
        let (mut files, mut splits) = (Vec::new(), Vec::new());
        for ((source, part), constants) in parts.into_iter().zip(constants) {
            let FoundTable { mut table, mut preview, .. } = part;
            let of_path = (of_files..).zip(constants.iter().cloned()).collect();
            if let Some(columns) = merged_columns(&table.schema, &schema, of_files, constants) {
                merge_preview(&mut preview, &columns);
                let merged = MergedBlocks::new(table.decoder, columns, Arc::clone(&schema), &table.schema);
                table.decoder = Arc::new(merged);
            }
            if files.is_empty() {
                info.preview = preview;
            }
            let mut end = 0;
            for (block, Block { rows, bytes }) in table.decoder.blocks().iter().enumerate() {
                splits.push(Split { file: files.len(), owned: end..end + bytes, block });
                info.rows_estimate += *rows as u64;
                end += bytes;
            }
            info.files.push(source.name().to_owned());
            info.bytes += source.len_bytes();
            info.warnings.extend(table.warnings);
            files.push(TableFile {
                name: source.name().to_owned(),
                len_bytes: source.len_bytes(),
                source: self.keep_source(source),
                first_record: 0,
                first_line: 1,
                reading: Reading::Blocks(table.decoder),
                coded: None,
                constants: of_path,
            });
        }
        self.register(&info, Contents { schema, files, splits, bad_rows: BadRowPolicy::default() })?;
        Ok(info)
    }
}
