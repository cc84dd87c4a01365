//! The table of the group-by questions of H2O.ai's db-benchmark, in its distributions `G1_…_1e2_0_0`.
//!
//! Columns: `id1` and `id2` (text, 100 values), `id3` (text, a hundredth of the rows), `id4` and
//! `id5` (integer, 100 values), `id6` (integer, a hundredth of the rows), `v1` (1 to 5), `v2` (1 to
//! 15) and `v3` (0 to 100, up to six decimals). All are uniform and independent; nothing is missing
//! or sorted. The benchmark's own generator is a script in R, with other random numbers.

use std::io::{self, Write};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::rows::{Limit, Written, write_rows};
use crate::text::{push_digits, push_number};

/// Values of the columns with few of them, and rows for each value of those with many.
const GROUPS: u64 = 100;

/// Digits behind the point of `v3`.
const DECIMALS: u32 = 6;

/// Writes the table. The same seed and number of rows give the same bytes. The number of rows also
/// decides how many groups there are, so it must be given.
///
/// # Errors
/// When writing fails.
pub fn write_h2o(out: &mut impl Write, limit: Limit, seed: u64) -> io::Result<Written> {
    if limit.rows == u64::MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "h2o needs a number of rows"));
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let many = (limit.rows / GROUPS).max(1);
    let mut below = move |end: u64| ((u128::from(random.random::<u64>()) * u128::from(end)) >> 64) as u64;
    write_rows(out, limit, b"id1,id2,id3,id4,id5,id6,v1,v2,v3\n", |buffer, _| {
        for (groups, width) in [(GROUPS, 3), (GROUPS, 3), (many, 10)] {
            buffer.extend_from_slice(b"id");
            push_digits(buffer, 1 + below(groups), width);
            buffer.push(b',');
        }
        for groups in [GROUPS, GROUPS, many, 5, 15] {
            push_number(buffer, 1 + below(groups));
            buffer.push(b',');
        }
        push_fixed(buffer, below(100 * 10_u64.pow(DECIMALS)));
        buffer.push(b'\n');
    })
}

/// Appends a number of millionths as a decimal fraction without zeros at its end.
fn push_fixed(out: &mut Vec<u8>, millionths: u64) {
    let unit = 10_u64.pow(DECIMALS);
    push_number(out, millionths / unit);
    if !millionths.is_multiple_of(unit) {
        out.push(b'.');
        push_digits(out, millionths % unit, DECIMALS as usize);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn table(rows: u64, seed: u64) -> String {
        let mut out = Vec::new();
        let written = write_h2o(&mut out, Limit { rows, bytes: u64::MAX }, seed).unwrap();
        assert_eq!((written.rows, written.bytes), (rows, out.len() as u64));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fractions_end_with_a_digit_that_counts() {
        for (millionths, expected) in [(0, "0"), (5_000_000, "5"), (23_574_910, "23.57491"), (1, "0.000001")]
        {
            let mut out = Vec::new();
            push_fixed(&mut out, millionths);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    #[test]
    fn columns_have_as_many_values_as_described() {
        let text = table(20_000, 1);
        assert_ne!(text, table(20_000, 2));
        let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let values = |column: usize| rows.iter().map(|row| row[column]).collect::<HashSet<_>>().len();
        assert_eq!((0..8).map(values).collect::<Vec<_>>(), [100, 100, 200, 100, 100, 200, 5, 15]);
        assert!(rows.iter().all(|row| row[2].len() == 12 && row[0].len() == 5));
        let mean = rows.iter().map(|row| row[8].parse::<f64>().unwrap()).sum::<f64>() / 20_000.0;
        assert!((49.0..51.0).contains(&mean), "{mean}");
    }
}
