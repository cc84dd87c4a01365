//! nginx's error log: `2023/01/15 10:00:00 [error] 1234#5678: *99 message`. Its times are local ones of
//! the server, taken as UTC.

use std::sync::{Arc, LazyLock};

use super::Log;
use super::cursor::Cursor;
use super::fixed::{Fields, FixedLayout, fields};
use super::layout::{FieldKind, Layout};
use super::sniff::fixed;
use super::time::ISO;
use crate::format::value::RawField;

/// nginx's error log.
#[derive(Debug)]
pub struct NginxError;

impl Log for NginxError {
    fn name(&self) -> &'static str {
        "nginx error log"
    }

    fn layout(&self, _: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        fixed(LAYOUT, texts.first()?)
    }
}

const TIME: usize = 0;
const LEVEL: usize = 1;
const PID: usize = 2;
const TID: usize = 3;
const CONNECTION: usize = 4;
const MESSAGE: usize = 5;

static FIELDS: Fields = LazyLock::new(|| {
    fields([
        ("time", FieldKind::Time(&ISO)),
        ("level", FieldKind::Text),
        ("pid", FieldKind::Number),
        ("tid", FieldKind::Number),
        ("connection", FieldKind::Number),
        ("message", FieldKind::Text),
    ])
});

const LAYOUT: FixedLayout =
    FixedLayout { fields: &FIELDS, scan: error, foreign: "this is no line of nginx's error log" };

fn error(line: &mut Cursor<'_>, fields: &mut [Option<RawField>]) -> Option<()> {
    let len = (ISO.len)(line.rest())?;
    fields[TIME] = line.take(len);
    line.eat_text(b" [")?;
    fields[LEVEL] = line.until(b']');
    line.eat(b' ')?;
    fields[PID] = line.digits();
    line.eat(b'#')?;
    fields[TID] = line.digits();
    line.eat_text(b": ")?;
    if line.eat(b'*').is_some() {
        fields[CONNECTION] = line.digits();
        line.skip_space();
    }
    fields[MESSAGE] = line.rest_field();
    Some(())
}
