//! Numbers and times of results as people read them.

use crate::format;

/// A number with thousands separators, rounded to about four significant digits:
/// `1,234.5`, `0.0001235`; digits before the point all stay: `13,000,000`.
pub fn number_text(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e15).contains(&magnitude) {
        return format!("{value:.4e}");
    }
    let decimals = if magnitude >= 1000.0 || magnitude == 0.0 {
        1
    } else if magnitude >= 1.0 {
        3
    } else {
        // Zeros after the point do not count as digits.
        (-magnitude.log10().floor()) as usize + 3
    };
    let text = with_decimals(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with thousands separators and so many digits after the point: `1,234.50`.
pub fn with_decimals(value: f64, decimals: usize) -> String {
    let rounded = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), format::count);
    let is_negative = value < 0.0 && rounded.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    let sign = if is_negative { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A moment in UTC, given in milliseconds since 1970-01-01, without parts that are zero at the end:
/// `2026-03-01`, `2026-03-01 12:05`, `2026-03-01 12:05:07.250`.
pub fn time_text(millis: f64) -> String {
    if !millis.is_finite() || millis.abs() > 8.64e15 {
        return millis.to_string();
    }
    let millis = millis.round() as i64;
    let (year, month, day) = civil_from_days(millis.div_euclid(86_400_000));
    let rest = millis.rem_euclid(86_400_000);
    let (hour, minute, second, thousandth) =
        (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (rest, second, thousandth) {
        (0, ..) => date,
        (_, 0, 0) => format!("{date} {hour:02}:{minute:02}"),
        (_, _, 0) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}.{thousandth:03}"),
    }
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
pub(super) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A moment as [`time_text`] or ISO 8601 write it, in UTC, in milliseconds since 1970-01-01.
pub fn time_millis(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.split(':');
    let (hour, minute) = (time.next()?.parse::<f64>().ok()?, time.next()?.parse::<f64>().ok()?);
    let second = time.next().map_or(Some(0.0), |second| second.parse::<f64>().ok())?;
    let days = days_from_civil(year, month, day) as f64;
    Some((((days * 24.0 + hour) * 60.0 + minute) * 60.0 + second) * 1000.0)
}

/// The day counted from 1970-01-01. The same source, `days_from_civil`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year - era * 400;
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn numbers_keep_the_digits_that_matter() {
        for (value, text) in [
            (0.0, "0"),
            (-0.5, "-0.5"),
            (1.0, "1"),
            (30.123_456, "30.123"),
            (1234.56, "1,234.6"),
            (13_000_000.0, "13,000,000"),
            (-1_234_567.0, "-1,234,567"),
            (0.000_123_456, "0.0001235"),
            (1e-9, "1.0000e-9"),
            (2.5e18, "2.5000e18"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number_text(value), text);
        }
    }

    #[wasm_bindgen_test]
    fn times_are_utc_and_as_short_as_they_can_be() {
        for (millis, text) in [
            (0.0, "1970-01-01"),
            (951_782_400_000.0, "2000-02-29"),
            (1_772_366_700_000.0, "2026-03-01 12:05"),
            (1_772_366_707_250.0, "2026-03-01 12:05:07.250"),
            (-1000.0, "1969-12-31 23:59:59"),
            (-2_208_988_800_000.0, "1900-01-01"),
        ] {
            assert_eq!(time_text(millis), text);
            assert_eq!(time_millis(text), Some(millis), "{text}");
        }
    }

    #[wasm_bindgen_test]
    fn what_is_no_time_has_no_milliseconds() {
        for text in ["", "yesterday", "2026-03", "2026-03-01Tnoon", "12:05"] {
            assert_eq!(time_millis(text), None, "{text}");
        }
        assert_eq!(time_millis("2026-03-01T12:05:00Z"), Some(1_772_366_700_000.0));
    }
}
