//! Numbers, sizes and durations as people read them.

/// A count with thousands separators: `13,000,000`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length in decimal units with three digits: `957 MB`, `1.07 GB`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut scaled = value as f64;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    format!("{} {}", three_digits(scaled, unit == 0), UNITS[unit])
}

/// A rate or an estimate, shortened: `7.2 M`, `850 k`.
pub fn short(value: f64) -> String {
    const UNITS: [&str; 4] = ["", " k", " M", " G"];
    let mut scaled = value;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    format!("{}{}", three_digits(scaled, unit == 0), UNITS[unit])
}

/// A duration: `38 ms`, `1.9 s`, `2 min 05 s`.
pub fn duration(millis: f64) -> String {
    if millis < 999.5 {
        format!("{millis:.0} ms")
    } else if millis < 59_950.0 {
        format!("{:.1} s", millis / 1000.0)
    } else {
        let seconds = (millis / 1000.0).round();
        format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

/// A share as a whole percentage that says 100 only when it is complete.
pub fn percent(fraction: f64) -> String {
    if fraction >= 1.0 { "100 %".to_owned() } else { format!("{:.0} %", (fraction * 100.0).floor()) }
}

fn three_digits(value: f64, whole: bool) -> String {
    if whole || value >= 99.95 {
        format!("{value:.0}")
    } else if value >= 9.995 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn counts_have_separators() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(13_000_000), "13,000,000");
    }

    #[wasm_bindgen_test]
    fn sizes_have_three_digits() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500), "1.50 kB");
        assert_eq!(bytes(956_700_000), "957 MB");
        assert_eq!(bytes(999_600_000), "1.00 GB");
        assert_eq!(bytes(1_073_000_000), "1.07 GB");
    }

    #[wasm_bindgen_test]
    fn durations_suit_their_length() {
        assert_eq!(duration(38.2), "38 ms");
        assert_eq!(duration(1_930.0), "1.9 s");
        assert_eq!(duration(125_400.0), "2 min 05 s");
    }

    #[wasm_bindgen_test]
    fn percent_is_100_only_when_complete() {
        assert_eq!(percent(0.999), "99 %");
        assert_eq!(percent(0.433), "43 %");
        assert_eq!(percent(1.0), "100 %");
    }

    #[wasm_bindgen_test]
    fn rates_are_short() {
        assert_eq!(short(7_240_000.0), "7.24 M");
        assert_eq!(short(12.0), "12");
    }
}
