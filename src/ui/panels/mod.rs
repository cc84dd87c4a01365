//! The parts of the page that a person sees.
//!
//! Owns: one component a file or folder. Touches: state through the context, and [`crate::actions`].

pub mod builder;
pub mod results;
