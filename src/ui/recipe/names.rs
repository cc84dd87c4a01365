//! Names of queries: free ones, and where a text uses one as a table.

use std::ops::Range;

use crate::{
    identifier,
    words::{Kind, Piece, pieces},
};

/// What a query is called until a person calls it something else: needs no quotes in SQL.
const USUAL: &str = "query_1";

/// Words that end the list of tables of a FROM.
const ENDS: &[&str] = &[
    "where",
    "group",
    "order",
    "having",
    "limit",
    "union",
    "intersect",
    "except",
    "select",
    "qualify",
    "window",
    "offset",
    "fetch",
    "values",
    "with",
    "set",
];

/// Words that may stand between FROM and the name of a table.
const BEFORE_NAMES: &[&str] = &["lateral", "only", "table"];

/// The wish, or the next name like it that none of the taken ones is.
pub fn free_name<'a>(taken: impl Iterator<Item = &'a str>, wish: &str) -> String {
    let taken: Vec<String> = taken.map(str::to_lowercase).collect();
    let wish = if wish.trim().is_empty() { USUAL } else { wish.trim() };
    if !taken.contains(&wish.to_lowercase()) {
        return wish.to_owned();
    }
    let stem = wish.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let (stem, joint) = match stem {
        "" => (wish, "_"),
        stem if stem.len() == wish.len() => (stem, "_"),
        stem => (stem, ""),
    };
    let numbered = (2_u32..).map(|number| format!("{stem}{joint}{number}"));
    numbered.into_iter().find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default()
}

/// The names that a statement uses as tables and does not define itself, each with its places in bytes.
///
/// The text is only cut into words, so a name in `extract(day FROM x)` counts as well.
pub fn uses(text: &str) -> Vec<(String, Range<usize>)> {
    let pieces = pieces(text);
    let defined = defined(text, &pieces);
    let mut used = Vec::new();
    let mut levels = vec![Level::default()];
    for (index, piece) in pieces.iter().enumerate() {
        let next = pieces.get(index + 1);
        let Some(level) = levels.last_mut() else { break };
        match &piece.kind {
            Kind::Sign('(') => {
                let inner = Level { in_from: level.expects, expects: level.expects };
                level.expects = false;
                levels.push(inner);
            }
            Kind::Sign(')') => {
                // One too many is the engine's to tell.
                if levels.len() > 1 {
                    levels.pop();
                }
            }
            Kind::Sign(',') => level.expects = level.in_from,
            Kind::Sign(_) | Kind::Value => level.expects = false,
            Kind::Word | Kind::Quoted(_) => {
                let name = piece.name(text).unwrap_or_default();
                let word = if piece.kind == Kind::Word { name.as_str() } else { "" };
                if matches!(word, "from" | "join") {
                    *level = Level { in_from: true, expects: true };
                } else if ENDS.contains(&word) {
                    *level = Level::default();
                } else if word == "table" {
                    level.expects = true;
                } else if level.expects && !BEFORE_NAMES.contains(&word) {
                    level.expects = false;
                    let is_other = next.is_some_and(|next| next.is_sign('.') || next.is_sign('('));
                    if !is_other && !defined.contains(&name) {
                        used.push((name, piece.span.clone()));
                    }
                }
            }
        }
    }
    used
}

/// The text with one name of a table in place of another.
pub fn renamed_uses(text: &str, from: &str, to: &str) -> String {
    let mut renamed = text.to_owned();
    for (_, span) in uses(text).into_iter().rev().filter(|(name, _)| name == from) {
        renamed.replace_range(span, &identifier(to));
    }
    renamed
}

/// What is between a pair of parentheses.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Whether commas separate tables.
    in_from: bool,
    /// Whether the next name is a table's.
    expects: bool,
}

/// Names in front of `AS (`: what the statement itself calls its parts.
fn defined(text: &str, pieces: &[Piece]) -> Vec<String> {
    let opens = |index: usize| pieces.get(index).is_some_and(|piece| piece.is_sign('('));
    let is_word = |index: usize, word: &str| pieces.get(index).is_some_and(|piece| piece.is_word(text, word));
    let mut names = Vec::new();
    for index in 0..pieces.len() {
        let mut behind = index + 1;
        for word in ["not", "materialized"] {
            behind += usize::from(is_word(behind, word));
        }
        if !is_word(index, "as") || !opens(behind) {
            continue;
        }
        let mut before = index;
        if before > 0 && pieces[before - 1].is_sign(')') {
            while before > 0 && !opens(before) {
                before -= 1;
            }
        }
        names.extend(before.checked_sub(1).and_then(|place| pieces[place].name(text)));
    }
    names
}
