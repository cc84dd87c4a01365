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
