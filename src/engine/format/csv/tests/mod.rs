//! Tests of the CSV format.

mod splits;
