//! The recipe: what a person made on the page, as one value without any data.
//!
//! Owns: the value ([`Recipe`]) and its text, its steps to undo ([`History`]), how queries use each other by
//! name ([`compose`]), what a selection in one chart of the dashboard ([`Board`]) means for the others ([`origin`],
//! [`narrowed`]), how names are written ([`identifier`]), and which files stand for which ([`find`]).
//! Touches: the protocol's options of tables. No browser, so that all of it is tested natively; the page's
//! `recipes` module puts it together with signals, files and storage.
//!
//! A recipe has no version: fields that are not known are passed over, fields that are missing are empty, and
//! what builder and chart say of a query is theirs to read ([`Query::builder`], [`Query::chart`]).

mod board;
mod change;
mod compose;
mod files;
mod history;
mod identifier;
mod names;
mod narrow;
mod origin;
mod words;

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use board::{Board, COLUMNS, LinkedCondition, LinkedFilter, Tile};
pub use change::describe;
pub use compose::{Composed, Place, Tangle, compose};
pub use files::{Found, find};
pub use history::History;
pub use identifier::identifier;
pub use millrace_protocol::TableOptions;
pub use names::{free_name, renamed_uses, uses};
pub use narrow::narrowed;
pub use origin::{Origin, Table, origin, unrounded};

/// More than any recipe that a person made; a longer text is refused before it is read.
pub const MOST_TEXT_BYTES: usize = 4_000_000;

/// What a file of a recipe says of itself, so that other JSON is not taken for one.
const MARK: &str = "recipe";

/// Everything that a person made: which files are read how, and what is asked of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Recipe {
    /// Tables in the order of the page.
    pub sources: Vec<Source>,
    /// Queries in the order of their tabs.
    pub queries: Vec<Query>,
    /// Id of the query on screen. Going to another one is no change of the work.
    pub open: u32,
    /// Charts of queries beside each other. What cannot be understood is none.
    #[serde(deserialize_with = "or_default")]
    pub board: Board,
}

/// A table: the files that it is made of and how they are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Source {
    /// Name of the table.
    pub table: String,
    /// Its files, in their order; several for a table that was made of alike ones.
    pub files: Vec<FileRef>,
    /// Which file of an archive or table of a file, where there are several.
    pub part: Option<u32>,
    /// What was said about the files. What cannot be understood is found out anew.
    #[serde(deserialize_with = "or_default")]
    pub options: TableOptions,
}

/// What a file is known by without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileRef {
    /// Its own name.
    pub name: String,
    /// Length in bytes.
    pub size_bytes: u64,
}

/// A query: its text, and what builder and chart keep of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Query {
    /// Tells queries of a recipe apart; stays when the name changes.
    pub id: u32,
    /// What its tab says, and what other queries use its rows by.
    pub name: String,
    /// The statement.
    pub sql: String,
    /// The builder's choices; null when there are none.
    pub builder: Value,
    /// The chart's settings; null for those that the page would choose.
    pub chart: Value,
}

/// Why a text is no recipe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is longer than [`MOST_TEXT_BYTES`].
    #[error("It is longer than any recipe.")]
    TooLong,
    /// It is not JSON, or its fields have other types.
    #[error("It cannot be read: {0}.")]
    Damaged(String),
    /// It is something else.
    #[error("It is no recipe of Millrace.")]
    Other,
}

#[derive(Serialize)]
struct Marked<'a> {
    millrace: &'static str,
    #[serde(flatten)]
    recipe: &'a Recipe,
}

impl Recipe {
    /// The recipe as JSON, for storage, links and files.
    pub fn text(&self) -> String {
        // Maps with keys that are no text cannot be written; there are none.
        serde_json::to_string(&Marked { millrace: MARK, recipe: self }).unwrap_or_default()
    }

    /// Reads what [`Self::text`] wrote, here or on another machine.
    ///
    /// Queries get ids of their own where a text gives several the same.
    ///
    /// # Errors
    /// When the text is too long, damaged or something else.
    pub fn of_text(text: &str) -> Result<Self, Unreadable> {
        if text.len() > MOST_TEXT_BYTES {
            return Err(Unreadable::TooLong);
        }
        let damaged = |error: serde_json::Error| Unreadable::Damaged(error.to_string());
        let value: Value = serde_json::from_str(text).map_err(damaged)?;
        if value.get("millrace").and_then(Value::as_str) != Some(MARK) {
            return Err(Unreadable::Other);
        }
        let mut recipe: Self = serde_json::from_value(value).map_err(damaged)?;
        recipe.tell_apart();
        Ok(recipe)
    }

    /// Whether both say the same, whichever query is on screen.
    pub fn is_same_work(&self, other: &Self) -> bool {
        self.sources == other.sources
            && self.queries == other.queries
            && self.board.is_same_work(&other.board)
    }

    /// Whether both say the same but for what is selected in charts of the dashboard.
    pub(crate) fn differs_in_filters_only(&self, other: &Self) -> bool {
        self.sources == other.sources
            && self.queries == other.queries
            && self.board.tiles == other.board.tiles
    }

    /// Whether nothing was made yet.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.queries.iter().all(|query| query.sql.trim().is_empty())
    }

    /// What people know it by: `events and categories`, or the first words of its first query.
    pub fn title(&self) -> String {
        let tables: Vec<&str> = self.sources.iter().map(|source| source.table.as_str()).collect();
        match tables.as_slice() {
            [] => {
                let texts = self.queries.iter().map(|query| query.sql.split_whitespace());
                let words = texts.map(|words| words.take(8).collect::<Vec<_>>().join(" "));
                words.into_iter().find(|words| !words.is_empty()).unwrap_or_else(|| "Nothing yet".to_owned())
            }
            [one] => (*one).to_owned(),
            [first, second] => format!("{first} and {second}"),
            [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
        }
    }

    fn tell_apart(&mut self) {
        let mut next = self.queries.iter().map(|query| query.id).max().unwrap_or_default();
        let mut seen = Vec::new();
        for query in &mut self.queries {
            if query.id == 0 || seen.contains(&query.id) {
                next = next.saturating_add(1);
                query.id = next;
            }
            seen.push(query.id);
        }
        for index in 0..self.queries.len() {
            let (before, rest) = self.queries.split_at_mut(index);
            let Some(query) = rest.first_mut() else { continue };
            if query.name.trim().is_empty() || before.iter().any(|other| other.name == query.name) {
                query.name = free_name(before.iter().map(|other| other.name.as_str()), &query.name);
            }
        }
    }
}

fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests;
