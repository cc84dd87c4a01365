//! Apache's error log: `[time] [module:level] [pid 1:tid 2] [client 1.2.3.4:5] message`, and the older
//! `[time] [level] [client 1.2.3.4] message`. Its times are local ones of the server, taken as UTC.

use std::sync::{Arc, LazyLock};

use super::Log;
use super::cursor::Cursor;
use super::fixed::{Fields, FixedLayout, fields};
use super::layout::{FieldKind, Layout};
use super::sniff::fixed;
use super::time::CTIME;
use crate::format::value::RawField;

/// Apache's error log.
#[derive(Debug)]
pub struct ApacheError;

impl Log for ApacheError {
    fn name(&self) -> &'static str {
        "Apache error log"
    }

    fn layout(&self, _: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        fixed(LAYOUT, texts.first()?)
    }
}

const TIME: usize = 0;
const MODULE: usize = 1;
const LEVEL: usize = 2;
const PID: usize = 3;
const TID: usize = 4;
const CLIENT: usize = 5;
const MESSAGE: usize = 6;

static FIELDS: Fields = LazyLock::new(|| {
    fields([
        ("time", FieldKind::Time(&CTIME)),
        ("module", FieldKind::Text),
        ("level", FieldKind::Text),
        ("pid", FieldKind::Number),
        ("tid", FieldKind::Number),
        ("client", FieldKind::Text),
        ("message", FieldKind::Text),
    ])
});

const LAYOUT: FixedLayout =
    FixedLayout { fields: &FIELDS, scan: error, foreign: "this is no line of Apache's error log" };

fn error(line: &mut Cursor<'_>, fields: &mut [Option<RawField>]) -> Option<()> {
    line.eat(b'[')?;
    let len = (CTIME.len)(line.rest())?;
    fields[TIME] = line.take(len);
    line.eat_text(b"] [")?;
    let mut level = line.until(b']')?;
    if let Some(colon) = memchr::memchr(b':', line.text(level)) {
        let module = RawField { start: level.start, end: level.start + colon };
        fields[MODULE] =
            Some(module).filter(|module| module.start < module.end).and_then(|m| line.present(m));
        level.start += colon + 1;
    }
    fields[LEVEL] = Some(level);
    loop {
        line.skip_space();
        if line.eat_text(b"[pid ").is_some() {
            let inside = line.until(b']')?;
            let mut inside = Cursor::new(line.bytes, inside.start..inside.end);
            fields[PID] = inside.digits();
            if inside.eat_text(b":tid ").is_some() {
                fields[TID] = inside.digits();
            }
        } else if line.eat_text(b"[client ").is_some() {
            fields[CLIENT] = line.until(b']');
        } else {
            fields[MESSAGE] = line.rest_field();
            return Some(());
        }
    }
}
