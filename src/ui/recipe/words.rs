//! SQL as words and signs, with their places: as much of it as is needed to see which tables a text names.

use std::ops::Range;

/// What a piece of a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or a name without quotes, as it is written.
    Word,
    /// A name in double quotes, without them.
    Quoted(String),
    /// One sign.
    Sign(char),
    /// A number or a text, which names nothing.
    Value,
}

/// A piece of a statement and its place in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Range<usize>,
}

impl Piece {
    /// Whether it is this keyword, in upper case.
    pub fn is_word(&self, text: &str, keyword: &str) -> bool {
        self.kind == Kind::Word && text[self.span.clone()].eq_ignore_ascii_case(keyword)
    }

    /// The name that it would be: in lower case unless it is quoted, as the engine reads names.
    pub fn name(&self, text: &str) -> Option<String> {
        match &self.kind {
            Kind::Word => Some(text[self.span.clone()].to_lowercase()),
            Kind::Quoted(name) => Some(name.clone()),
            Kind::Sign(_) | Kind::Value => None,
        }
    }

    /// Whether it is this sign.
    pub fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// The pieces of a text without spaces and comments. What is not closed goes on until the end.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = if first.is_whitespace() {
            (None, first.len_utf8())
        } else if rest.starts_with("--") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (None, comment_length(rest))
        } else if first == '\'' {
            (Some(Kind::Value), quoted_length(rest, '\''))
        } else if first == '"' {
            let length = quoted_length(rest, '"');
            let inner = rest[1..length].strip_suffix('"').unwrap_or(&rest[1..length]);
            (Some(Kind::Quoted(inner.replace("\"\"", "\""))), length)
        } else if first.is_ascii_digit() {
            (Some(Kind::Value), length_while(rest, |letter| letter.is_alphanumeric() || letter == '.'))
        } else if first.is_alphabetic() || first == '_' {
            let of_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
            (Some(Kind::Word), length_while(rest, of_name))
        } else {
            (Some(Kind::Sign(first)), first.len_utf8())
        };
        if let Some(kind) = kind {
            pieces.push(Piece { kind, span: at..at + length });
        }
        at += length;
    }
    pieces
}

fn length_while(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|letter: char| !is_part(letter)).unwrap_or(text.len())
}

/// Length of what begins with a quote, which stands twice where it is meant.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((index, letter)) = letters.next() {
        if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return index + 1;
        }
    }
    text.len()
}

/// Length of a comment, in which others may be.
fn comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}
