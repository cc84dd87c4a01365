//! Finding out how a file is to be read.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use millrace_protocol::{DateOrder, Dialect};

use super::columns::Columns;
use super::decode::CsvDecoder;
use super::dialect::{SampleRecords, find_syntax};
use super::field::{Rows, unquote};
use super::header::{is_above_values, may_be_names};
use super::preamble::{Beginning, USUAL_COMMENT, are_units, beginning, records_before_table};
use super::syntax::{Syntax, count_line_ends};
use super::wishes::{Given, Wishes};
use crate::format::binary::refuse_binary;
use crate::format::names::unique_names;
use crate::format::value::{ColumnForm, ColumnType, Marks, Notation, Order, is_typed};
use crate::format::{FormatError, NO_VALUES, Sample, Sniffed};

/// Rows below the first one that are searched for its values.
const REPEAT_ROWS: usize = 1_000;
/// Rows below a row of units that must be there to tell it from a value.
const MIN_ROWS_BELOW_UNITS: usize = 2;

/// Finds dialect, names and types.
///
/// # Errors
/// When the file is empty or not delimited text, or the options cannot be followed.
pub fn sniff(sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
    refuse_binary(sample.head)?;
    let wishes = Wishes::of(&sample.options)?;
    let before = beginning(sample.head, &wishes);
    let text = &sample.head[before.start..];
    if text.is_empty() {
        return Err(empty(sample));
    }
    let whole_file = sample.head.len() as u64 >= sample.file_len;
    let given = Given {
        delimiter: wishes.given.delimiter.or(before.delimiter.map(|byte| (byte, false))),
        ..wishes.given
    };
    let syntax = find_syntax(text, whole_file, &given);
    let syntax = Syntax { comment: comment(text, syntax, whole_file, &wishes, &before), ..syntax };
    let records = SampleRecords::new(text, syntax, whole_file, text.len());
    let all_rows = records.rows();
    let width = most_common_count(&all_rows);
    let mut columns = Columns::new(&wishes, syntax);
    let skipped = match wishes.skip_lines {
        Some(_) => 0,
        None => {
            let context = columns.context();
            records_before_table(&all_rows, width, |text| is_typed(text, &wishes.nulls, &context))
        }
    };
    let rows = all_rows.slice(skipped..all_rows.len());
    let mut warnings = Vec::new();
    if skipped > 0 {
        let lines = count_line_ends(&text[..records.start_of(skipped)]);
        warnings.push(format!("{lines} lines in front of the table were left out."));
    }

    let mut first = record_texts(&rows, 0);
    if syntax.delimiter == b' ' && first.len() + 1 == width {
        // R writes no name above the names of rows.
        first.insert(0, String::new());
    }
    let second = if rows.len() > 1 { record_texts(&rows, 1) } else { Vec::new() };
    columns.widen(first.len().max(width));
    columns.add_rows(&rows.slice(rows.len().min(2)..rows.len()), None);
    columns.add_pieces(sample, syntax, width);
    let has_units = wishes.header != Some(false)
        && rows.len() > 1 + MIN_ROWS_BELOW_UNITS
        && units_above(&second, &columns.forms(), &wishes);
    if rows.len() > 1 && !has_units {
        columns.add_rows(&rows.slice(1..2), None);
    }
    let forms = columns.forms();
    let named_by_comment = commented_names(sample.head, &before, syntax, width);
    let header = match (wishes.header, records.first_is_whole()) {
        (Some(header), _) => header,
        (None, false) => false,
        (None, true) if is_above_values(&first, &forms, &wishes.nulls) => true,
        (None, true) => {
            let context = columns.context();
            named_by_comment.is_none()
                && may_be_names(&first, &wishes.nulls, &context)
                && !comes_again(&first, &rows)
        }
    };
    let has_units = has_units && header;
    if !header {
        columns.narrow(width);
        columns.add_rows(&rows.slice(0..1), None);
    }

    let count = columns.len();
    let given_names = match (header, named_by_comment.filter(|_| wishes.header != Some(false))) {
        (true, _) => first.as_slice(),
        (false, Some(ref names)) => &names.clone(),
        (false, None) => &[],
    };
    let named = !given_names.is_empty();
    let names = unique_names(given_names, count, &mut warnings);
    if named && given_names.len() < count {
        warnings.push(format!("The header names {} of {count} columns.", given_names.len()));
    }
    if has_units {
        warnings.push("The line below the names has units and was left out.".to_owned());
    }
    if records.unclosed_quote() && whole_file {
        warnings.push("A quote is never closed: the rest of the file behind it is one field.".to_owned());
    }
    let forms = columns.named_forms(&names, &mut warnings);
    let field = |(column, (name, form)): (usize, (String, &ColumnForm))| {
        let field = Field::new(&name, form.column_type.arrow_type(), true);
        let means_nothing = columns.is_empty(column) && wishes.type_of(&name).is_none();
        let note = means_nothing.then(|| (NO_VALUES.to_owned(), String::new()));
        field.with_metadata(note.into_iter().collect())
    };
    let fields: Vec<Field> = names.into_iter().zip(&forms).enumerate().map(field).collect();
    let schema = Arc::new(Schema::new(fields));
    let above = usize::from(header) + usize::from(has_units);
    let table_start = before.start + records.start_of(skipped);
    let data_start = before.start + records.start_of(skipped + above);
    let data_rows = rows.len() - above;
    let data_bytes = before.start + records.start_of(all_rows.len()) - data_start;
    let dialect = Dialect {
        header: named,
        skipped_lines: count_line_ends(&sample.head[..table_start]),
        null_values: columns.null_values(&forms),
        ..dialect(syntax, &forms)
    };
    Ok(Sniffed {
        schema: Arc::clone(&schema),
        dialect: Some(dialect),
        first_record: data_start as u64,
        first_line: 1 + count_line_ends(&sample.head[..data_start]),
        mean_record_bytes: (data_bytes as f64 / data_rows.max(1) as f64).max(1.0),
        decoder: Arc::new(CsvDecoder::new(syntax, forms, wishes.nulls.clone(), schema)),
        warnings,
    })
}

