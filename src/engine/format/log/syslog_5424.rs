//! Syslog as in RFC 5424: `<34>1 2003-10-11T22:14:15.003Z host app pid id [data k="v"] message`.

use std::sync::{Arc, LazyLock};

use super::Log;
use super::cursor::Cursor;
use super::fixed::{Fields, FixedLayout, fields};
use super::layout::{FieldKind, Layout};
use super::sniff::fixed;
use super::syslog::{facility, priority, severity};
use super::time::ISO;
use crate::format::value::RawField;

/// Syslog as in RFC 5424.
#[derive(Debug)]
pub struct Syslog5424;

impl Log for Syslog5424 {
    fn name(&self) -> &'static str {
        "syslog (RFC 5424)"
    }

    fn layout(&self, _: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        fixed(LAYOUT, texts.first()?)
    }
}

const FACILITY: usize = 0;
const SEVERITY: usize = 1;
const TIME: usize = 2;
const HOST: usize = 3;
const ID: usize = 6;
const DATA: usize = 7;
const MESSAGE: usize = 8;

static FIELDS: Fields = LazyLock::new(|| {
    fields([
        ("facility", FieldKind::Code(facility)),
        ("severity", FieldKind::Code(severity)),
        ("time", FieldKind::Time(&ISO)),
        ("host", FieldKind::Text),
        ("app", FieldKind::Text),
        ("pid", FieldKind::Text),
        ("message_id", FieldKind::Text),
        ("structured_data", FieldKind::Text),
        ("message", FieldKind::Text),
    ])
});

const LAYOUT: FixedLayout =
    FixedLayout { fields: &FIELDS, scan: syslog, foreign: "this is no line of syslog as in RFC 5424" };

fn syslog(line: &mut Cursor<'_>, fields: &mut [Option<RawField>]) -> Option<()> {
    let number = Some(priority(line)?);
    (fields[FACILITY], fields[SEVERITY]) = (number, number);
    line.eat_text(b"1 ")?;
    let time = line.word()?;
    let is_time = |text: &[u8]| text == b"-" || (ISO.len)(text) == Some(text.len());
    if !is_time(line.text(time)) {
        return None;
    }
    fields[TIME] = line.present(time);
    for field in &mut fields[HOST..=ID] {
        line.eat(b' ')?;
        let word = line.word()?;
        *field = line.present(word);
    }
    line.eat(b' ')?;
    let start = line.pos;
    if line.eat(b'-').is_none() {
        while line.eat(b'[').is_some() {
            element(line)?;
        }
        fields[DATA] = (start < line.pos).then_some(RawField { start, end: line.pos });
        fields[DATA]?;
    }
    line.skip_space();
    line.eat_text(b"\xef\xbb\xbf");
    fields[MESSAGE] = line.rest_field();
    Some(())
}

/// Goes over an element of structured data up to its closing bracket.
fn element(line: &mut Cursor<'_>) -> Option<()> {
    loop {
        match line.peek() {
            b'"' => {
                line.quoted()?;
            }
            b']' => return line.eat(b']'),
            _ => {
                line.take(1)?;
            }
        }
    }
}
