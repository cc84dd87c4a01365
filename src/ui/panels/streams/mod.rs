//! Streams: the dialog that starts one, and how the one that runs is.
//!
//! Owns: [`StreamDialog`] and [`StreamPanel`]. Touches: `StreamState`, [`crate::actions`], and through
//! `streams_js` the handles of files, what is kept for the next visit and the addresses that are allowed.

mod dialog;
mod fields;
mod kept;
mod late_rows;
mod panel;
mod picked;
mod spec;
mod suggestion;

pub use dialog::{StreamButton, StreamDialog, follow_table};
pub use panel::StreamPanel;
