//! What the benchmark found, as people read it.

use super::run::Query;
use crate::{charts::with_decimals, format};

/// One run of a query.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// The query.
    pub query: &'static Query,
    /// Whether the columns were in memory from an earlier run.
    pub again: bool,
    /// From the command to the exact result.
    pub millis: f64,
    /// From the command to the first partial result, if there was one.
    pub first_millis: Option<f64>,
    /// Events that the query went over.
    pub rows_read: u64,
    /// Bytes that were read from the file; 0 where all columns were in memory.
    pub bytes_read: u64,
    /// Threads of the engine.
    pub threads: u32,
}

/// Names of the columns of [`Measurement::cells`].
pub const HEADINGS: [&str; 6] = ["query", "run", "time", "first numbers", "MB/s", "rows/s"];

impl Measurement {
    /// The run in words, for a file of `bytes` bytes. A run over columns in memory is rated by the same
    /// bytes: those that it spared.
    pub fn cells(&self, bytes: u64) -> [String; 6] {
        let seconds = self.millis.max(0.1) / 1000.0;
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        let (megabytes, rows) = (bytes as f64 / 1e6, self.rows_read as f64);
        let run = match (self.again, self.bytes_read) {
            (false, _) => "from the file",
            (true, 0) => "from memory",
            // The engine had no room for all columns.
            (true, _) => "again",
        };
        [
            self.query.label.to_owned(),
            run.to_owned(),
            time(self.millis),
            self.first_millis.map_or_else(|| "–".to_owned(), time),
            with_decimals(megabytes / seconds, 0),
            format::short(rows / seconds),
        ]
    }
}

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Length of the file; 0 before it is made.
    pub bytes: u64,
    /// Each run, in order.
    pub measurements: Vec<Measurement>,
}

impl Report {
    /// What was measured: `200 MB of CSV, 2,600,000 rows, 2 threads`.
    pub fn subject(&self) -> String {
        let (rows, threads) = self.measurements.first().map_or((0, 0), |m| (m.rows_read, m.threads));
        let noun = if threads == 1 { "thread" } else { "threads" };
        format!("{} of CSV, {} rows, {threads} {noun}", format::bytes(self.bytes), format::count(rows))
    }

    /// The report as a Markdown table; `engine` and `browser` say what it was measured with.
    pub fn markdown(&self, engine: &str, browser: &str) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut text = format!("{engine}, {}\n\n", self.subject());
        text += &line(&HEADINGS.map(str::to_owned));
        text += "|---|---|---:|---:|---:|---:|\n";
        for measurement in &self.measurements {
            text += &line(&measurement.cells(self.bytes));
        }
        text + &format!("\n{browser}\n")
    }
}

fn time(millis: f64) -> String {
    if millis < 999.5 { format!("{millis:.0} ms") } else { format!("{:.2} s", millis / 1000.0) }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{super::run::QUERIES, *};

    #[wasm_bindgen_test]
    fn a_report_is_a_markdown_table() {
        let first = Measurement {
            query: &QUERIES[0],
            again: false,
            millis: 500.0,
            first_millis: Some(38.4),
            rows_read: 2_600_000,
            bytes_read: 200_000_000,
            threads: 2,
        };
        let again =
            Measurement { again: true, bytes_read: 0, millis: 1234.0, first_millis: None, ..first.clone() };
        let report = Report { bytes: 200_000_000, measurements: vec![first, again] };
        assert_eq!(
            report.markdown("Millrace 1.2.3", "Some browser"),
            "Millrace 1.2.3, 200 MB of CSV, 2,600,000 rows, 2 threads\n\n\
             | query | run | time | first numbers | MB/s | rows/s |\n\
             |---|---|---:|---:|---:|---:|\n\
             | by category | from the file | 500 ms | 38 ms | 400 | 5.20 M |\n\
             | by category | from memory | 1.23 s | – | 162 | 2.11 M |\n\n\
             Some browser\n"
        );
    }
}
