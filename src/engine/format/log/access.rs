//! Access logs of Apache and nginx: the formats common and combined, with or without the virtual host
//! in front, and with whatever a server was told to write behind.
//!
//! A request like `GET /path?query HTTP/1.1` is taken apart; one that is not written so is in `path` as
//! it stands. `\"` in a text is a quote, other escapes stay as they are.

use std::sync::{Arc, LazyLock};

use super::Log;
use super::cursor::Cursor;
use super::fixed::{Fields, FixedLayout, fields};
use super::layout::{FieldKind, Layout};
use super::sniff::fixed;
use super::time::ACCESS;
use crate::format::value::RawField;

/// Access logs.
#[derive(Debug)]
pub struct Access;

impl Log for Access {
    fn name(&self) -> &'static str {
        "access log"
    }

    fn layout(&self, _: &str, texts: &[&[u8]]) -> Option<Arc<dyn Layout>> {
        fixed(LAYOUT, texts.first()?)
    }
}

const HOST: usize = 0;
const CLIENT: usize = 1;
const IDENTITY: usize = 2;
const USER: usize = 3;
const TIME: usize = 4;
const METHOD: usize = 5;
const PATH: usize = 6;
const QUERY: usize = 7;
const PROTOCOL: usize = 8;
const STATUS: usize = 9;
const BYTES: usize = 10;
const REFERER: usize = 11;
const AGENT: usize = 12;
const EXTRA: usize = 13;

static FIELDS: Fields = LazyLock::new(|| {
    fields([
        ("host", FieldKind::Text),
        ("client", FieldKind::Text),
        ("identity", FieldKind::Text),
        ("user_name", FieldKind::Text),
        ("time", FieldKind::Time(&ACCESS)),
        ("method", FieldKind::Text),
        ("path", FieldKind::Quoted),
        ("query", FieldKind::Quoted),
        ("protocol", FieldKind::Text),
        ("status", FieldKind::Number),
        ("bytes", FieldKind::Number),
        ("referer", FieldKind::Quoted),
        ("agent", FieldKind::Quoted),
        ("extra", FieldKind::Text),
    ])
});

const LAYOUT: FixedLayout =
    FixedLayout { fields: &FIELDS, scan: access, foreign: "this is no line of an access log" };

fn access(line: &mut Cursor<'_>, fields: &mut [Option<RawField>]) -> Option<()> {
    // So that the places below need no checks.
    let fields: &mut [Option<RawField>; 14] = fields.try_into().ok()?;
    names(line, fields)?;
    let time = line.take(26)?;
    let text = line.text(time);
    if text[2] != b'/' || text[6] != b'/' || text[11] != b':' || text[20] != b' ' {
        return None;
    }
    fields[TIME] = Some(time);
    line.eat_text(b"] ")?;
    let asked = line.quoted()?;
    request(line.bytes, asked, fields);
    line.eat(b' ')?;
    let status = line.word()?;
    line.eat(b' ')?;
    let sent = line.word()?;
    let is_number = |field| matches!(line.text(field), [b'-'] | [b'0'..=b'9', ..]);
    if !is_number(status) || !is_number(sent) {
        return None;
    }
    fields[STATUS] = line.present(status);
    fields[BYTES] = line.present(sent);
    let behind = line.clone();
    if line.eat_text(b" \"").is_some() {
        line.pos -= 1;
        let mut texts = || {
            let referer = line.quoted()?;
            line.eat(b' ')?;
            Some((referer, line.quoted()?))
        };
        match texts() {
            Some((referer, agent)) => {
                fields[REFERER] = line.present(referer);
                fields[AGENT] = line.present(agent);
            }
            None => *line = behind,
        }
    }
    line.skip_space();
    fields[EXTRA] = line.rest_field();
    Some(())
}

/// What stands before the time: host, if any, client, identity and user, whose name may hold spaces.
#[inline(always)]
fn names(line: &mut Cursor<'_>, fields: &mut [Option<RawField>; 14]) -> Option<()> {
    let first = line.word()?;
    line.eat(b' ')?;
    let second = line.word()?;
    line.eat(b' ')?;
    let mut user = line.word()?;
    line.eat(b' ')?;
    let (mut client, mut identity) = (first, second);
    if line.peek() != b'[' {
        // One name more is that of the virtual host, which comes first.
        let fourth = line.word()?;
        line.eat(b' ')?;
        if line.peek() == b'[' && line.text(second) != b"-" {
            fields[HOST] = line.present(first);
            (client, identity, user) = (second, user, fourth);
        } else {
            user.end = fourth.end;
            while line.peek() != b'[' {
                user.end = line.word()?.end;
                line.eat(b' ')?;
            }
        }
    }
    line.eat(b'[')?;
    fields[CLIENT] = line.present(client);
    fields[IDENTITY] = line.present(identity);
    fields[USER] = line.present(user);
    Some(())
}

/// Takes `METHOD path?query PROTOCOL` apart.
#[inline(always)]
fn request(bytes: &[u8], asked: RawField, fields: &mut [Option<RawField>; 14]) {
    let text = &bytes[asked.start..asked.end];
    if text == b"-" || text.is_empty() {
        return;
    }
    let method = memchr::memchr(b' ', text).filter(|&len| {
        (1..=20).contains(&len) && text[..len].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'-')
    });
    let Some(method) = method else {
        fields[PATH] = Some(asked);
        return;
    };
    fields[METHOD] = Some(RawField { start: asked.start, end: asked.start + method });
    let (start, mut end) = (asked.start + method + 1, asked.end);
    if let Some(space) = memchr::memrchr(b' ', &bytes[start..end])
        && bytes[start + space + 1..end].starts_with(b"HTTP/")
    {
        fields[PROTOCOL] = Some(RawField { start: start + space + 1, end });
        end = start + space;
    }
    if let Some(mark) = memchr::memchr(b'?', &bytes[start..end]) {
        fields[QUERY] = Some(RawField { start: start + mark + 1, end });
        end = start + mark;
    }
    fields[PATH] = Some(RawField { start, end });
}
