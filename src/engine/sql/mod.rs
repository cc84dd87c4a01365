//! SQL text to physical plans.
//!
//! Owns: the DataFusion session and its settings, tables as DataFusion sees them, how windows are
//! written ([`window_call`]), a rule about NOT IN ([`not_in`]), and errors told with their place in the text. Touches: DataFusion's planner; starts no task.

mod error;
mod names;
mod not_in;
mod session;
mod table;
mod window_call;

pub(crate) use error::{error_info, memory_error, nearest, quoted};
pub(crate) use names::Names;
pub(crate) use session::{new_session, plan};
pub(crate) use table::{Reading, Split, Table, TableFile, TableHandle};
