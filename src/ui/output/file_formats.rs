//! Files that the engine writes.

use millrace_protocol::ExportFormat;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub struct FileFormat {
    /// Name in code and tests, and ending of the file's name.
    pub name: &'static str,
    /// What stands on the button.
    pub short: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// Name for the engine.
    pub format: ExportFormat,
    /// What browsers call it.
    pub media_type: &'static str,
}

/// Every kind, in the order in which they are offered.
pub const FILE_FORMATS: &[FileFormat] = &[CSV, PARQUET, ARROW, EXCEL];

/// CSV.
pub const CSV: FileFormat = FileFormat {
    name: "csv",
    short: "CSV",
    label: n!("Save all rows, in the order shown, as a CSV file"),
    format: ExportFormat::Csv,
    media_type: "text/csv;charset=utf-8",
};

/// Parquet.
pub const PARQUET: FileFormat = FileFormat {
    name: "parquet",
    short: "Parquet",
    label: n!("Save all rows, in the order shown, as a Parquet file"),
    format: ExportFormat::Parquet,
    media_type: "application/vnd.apache.parquet",
};

/// Arrow IPC.
pub const ARROW: FileFormat = FileFormat {
    name: "arrow",
    short: "Arrow",
    label: n!("Save all rows, in the order shown, as an Arrow file (Feather)"),
    format: ExportFormat::Arrow,
    media_type: "application/vnd.apache.arrow.file",
};

/// A workbook.
pub const EXCEL: FileFormat = FileFormat {
    name: "xlsx",
    short: "Excel",
    label: n!("Save all rows, in the order shown, as a workbook of Excel"),
    format: ExportFormat::Excel,
    media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
