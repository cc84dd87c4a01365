//! Data that tests and benchmarks run on, the same on every machine.
//!
//! Owns: generators of files from a seed. Touches: nothing else of the workspace. Beside it in
//! this folder: `browser/`, tests of the built page, and `bench/`, comparisons with other engines.

pub mod brc;
pub mod events;
pub mod h2o;
pub mod nexmark;
pub mod record;
pub mod rows;
pub mod text;

use std::io::{self, Write};

/// Writes the table that events are joined with: `category,department,margin`, one row for each
/// category of the events. Some departments' names need quotes; one margin is missing.
///
/// # Errors
/// When writing fails.
pub fn write_categories(out: &mut impl Write) -> io::Result<()> {
    const DEPARTMENTS: [&str; 7] =
        ["Home", "\"Garden, tools\"", "Sport", "Media", "\"\"\"Fresh\"\" food\"", "Toys", "Travel"];
    writeln!(out, "category,department,margin")?;
    for category in 0..events::CATEGORIES {
        let name = events::category_name(category);
        let department = DEPARTMENTS[category * 3 % DEPARTMENTS.len()];
        if category == 13 {
            writeln!(out, "{name},{department},")?;
        } else {
            writeln!(out, "{name},{department},0.{:02}", 5 + category * 37 % 50)?;
        }
    }
    Ok(())
}
