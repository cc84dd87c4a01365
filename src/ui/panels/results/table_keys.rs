//! Keys of the result table.

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAction {
    /// Makes the cell in this row and column the active one.
    Move(u64, usize),
    /// Sorts by the active cell's column.
    Sort,
    /// Opens the active cell.
    Open,
    /// Copies the active cell.
    Copy,
}

/// What a key does at a cell, as in the grid pattern of the ARIA authoring practices; `command` is the
/// Control or Command key.
pub fn key_action(
    key: &str,
    command: bool,
    (row, column): (u64, usize),
    rows: u64,
    columns: usize,
    page_rows: u64,
) -> Option<KeyAction> {
    if rows == 0 || columns == 0 {
        return None;
    }
    let (last_row, last_column) = (rows - 1, columns - 1);
    let action = match (key, command) {
        ("ArrowUp", false) => KeyAction::Move(row.saturating_sub(1), column),
        ("ArrowDown", false) => KeyAction::Move((row + 1).min(last_row), column),
        ("ArrowLeft", false) => KeyAction::Move(row, column.saturating_sub(1)),
        ("ArrowRight", false) => KeyAction::Move(row, (column + 1).min(last_column)),
        ("ArrowUp", true) => KeyAction::Move(0, column),
        ("ArrowDown", true) => KeyAction::Move(last_row, column),
        ("PageUp", _) => KeyAction::Move(row.saturating_sub(page_rows), column),
        ("PageDown", _) => KeyAction::Move((row + page_rows).min(last_row), column),
        ("Home", false) => KeyAction::Move(row, 0),
        ("End", false) => KeyAction::Move(row, last_column),
        ("Home", true) => KeyAction::Move(0, 0),
        ("End", true) => KeyAction::Move(last_row, last_column),
        ("Enter", false) => KeyAction::Open,
        ("s", false) => KeyAction::Sort,
        ("c", true) => KeyAction::Copy,
        _ => return None,
    };
    Some(action)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{KeyAction::*, *};

    #[wasm_bindgen_test]
    fn keys_stay_inside_the_table() {
        let at = |key, command, cell| key_action(key, command, cell, 100, 5, 20);
        assert_eq!(at("ArrowUp", false, (0, 0)), Some(Move(0, 0)));
        assert_eq!(at("ArrowDown", false, (99, 0)), Some(Move(99, 0)));
        assert_eq!(at("ArrowRight", false, (3, 4)), Some(Move(3, 4)));
        assert_eq!(at("PageDown", false, (90, 1)), Some(Move(99, 1)));
        assert_eq!(at("PageUp", false, (30, 1)), Some(Move(10, 1)));
        assert_eq!(at("End", true, (0, 0)), Some(Move(99, 4)));
        assert_eq!(at("Home", false, (7, 3)), Some(Move(7, 0)));
        assert_eq!(at("c", true, (7, 3)), Some(Copy));
        assert_eq!(at("c", false, (7, 3)), None);
        assert_eq!(at("Tab", false, (7, 3)), None);
    }

    #[wasm_bindgen_test]
    fn an_empty_table_leaves_keys_to_the_page() {
        assert_eq!(key_action("ArrowDown", false, (0, 0), 0, 5, 20), None);
        assert_eq!(key_action("ArrowDown", false, (0, 0), 5, 0, 20), None);
    }
}
