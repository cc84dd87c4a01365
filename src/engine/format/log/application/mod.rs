//! Logs of applications: a time, and some of level, thread, logger and number of the process before the
//! message, in one of the usual orders. Lines of a stack trace belong to the message that they follow.
//!
//! A record starts with a line that has a time where the layout has it. What then does not go on as the
//! layout does is the message.

mod pattern;

use std::ops::Range;
use std::sync::Arc;

use pattern::{Element, Pattern};

use super::Log;
use super::cursor::Cursor;
use super::layout::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
use super::sniff::{is_log_name, lines_of};
use super::time::{ISO, SHORT_YEAR, SYSLOG, TimeKind};

/// Logs of applications.
#[derive(Debug)]
pub struct Application;

/// The usual orders, by what writes them. Those that say more come first. A space stands for any number of
/// them.
const PATTERNS: &[&str] = &[
    // Spring Boot.
    "{time} {level} {pid} --- [{thread}] {logger} : {message}",
    // Logback, and Log4j with its usual settings.
    "{time} [{thread}] {level} {logger} - {message}",
    "{time} {level} [{thread}] {logger} - {message}",
    "{time} {level} [{thread}] {logger}: {message}",
    "{time} [{level}] [{thread}] {logger} - {message}",
    // Postgres.
    "{time} [{pid}] {user_name}@{database} {level}: {message}",
    "{time} [{pid}] {level}: {message}",
    // Python, in the order of its handbook and of its tutorials.
    "{time} - {logger} - {level} - {message}",
    "{time} {level} {logger} - {message}",
    "{time} - {level} - {message}",
    // Airflow.
    "[{time}] {{logger}} {level} - {message}",
    // env_logger.
    "[{time} {level} {logger}] {message}",
    "[{time}] [{level}] {logger}: {message}",
    "[{time}] [{level}] {message}",
    "[{time}] {level} {logger}: {message}",
    "[{time}] {level}: {message}",
    "[{time}] {level} {message}",
    // Spark, tracing.
    "{time} {level} {logger}: {message}",
    "{time} [{level}] {logger}: {message}",
    "{time} [{level}] {message}",
    "{time} {level}: {message}",
    "{time} {level} {message}",
    "[{time}] {message}",
    "{time} {message}",
];

/// Records that a layout must fit to be taken before one that says less, in percent.
const MOST_PERCENT: usize = 50;
/// Lines that start a record or go on with one, in percent.
const PLAIN_PERCENT: usize = 80;

impl Log for Application {
    fn name(&self) -> &'static str {
        "application log"
    }

    fn layout(&self, file_name: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        let text = texts.first()?;
        let patterns = PATTERNS.iter().filter_map(|pattern| Pattern::parse(pattern)).map(Arc::new);
        let mut best: Option<(usize, Arc<dyn Layout>)> = None;
        for pattern in patterns {
            for time in [&ISO, &SHORT_YEAR, &SYSLOG] {
                let layout = ApplicationLayout::new(Arc::clone(&pattern), time);
                // A time alone may begin the lines of anything; that of syslog does.
                let has_level = pattern.fields().any(|name| name == "level");
                if !has_level && (!is_log_name(file_name) || std::ptr::eq(time, &SYSLOG)) {
                    continue;
                }
                let Some(fits) = layout.fits(text, is_log_name(file_name)) else { continue };
                if fits > 0 && fits * 100 >= layout.records(text) * MOST_PERCENT {
                    return Some(Arc::new(layout));
                }
                if best.as_ref().is_none_or(|(most, _)| fits > *most) && fits > 0 {
                    best = Some((fits, Arc::new(layout)));
                }
            }
        }
        best.map(|(_, layout)| layout)
    }
}

/// Whether a word is the level of a message.
pub fn is_level(word: &[u8]) -> bool {
    const LEVELS: [&str; 27] = [
        "trace",
        "debug",
        "info",
        "information",
        "notice",
        "warn",
        "warning",
        "error",
        "err",
        "critical",
        "crit",
        "fatal",
        "severe",
        "alert",
        "emerg",
        "emergency",
        "panic",
        "log",
        "fine",
        "finer",
        "finest",
        "config",
        "verbose",
        "statement",
        "detail",
        "hint",
        "dpanic",
    ];
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level.as_bytes()))
}

