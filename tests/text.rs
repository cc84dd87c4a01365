//! Fast writing of numbers and times with a fixed number of digits.

/// Appends the last `width` decimal digits of a number, with leading zeros.
pub fn push_digits(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// Appends a number without leading zeros.
pub fn push_number(out: &mut Vec<u8>, value: u64) {
    push_digits(out, value, value.checked_ilog10().unwrap_or(0) as usize + 1);
}

/// Writes instants of rising days as ISO 8601 in UTC with milliseconds.
#[derive(Debug, Default)]
pub struct Timestamps {
    day: u64,
    date: Vec<u8>,
}

impl Timestamps {
    /// Appends an instant, given in milliseconds since 1970-01-01 UTC.
    pub fn push(&mut self, out: &mut Vec<u8>, millis: u64) {
        let day = millis / 86_400_000;
        if day != self.day || self.date.is_empty() {
            self.day = day;
            self.date = date(day);
        }
        out.extend_from_slice(&self.date);
        let millis = millis % 86_400_000;
        out.push(b'T');
        push_digits(out, millis / 3_600_000, 2);
        out.push(b':');
        push_digits(out, millis / 60_000 % 60, 2);
        out.push(b':');
        push_digits(out, millis / 1_000 % 60, 2);
        out.push(b'.');
        push_digits(out, millis % 1_000, 3);
        out.push(b'Z');
    }
}

/// The Gregorian date of a day counted from 1970-01-01, found by counting years and months.
fn date(mut day: u64) -> Vec<u8> {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", day + 1).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_iso_8601() {
        let mut writer = Timestamps::default();
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
            (1_767_225_600_000, "2026-01-01T00:00:00.000Z"),
        ] {
            let mut out = Vec::new();
            writer.push(&mut out, millis);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    #[test]
    fn numbers_have_no_leading_zeros() {
        let mut out = Vec::new();
        for number in [0, 9, 10, 1_234_567] {
            push_number(&mut out, number);
            out.push(b' ');
        }
        assert_eq!(out, b"0 9 10 1234567 ");
    }
}
