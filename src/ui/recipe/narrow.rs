//! A statement over some of the rows of its tables.

use crate::{compose::cut, identifier::identifier};

/// The statement with only those rows of each table for which its condition holds.
///
/// Each table is replaced, wherever the statement names it, by a common table expression of its name. `None` when
/// the statement has no place for one: where it begins with WITH RECURSIVE, the table would be taken for its own rows.
pub fn narrowed(statement: &str, conditions: &[(String, String)]) -> Option<String> {
    if conditions.is_empty() {
        return Some(statement.to_owned());
    }
    let (head, tail, with) = cut(statement);
    if with != "WITH" {
        return None;
    }
    let of_table = |(table, condition): &(String, String)| {
        let name = identifier(table);
        format!("{name} AS (SELECT * FROM {name} WHERE {condition})")
    };
    let tables: Vec<String> = conditions.iter().map(of_table).collect();
    let behind = if tail == head { "\n" } else { "," };
    Some(format!("{}WITH {}{behind}{}", &statement[..head], tables.join(",\n"), &statement[tail..]))
}