#[derive(Debug)]
struct ApplicationLayout {
    pattern: Arc<Pattern>,
    time: &'static TimeKind,
    fields: Vec<Field>,
}

impl ApplicationLayout {
    fn new(pattern: Arc<Pattern>, time: &'static TimeKind) -> Self {
        let kind = |name: &str| match name {
            "time" => FieldKind::Time(time),
            "pid" => FieldKind::Number,
            _ => FieldKind::Text,
        };
        let fields = pattern.fields().map(|name| Field::new(name, kind(name))).collect();
        Self { pattern, time, fields }
    }

    /// Lines that start a record.
    fn records(&self, text: &[u8]) -> usize {
        lines_of(text).filter(|line| self.starts(line)).count()
    }

    /// Lines that fit from start to end; nothing when the text is no such log.
    fn fits(&self, text: &[u8], tabs: bool) -> Option<usize> {
        let (mut all, mut known, mut fits) = (0, 0, 0);
        let mut found = Found::new(self.fields.len());
        for line in lines_of(text) {
            all += 1;
            let starts = self.starts(line);
            if all == 1 && !starts {
                return None;
            }
            known += usize::from(starts || goes_on(line));
            let mut cursor = Cursor::new(line, 0..line.len());
            found.clear();
            if starts && self.pattern.scan(self.time, &mut cursor, &mut found.fields) {
                // Columns between tabs are rather a table.
                let is_table = !tabs && line.contains(&b'\t');
                fits += usize::from(!is_table);
            }
        }
        (known * 100 >= all * PLAIN_PERCENT).then_some(fits)
    }
}

/// Whether a line looks as if it belonged to the one before it.
fn goes_on(line: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 8] =
        [b" ", b"\t", b"Traceback", b"Caused by", b"...", b"}", b"During handling", b"The above exception"];
    let first_word = line.split(|byte| matches!(byte, b' ' | b':')).next().unwrap_or_default();
    BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
        || [&b"Error"[..], b"Exception", b"Warning"].iter().any(|kind| first_word.ends_with(kind))
}

impl Layout for ApplicationLayout {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn joins(&self) -> bool {
        true
    }

    fn starts(&self, text: &[u8]) -> bool {
        let text = if self.pattern.elements.first() == Some(&Element::Sign(b'[')) {
            text.strip_prefix(b"[").unwrap_or_default()
        } else {
            text
        };
        text.first().is_some_and(u8::is_ascii_alphanumeric) && (self.time.len)(text).is_some()
    }

    fn scanner(&self) -> Box<dyn Scanner> {
        let time = self.fields.iter().position(|field| field.name == "time").unwrap_or_default();
        let message = self.fields.iter().position(|field| field.name == "message").unwrap_or_default();
        Box::new(ApplicationScanner { pattern: Arc::clone(&self.pattern), kind: self.time, time, message })
    }
}

struct ApplicationScanner {
    pattern: Arc<Pattern>,
    kind: &'static TimeKind,
    /// Numbers of the fields.
    time: usize,
    message: usize,
}

impl Scanner for ApplicationScanner {
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch> {
        let mut line = Cursor::new(bytes, record.clone());
        if self.pattern.scan(self.kind, &mut line, &mut found.fields) {
            return Ok(());
        }
        found.clear();
        let mut line = Cursor::new(bytes, record);
        let bracket = line.eat(b'[').is_some();
        let time = (self.kind.len)(line.rest()).and_then(|len| line.take(len));
        let Some(time) = time else {
            return Err(Mismatch::foreign("no record starts here: the line has no time"));
        };
        if bracket {
            line.eat(b']');
        }
        line.skip_space();
        found.fields[self.time] = Some(time);
        found.fields[self.message] = line.rest_field();
        Ok(())
    }
}
