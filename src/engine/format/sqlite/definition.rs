//! What `CREATE TABLE` says of a table: columns, declared types, and what its rows leave out.
//!
//! Declared types can be any words in SQLite, and so are read as it reads them, not as other databases do.

use super::tokens::{Token, tokens};

/// A table as it was declared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    pub(super) columns: Vec<Declared>,
    /// Its rows are in the order of another key, in pages of another kind.
    pub(super) without_rowid: bool,
}

/// A column as it was declared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) name: String,
    /// In capital letters; empty without one.
    pub(super) type_name: String,
    /// Whether it is the number of the row, which is beside the record and not in it.
    pub(super) is_rowid: bool,
    /// Whether it is computed when it is asked for, and so is in no record.
    pub(super) is_virtual: bool,
    /// Its value in rows that are older than the column.
    pub(super) default: Literal,
}

/// A value in the text of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}

/// Words that end the type of a column, or begin what holds for the table.
const CONSTRAINTS: [&str; 11] = [
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
];
const TABLE_CONSTRAINTS: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

impl Definition {
    /// Of the statement that made the table; `None` when it is none of a table with columns.
    pub(super) fn parse(sql: &str) -> Option<Self> {
        let tokens = tokens(sql);
        if !tokens.first()?.is("CREATE") || tokens.iter().take(4).any(|token| token.is("VIRTUAL")) {
            return None;
        }
        let open = tokens.iter().position(|token| *token == Token::Sign('('))?;
        let (parts, behind) = parts(&tokens[open + 1..]);
        let without_rowid = behind.windows(2).any(|pair| pair[0].is("WITHOUT") && pair[1].is("ROWID"));
        let is_of_table = |part: &&[Token]| {
            part.first().is_some_and(|first| TABLE_CONSTRAINTS.iter().any(|word| first.is(word)))
        };
        let (of_table, of_columns): (Vec<&[Token]>, Vec<&[Token]>) = parts.into_iter().partition(is_of_table);
        let mut columns: Vec<Declared> = of_columns.into_iter().filter_map(Declared::parse).collect();
        for key in of_table.into_iter().filter_map(single_key) {
            let of_key = |column: &&mut Declared| column.name.eq_ignore_ascii_case(key);
            if let Some(column) = columns.iter_mut().find(of_key) {
                column.is_rowid |= column.type_name == "INTEGER";
            }
        }
        columns.iter_mut().for_each(|column| column.is_rowid &= !without_rowid);
        (!columns.is_empty()).then_some(Self { columns, without_rowid })
    }
}

impl Definition {
    /// The columns whose values are in records, in their order.
    pub(super) fn stored(&self) -> impl Iterator<Item = &Declared> {
        self.columns.iter().filter(|column| !column.is_virtual)
    }
}

impl Declared {
    fn parse(part: &[Token]) -> Option<Self> {
        let name = part.first()?.name()?.to_owned();
        let is_end = |token: &Token| CONSTRAINTS.iter().any(|word| token.is(word));
        let end = part.iter().skip(1).position(is_end).map_or(part.len(), |end| end + 1);
        let mut type_name = String::new();
        for token in &part[1..end] {
            match token {
                Token::Sign(sign) => type_name.push(*sign),
                Token::Word(word) | Token::Quoted(word) | Token::Text(word) => {
                    if type_name.ends_with(|last: char| last.is_alphanumeric()) {
                        type_name.push(' ');
                    }
                    type_name.push_str(&word.to_uppercase());
                }
            }
        }
        let rest = &part[end..];
        let outside = outside_parentheses(rest);
        let find = |word: &str| outside.iter().copied().find(|&at| rest[at].is(word));
        let primary = find("PRIMARY").filter(|at| rest.get(at + 1).is_some_and(|next| next.is("KEY")));
        // An old mistake of SQLite that it keeps: with DESC the column is one of its own.
        let is_key = primary.is_some_and(|at| !rest.get(at + 2).is_some_and(|next| next.is("DESC")));
        Some(Self {
            is_rowid: is_key && type_name == "INTEGER",
            is_virtual: find("AS").is_some() && find("STORED").is_none(),
            default: find("DEFAULT").map_or(Literal::Null, |at| Literal::parse(&rest[at + 1..])),
            name,
            type_name,
        })
    }
}

impl Literal {
    /// The value that these words begin with; NULL for what is none, as SQLite allows only plain values for columns
    /// that are added later.
    fn parse(tokens: &[Token]) -> Self {
        match tokens {
            [Token::Sign('('), rest @ ..] | [Token::Sign('+'), rest @ ..] => Self::parse(rest),
            [Token::Sign('-'), rest @ ..] => match Self::parse(rest) {
                Self::Integer(value) => Self::Integer(-value),
                Self::Real(value) => Self::Real(-value),
                other => other,
            },
            [Token::Text(text) | Token::Quoted(text), ..] => Self::Text(text.clone()),
            [token, ..] if token.is("TRUE") => Self::Integer(1),
            [token, ..] if token.is("FALSE") => Self::Integer(0),
            [Token::Word(word), ..] => match (word.parse(), word.parse()) {
                (Ok(value), _) => Self::Integer(value),
                (_, Ok(value)) if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
                    Self::Real(value)
                }
                _ => Self::Null,
            },
            _ => Self::Null,
        }
    }
}

