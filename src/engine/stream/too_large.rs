//! What is told when a stream needs more memory than there is.

use datafusion::execution::memory_pool::MemoryLimit;
use millrace_protocol::{ErrorInfo, ErrorKind};

use super::plan::Shape;
use super::query::StreamQuery;
use crate::Error;

impl StreamQuery {
    /// Says of a failure for want of memory what the stream keeps, and what makes it less.
    pub(super) fn explain(&self, error: Error) -> Error {
        if error.info().kind != ErrorKind::Memory {
            return error;
        }
        let status = self.status();
        let limit = self.machine.session.runtime_env().memory_pool.memory_limit();
        let budget = match limit {
            MemoryLimit::Finite(bytes) => format!(" of {}", mebibytes(bytes as u64)),
            _ => String::new(),
        };
        let kept = match self.shape {
            Shape::Passing => format!("{} of rows wait to be fetched", mebibytes(self.waiting.size() as u64)),
            Shape::Windowed => {
                let windows = if status.open_windows == 1 { "window" } else { "windows" };
                let (rows, count) = (status.state_rows, status.open_windows);
                format!("{rows} rows are kept for {count} open {windows} ({})", mebibytes(status.state_bytes))
            }
            Shape::Lasting => {
                format!("{} rows of groups are kept ({})", status.state_rows, mebibytes(status.state_bytes))
            }
        };
        let hint = match self.shape {
            Shape::Passing => "Select fewer columns or rows, or fetch the rows more often.",
            Shape::Windowed => {
                "Use shorter windows, fewer groups in them, and no more delay and lateness than rows need: a window is \
                 kept until it closes. Windows of rows that are ranked or joined keep these rows; filter them first."
            }
            Shape::Lasting => {
                "Groups without a window are kept as long as the stream. Group by window_start and window_end too, or by \
                 fewer values."
            }
        };
        let message = format!("The stream needs more memory than its budget{budget}: {kept}.");
        Error::Sql(Box::new(ErrorInfo::new(ErrorKind::Memory, message).with_hint(hint)))
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
