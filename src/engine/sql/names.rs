//! Finds columns and tables whatever the case in which their names are written.
//!
//! SQL folds a name without quotes to lower case, so a column called `Price` could only be reached
//! as `"Price"`. People expect `price` and `Price` to work as well, as they do in most tools.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, Ident, visit_expressions_mut, visit_relations_mut};

/// Names with capital letters, by their lower-case form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    exact: HashMap<String, String>,
}

impl Names {
    /// Keeps the names that folding to lower case would miss. Where several differ only in case,
    /// folding stays as it is, since any choice would be a guess.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut spellings: HashMap<String, Option<String>> = HashMap::new();
        for name in names {
            spellings
                .entry(name.to_lowercase())
                .and_modify(|known| {
                    if known.as_deref() != Some(name) {
                        *known = None;
                    }
                })
                .or_insert_with(|| Some(name.to_owned()));
        }
        let exact = spellings
            .into_iter()
            .filter_map(|(lower, name)| name.filter(|name| *name != lower).map(|name| (lower, name)))
            .collect();
        Self { exact }
    }

    /// Quotes, in the statement, the names that folding would miss. An alias of the statement that
    /// has the same name stays what is meant.
    pub(crate) fn apply(&self, sql: &str, statement: &mut Statement) {
        let Statement::Statement(statement) = statement else { return };
        if self.exact.is_empty() {
            return;
        }
        let aliases = aliases(sql);
        let fix = |ident: &mut Ident| {
            let lower = ident.value.to_lowercase();
            if ident.quote_style.is_none()
                && !aliases.contains(&lower)
                && let Some(exact) = self.exact.get(&lower)
            {
                ident.value.clone_from(exact);
                ident.quote_style = Some('"');
            }
        };
        let _ = visit_relations_mut(statement, |name| {
            name.0
                .iter_mut()
                .filter_map(|part| match part {
                    datafusion::sql::sqlparser::ast::ObjectNamePart::Identifier(ident) => Some(ident),
                    _ => None,
                })
                .for_each(fix);
            ControlFlow::<()>::Continue(())
        });
        let _ = visit_expressions_mut(statement, |expression| {
            match expression {
                Expr::Identifier(ident) => fix(ident),
                Expr::CompoundIdentifier(idents) => idents.iter_mut().for_each(fix),
                _ => {}
            }
            ControlFlow::<()>::Continue(())
        });
    }
}

/// Words behind `AS`, in lower case.
fn aliases(sql: &str) -> Vec<String> {
    let lower = sql.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    words.windows(2).filter(|pair| pair[0] == "as").map(|pair| pair[1].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unambiguous_names_with_capitals_are_kept() {
        let names = Names::new(["Price", "item", "ID", "id", "Price"].into_iter());
        assert_eq!(names.exact.len(), 1);
        assert_eq!(names.exact.get("price").map(String::as_str), Some("Price"));
    }

    #[test]
    fn aliases_are_words_behind_as() {
        assert_eq!(aliases("SELECT a AS Price, b as q FROM t AS u"), ["price", "q", "u"]);
    }
}
