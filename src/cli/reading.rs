//! What the command line says about files.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use millrace_protocol::{BadRowPolicy, DateOrder, TableOptions};

/// How files are read. What is not said is found out.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// What stands between fields: a character, tab, or a character twice.
    #[arg(long)]
    delimiter: Option<String>,
    /// What stands around fields; empty for none.
    #[arg(long)]
    quote: Option<String>,
    /// What takes the meaning from the character behind it; empty for none.
    #[arg(long)]
    escape: Option<String>,
    /// What lines that are no records begin with; empty for none.
    #[arg(long)]
    comment: Option<String>,
    /// Whether the first record names the columns.
    #[arg(long)]
    header: Option<bool>,
    /// Lines in front of the table.
    #[arg(long)]
    skip_lines: Option<u64>,
    /// The decimal mark: a point or a comma.
    #[arg(long)]
    decimal: Option<String>,
    /// The order of dates that are written with numbers alone.
    #[arg(long, value_enum)]
    date_order: Option<Order>,
    /// A text that means NULL; may be given several times.
    #[arg(long = "null-value")]
    null_values: Vec<String>,
    /// The type of a column, as NAME=TYPE; may be given several times.
    #[arg(long = "type", value_parser = typed)]
    types: Vec<(String, String)>,
    /// Encoding of the characters, as `windows-1252` [default: UTF-8, or guessed].
    #[arg(long)]
    encoding: Option<String>,
    /// What lines are made of, as a regular expression with named groups or grok:
    /// `%{IP:client} %{NUMBER:bytes:int}`.
    #[arg(long)]
    pattern: Option<String>,
    /// First characters of columns of fixed width, counted from 1, as `1,9,24`.
    #[arg(long, value_delimiter = ',')]
    column_starts: Vec<u32>,
    /// What becomes of rows that do not fit.
    #[arg(long, value_enum)]
    bad_rows: Option<Policy>,
}

/// As [`DateOrder`].
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    /// 31/12/2025
    Dmy,
    /// 12/31/2025
    Mdy,
    /// 2025/12/31
    Ymd,
}

/// As [`BadRowPolicy`].
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Policy {
    /// Bad fields are NULL.
    Keep,
    /// Bad rows are left out.
    Skip,
    /// A bad row ends the query.
    Stop,
}

impl Reading {
    /// The options for a table.
    pub(crate) fn options(&self) -> TableOptions {
        TableOptions {
            delimiter: self.delimiter.clone(),
            quote: self.quote.clone(),
            escape: self.escape.clone(),
            comment: self.comment.clone(),
            header: self.header,
            skip_lines: self.skip_lines,
            decimal: self.decimal.clone(),
            date_order: self.date_order.map(|order| match order {
                Order::Dmy => DateOrder::DayMonthYear,
                Order::Mdy => DateOrder::MonthDayYear,
                Order::Ymd => DateOrder::YearMonthDay,
            }),
            null_values: (!self.null_values.is_empty()).then(|| self.null_values.clone()),
            types: self.types.iter().cloned().collect::<BTreeMap<_, _>>(),
            encoding: self.encoding.clone(),
            pattern: self.pattern.clone(),
            column_starts: (!self.column_starts.is_empty()).then(|| self.column_starts.clone()),
            bad_rows: self.bad_rows.map(|policy| match policy {
                Policy::Keep => BadRowPolicy::Keep,
                Policy::Skip => BadRowPolicy::Skip,
                Policy::Stop => BadRowPolicy::Stop,
            }),
        }
    }
}

fn typed(text: &str) -> Result<(String, String), String> {
    let (name, sql_name) = text.split_once('=').ok_or("a type is given as NAME=TYPE")?;
    Ok((name.to_owned(), sql_name.to_owned()))
}
