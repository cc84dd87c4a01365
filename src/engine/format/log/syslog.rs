//! Syslog as in RFC 3164 and as daemons write it into files: `<34>Oct 11 22:14:15 host app[pid]: message`,
//! with or without the number in front, or with a time as in ISO 8601.
//!
//! The number in front is told as `facility` and `severity`. Which year times have that name none is said in
//! [`super::time`]'s file for them.

use std::ops::Range;
use std::sync::Arc;

use super::application::is_level;
use super::cursor::Cursor;
use super::layout::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
use super::sniff::{fixed, lines_of};
use super::time::{ISO, SYSLOG, TimeKind, YEAR_UNKNOWN, year_of};
use super::{Log, fixed};
use crate::format::value::{RawField, parse_integer};

/// Syslog as in RFC 3164.
#[derive(Debug)]
pub struct Syslog;

impl Log for Syslog {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn layout(&self, _: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        let text = texts.first()?;
        [&SYSLOG, &ISO].into_iter().find_map(|time| fixed(SyslogLayout::new(time), text))
    }

    fn warning(&self, modified_millis: Option<i64>, texts: &[&[u8]]) -> Option<String> {
        let line = lines_of(texts.first()?).next()?;
        let has_year = (ISO.len)(after_priority(line)).is_some();
        let year = year_of(modified_millis);
        if has_year {
            return None;
        }
        Some(match modified_millis {
            Some(_) => format!(
                "The times name no year. {year} is taken, when the file was changed last, or the year before \
                 for days that would be later than that."
            ),
            None => format!("The times name no year. {YEAR_UNKNOWN} is taken."),
        })
    }
}

const FACILITY: usize = 0;
const SEVERITY: usize = 1;
const TIME: usize = 2;
const HOST: usize = 3;
const APP: usize = 4;
const PID: usize = 5;
const MESSAGE: usize = 6;
/// The longest name of an application.
const APP_BYTES: usize = 64;

#[derive(Debug)]
struct SyslogLayout {
    time: &'static TimeKind,
    fields: Vec<Field>,
}

impl SyslogLayout {
    fn new(time: &'static TimeKind) -> Self {
        let fields = [
            ("facility", FieldKind::Code(facility)),
            ("severity", FieldKind::Code(severity)),
            ("time", FieldKind::Time(time)),
            ("host", FieldKind::Text),
            ("app", FieldKind::Text),
            ("pid", FieldKind::Number),
            ("message", FieldKind::Text),
        ];
        Self { time, fields: fixed::fields(fields) }
    }
}

impl Layout for SyslogLayout {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn scanner(&self) -> Box<dyn Scanner> {
        Box::new(SyslogScanner { time: self.time })
    }
}

struct SyslogScanner {
    time: &'static TimeKind,
}

impl Scanner for SyslogScanner {
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch> {
        let mut line = Cursor::new(bytes, record);
        syslog(self.time, &mut line, &mut found.fields)
            .ok_or_else(|| Mismatch::foreign("this is no line of syslog"))
    }
}

fn syslog(time: &TimeKind, line: &mut Cursor<'_>, fields: &mut [Option<RawField>]) -> Option<()> {
    let number = priority(line);
    (fields[FACILITY], fields[SEVERITY]) = (number, number);
    let len = (time.len)(line.rest())?;
    fields[TIME] = line.take(len);
    line.eat(b' ')?;
    let host = line.word()?;
    fields[HOST] = Some(host);
    line.eat(b' ')?;
    let named = app(&mut line.clone());
    // A time as in ISO 8601 begins the lines of many other logs.
    let is_host = |host: &[u8]| host[0].is_ascii_alphanumeric() && !is_level(host);
    let is_app = |app: &[u8]| !is_level(app);
    let is_syslog = named.is_some_and(|(app, ..)| is_app(line.text(app))) && is_host(line.text(host));
    if std::ptr::eq(time, &ISO) && !is_syslog {
        return None;
    }
    if let Some((app, pid, behind)) = named {
        (fields[APP], fields[PID]) = (Some(app), pid);
        line.pos = behind;
        line.skip_space();
    }
    fields[MESSAGE] = line.rest_field();
    Some(())
}

/// `app[pid]:` or `app:`, and where the rest starts.
fn app(line: &mut Cursor<'_>) -> Option<(RawField, Option<RawField>, usize)> {
    let start = line.pos;
    let is_name = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'[' | b':' | b']' | b'"' | b'=');
    while is_name(line.peek()) && line.pos - start < APP_BYTES {
        line.pos += 1;
    }
    let app = RawField { start, end: line.pos };
    let pid = match line.eat(b'[') {
        Some(()) => Some(line.until(b']')?),
        None => None,
    };
    let is_number = |pid: &RawField| line.text(*pid).iter().all(u8::is_ascii_digit);
    let pid = match pid {
        Some(pid) if is_number(&pid) => Some(pid),
        Some(_) => return None,
        None => None,
    };
    let ends = line.eat(b':').is_some() || pid.is_some() && line.peek() == b' ';
    (ends && app.start < app.end).then_some((app, pid, line.pos))
}

/// `<34>`, whose number is told.
pub fn priority(line: &mut Cursor<'_>) -> Option<RawField> {
    let before = line.pos;
    let number = line.eat(b'<').and_then(|()| line.digits()).filter(|number| number.end - number.start <= 3);
    if number.is_none() || line.eat(b'>').is_none() {
        line.pos = before;
        return None;
    }
    number
}

fn after_priority(line: &[u8]) -> &[u8] {
    let mut cursor = Cursor::new(line, 0..line.len());
    priority(&mut cursor);
    cursor.rest()
}

/// The part of the system that a priority names.
pub fn facility(number: &[u8]) -> Option<&'static str> {
    const FACILITIES: [&str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
        "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5",
        "local6", "local7",
    ];
    FACILITIES.get(usize::try_from(parse_integer(number)?).ok()? / 8).copied()
}

/// How grave it is.
pub fn severity(number: &[u8]) -> Option<&'static str> {
    const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
    facility(number)?;
    SEVERITIES.get(usize::try_from(parse_integer(number)?).ok()? % 8).copied()
}
