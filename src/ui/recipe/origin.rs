//! Where a column of a statement's result comes from: what it is computed of in the tables that are read.
//!
//! Statements are only cut into words, so what is not understood has no origin: unions, recursion, values that are
//! computed of several rows.

use std::ops::Range;

use crate::{
    Query,
    identifier::identifier,
    words::{Kind, Piece, pieces},
};

/// What a column is computed of, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The expression over columns of a table.
    pub expression: String,
    /// These columns.
    pub columns: Vec<String>,
}

/// A table, and its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Names of its columns.
    pub columns: Vec<String>,
}

/// Statements within statements that are looked into.
const DEEPEST: usize = 12;

/// Functions over several rows, by the first words of their names.
const OF_SEVERAL_ROWS: &[&str] = &[
    "approx",
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "covar",
    "cume_dist",
    "dense_rank",
    "distinct_sample",
    "first_value",
    "grouping",
    "histogram",
    "lag",
    "last_value",
    "lead",
    "max",
    "mean",
    "median",
    "min",
    "mode",
    "nth_value",
    "ntile",
    "percent_rank",
    "percentile",
    "quantile",
    "rank",
    "regr",
    "reservoir_sample",
    "row_number",
    "stddev",
    "string_agg",
    "sum",
    "top_k",
    "var",
    "variance",
];

/// Columns that the tables of windows have, which stand for the time that the windows are over.
const OF_WINDOWS: &[&str] = &["window_start", "window_end", "window_time"];

/// Words that end the tables of a FROM.
const BEHIND_TABLES: &[&str] =
    &["where", "group", "having", "order", "limit", "qualify", "window", "offset", "fetch"];

/// Functions that round times down, so that whole stretches of them are stretches of the times themselves.
const ROUNDING: &[&str] = &["date_trunc", "date_bin"];

/// The origin of the column with this name, at this place in the result.
///
/// `None` for what is computed of several rows, as sums are, and for what is not understood.
pub fn origin(
    statement: &str,
    column: &str,
    place: usize,
    queries: &[Query],
    tables: &[Table],
) -> Option<Origin> {
    let scope = Scope { queries, tables };
    Select::read(statement)?.origin(column, Some(place), scope, DEEPEST)
}

