//! The exact state machine, one record at a time.
//!
//! It takes the same decisions as the reader of the `csv` crate: a quote is special only as the
//! first byte of a field, what follows a closing quote is taken literally up to the next delimiter
//! or line end, and every run of `\r` and `\n` outside quotes ends one record. With an escape, the byte behind it
//! means nothing, inside quotes and outside.

use super::syntax::{Syntax, is_line_end};

/// What the machine is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Before the first byte of a field.
    FieldStart,
    /// In literal text: quotes are ordinary.
    Plain,
    /// Behind an opening quote.
    Quoted,
    /// Behind a quote that closes the field, or is the first of a doubled one.
    AfterQuote,
}

/// How a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordEnd {
    /// With the line end at this position.
    LineEnd(usize),
    /// The bytes ended first.
    OutOfBytes {
        /// Whether they ended between quotes.
        in_quotes: bool,
    },
}

/// Runs from `pos` in `state` to the end of the record, and calls `field_ended` with the position
/// of every delimiter on the way.
pub fn run_record(
    bytes: &[u8],
    mut pos: usize,
    mut state: State,
    syntax: Syntax,
    mut field_ended: impl FnMut(usize),
) -> RecordEnd {
    loop {
        match state {
            State::FieldStart => {
                state = State::Plain;
                if syntax.quote.is_some() && bytes.get(pos).copied() == syntax.quote {
                    state = State::Quoted;
                    pos += 1;
                }
            }
            State::Plain => {
                let rest = bytes.get(pos..).unwrap_or_default();
                let found = match syntax.escape {
                    None => memchr::memchr3(syntax.delimiter, b'\n', b'\r', rest),
                    Some(escape) => rest
                        .iter()
                        .position(|&byte| byte == syntax.delimiter || byte == escape || is_line_end(byte)),
                };
                let Some(length) = found else {
                    return RecordEnd::OutOfBytes { in_quotes: false };
                };
                pos += length;
                if Some(bytes[pos]) == syntax.escape {
                    pos += 2;
                } else if bytes[pos] != syntax.delimiter {
                    return RecordEnd::LineEnd(pos);
                } else if syntax.doubled && bytes.get(pos + 1) != Some(&syntax.delimiter) {
                    pos += 1;
                } else {
                    field_ended(pos);
                    pos += syntax.delimiter_len();
                    state = State::FieldStart;
                }
            }
            State::Quoted => {
                let rest = bytes.get(pos..).unwrap_or_default();
                let found = match (syntax.quote, syntax.escape) {
                    (None, _) => None,
                    (Some(quote), None) => memchr::memchr(quote, rest),
                    (Some(quote), Some(escape)) => memchr::memchr2(quote, escape, rest),
                };
                let Some(length) = found else {
                    return RecordEnd::OutOfBytes { in_quotes: true };
                };
                pos += length + 1;
                if Some(bytes[pos - 1]) == syntax.quote {
                    state = State::AfterQuote;
                } else {
                    pos += 1;
                }
            }
            State::AfterQuote => {
                state = State::Plain;
                if bytes.get(pos).copied() == syntax.quote {
                    state = State::Quoted;
                    pos += 1;
                }
            }
        }
    }
}
