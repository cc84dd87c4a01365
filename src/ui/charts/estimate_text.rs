//! Estimates as people read them.

use millrace_protocol::Estimate;

use super::value_text::{number_text, with_decimals};

/// What stands in front of every estimate.
pub const ABOUT: &str = "≈";

/// The estimate and half of its interval: `≈ 12,350 ± 120`.
///
/// Both are rounded to the second digit of the half, beyond which digits mean nothing (JCGM 100:2008,
/// 7.2.6). An interval without a width is left away.
pub fn estimate_text(estimate: &Estimate) -> String {
    let half = half_width(estimate);
    if half == 0.0 {
        return format!("{ABOUT} {}", number_text(estimate.value));
    }
    format!("{ABOUT} {} ± {}", rounded(estimate.value, half, 2), rounded(half, half, 2))
}

/// The ends of the interval: `12,225 to 12,465`.
pub fn interval_text(estimate: &Estimate) -> String {
    let half = half_width(estimate);
    tf!("{a} to {b}", a = rounded(estimate.low, half, 3), b = rounded(estimate.high, half, 3))
}

/// The estimate alone, rounded as in [`estimate_text`].
pub fn estimate_value_text(estimate: &Estimate) -> String {
    rounded(estimate.value, half_width(estimate), 2)
}

/// Half of the interval alone, rounded as in [`estimate_text`].
pub fn estimate_half_text(estimate: &Estimate) -> String {
    let half = half_width(estimate);
    rounded(half, half, 2)
}

fn half_width(estimate: &Estimate) -> f64 {
    (estimate.high - estimate.value).max(estimate.value - estimate.low).max(0.0)
}

/// `value` with as many digits as the first `digits` of `half` reach.
fn rounded(value: f64, half: f64, digits: i32) -> String {
    let magnitude = half.log10().floor();
    if !magnitude.is_finite() || !value.is_finite() || value.abs() >= 1e15 || magnitude < -9.0 {
        return number_text(value);
    }
    #[expect(clippy::cast_possible_truncation, reason = "it lies between -9 and 308")]
    let place = magnitude as i32 - digits + 1;
    if place >= 0 {
        let unit = 10_f64.powi(place);
        with_decimals((value / unit).round() * unit, 0)
    } else {
        with_decimals(value, place.unsigned_abs() as usize)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn estimate(value: f64, half: f64) -> Estimate {
        Estimate { value, low: value - half, high: value + half }
    }

    #[wasm_bindgen_test]
    fn digits_that_mean_nothing_are_left_away() {
        for (value, half, text, interval) in [
            (12_345.678, 119.7, "≈ 12,350 ± 120", "12,226 to 12,465"),
            (37_035_012.4, 4_321.0, "≈ 37,035,000 ± 4,300", "37,030,690 to 37,039,330"),
            (30.123_456, 0.0123, "≈ 30.123 ± 0.012", "30.1112 to 30.1358"),
            (5.0, 12.0, "≈ 5 ± 12", "-7.0 to 17.0"),
            (-1_234.5, 10.0, "≈ -1,235 ± 10", "-1,244.5 to -1,224.5"),
            (7.0, 0.0, "≈ 7", "7 to 7"),
            (2.5e18, 1e15, "≈ 2.5000e18 ± 1.0000e15", "2.4990e18 to 2.5010e18"),
        ] {
            let estimate = estimate(value, half);
            assert_eq!(estimate_text(&estimate), text);
            assert_eq!(interval_text(&estimate), interval);
        }
    }

    #[wasm_bindgen_test]
    fn a_lopsided_interval_shows_its_longer_side() {
        let estimate = Estimate { value: 100.0, low: 95.0, high: 120.0 };
        assert_eq!(estimate_text(&estimate), "≈ 100 ± 20");
        assert_eq!(interval_text(&estimate), "95.0 to 120.0");
    }
}