fn empty(sample: &Sample<'_>) -> FormatError {
    let message = if sample.head.is_empty() { "the file is empty" } else { "the file has only blank lines" };
    FormatError {
        message: message.to_owned(),
        hint: Some("Choose a file with at least one record.".to_owned()),
    }
}

/// What comments begin with: where there are some at the beginning of the file, or lines of which none has the
/// number of fields that the others have.
fn comment(text: &[u8], syntax: Syntax, whole_file: bool, wishes: &Wishes, before: &Beginning) -> Option<u8> {
    if let Some(given) = wishes.given.comment {
        return given;
    }
    if before.has_comments {
        return Some(USUAL_COMMENT);
    }
    memchr::memchr(USUAL_COMMENT, text)?;
    let records = SampleRecords::new(text, syntax, whole_file, text.len());
    let rows = records.rows();
    let columns = most_common_count(&rows);
    let marked = |row: &usize| rows.bytes().get(rows.record(*row).start) == Some(&USUAL_COMMENT);
    let mut marked = (0..rows.len()).filter(marked).peekable();
    let is_used = columns > 1 && marked.peek().is_some();
    (is_used && marked.all(|row| rows.field_count(row) != columns)).then_some(USUAL_COMMENT)
}

/// Names in the comment right above the table, if it has as many fields.
fn commented_names(head: &[u8], before: &Beginning, syntax: Syntax, width: usize) -> Option<Vec<String>> {
    let line = head.get(before.last_comment.clone()?)?;
    if line.is_empty() || line[0] == USUAL_COMMENT {
        return None;
    }
    let records = SampleRecords::new(line, Syntax { comment: None, ..syntax }, true, line.len());
    let names = record_texts(&records.rows(), 0);
    let is_named = |name: &String| !name.trim().is_empty() && name.parse::<f64>().is_err();
    (width > 1 && names.len() == width && names.iter().all(is_named)).then_some(names)
}

/// Whether a row says in which units the values below it are.
fn units_above(texts: &[String], forms: &[ColumnForm], wishes: &Wishes) -> bool {
    let below = texts.iter().zip(forms).filter(|(_, form)| **form != ColumnForm::VARCHAR);
    let misfits = below.clone().any(|(text, form)| !form.fits(text.trim().as_bytes(), &wishes.nulls));
    misfits && are_units(below.map(|(text, _)| text.as_bytes()))
}

fn dialect(syntax: Syntax, forms: &[ColumnForm]) -> Dialect {
    let text = |byte: u8| char::from(byte).to_string();
    let optional = |byte: Option<u8>| byte.map_or(String::new(), text);
    let any = |wanted: &dyn Fn(&ColumnForm) -> bool| forms.iter().any(wanted);
    let decimal = if any(&|form| form.notation == Notation::Marked(Marks::COMMA)) {
        ","
    } else if any(&|form| form.column_type == ColumnType::Double) {
        "."
    } else {
        ""
    };
    let written = |order| any(&|form: &ColumnForm| form.notation == Notation::Written(order));
    let orders = [
        (Order::DayMonth, DateOrder::DayMonthYear),
        (Order::MonthDay, DateOrder::MonthDayYear),
        (Order::YearFirst, DateOrder::YearMonthDay),
    ];
    Dialect {
        delimiter: text(syntax.delimiter).repeat(syntax.delimiter_len()),
        quote: optional(syntax.quote),
        escape: optional(syntax.escape),
        comment: optional(syntax.comment),
        decimal: decimal.to_owned(),
        date_order: orders.into_iter().find(|(order, _)| written(*order)).map(|(_, order)| order),
        ..Dialect::default()
    }
}

/// A field without its quotes.
pub fn value<'a>(rows: &Rows<'a>, row: usize, column: usize) -> Option<Cow<'a, [u8]>> {
    let field = rows.field(row, column)?;
    Some(unquote(&rows.bytes()[field.start..field.end], rows.syntax()))
}

fn record_texts(rows: &Rows<'_>, row: usize) -> Vec<String> {
    let fields = (0..rows.field_count(row)).filter_map(|column| value(rows, row, column));
    fields.map(|text| String::from_utf8_lossy(&text).into_owned()).collect()
}

/// The number of fields that most records below the first have; of the first when it is alone.
fn most_common_count(rows: &Rows<'_>) -> usize {
    let mut counts: Vec<usize> = (1..rows.len()).map(|row| rows.field_count(row)).collect();
    counts.sort_unstable();
    let largest = counts.chunk_by(|a, b| a == b).max_by_key(|group| group.len());
    largest.map_or_else(|| rows.field_count(0), |group| group[0])
}

/// Whether a value of the first record stands in its column again.
fn comes_again(first: &[String], rows: &Rows<'_>) -> bool {
    (1..rows.len().min(REPEAT_ROWS)).any(|row| {
        first.iter().enumerate().any(|(column, text)| {
            !text.trim().is_empty()
                && value(rows, row, column).is_some_and(|value| *value == *text.as_bytes())
        })
    })
}
