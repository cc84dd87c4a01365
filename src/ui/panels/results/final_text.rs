//! Cells of a partial result, as the whole input will give them.

use millrace_protocol::Cell;

use super::{cell_text, page_cache::FinalValue};
use crate::charts::{estimate_text, interval_text};

/// How a cell is drawn while estimates are on screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalText {
    /// The text in the cell.
    pub text: String,
    /// What it means, in a sentence.
    pub title: String,
    /// Whether it is an estimate; it is a value so far otherwise.
    pub is_estimate: bool,
}

/// The text of a cell whose column can be estimated; nothing for others and for NULL.
pub fn final_text(cell: &Cell, so_far: &str, value: FinalValue) -> Option<FinalText> {
    match value {
        FinalValue::Estimated(estimate) => Some(FinalText {
            text: estimate_text(&estimate),
            title: tf!(
                "Estimate of the final value; 95 % interval {a}. So far: {b}",
                a = interval_text(&estimate),
                b = cell_text::full(cell)
            ),
            is_estimate: true,
        }),
        FinalValue::Unknown if *cell != Cell::Null => Some(FinalText {
            text: tf!("{so_far} so far", so_far = so_far),
            title: t!("Not estimated: too few parts of the input that were read hold this row.").to_owned(),
            is_estimate: false,
        }),
        FinalValue::Unknown | FinalValue::Untold => None,
    }
}

#[cfg(test)]
mod tests {
    use millrace_protocol::Estimate;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn estimates_and_values_so_far_are_told_apart() {
        let estimate = FinalValue::Estimated(Estimate { value: 12_345.0, low: 12_225.0, high: 12_465.0 });
        let shown = final_text(&Cell::Int(4321), "4321", estimate).expect("an estimate");
        assert_eq!((shown.text.as_str(), shown.is_estimate), ("≈ 12,350 ± 120", true));
        assert_eq!(shown.title, "Estimate of the final value; 95 % interval 12,225 to 12,465. So far: 4321");
        let unknown = final_text(&Cell::Int(4321), "4321", FinalValue::Unknown).expect("a mark");
        assert_eq!((unknown.text.as_str(), unknown.is_estimate), ("4321 so far", false));
        assert_eq!(final_text(&Cell::Null, "null", FinalValue::Unknown), None);
        assert_eq!(final_text(&Cell::Int(1), "1", FinalValue::Untold), None);
    }
}
