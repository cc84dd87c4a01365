//! Failures in words: whose they are, what to do next, and the fix that a hint names.

use millrace_protocol::{ErrorInfo, ErrorKind, Position};

/// A headline for a failure.
pub fn title(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Sql => t!("This SQL does not run yet"),
        ErrorKind::Data => t!("A value stopped the query"),
        ErrorKind::File => t!("This file cannot be read"),
        ErrorKind::FileChanged => t!("The file changed"),
        ErrorKind::Memory => t!("The query needs more memory than it may take"),
        ErrorKind::Storage => t!("There is no room to put data aside"),
        ErrorKind::Cancelled => t!("Cancelled"),
        ErrorKind::Browser => t!("The browser does not allow this"),
        ErrorKind::Unsupported => t!("Millrace cannot run this yet"),
        ErrorKind::Internal => t!("Something broke in Millrace"),
    }
}

/// Where the cause lies, in a few words.
pub fn whose(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Sql => t!("in the query"),
        ErrorKind::Data => t!("in the data"),
        ErrorKind::File => t!("in the file"),
        ErrorKind::FileChanged => t!("on the disk"),
        ErrorKind::Memory => t!("memory"),
        ErrorKind::Storage => t!("on the disk"),
        ErrorKind::Cancelled => t!("by you"),
        ErrorKind::Browser => t!("in the browser"),
        ErrorKind::Unsupported => t!("a limit of Millrace"),
        ErrorKind::Internal => t!("our fault"),
    }
}

/// What to do next: the failure's own hint, or what helps with its kind.
pub fn advice(error: &ErrorInfo) -> String {
    error.hint.clone().unwrap_or_else(|| general_advice(error.kind).to_owned())
}

fn general_advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Sql => t!("Change the text where it is marked and run it again."),
        ErrorKind::Data => t!("Leave such values out with WHERE, or use TRY_CAST or NULLIF."),
        ErrorKind::File => t!("Open the file in a text editor and look at its first lines."),
        ErrorKind::FileChanged => t!("Add the file again, so that the query sees one state of it."),
        ErrorKind::Memory => t!("Group by fewer values, select fewer columns, or filter with WHERE."),
        ErrorKind::Storage => {
            t!("Free space on the disk, or filter with WHERE so that there is less to put aside.")
        }
        ErrorKind::Cancelled => t!("Run it again whenever you like."),
        ErrorKind::Browser => t!("Use a current Firefox, Chrome, Edge or Safari."),
        ErrorKind::Unsupported => t!("Write it another way, or tell us that you need it."),
        ErrorKind::Internal => t!("Run it again. If it happens again, please report it with the details."),
    }
}

/// The replacement that a hint names between backquotes: ``Did you mean `price`?``.
pub fn fix(error: &ErrorInfo) -> Option<String> {
    error.position?;
    let hint = error.hint.as_deref()?;
    let (_, rest) = hint.split_once("Did you mean `")?;
    let (name, _) = rest.split_once('`')?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// The text with `fix` where `position` is; nothing when the position lies outside.
pub fn fixed(sql: &str, position: Position, fix: &str) -> Option<String> {
    let start = offset(sql, position.line, position.column)?;
    let end = offset(sql, position.end_line, position.end_column)?;
    (start <= end).then(|| format!("{}{fix}{}", &sql[..start], &sql[end..]))
}

/// Byte offset of a line and column, both from 1, columns in characters.
fn offset(sql: &str, line: u32, column: u32) -> Option<usize> {
    let before = line.checked_sub(1)? as usize;
    let start: usize = sql.split_inclusive('\n').take(before).map(str::len).sum();
    if sql[..start].matches('\n').count() != before {
        return None;
    }
    let text = sql[start..].split('\n').next()?;
    let characters = column.checked_sub(1)? as usize;
    let mut ends = text.char_indices().map(|(index, _)| index).chain([text.len()]);
    ends.nth(characters).map(|index| start + index)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn error(hint: &str) -> ErrorInfo {
        let position = Position { line: 2, column: 3, end_line: 2, end_column: 8 };
        let error = ErrorInfo::new(ErrorKind::Sql, "No column `prise`.").with_hint(hint);
        ErrorInfo { position: Some(position), ..error }
    }

    #[wasm_bindgen_test]
    fn fix_is_what_the_hint_names() {
        assert_eq!(fix(&error("Did you mean `price`?")).as_deref(), Some("price"));
        assert_eq!(fix(&error("Write it another way.")), None);
        assert_eq!(fix(&ErrorInfo { position: None, ..error("Did you mean `price`?") }), None);
    }

    #[wasm_bindgen_test]
    fn fix_replaces_the_marked_stretch() {
        let position = error("").position.expect("it has one");
        assert_eq!(
            fixed("SELECT\n  prise\nFROM t", position, "price").as_deref(),
            Some("SELECT\n  price\nFROM t")
        );
        assert_eq!(fixed("äö\n€ prise,", position, "x").as_deref(), Some("äö\n€ x,"));
    }

    #[wasm_bindgen_test]
    fn fix_outside_the_text_is_refused() {
        let position = error("").position.expect("it has one");
        assert_eq!(fixed("SELECT 1", position, "price"), None);
        assert_eq!(fixed("SELECT\nab", position, "price"), None);
    }

    #[wasm_bindgen_test]
    fn every_kind_has_its_own_words() {
        use ErrorKind::*;
        let kinds =
            [Sql, Data, File, FileChanged, Memory, Storage, Cancelled, Browser, Unsupported, Internal];
        let mut titles: Vec<_> = kinds.iter().map(|kind| title(*kind)).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), kinds.len());
        assert!(kinds.iter().all(|kind| !general_advice(*kind).is_empty() && !whose(*kind).is_empty()));
    }
}
