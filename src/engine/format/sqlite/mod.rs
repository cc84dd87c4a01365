//! SQLite databases. Each table is a table; they are only read.
//!
//! Owns: pages, b-trees, records and the schema of the file format, and which types the columns have. Touches: Arrow
//! and the contract in [`crate::format::blocks`].
//!
//! Source: "Database File Format" of <https://www.sqlite.org/fileformat2.html>. The libraries that there are want a
//! file system of their own, or do not read a database in parts.
//!
//! A table is a b-tree whose leaves hold its rows. When a file is opened its trees are walked down from their roots,
//! and the leaves are read once, some MB at a time: SQLite lets any column hold values of any type, and only the
//! values tell which it has. So types are exact, and what does not fit among them is told. After that a block is some
//! neighbouring leaves, and only these pages are read for it. The part of a long row that is on other pages is
//! read when a column of it is wanted.

mod column;
mod decode;
mod definition;
mod header;
mod open;
mod overflow;
mod page;
mod record;
mod scan;
mod survey;
#[cfg(test)]
mod tests;
mod tokens;
mod walk;

use super::blocks::{BlockFile, BlockFormat, BlockTable, Steps};
use crate::format::FormatError;

/// SQLite version 3.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

/// First bytes of files that SQLite keeps beside a database.
const COMPANIONS: [(&[u8], &str); 3] = [
    (b"\x37\x7f\x06\x82", "the write-ahead log of an SQLite database"),
    (b"\x37\x7f\x06\x83", "the write-ahead log of an SQLite database"),
    (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "the journal of an SQLite database"),
];

impl BlockFormat for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn claims(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(header::MAGIC) || companion(head).is_some()
    }

    fn open(&self, file: &BlockFile) -> Box<dyn Steps<Vec<BlockTable>>> {
        Box::new(open::Opening::new(file))
    }
}

fn companion(head: &[u8]) -> Option<&'static str> {
    COMPANIONS.iter().find(|(first, _)| head.starts_with(first)).map(|(_, what)| *what)
}

fn not_a_database(what: &str) -> FormatError {
    FormatError {
        message: format!("this is {what} and has no tables itself"),
        hint: Some(
            "Add the database. Close the programs that have it open first, so that it holds all rows."
                .to_owned(),
        ),
    }
}
