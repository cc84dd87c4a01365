//! What the columns of a sample hold.

use super::dialect::SampleRecords;
use super::field::Rows;
use super::guess::first_record_start;
use super::sniff::value;
use super::syntax::Syntax;
use super::wishes::Wishes;
use crate::format::Sample;
use crate::format::value::{ColumnForm, Context, EpochUnit, FieldEvidence, Notation, Order};

/// Columns that a warning names before it only counts them.
const LISTED_COLUMNS: usize = 3;

/// The evidence of all columns.
#[derive(Debug)]
pub struct Columns<'a> {
    wishes: &'a Wishes,
    syntax: Syntax,
    evidence: Vec<FieldEvidence>,
}

impl<'a> Columns<'a> {
    /// No columns yet.
    pub fn new(wishes: &'a Wishes, syntax: Syntax) -> Self {
        Self { wishes, syntax, evidence: Vec::new() }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.evidence.len()
    }

    /// Whether a column had no value.
    pub fn is_empty(&self, column: usize) -> bool {
        self.evidence.get(column).is_none_or(FieldEvidence::is_empty)
    }

    /// Makes it so many columns at least.
    pub fn widen(&mut self, columns: usize) {
        self.evidence.resize(columns.max(self.len()), FieldEvidence::default());
    }

    /// Makes it so many columns at most.
    pub fn narrow(&mut self, columns: usize) {
        self.evidence.truncate(columns);
    }

    /// Takes the values of rows into account; with `fields` only those of rows that have so many.
    pub fn add_rows(&mut self, rows: &Rows<'_>, fields: Option<usize>) {
        for row in 0..rows.len() {
            if fields.is_some_and(|fields| rows.field_count(row) != fields) {
                continue;
            }
            for (column, evidence) in self.evidence.iter_mut().enumerate() {
                let Some(text) = value(rows, row, column) else { break };
                evidence.add(&text, &self.wishes.nulls);
            }
        }
    }

    /// Where a piece begins is a guess, and so only records of the usual length are believed.
    pub fn add_pieces(&mut self, sample: &Sample<'_>, syntax: Syntax, fields: usize) {
        for piece in &sample.pieces {
            let Some(start) = first_record_start(piece, syntax, fields) else { continue };
            let mut text = &piece[start..];
            // A record cut by the end of the piece is left out: its last value may be cut as well.
            text = &text[..memchr::memrchr2(b'\n', b'\r', text).map_or(0, |end| end + 1)];
            if !text.is_empty() {
                let records = SampleRecords::new(text, syntax, false, text.len());
                self.add_rows(&records.rows(), Some(fields));
            }
        }
    }

    /// What all columns together say about numbers and dates.
    pub fn context(&self) -> Context {
        let comma_delimits = self.syntax.delimiter == b',';
        let any = |shows: fn(&FieldEvidence) -> bool| self.evidence.iter().any(shows);
        let shown_comma = !comma_delimits
            && any(FieldEvidence::shows_decimal_comma)
            && !any(FieldEvidence::shows_decimal_point);
        Context {
            decimal_comma: self.wishes.decimal_comma.or(shown_comma.then_some(true)),
            order: self
                .wishes
                .date_order
                .or_else(|| self.evidence.iter().find_map(FieldEvidence::shows_order)),
            comma_delimits,
            semicolon_delimits: self.syntax.delimiter == b';',
        }
    }

    /// Types and notations.
    pub fn forms(&self) -> Vec<ColumnForm> {
        let context = self.context();
        self.evidence.iter().map(|evidence| evidence.form(&context)).collect()
    }

    /// Types and notations when the names are known, and what was decided without certainty.
    pub fn named_forms(&self, names: &[String], warnings: &mut Vec<String>) -> Vec<ColumnForm> {
        let context = self.context();
        let mut open = Vec::new();
        let form = |(evidence, name): (&FieldEvidence, &String)| {
            if let Some(wanted) = self.wishes.type_of(name) {
                return evidence.form_of(wanted, &context);
            }
            let form = evidence.form_by_name(name).unwrap_or_else(|| evidence.form(&context));
            match form.notation {
                Notation::Epoch(unit) => {
                    let unit = EpochUnit::ALL.into_iter().find(|(each, _)| *each == unit);
                    let unit = unit.map_or("units", |(_, name)| name);
                    warnings.push(format!("Column {name} is read as {unit} since 1970."));
                }
                Notation::Written(Order::Compact) if self.is_integer(evidence) => {
                    warnings.push(format!("Column {name} is read as dates written YYYYMMDD."));
                }
                Notation::Written(Order::DayMonth | Order::MonthDay)
                    if context.order.is_none() && evidence.leaves_order_open() =>
                {
                    open.push(name.clone());
                }
                _ => (),
            }
            form
        };
        let forms = self.evidence.iter().zip(names).map(form).collect();
        if !open.is_empty() {
            let more = open.len().saturating_sub(LISTED_COLUMNS);
            open.truncate(LISTED_COLUMNS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let names = open.join(", ");
            warnings.push(format!(
                "Day and month cannot be told apart in {names}{more}: they are read as day/month/year."
            ));
        }
        forms
    }

    fn is_integer(&self, evidence: &FieldEvidence) -> bool {
        evidence.form(&self.context()).notation == Notation::Plain
    }

    /// The texts for NULL that were met in columns which are not text, or everywhere when the user gave them.
    pub fn null_values(&self, forms: &[ColumnForm]) -> Vec<String> {
        let counts = |form: &ColumnForm| *form != ColumnForm::VARCHAR || self.wishes.nulls.are_given();
        let columns = self.evidence.iter().zip(forms).filter(|(_, form)| counts(form));
        let is_null = |form: &ColumnForm, text: &[u8]| self.wishes.nulls.are_given() || !form.parses(text);
        let found = columns.flat_map(|(evidence, form)| evidence.nulls().filter(|text| is_null(form, text)));
        let mut found: Vec<String> = found.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        found.sort();
        found.dedup();
        found
    }
}