/// What stands between the commas up to the closing parenthesis, and what follows it.
fn parts(tokens: &[Token]) -> (Vec<&[Token]>, &[Token]) {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') if depth == 0 => {
                parts.push(&tokens[start..at]);
                return (parts, &tokens[at + 1..]);
            }
            Token::Sign(')') => depth -= 1,
            Token::Sign(',') if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => (),
        }
    }
    parts.push(&tokens[start..]);
    (parts, &[])
}

/// Places of the words that are in no parentheses.
fn outside_parentheses(tokens: &[Token]) -> Vec<usize> {
    let (mut depth, mut outside) = (0, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            _ if depth == 0 => outside.push(at),
            _ => (),
        }
    }
    outside
}

/// The column of a primary key of one column.
fn single_key(part: &[Token]) -> Option<&str> {
    let part = if part.first()?.is("CONSTRAINT") { part.get(2..)? } else { part };
    match part {
        [primary, key, Token::Sign('('), column, rest @ ..] if primary.is("PRIMARY") && key.is("KEY") => {
            let end = rest.iter().position(|token| *token == Token::Sign(')'))?;
            if rest[..end].contains(&Token::Sign(',')) { None } else { column.name() }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(sql: &str) -> Vec<(String, String)> {
        let columns = Definition::parse(sql).expect("a table").columns;
        columns.into_iter().map(|column| (column.name, column.type_name)).collect()
    }

    #[test]
    fn columns_have_names_and_types() {
        let sql = "CREATE TABLE \"a (b\" ( -- first, (\n id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, /* , */
            [odd name] VARYING CHARACTER (255) DEFAULT 'it''s, so', `x\"y` decimal(10, 2) NOT NULL, plain,
            \"in \"\"quotes\"\"\" UNSIGNED BIG INT CHECK (CAST(id AS INT) IN (1, 2)), UNIQUE (id, plain), FOREIGN KEY (plain)
            REFERENCES other (id))";
        let expected = [
            ("id", "INTEGER"),
            ("odd name", "VARYING CHARACTER(255)"),
            ("x\"y", "DECIMAL(10,2)"),
            ("plain", ""),
            ("in \"quotes\"", "UNSIGNED BIG INT"),
        ];
        assert_eq!(columns(sql), expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    }

    #[test]
    fn the_key_that_is_the_rowid_is_known() {
        let is_rowid = |sql: &str| Definition::parse(sql).expect("a table").columns[0].is_rowid;
        assert!(is_rowid("CREATE TABLE t (a INTEGER PRIMARY KEY, b)"));
        assert!(is_rowid("CREATE TABLE t (a integer not null primary key asc, b)"));
        assert!(is_rowid("CREATE TABLE t (a INTEGER, b, CONSTRAINT k PRIMARY KEY (a AUTOINCREMENT))"));
        assert!(!is_rowid("CREATE TABLE t (a INT PRIMARY KEY, b)"));
        assert!(!is_rowid("CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b)"));
        assert!(!is_rowid("CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a, b))"));
        assert!(!is_rowid("CREATE TABLE t (a INTEGER PRIMARY KEY) WITHOUT ROWID"));
    }

    #[test]
    fn defaults_and_computed_columns_are_known() {
        let sql = "CREATE TABLE t (a DEFAULT -1.5, b DEFAULT 'x', c DEFAULT (7), d DEFAULT CURRENT_TIME,
            e INT GENERATED ALWAYS AS (a + 1), f AS (a) STORED, g BOOL DEFAULT true)";
        let columns = Definition::parse(sql).expect("a table").columns;
        let defaults: Vec<Literal> = columns.iter().map(|column| column.default.clone()).collect();
        let text = Literal::Text("x".to_owned());
        assert_eq!(defaults[..3], [Literal::Real(-1.5), text, Literal::Integer(7)]);
        assert_eq!((&defaults[3], &defaults[6]), (&Literal::Null, &Literal::Integer(1)));
        assert_eq!(
            columns.iter().map(|column| column.is_virtual).collect::<Vec<_>>()[3..6],
            [false, true, false]
        );
    }

    #[test]
    fn what_is_no_table_is_none() {
        for sql in
            ["", "CREATE", "CREATE VIRTUAL TABLE t USING fts5(a)", "CREATE TABLE t", "(", "CREATE TABLE t ("]
        {
            assert_eq!(Definition::parse(sql), None, "{sql}");
        }
    }
}
