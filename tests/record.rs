//! Rows of the same fields in one of several formats.

use crate::text::{Timestamps, push_number};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFormat {
    /// Comma-separated values with a header.
    Csv,
    /// JSON objects, one on each line.
    Ndjson,
}

impl RecordFormat {
    /// The format of this name, which is also the ending of its files.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Csv, Self::Ndjson].into_iter().find(|format| format.ending() == name)
    }

    /// Ending of files, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// Appends the line above the rows, where the format has one.
pub fn push_header(out: &mut Vec<u8>, format: RecordFormat, columns: &[&str]) {
    if format == RecordFormat::Csv {
        out.extend_from_slice(columns.join(",").as_bytes());
        out.push(b'\n');
    }
}

/// Writes rows, a field after the other.
#[derive(Debug)]
pub struct Records {
    format: RecordFormat,
    timestamps: Timestamps,
}

impl Records {
    /// Rows of a format.
    pub fn new(format: RecordFormat) -> Self {
        Self { format, timestamps: Timestamps::default() }
    }

    /// Begins a row, which gets a field for each column.
    pub fn begin<'a>(&'a mut self, out: &'a mut Vec<u8>, columns: &'static [&'static str]) -> Record<'a> {
        Record { records: self, out, columns, field: 0 }
    }
}

/// A row that is being written.
#[derive(Debug)]
pub struct Record<'a> {
    records: &'a mut Records,
    out: &'a mut Vec<u8>,
    columns: &'static [&'static str],
    field: usize,
}

impl Record<'_> {
    /// Appends a number.
    pub fn number(mut self, value: u64) -> Self {
        self.name();
        push_number(self.out, value);
        self
    }

    /// Appends a text that needs no quotes in CSV and no escapes in JSON.
    pub fn text(self, value: &str) -> Self {
        self.quoted(|_, out| out.extend_from_slice(value.as_bytes()))
    }

    /// Appends an instant, given in milliseconds since 1970-01-01 UTC.
    pub fn time(self, millis: u64) -> Self {
        self.quoted(|timestamps, out| timestamps.push(out, millis))
    }

    /// Ends the row.
    pub fn end(self) {
        if self.records.format == RecordFormat::Ndjson {
            self.out.push(b'}');
        }
        self.out.push(b'\n');
    }

    fn quoted(mut self, push: impl FnOnce(&mut Timestamps, &mut Vec<u8>)) -> Self {
        self.name();
        let quotes: &[u8] = if self.records.format == RecordFormat::Ndjson { b"\"" } else { b"" };
        self.out.extend_from_slice(quotes);
        push(&mut self.records.timestamps, self.out);
        self.out.extend_from_slice(quotes);
        self
    }

    /// Appends what stands before a value.
    fn name(&mut self) {
        let first = self.field == 0;
        match self.records.format {
            RecordFormat::Csv if first => {}
            RecordFormat::Csv => self.out.push(b','),
            RecordFormat::Ndjson => {
                self.out.extend_from_slice(if first { b"{\"" } else { b",\"" });
                self.out.extend_from_slice(self.columns[self.field].as_bytes());
                self.out.extend_from_slice(b"\":");
            }
        }
        self.field += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_form_of_its_format() {
        for (format, expected) in [
            (RecordFormat::Csv, "id,name,at\n7,Kate Smith,1970-01-01T00:00:00.001Z\n"),
            (
                RecordFormat::Ndjson,
                "{\"id\":7,\"name\":\"Kate Smith\",\"at\":\"1970-01-01T00:00:00.001Z\"}\n",
            ),
        ] {
            assert_eq!(RecordFormat::named(format.ending()), Some(format));
            let mut out = Vec::new();
            push_header(&mut out, format, &["id", "name", "at"]);
            let mut records = Records::new(format);
            records.begin(&mut out, &["id", "name", "at"]).number(7).text("Kate Smith").time(1).end();
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
