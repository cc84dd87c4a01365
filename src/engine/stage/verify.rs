//! Checks that the guesses about where splits start were right, and finds the right starts if not.
//!
//! A split that begins in the middle of a file may begin inside quotes. Tasks guess, so that splits
//! can be read in any order; but each reports where its first record started and where the record
//! behind its last one starts. Walking from the file's first record, whose place is known, every
//! split must begin where its predecessors ended. If all do, the result is exact by induction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use millrace_protocol::BadRow;

use super::split_read::SplitReader;
use super::{JobContext, SplitLog};
use crate::Error;
use crate::format::RecordStart;
use crate::sql::Table;

/// Outcome of a verification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every split that was scanned began where it had to.
    Exact,
    /// Some guess was wrong. The table now knows the right starts; the scan must run again.
    Repaired,
}

/// Bad rows that a query lists.
const BAD_ROWS_LISTED: usize = 1000;
/// Keys without a column that it lists.
const UNKNOWN_KEYS_LISTED: usize = 50;

/// Verifies what a job scanned of a table, and teaches the table the starts of all splits once a
/// whole scan has shown them.
///
/// # Errors
/// When bytes needed for the repair cannot be read.
pub(crate) async fn verify(job: &Arc<JobContext>, table: &Arc<Table>) -> Result<Verdict, Error> {
    if table.known_starts().is_some() {
        return Ok(Verdict::Exact);
    }
    let left_out = job.left_out_of(table.id);
    let walked = walk(job, table, Some(&left_out)).await?;
    let (verdict, starts) = match walked {
        // The right starts of all splits are wanted now, those that nobody asked for as well.
        (Verdict::Repaired, None) => walk(job, table, None).await?,
        walked => walked,
    };
    if let Some(starts) = starts {
        table.learn_starts(starts);
    }
    Ok(verdict)
}

/// Follows the splits from the beginning of each file. Gives where all of them start, unless there are some that
/// the query did not come to, or that are `left_out`; without these, all that were not scanned are read.
async fn walk(
    job: &Arc<JobContext>,
    table: &Arc<Table>,
    left_out: Option<&BTreeSet<usize>>,
) -> Result<(Verdict, Option<Vec<u64>>), Error> {
    let logs = job.logs_of(table.id);
    let mut starts = Vec::with_capacity(table.splits.len());
    let mut complete = true;
    let mut verdict = Verdict::Exact;
    let mut cursor = 0;
    let mut file = None;
    let reader = SplitReader {
        job: Arc::clone(job),
        table: Arc::clone(table),
        batch_rows: 8192,
        turn: Mutex::default(),
    };
    for (index, split) in table.splits.iter().enumerate() {
        if file != Some(split.file) {
            file = Some(split.file);
            cursor = table.files.get(split.file).map_or(split.owned.start, |file| file.first_record);
        }
        starts.push(cursor);
        let log = logs.get(index).and_then(Option::as_ref);
        let reached = cursor < table.owned_end(index);
        match log {
            Some(log) if log.first_record == reached.then_some(cursor) => {
                cursor = log.next_record.unwrap_or(cursor);
            }
            None if left_out.is_some_and(|left_out| left_out.contains(&index)) => complete = false,
            // A query that had enough rows stopped here: what it read was read in order.
            None if verdict == Verdict::Exact && left_out.is_some() => return Ok((verdict, None)),
            _ => {
                verdict = Verdict::Repaired;
                if reached {
                    let (decoded, _) = reader.read(index, RecordStart::At(cursor), &[], None).await?;
                    cursor = decoded.next_record.unwrap_or(cursor);
                }
            }
        }
    }
    Ok((verdict, complete.then_some(starts)))
}

/// Number of bad rows and fields in what was scanned of a table, each split counted once.
pub(crate) fn bad_count(job: &JobContext, table: &Table) -> u64 {
    job.logs_of(table.id).iter().flatten().map(|log| log.bad.count).sum()
}

/// The first bad rows of a table with their line numbers, as far as these are known: line numbers
/// need all splits before. Behind them each key that is no column, with the first record that has it.
pub(crate) fn bad_rows(job: &JobContext, table: &Table) -> Vec<BadRow> {
    let logs = job.logs_of(table.id);
    let mut rows = Vec::new();
    let mut unknown_keys: BTreeMap<&str, (u64, BadRow)> = BTreeMap::new();
    let mut line = 0;
    let mut file = None;
    let left_out = job.left_out_of(table.id);
    for (index, (split, log)) in table.splits.iter().zip(&logs).enumerate() {
        if left_out.contains(&index) {
            continue;
        }
        let Some(SplitLog { lines, bad, .. }) = log else { break };
        let Some(table_file) = table.files.get(split.file) else { break };
        if file != Some(split.file) {
            file = Some(split.file);
            line = table_file.first_line;
        }
        rows.extend(bad.listed.iter().take(BAD_ROWS_LISTED - rows.len()).map(|bad| BadRow {
            file: table_file.name.clone(),
            line: line + bad.line_in_split,
            reason: bad.reason.clone(),
            text: bad.text.clone(),
        }));
        for (key, found) in &bad.unknown_keys {
            let first = || BadRow {
                file: table_file.name.clone(),
                line: line + found.line_in_split,
                reason: String::new(),
                text: found.text.clone(),
            };
            unknown_keys.entry(key).or_insert_with(|| (0, first())).0 += found.records;
        }
        line += lines;
    }
    let notes = unknown_keys.into_iter().take(UNKNOWN_KEYS_LISTED).map(|(key, (records, first))| BadRow {
        reason: format!(
            "the key `{key}` is no column, because the sample had none; records with it: {records}"
        ),
        ..first
    });
    rows.truncate(BAD_ROWS_LISTED - UNKNOWN_KEYS_LISTED.min(notes.len()));
    rows.extend(notes);
    rows
}
