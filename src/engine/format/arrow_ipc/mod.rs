//! Arrow's own formats: files (which are Feather, version 2), and streams.
//!
//! Owns: the list of a file's messages, and the decoding of record batches, of which only the buffers of the columns
//! that are needed are read. Touches: Arrow, whose `ipc` module decodes, and the contract in
//! [`crate::format::blocks`].
//!
//! A block is a record batch, or several small ones. A batch cannot be divided, so that a task has as much in memory
//! as the writer put into one. Dictionaries are read when the file is opened, and stay in memory.

mod decode;
mod layout;
mod live;
mod message;
mod open;
#[cfg(test)]
mod tests;

pub(crate) use live::{LiveIpc, looks_like_ipc};

use super::blocks::{BlockFile, BlockFormat, BlockTable, Steps};

/// Arrow IPC and Feather.
#[derive(Clone, Copy, Debug)]
pub struct ArrowIpc;

impl BlockFormat for ArrowIpc {
    fn name(&self) -> &'static str {
        "arrow"
    }

    /// Files by their first bytes, Feather of version 1 too, which is refused as such. Streams begin with a message
    /// that holds the schema, which nothing else does.
    fn claims(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(b"ARROW1\0\0") || head.starts_with(b"FEA1") || message::starts_stream(head)
    }

    fn open(&self, file: &BlockFile) -> Box<dyn Steps<Vec<BlockTable>>> {
        Box::new(open::Opening::new(file))
    }
}
