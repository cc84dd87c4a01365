//! Values as SQL writes them, and names.

pub use millrace_recipe::identifier;

use crate::charts::ColumnClass;

/// A text in single quotes.
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A text in single quotes to be found by `LIKE`, in which only `before` and `after` are wild.
pub fn pattern(before: &str, value: &str, after: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    text(&format!("{before}{escaped}{after}"))
}

/// What a person typed, as a value of a column of this class; `None` when it is not one.
pub fn value(typed: &str, class: ColumnClass) -> Option<String> {
    let trimmed = typed.trim();
    match class {
        ColumnClass::Number => is_number(trimmed).then(|| trimmed.to_owned()),
        ColumnClass::Timestamp => moment(trimmed).map(|moment| format!("TIMESTAMP '{moment}'")),
        ColumnClass::Date => {
            let day = trimmed.get(..10).filter(|day| is_date(day))?;
            Some(format!("DATE '{day}'"))
        }
        ColumnClass::Boolean => match trimmed {
            "true" | "false" => Some(trimmed.to_owned()),
            _ => None,
        },
        ColumnClass::Text => Some(text(typed)),
    }
}

/// Digits with an optional sign, point and exponent; nothing else that Rust would take for a number.
fn is_number(trimmed: &str) -> bool {
    trimmed.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && !trimmed.starts_with('+')
        && trimmed.parse::<f64>().is_ok_and(f64::is_finite)
}

/// `2026-03-01`, `2026-03-01T12:05` or `2026-03-01 12:05:07.25` as SQL writes a moment.
fn moment(trimmed: &str) -> Option<String> {
    let trimmed = trimmed.trim_end_matches('Z');
    let (date, time) = trimmed.split_once(['T', ' ']).unwrap_or((trimmed, "00:00"));
    if !is_date(date) {
        return None;
    }
    let mut parts = time.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().unwrap_or("00");
    let two_digits = |part: &str, below: u32| {
        part.len() == 2
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse::<u32>().is_ok_and(|number| number < below)
    };
    let (whole_second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let fits = parts.next().is_none()
        && two_digits(hour, 24)
        && two_digits(minute, 60)
        && two_digits(whole_second, 60)
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("{date} {hour}:{minute}:{second}"))
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    bytes.len() == 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && (1..=12).contains(&(text[5..7].parse().unwrap_or(0)))
        && (1..=31).contains(&(text[8..10].parse().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn texts_and_patterns_cannot_break_out() {
        assert_eq!(text("O'Neil'; DROP TABLE t; --"), "'O''Neil''; DROP TABLE t; --'");
        assert_eq!(pattern("%", "50%_\\'", "%"), "'%50\\%\\_\\\\''%'");
    }

    #[wasm_bindgen_test]
    fn numbers_are_numbers() {
        for (typed, fits) in [
            ("12", true),
            (" -3.5 ", true),
            ("1e6", true),
            ("", false),
            ("12abc", false),
            ("inf", false),
            ("nan", false),
            ("1; DROP", false),
            ("+1", false),
            ("1e999", false),
        ] {
            assert_eq!(value(typed, ColumnClass::Number).is_some(), fits, "{typed}");
        }
    }

    #[wasm_bindgen_test]
    fn moments_are_written_as_sql_does() {
        let timestamp = |typed| value(typed, ColumnClass::Timestamp);
        assert_eq!(timestamp("2026-03-01").as_deref(), Some("TIMESTAMP '2026-03-01 00:00:00'"));
        assert_eq!(timestamp("2026-03-01T12:05").as_deref(), Some("TIMESTAMP '2026-03-01 12:05:00'"));
        assert_eq!(
            timestamp("2026-03-01 12:05:07.25Z").as_deref(),
            Some("TIMESTAMP '2026-03-01 12:05:07.25'")
        );
        for wrong in
            ["yesterday", "2026-13-01", "2026-03-01 25:00", "2026-03-01 12", "2026-03-01 12:00:00'", ""]
        {
            assert_eq!(timestamp(wrong), None, "{wrong}");
        }
        assert_eq!(value("2026-03-01", ColumnClass::Date).as_deref(), Some("DATE '2026-03-01'"));
        assert_eq!(value("2026-3-1", ColumnClass::Date), None);
        assert_eq!(value("äöüäöüäöü", ColumnClass::Date), None);
    }
}
