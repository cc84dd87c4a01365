//! Guessing whether a stretch of text begins between quotes, and finding its first record.

use super::machine::{RecordEnd, State, run_record};
use super::syntax::{Syntax, is_line_end};

/// How far to look for a quote that tells.
const QUOTE_WINDOW_BYTES: usize = 64 * 1024;
/// How much text to read in both ways when the quotes say that it begins inside a field.
const TRIAL_BYTES: usize = 16 * 1024;

/// The first position from 1 on at which a record starts, when nothing is known but the bytes; the
/// byte at 0 only shows what stands before the first candidate. `None` when there is none.
pub fn first_record_start(bytes: &[u8], syntax: Syntax, columns: usize) -> Option<usize> {
    first_start_from(bytes, guess_state(bytes, syntax, columns), syntax)
}

/// Runs from the first byte in `state` to the first record start.
fn first_start_from(bytes: &[u8], state: State, syntax: Syntax) -> Option<usize> {
    match run_record(bytes, 0, state, syntax, |_| ()) {
        RecordEnd::LineEnd(end) => {
            let start = syntax.skip_between(bytes, end);
            (start < bytes.len()).then_some(start)
        }
        RecordEnd::OutOfBytes { .. } => None,
    }
}

/// The state before the first byte.
///
/// The first quote that can be only an opening or only a closing one decides, together with the
/// number of quotes before it. When it says that the text begins inside a field, it may still be
/// an inch mark or the like, and so a stretch is read in all ways: the way that gives the most
/// records of the right length wins (Ge et al., "Speculative distributed CSV data parsing", 2019).
fn guess_state(bytes: &[u8], syntax: Syntax, columns: usize) -> State {
    let Some(quote) = syntax.quote else { return State::Plain };
    let first_is_quote = bytes.first() == Some(&quote);
    let inside = quotes_say_inside(bytes, quote, syntax.delimiter);
    let likely = match (inside, first_is_quote) {
        (false, false) => return State::Plain,
        (false, true) => State::FieldStart,
        (true, _) => State::Quoted,
    };
    let trial = &bytes[..bytes.len().min(TRIAL_BYTES)];
    let others = [State::Plain, State::FieldStart, State::Quoted];
    let mut best = (whole_records(trial, likely, syntax, columns), likely);
    for state in others.into_iter().filter(|&state| first_is_quote || state != State::FieldStart) {
        let records = whole_records(trial, state, syntax, columns);
        if records > best.0 {
            best = (records, state);
        }
    }
    best.1
}

fn quotes_say_inside(bytes: &[u8], quote: u8, delimiter: u8) -> bool {
    let window = &bytes[..bytes.len().min(QUOTE_WINDOW_BYTES)];
    let boundary = |byte: u8| byte == delimiter || is_line_end(byte);
    for (quotes_before, pos) in memchr::memchr_iter(quote, window).enumerate() {
        let (Some(before), Some(&after)) = (pos.checked_sub(1), window.get(pos + 1)) else { continue };
        let before = window[before];
        if before == quote || after == quote || boundary(before) == boundary(after) {
            continue;
        }
        let closes = boundary(after);
        return closes == (quotes_before % 2 == 0);
    }
    false
}

/// Counts the records with `columns` fields, not counting the one that the text begins in.
fn whole_records(bytes: &[u8], state: State, syntax: Syntax, columns: usize) -> usize {
    let mut good = 0;
    let mut next = first_start_from(bytes, state, syntax);
    while let Some(start) = next {
        let mut fields = 1;
        let end = run_record(bytes, start, State::FieldStart, syntax, |_| fields += 1);
        let RecordEnd::LineEnd(end) = end else { break };
        good += usize::from(fields == columns);
        next = Some(syntax.skip_between(bytes, end));
    }
    good
}
