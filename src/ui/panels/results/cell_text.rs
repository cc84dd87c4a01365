//! Cells as text: shortened for the eye, whole for copies.

use millrace_protocol::Cell;

use crate::charts::ColumnClass;

/// Characters of a cell that are put into the page; the rest opens on demand.
const SHOWN_CHARS: usize = 300;

/// A cell as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The text, cut and in one line.
    pub text: String,
    /// Whether it stands for a value that is not there.
    pub is_null: bool,
    /// Whether something was rounded, cut or made visible, so that the whole is worth opening.
    pub is_short: bool,
}

/// How a cell is drawn in a column of this class.
pub fn shown(cell: &Cell, class: ColumnClass) -> Shown {
    let whole = |text: String| Shown { text, is_null: false, is_short: false };
    match cell {
        Cell::Null => Shown { text: "null".to_owned(), is_null: true, is_short: false },
        Cell::Number(value) => {
            let (text, exact) = (rounded(*value), value.to_string());
            Shown { is_short: text != exact, text, is_null: false }
        }
        Cell::Text(text) if class == ColumnClass::Timestamp => whole(moment(text)),
        Cell::Text(text) => shortened(text),
        Cell::Bool(_) | Cell::Int(_) => whole(full(cell)),
    }
}

/// The whole value, as it is copied and as SQL knows it; nothing for NULL.
pub fn full(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
    }
}

/// At most four digits after the point for ordinary numbers, six that matter for small ones.
fn rounded(value: f64) -> String {
    let exact = value.to_string();
    let magnitude = value.abs();
    if !value.is_finite() || value.fract() == 0.0 && magnitude < 1e15 {
        return exact;
    }
    if !(1e-6..1e15).contains(&magnitude) {
        return format!("{value:e}");
    }
    let decimals = if magnitude >= 1.0 { 4 } else { (-magnitude.log10().floor()) as usize + 5 };
    if exact.split_once('.').is_some_and(|(_, fraction)| fraction.len() <= decimals) {
        return exact;
    }
    let rounded = format!("{value:.decimals$}");
    rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `2026-03-01T12:05:00.000Z` as `2026-03-01 12:05:00`.
fn moment(text: &str) -> String {
    let bare = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(text);
    let bare = match bare.split_once('.') {
        Some((seconds, fraction)) if fraction.bytes().all(|digit| digit == b'0') => seconds,
        _ => bare,
    };
    bare.replacen('T', " ", 1)
}

fn shortened(text: &str) -> Shown {
    let mut chars = text.chars();
    let mut cut: String = chars.by_ref().take(SHOWN_CHARS).collect();
    let mut is_short = chars.next().is_some();
    if cut.contains(['\n', '\r', '\t', '\0']) {
        is_short = true;
        cut = cut.replace("\r\n", "↵").replace(['\n', '\r'], "↵").replace('\t', "⇥").replace('\0', "␀");
    }
    if is_short {
        cut.push('…');
    }
    Shown { text: cut, is_null: false, is_short }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen::JsValue;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn cells_arrive_as_what_they_are() {
        let row = js_sys::Array::of5(
            &JsValue::NULL,
            &JsValue::TRUE,
            &js_sys::BigInt::from(i64::MAX).into(),
            &JsValue::from_f64(2.5),
            &JsValue::from_str("null"),
        );
        let cells: Vec<Cell> = serde_wasm_bindgen::from_value(row.into()).expect("cells");
        let expected =
            [Cell::Null, Cell::Bool(true), Cell::Int(i64::MAX), Cell::Number(2.5), Cell::Text("null".into())];
        assert_eq!(cells, expected);
    }

    #[wasm_bindgen_test]
    fn numbers_are_rounded_for_the_eye_only() {
        for (value, text, short) in [
            (5.0, "5", false),
            (30.25, "30.25", false),
            (30.123_456_789, "30.1235", true),
            (0.000_123_456_789, "0.000123457", true),
            (-2.999_999_9, "-3", true),
            (1e300, "1e300", true),
            (f64::NAN, "NaN", false),
        ] {
            let shown = shown(&Cell::Number(value), ColumnClass::Number);
            assert_eq!((shown.text.as_str(), shown.is_short), (text, short));
        }
        assert_eq!(full(&Cell::Number(30.123_456_789)), "30.123456789");
        assert_eq!(shown(&Cell::Int(i64::MIN), ColumnClass::Number).text, i64::MIN.to_string());
    }

    #[wasm_bindgen_test]
    fn times_lose_what_says_nothing() {
        for (text, expected) in [
            ("2026-03-01T12:05:00.000Z", "2026-03-01 12:05:00"),
            ("2026-03-01T12:05:00.25Z", "2026-03-01 12:05:00.25"),
            ("2026-03-01T12:05:00", "2026-03-01 12:05:00"),
            ("Thursday", " hursday"),
        ] {
            assert_eq!(shown(&Cell::Text(text.into()), ColumnClass::Timestamp).text, expected);
        }
    }

    #[wasm_bindgen_test]
    fn nulls_are_not_the_text_null() {
        assert!(shown(&Cell::Null, ColumnClass::Text).is_null);
        assert!(!shown(&Cell::Text("null".into()), ColumnClass::Text).is_null);
        assert_eq!(full(&Cell::Null), "");
    }

    #[wasm_bindgen_test]
    fn long_and_odd_texts_are_cut_into_one_line() {
        let long = shown(&Cell::Text("ä".repeat(5_000_000)), ColumnClass::Text);
        assert_eq!((long.text.chars().count(), long.is_short), (SHOWN_CHARS + 1, true));
        let lines = shown(&Cell::Text("a\r\nb\tc\0".into()), ColumnClass::Text);
        assert_eq!(lines.text, "a↵b⇥c␀…");
        assert_eq!(shown(&Cell::Text("<b>".into()), ColumnClass::Text).text, "<b>");
    }
}
