//! The parts of the page that a person sees.
//!
//! Owns: one component a file or folder. Touches: state through the context, and [`crate::actions`].

pub mod about;
pub mod bad_rows;
pub mod benchmark;
pub mod board;
pub mod builder;
pub mod dialog;
pub mod drop_area;
pub mod dropped;
pub mod editor;
pub mod error_card;
pub mod header;
pub mod menu;
pub mod notices;
pub mod palette;
pub mod profile;
pub mod recent;
pub mod results;
pub mod run_bar;
pub mod sample_button;
pub mod share;
pub mod shortcuts;
pub mod sources;
pub mod streams;
pub mod tab_bar;
pub mod welcome;
pub mod workbench;
