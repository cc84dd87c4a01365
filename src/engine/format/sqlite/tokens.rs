//! Words of `CREATE TABLE` as SQLite writes them down.

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Without quotes: a name, a keyword or a number.
    Word(String),
    /// In quotes of any of the kinds that SQLite takes for names.
    Quoted(String),
    /// In single quotes: a text, or a name where one is expected.
    Text(String),
    Sign(char),
}

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// What it is called as a name.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) | Self::Text(name) => Some(name),
            Self::Sign(_) => None,
        }
    }
}

/// The words of a statement, without comments.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let token_len = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '"' | '`' | '\'' | '[' => {
                let (text, len) = quoted(rest, if first == '[' { ']' } else { first });
                tokens.push(if first == '\'' { Token::Text(text) } else { Token::Quoted(text) });
                len
            }
            _ if is_of_word(first) => {
                let len = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..len].to_owned()));
                len
            }
            _ => {
                if !first.is_whitespace() {
                    tokens.push(Token::Sign(first));
                }
                first.len_utf8()
            }
        };
        rest = &rest[token_len..];
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.') || !c.is_ascii()
}

/// The text in the quotes that begin here, and its length with them. Two closing quotes are one in it, but brackets.
fn quoted(rest: &str, close: char) -> (String, usize) {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != close {
            text.push(c);
        } else if close != ']' && chars.next_if(|(_, next)| *next == close).is_some() {
            text.push(close);
        } else {
            return (text, at + 1);
        }
    }
    (text, rest.len())
}