/// The column that an expression rounds down, if it is no more than that.
pub fn unrounded(expression: &str) -> Option<String> {
    let pieces = pieces(expression);
    let name = |piece: &Piece| piece.name(expression);
    match pieces.as_slice() {
        [function, open, .., comma, column, close]
            if name(function).is_some_and(|name| ROUNDING.contains(&name.as_str()))
                && open.is_sign('(')
                && comma.is_sign(',')
                && close.is_sign(')')
                && pieces.iter().filter(|piece| piece.is_sign(',')).count() == 1 =>
        {
            name(column)
        }
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Scope<'a> {
    queries: &'a [Query],
    tables: &'a [Table],
}

/// The parts of a SELECT that matter here, as ranges of its pieces.
struct Select<'a> {
    text: &'a str,
    pieces: Vec<Piece>,
    /// What WITH names, as text.
    parts: Vec<(String, &'a str)>,
    items: Vec<Range<usize>>,
    from: Range<usize>,
    group: Option<Range<usize>>,
}

/// What stands in a FROM.
enum Relation<'a> {
    Named(String),
    Inner(&'a str),
}

impl<'a> Select<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let pieces = pieces(text);
        let mut at = 0;
        let mut parts = Vec::new();
        let word = |at: usize, word: &str| pieces.get(at).is_some_and(|piece| piece.is_word(text, word));
        let sign = |at: usize, sign: char| pieces.get(at).is_some_and(|piece| piece.is_sign(sign));
        if word(at, "with") {
            loop {
                let name = pieces.get(at + 1)?.name(text)?;
                if !word(at + 2, "as") || !sign(at + 3, '(') {
                    return None;
                }
                let end = closing(&pieces, at + 3)?;
                parts.push((name, &text[pieces[at + 3].span.end..pieces[end].span.start]));
                at = end + 1;
                if !sign(at, ',') {
                    break;
                }
            }
        }
        if !word(at, "select") {
            return None;
        }
        at += 1;
        if word(at, "distinct") || word(at, "all") {
            at += 1;
        }
        if word(at, "on") {
            return None;
        }
        let flat = flat(&pieces, at);
        if flat.iter().any(|&at| ["union", "intersect", "except"].iter().any(|other| word(at, other))) {
            return None;
        }
        let from = *flat.iter().find(|&&at| word(at, "from"))?;
        let behind = |start: usize| {
            let ends = |&&at: &&usize| at > start && BEHIND_TABLES.iter().any(|end| word(at, end));
            flat.iter().find(ends).copied().unwrap_or(pieces.len())
        };
        let items = split(&flat, &pieces, at..from);
        let group = flat.iter().find(|&&at| at > from && word(at, "group") && word(at + 1, "by"));
        let group = group.map(|&at| at + 2..behind(at));
        let end = behind(from);
        Some(Self { text, parts, items, from: from + 1..end, group, pieces })
    }

    fn origin(&self, column: &str, place: Option<usize>, scope: Scope<'_>, depth: usize) -> Option<Origin> {
        let depth = depth.checked_sub(1)?;
        let is_all =
            |item: &Range<usize>| self.pieces[item.clone()].last().is_some_and(|last| last.is_sign('*'));
        let has_all = self.items.iter().any(is_all);
        let named = self.items.iter().position(|item| self.output(item).as_deref() == Some(column));
        let at = named.or_else(|| place.filter(|place| !has_all && *place < self.items.len()));
        let Some(at) = at else {
            return if has_all { self.column(column, scope, depth) } else { None };
        };
        let item = self.expression(&self.items[at]);
        if is_all(&item) || self.is_of_several_rows(&item) {
            return None;
        }
        if let Some(group) = &self.group
            && !self.is_grouped_by(group, at, &item)
        {
            return None;
        }
        self.computed(&item, scope, depth)
    }

    /// The name that an item has in the result, where it says one.
    fn output(&self, item: &Range<usize>) -> Option<String> {
        self.pieces[item.clone()].last()?.name(self.text)
    }

    /// An item without the name that it gets.
    fn expression(&self, item: &Range<usize>) -> Range<usize> {
        let of = &self.pieces[item.clone()];
        let length = of.len();
        let is_name = |piece: &Piece| matches!(piece.kind, Kind::Word | Kind::Quoted(_));
        if length > 2 && of[length - 2].is_word(self.text, "as") {
            return item.start..item.end - 2;
        }
        let ends_before = |piece: &Piece| {
            piece.is_sign(')')
                || is_name(piece) && !piece.is_word(self.text, "not")
                || piece.kind == Kind::Value
        };
        let is_end = of.last().is_some_and(|last| last.is_word(self.text, "end"));
        if length > 1 && is_name(&of[length - 1]) && !is_end && ends_before(&of[length - 2]) {
            return item.start..item.end - 1;
        }
        item.clone()
    }

    fn is_of_several_rows(&self, item: &Range<usize>) -> bool {
        item.clone().any(|at| {
            let piece = &self.pieces[at];
            let calls = self.pieces.get(at + 1).is_some_and(|next| next.is_sign('('));
            let name = piece.name(self.text).unwrap_or_default();
            let is_one = OF_SEVERAL_ROWS.iter().any(|start| {
                name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
            });
            piece.is_word(self.text, "over") || calls && is_one
        })
    }

    fn is_grouped_by(&self, group: &Range<usize>, at: usize, item: &Range<usize>) -> bool {
        let words = |range: &Range<usize>| {
            let of = self.pieces[range.clone()].iter();
            of.map(|piece| piece.name(self.text).unwrap_or_else(|| self.text[piece.span.clone()].to_owned()))
                .collect::<Vec<_>>()
        };
        let keys = split(&flat(&self.pieces[..group.end], group.start), &self.pieces, group.clone());
        let own =
            [words(item), self.output(&self.items[at]).into_iter().collect(), vec![(at + 1).to_string()]];
        keys.iter().map(words).any(|key| key == ["all"] || own.contains(&key))
    }

    /// An expression with the origin of each column in place of its name.
    fn computed(&self, item: &Range<usize>, scope: Scope<'_>, depth: usize) -> Option<Origin> {
        let of = &self.pieces[item.clone()];
        let mut expression = String::new();
        let mut columns: Vec<String> = Vec::new();
        let mut copied = of.first()?.span.start;
        let mut at = 0;
        while let Some(piece) = of.get(at) {
            let follows = |sign| of.get(at + 1).is_some_and(|next| next.is_sign(sign));
            let found = match piece.name(self.text) {
                Some(name) if !follows('(') => self.column(&name, scope, depth),
                _ => None,
            };
            if let Some(found) = found {
                expression.push_str(&self.text[copied..piece.span.start]);
                let is_part =
                    of.len() > 1 && found.expression.contains(|sign: char| " +-*/%|=<>".contains(sign));
                let whole = if is_part { format!("({})", found.expression) } else { found.expression };
                expression.push_str(&whole);
                copied = piece.span.end;
                columns.extend(
                    found.columns.into_iter().filter(|column| !columns.contains(column)).collect::<Vec<_>>(),
                );
                // The fields of a struct are its own.
                while of.get(at + 1).is_some_and(|next| next.is_sign('.')) {
                    at += 2;
                }
            } else if piece.name(self.text).is_some() && follows('.') {
                // The name of a table or of another part of the statement means nothing where the expression goes.
                expression.push_str(&self.text[copied..piece.span.start]);
                copied = of.get(at + 2)?.span.start;
                at += 1;
            }
            at += 1;
        }
        expression.push_str(&self.text[copied..of.last()?.span.end.max(copied)]);
        (!columns.is_empty()).then_some(Origin { expression, columns })
    }

    /// A column of what is read.
    fn column(&self, name: &str, scope: Scope<'_>, depth: usize) -> Option<Origin> {
        let depth = depth.checked_sub(1)?;
        let of_relations = |name: &str| {
            self.relations().into_iter().find_map(|relation| self.of_relation(&relation, name, scope, depth))
        };
        of_relations(name).or_else(|| {
            let time = OF_WINDOWS.contains(&name).then(|| self.window_time())??;
            of_relations(&time)
        })
    }

    fn of_relation(
        &self,
        relation: &Relation<'_>,
        name: &str,
        scope: Scope<'_>,
        depth: usize,
    ) -> Option<Origin> {
        let within = |text: &str| {
            let mut inner = Select::read(text)?;
            // What stands further out can be used further in.
            inner.parts.extend(self.parts.iter().cloned());
            inner.origin(name, None, scope, depth)
        };
        match relation {
            Relation::Inner(text) => within(text),
            Relation::Named(relation) => {
                if let Some((_, text)) = self.parts.iter().find(|(part, _)| part == relation) {
                    return within(text);
                }
                if let Some(table) = scope.tables.iter().find(|table| table.name == *relation) {
                    let has = table.columns.iter().any(|column| column == name);
                    return has
                        .then(|| Origin { expression: identifier(name), columns: vec![name.to_owned()] });
                }
                let query = scope.queries.iter().find(|query| query.name == *relation)?;
                Select::read(&query.sql)?.origin(name, None, scope, depth)
            }
        }
    }

    /// What stands in FROM, also as an argument of a table function.
    fn relations(&self) -> Vec<Relation<'_>> {
        let mut relations = Vec::new();
        let mut expects = true;
        let mut at = self.from.start;
        while at < self.from.end {
            let piece = &self.pieces[at];
            let next_opens = self.pieces.get(at + 1).is_some_and(|next| next.is_sign('('));
            if piece.is_sign('(') && expects {
                let inner = self.pieces.get(at + 1);
                if inner.is_some_and(|inner| {
                    inner.is_word(self.text, "select") || inner.is_word(self.text, "with")
                }) && let Some(end) = closing(&self.pieces, at)
                {
                    relations.push(Relation::Inner(&self.text[piece.span.end..self.pieces[end].span.start]));
                    at = end;
                    expects = false;
                }
            } else if piece.is_sign(',')
                || piece.is_word(self.text, "join")
                || piece.is_word(self.text, "table")
            {
                expects = true;
            } else if expects
                && let Some(name) = piece.name(self.text)
                && !piece.is_word(self.text, "lateral")
            {
                expects = false;
                if !next_opens {
                    relations.push(Relation::Named(name));
                }
            }
            at += 1;
        }
        relations
    }

    /// The column that the windows of a table function are over.
    fn window_time(&self) -> Option<String> {
        let mut places = self.from.clone();
        let at = places.find(|&at| self.pieces[at].is_word(self.text, "descriptor"))?;
        self.pieces.get(at + 2)?.name(self.text)
    }
}

/// The place of the parenthesis that ends the one at `open`.
fn closing(pieces: &[Piece], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, piece) in pieces.iter().enumerate().skip(open) {
        if piece.is_sign('(') {
            depth += 1;
        } else if piece.is_sign(')') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The places from one on that are in no parentheses.
fn flat(pieces: &[Piece], start: usize) -> Vec<usize> {
    let mut flat = Vec::new();
    let mut depth = 0_usize;
    for (at, piece) in pieces.iter().enumerate().skip(start) {
        if piece.is_sign(')') || piece.is_sign(']') {
            depth = depth.saturating_sub(1);
        } else if depth == 0 {
            flat.push(at);
        }
        if piece.is_sign('(') || piece.is_sign('[') {
            depth += 1;
        }
    }
    flat
}

/// The items of a list with commas.
fn split(flat: &[usize], pieces: &[Piece], range: Range<usize>) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    let mut start = range.start;
    for &at in flat.iter().filter(|at| range.contains(at)) {
        if pieces[at].is_sign(',') {
            items.push(start..at);
            start = at + 1;
        }
    }
    items.push(start..range.end);
    items.retain(|item| !item.is_empty());
    items
}
