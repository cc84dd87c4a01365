//! What a stage does, in words and as its operators.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::display::DisplayableExecutionPlan;

use crate::stage::{ScanExec, input_stage};

/// Operators by name, in words. Those without words need none beside others. Operators that are not here
/// are called by their own names.
const WORDS: &[(&str, &str)] = &[
    ("AssignExec", "assign windows"),
    ("BoundedWindowAggExec", "window"),
    ("CoalesceBatchesExec", ""),
    ("CooperativeExec", ""),
    ("CrossJoinExec", "cross join"),
    ("DataSourceExec", "values"),
    ("EmptyExec", "no rows"),
    ("FilterExec", "filter"),
    ("GlobalLimitExec", "limit"),
    ("HashJoinExec", "hash join"),
    ("InterleaveExec", "union"),
    ("LocalLimitExec", "limit"),
    ("NestedLoopJoinExec", "nested loop join"),
    ("PartialSortExec", "sort"),
    ("PartitionedTopKExec", "top rows"),
    ("PiecewiseMergeJoinExec", "merge join"),
    ("PlaceholderRowExec", "one row"),
    ("ProjectionExec", ""),
    ("ScalarSubqueryExec", "scalar subquery"),
    ("SessionExec", "assign sessions"),
    ("SortExec", "sort"),
    ("SortMergeJoinExec", "merge join"),
    ("SortPreservingMergeExec", "merge sorted"),
    ("SymmetricHashJoinExec", "hash join"),
    ("TopRowsExec", "top rows of groups"),
    ("UnionExec", "union"),
    ("UnnestExec", "unnest"),
    ("WindowAggExec", "window"),
];

/// Lines of operators that are kept of a stage, and characters of each.
const MOST_LINES: usize = 200;
const MOST_CHARACTERS: usize = 400;

/// Names of tables as SQL knows them, by the tables' ids.
pub(crate) type TableNames = HashMap<usize, String>;

/// The operators of a stage from its leaves to its top: `scan events, filter, partial aggregate`.
pub(super) fn stage_name(plan: &Arc<dyn ExecutionPlan>, tables: &TableNames) -> String {
    let mut words = Vec::new();
    collect_words(plan, tables, &mut words);
    if words.is_empty() {
        // A stage that only passes rows on.
        let project = plan.name() == "ProjectionExec";
        return if project { "project" } else { "gather" }.to_owned();
    }
    words.join(", ")
}

fn collect_words(plan: &Arc<dyn ExecutionPlan>, tables: &TableNames, words: &mut Vec<String>) {
    for child in plan.children() {
        collect_words(child, tables, words);
    }
    let word = word(plan, tables);
    if !word.is_empty() && words.last() != Some(&word) {
        words.push(word);
    }
}

fn word(plan: &Arc<dyn ExecutionPlan>, tables: &TableNames) -> String {
    if input_stage(plan).is_some() {
        return String::new();
    }
    if let Some(scan) = plan.downcast_ref::<ScanExec>() {
        let name = tables.get(&scan.table.id).map_or("a table", String::as_str);
        return if scan.conditions().is_empty() {
            format!("scan {name}")
        } else {
            format!("scan {name}, filter")
        };
    }
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        return match aggregate.mode() {
            AggregateMode::Partial => "partial aggregate",
            AggregateMode::Final | AggregateMode::FinalPartitioned => "final aggregate",
            _ => "aggregate",
        }
        .to_owned();
    }
    // `SortExec(TopK)` is a name, too.
    let name = plan.name().split('(').next().unwrap_or_default();
    if name == "SortExec" && plan.fetch().is_some() {
        return "top rows".to_owned();
    }
    let known = WORDS.iter().find(|(operator, _)| *operator == name);
    known.map_or_else(|| name.trim_end_matches("Exec").to_owned(), |(_, word)| (*word).to_owned())
}

/// The operators as an indented tree, a line each.
pub(super) fn operators(plan: &Arc<dyn ExecutionPlan>) -> Vec<String> {
    let tree = DisplayableExecutionPlan::new(plan.as_ref()).indent(false).to_string();
    let shortened = |line: &str| match line.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    };
    tree.lines().take(MOST_LINES).map(shortened).collect()
}
