//! The rows that may be among the first of their group, so that ROW_NUMBER with a limit does not sort all others.
//!
//! Owns: the rule that finds such queries ([`rule`]) and the operator that it puts below their sorts. Touches:
//! DataFusion's plans, its table of groups, and Arrow arrays.

mod exec;
mod held;
mod order_key;
mod rule;

pub(crate) use exec::TopRowsExec;
pub(crate) use rule::KeepTopRows;
