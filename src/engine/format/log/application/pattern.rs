//! The order of things in the lines of an application's log.

use super::is_level;
use crate::format::log::cursor::Cursor;
use crate::format::log::time::TimeKind;
use crate::format::value::RawField;

/// An order, parsed from a text like `{time} [{level}] {message}`.
#[derive(Debug)]
pub struct Pattern {
    /// What follows on what.
    pub elements: Vec<Element>,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// One byte as it stands.
    Sign(u8),
    /// Spaces and tabs, at least one.
    Space,
    /// A time.
    Time,
    /// A level.
    Level,
    /// Any other thing, up to the sign that follows or to a space.
    Word(String),
    /// The rest.
    Message,
}

impl Pattern {
    /// Parses `{name}`s, signs and spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let mut elements = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            let name = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')).map(|(name, _)| name);
            let name = name.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
            let element = match (name, first) {
                (Some("time"), _) => Element::Time,
                (Some("level"), _) => Element::Level,
                (Some("message"), _) => Element::Message,
                (Some(name), _) => Element::Word(name.to_owned()),
                (None, b' ') => Element::Space,
                (None, sign) => Element::Sign(sign),
            };
            rest = rest.get(name.map_or(1, |name| name.len() + 2)..)?;
            elements.push(element);
        }
        Some(Self { elements })
    }

    /// Names of the fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.elements.iter().filter_map(|element| match element {
            Element::Time => Some("time"),
            Element::Level => Some("level"),
            Element::Message => Some("message"),
            Element::Word(name) => Some(name.as_str()),
            Element::Sign(_) | Element::Space => None,
        })
    }

    /// Finds the fields of a record, by their order. Whether it fits to its end.
    pub fn scan(&self, time: &TimeKind, line: &mut Cursor<'_>, fields: &mut [Option<RawField>]) -> bool {
        let mut number = 0;
        for (place, element) in self.elements.iter().enumerate() {
            let field = match element {
                Element::Sign(sign) if line.eat(*sign).is_some() => continue,
                Element::Space if matches!(line.peek(), b' ' | b'\t') => {
                    line.skip_space();
                    continue;
                }
                Element::Sign(_) | Element::Space => None,
                Element::Time => (time.len)(line.rest()).and_then(|len| line.take(len)),
                Element::Level => level(line),
                Element::Word(_) => word(line, self.elements.get(place + 1)),
                Element::Message => line.rest_field(),
            };
            let Some(field) = field else { return false };
            fields[number] = Some(field);
            number += 1;
        }
        true
    }
}

fn level(line: &mut Cursor<'_>) -> Option<RawField> {
    let start = line.pos;
    while line.peek().is_ascii_alphabetic() {
        line.pos += 1;
    }
    let level = RawField { start, end: line.pos };
    let known = is_level(line.text(level));
    // Java pads levels inside of brackets.
    if line.peek() == b' ' && line.rest().trim_ascii_start().starts_with(b"]") {
        line.skip_space();
    }
    known.then_some(level)
}

fn word(line: &mut Cursor<'_>, next: Option<&Element>) -> Option<RawField> {
    let field = match next {
        Some(Element::Sign(b']')) => {
            let field = line.until(b']')?;
            line.pos = field.end;
            if memchr::memchr(b'\n', line.text(field)).is_some() {
                return None;
            }
            // Java pads the names of threads.
            let text = line.text(field);
            let end = field.start + text.trim_ascii_end().len();
            RawField { start: field.end - text.trim_ascii_start().len(), end }
        }
        Some(Element::Sign(sign)) => {
            let word = line.word()?;
            // A colon ends a name only where a space follows: names hold colons.
            let end = match sign {
                b':' => word.end.checked_sub(1).filter(|&end| line.bytes[end] == b':')?,
                sign => word.start + memchr::memchr(*sign, line.text(word))?,
            };
            line.pos = end;
            RawField { start: word.start, end }
        }
        _ => line.word()?,
    };
    (field.start < field.end).then_some(field)
}
