//! One query over the results of others: their texts stand in front of it as common table expressions.

use crate::{Query, identifier::quoted, names::uses, words::pieces};

/// Queries that use each other in a circle, so that none can be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", tangle_text(.0))]
pub struct Tangle(
    /// Their names, from the one that was asked for to the one that uses an earlier one again.
    pub Vec<String>,
);

/// A statement that stands by itself, and where its lines come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The statement.
    pub sql: String,
    stretches: Vec<Stretch>,
}

/// A place in one of the texts. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the other query that it is in; the text itself without one.
    pub query: Option<String>,
    /// Line there.
    pub line: u32,
    /// Column there.
    pub column: u32,
}

/// Lines of a composed text that come from one text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    query: Option<String>,
    /// First line and column in the composed text.
    at: (u32, u32),
    /// The same place in its own text.
    from: (u32, u32),
}

/// Puts in front of a text the queries whose names it uses, those that they use before them.
///
/// A name that is a table's means the table. The text's own name counts as one of those, so that a query that
/// uses itself is found out; a text without a name has none to use.
///
/// # Errors
/// When queries use each other in a circle.
pub fn compose(
    text: &str,
    name: Option<&str>,
    queries: &[Query],
    tables: &[String],
) -> Result<Composed, Tangle> {
    let mut order = Order { queries, tables, path: Vec::new(), done: Vec::new() };
    order.path.extend(name.map(ToOwned::to_owned));
    order.take_uses(text)?;
    let mut written = Written::default();
    let (head, tail, with) = cut(text);
    written.copy(None, text, 0..head);
    if order.done.is_empty() {
        written.copy(None, text, head..text.len());
        return Ok(Composed { sql: written.sql, stretches: written.stretches });
    }
    written.add(with);
    for (place, query) in order.done.iter().enumerate() {
        written.add(if place == 0 { " " } else { ",\n" });
        written.add(&format!("{} AS (\n", quoted(&query.name)));
        written.copy(Some(&query.name), &query.sql, 0..end_of(&query.sql));
        written.add("\n)");
    }
    written.add(if tail == head { "\n" } else { "," });
    written.copy(None, text, tail..text.len());
    Ok(Composed { sql: written.sql, stretches: written.stretches })
}

impl Composed {
    /// Names of the queries that stand in front, each behind those that it uses.
    pub fn used(&self) -> Vec<&str> {
        self.stretches.iter().filter_map(|stretch| stretch.query.as_deref()).collect()
    }

    /// Where a place of the composed text comes from.
    pub fn place(&self, line: u32, column: u32) -> Place {
        let before = self.stretches.iter().rev().find(|stretch| stretch.at <= (line, column));
        match before {
            None => Place { query: None, line, column },
            Some(Stretch { query, at, from }) => Place {
                query: query.clone(),
                line: line - at.0 + from.0,
                column: if line == at.0 { column - at.1 + from.1 } else { column },
            },
        }
    }
}

/// The texts that are needed, each behind those that it needs.
struct Order<'a> {
    queries: &'a [Query],
    tables: &'a [String],
    path: Vec<String>,
    done: Vec<&'a Query>,
}

impl Order<'_> {
    fn take_uses(&mut self, text: &str) -> Result<(), Tangle> {
        for (name, _) in uses(text) {
            let is_done = self.done.iter().any(|query| query.name == name);
            if is_done || self.tables.contains(&name) {
                continue;
            }
            let Some(query) = self.queries.iter().find(|query| query.name == name) else { continue };
            let is_open = self.path.contains(&name);
            self.path.push(name);
            if is_open {
                return Err(Tangle(std::mem::take(&mut self.path)));
            }
            self.take_uses(&query.sql)?;
            self.path.pop();
            self.done.push(query);
        }
        Ok(())
    }
}

/// A text that grows, and where its lines come from.
struct Written {
    sql: String,
    stretches: Vec<Stretch>,
    at: (u32, u32),
}

impl Default for Written {
    fn default() -> Self {
        Self { sql: String::new(), stretches: Vec::new(), at: (1, 1) }
    }
}

impl Written {
    fn add(&mut self, text: &str) {
        self.sql.push_str(text);
        self.at = behind(self.at, text);
    }

    fn copy(&mut self, query: Option<&str>, text: &str, range: std::ops::Range<usize>) {
        if range.is_empty() {
            return;
        }
        let from = behind((1, 1), &text[..range.start]);
        self.stretches.push(Stretch { query: query.map(ToOwned::to_owned), at: self.at, from });
        self.add(&text[range]);
    }
}

/// The place behind a text that begins at another one.
fn behind((line, column): (u32, u32), text: &str) -> (u32, u32) {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    match text.rsplit_once('\n') {
        None => (line, column + count(text.chars().count())),
        Some((_, last)) => (line + count(text.matches('\n').count()), count(last.chars().count()) + 1),
    }
}

/// Where others go into a text: the end of what stays in front, the start of what stays behind, and the words
/// between. A text that begins with WITH goes on with its own behind them.
pub(crate) fn cut(text: &str) -> (usize, usize, &'static str) {
    let pieces = pieces(text);
    let is_word = |place: usize, word: &str| pieces.get(place).is_some_and(|piece| piece.is_word(text, word));
    let mut place = 0;
    if is_word(0, "explain") {
        place = 1;
        while is_word(place, "analyze") || is_word(place, "verbose") {
            place += 1;
        }
    }
    let Some(first) = pieces.get(place) else { return (0, 0, "WITH") };
    let head = first.span.start;
    if !is_word(place, "with") {
        return (head, head, "WITH");
    }
    let recursive = is_word(place + 1, "recursive");
    let last = &pieces[place + usize::from(recursive)];
    (head, last.span.end, if recursive { "WITH RECURSIVE" } else { "WITH" })
}

/// The end of a statement without the semicolons and comments behind it.
fn end_of(text: &str) -> usize {
    let pieces = pieces(text);
    pieces.iter().rev().find(|piece| !piece.is_sign(';')).map_or(0, |piece| piece.span.end)
}

fn tangle_text(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
    match names.as_slice() {
        [first, second] if first == second => format!("The query {first} uses its own result."),
        names => format!("These queries use each other in a circle: {}.", names.join(" uses ")),
    }
}
