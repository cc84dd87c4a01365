//! Results for other programs: for the clipboard, and as files.
//!
//! Owns: the table of text formats, each of which writes rows page by page, that of files which the engine writes, and
//! files that a person chooses to write to. Touches: the browser's files; who fetches the rows and gives them away is
//! [`crate::actions`].

pub mod chosen_file;
mod file_formats;
mod markdown;
mod ndjson;
mod tsv;

use millrace_protocol::{Cell, ColumnInfo};

pub use file_formats::{ARROW, CSV, EXCEL, FILE_FORMATS, FileFormat, PARQUET};
pub use markdown::MARKDOWN;
pub use ndjson::NDJSON;
pub use tsv::TSV;

/// Every format, in the order in which they are offered.
pub const TEXT_FORMATS: &[TextFormat] = &[TSV, MARKDOWN, NDJSON];

/// A way to write rows as text.
#[derive(Clone, Copy, Debug)]
pub struct TextFormat {
    /// Name in code and tests.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// Where the text goes.
    pub target: Target,
    /// What stands before the rows.
    pub head: fn(&[ColumnInfo]) -> String,
    /// Writes a row behind what is there.
    pub row: fn(&[ColumnInfo], &[Cell], &mut String),
}

/// Where a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The clipboard, with at most so many rows: programs that take more hang.
    Clipboard(u64),
    /// A file of this ending and media type, with all rows.
    File {
        /// Behind the point of its name.
        ending: &'static str,
        /// What browsers call it.
        media_type: &'static str,
    },
}

/// A value as text; nothing for NULL.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Text(value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn written(name: &str) -> String {
        let column = |name: &str, t: &str| ColumnInfo { name: name.to_owned(), type_name: t.to_owned() };
        let columns = [
            column("a|b", "VARCHAR"),
            column("n", "BIGINT"),
            column("x", "DOUBLE"),
            column("s", "STRUCT(p INT)"),
        ];
        let text = |text: &str| Cell::Text(text.to_owned());
        let rows = [
            vec![text("x\ty \"z\""), Cell::Int(i64::MAX), Cell::Number(0.5), text("{\"p\":1}")],
            vec![text("a|b\nc"), Cell::Null, Cell::Number(f64::NAN), Cell::Null],
        ];
        let format = TEXT_FORMATS.iter().find(|format| format.name == name).expect("it is in the table");
        let mut written = (format.head)(&columns);
        rows.iter().for_each(|row| (format.row)(&columns, row, &mut written));
        written
    }

    #[wasm_bindgen_test]
    fn tabs_lines_and_quotes_stay_in_their_cells() {
        let expected = "a|b\tn\tx\ts\n\"x\ty \"\"z\"\"\"\t9223372036854775807\t0.5\t\"{\"\"p\"\":1}\"\n\"a|b\nc\"\t\tNaN\t\n";
        assert_eq!(written("tsv"), expected);
    }

    #[wasm_bindgen_test]
    fn bars_and_lines_stay_in_their_cells_of_markdown() {
        let expected = "| a\\|b | n | x | s |\n| --- | ---: | ---: | --- |\n\
                        | x\ty \"z\" | 9223372036854775807 | 0.5 | {\"p\":1} |\n| a\\|b<br>c |  | NaN |  |\n";
        assert_eq!(written("markdown"), expected);
    }

    #[wasm_bindgen_test]
    fn json_lines_keep_digits_and_nested_values() {
        let expected = "{\"a|b\":\"x\\ty \\\"z\\\"\",\"n\":9223372036854775807,\"x\":0.5,\"s\":{\"p\":1}}\n\
                        {\"a|b\":\"a|b\\nc\",\"n\":null,\"x\":null,\"s\":null}\n";
        assert_eq!(written("ndjson"), expected);
    }
}
