//! The events file that tests and benchmarks read.
//!
//! Columns: `ts` (ISO 8601 with milliseconds, up to 30 s out of order), `user_id`, `category` (100,
//! frequencies after Zipf), `region` (5), `price` (log-normal, two decimals), `quantity` and
//! `comment`, which a fifth of the rows quote because of commas or doubled quotes.

use std::io::{self, Write};

use rand::distr::weighted::WeightedIndex;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::rows::{Limit, Written, write_rows};
use crate::text::{Timestamps, push_digits, push_number};

/// Number of categories.
pub const CATEGORIES: usize = 100;

/// Name of a category, by rank of its frequency.
pub fn category_name(category: usize) -> String {
    const KINDS: [&str; 10] =
        ["books", "tools", "shoes", "lamps", "games", "chairs", "phones", "tea", "bikes", "paint"];
    format!("{}-{category:02}", KINDS[category % KINDS.len()])
}

const REGIONS: [&str; 5] = ["north", "south", "east", "west", "overseas"];
const PLAIN: [&str; 8] = [
    "",
    "delivered on time",
    "gift wrapped by hand",
    "second order today",
    "paid on delivery",
    "called the shop",
    "naïve café order",
    "returned once",
];
const QUOTED: [&str; 6] = [
    "\"late, but fine\"",
    "\"said \"\"great\"\" twice\"",
    "\"no bag, no receipt\"",
    "\"size \"\"M\"\", not L\"",
    "\"left at door, rang\"",
    "\"\"\"quoted\"\" at the start\"",
];

/// 2026-01-01 in milliseconds since 1970-01-01 UTC.
const FIRST_MILLIS: u64 = 1_767_225_600_000;
const EVENTS_PER_SECOND: u64 = 150;
const MAX_DELAY_MILLIS: f64 = 30_000.0;
const USERS: u64 = 1_000_000;

/// Writes events. The same seed gives the same bytes, and a longer file begins like a shorter one.
///
/// # Errors
/// When writing fails.
pub fn write_events(out: &mut impl Write, limit: Limit, seed: u64) -> io::Result<Written> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let choices = Choices::new();
    let mut timestamps = Timestamps::default();
    let header = b"ts,user_id,category,region,price,quantity,comment\n";
    write_rows(out, limit, header, |buffer, row| {
        // Events arrive in order and happened a little earlier, most of them only just.
        let arrival = FIRST_MILLIS + 30_000 + row * 1_000 / EVENTS_PER_SECOND;
        let delay = random.random::<f64>().powi(3) * MAX_DELAY_MILLIS;
        timestamps.push(buffer, arrival - delay as u64);
        choices.push_event(buffer, &mut random);
    })
}

/// What the fields of an event are chosen from.
struct Choices {
    categories: Vec<Vec<u8>>,
    /// Categories at evenly spaced quantiles of their distribution: drawing one of these is much
    /// faster than drawing by weight.
    category_quantiles: Vec<u8>,
    prices: LogNormal<f64>,
}

impl Choices {
    fn new() -> Self {
        let weights = (1..=CATEGORIES).map(|rank| (rank as f64).recip());
        // The weights are positive and finite, and so is the deviation below.
        let weighted = WeightedIndex::new(weights).expect("valid weights");
        let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
        Self {
            categories: (0..CATEGORIES).map(|category| category_name(category).into_bytes()).collect(),
            category_quantiles: (0..1 << 16).map(|_| weighted.sample(&mut random) as u8).collect(),
            prices: LogNormal::new(3.0, 0.8).expect("valid deviation"),
        }
    }

    /// Appends everything behind the time, and the line end.
    fn push_event(&self, out: &mut Vec<u8>, random: &mut Xoshiro256PlusPlus) {
        let bits: u64 = random.random();
        out.push(b',');
        push_number(out, 1 + (((bits & 0xffff_ffff) * USERS) >> 32));
        out.push(b',');
        let category = self.category_quantiles[(bits >> 32) as usize & 0xffff];
        out.extend_from_slice(&self.categories[category as usize]);
        out.push(b',');
        let bits: u64 = random.random();
        let region = ((bits & 0xffff) * REGIONS.len() as u64) >> 16;
        out.extend_from_slice(REGIONS[region as usize].as_bytes());
        out.push(b',');
        let cents = (self.prices.sample(random) * 100.0).round().max(1.0) as u64;
        push_number(out, cents / 100);
        out.push(b'.');
        push_digits(out, cents % 100, 2);
        out.push(b',');
        // One, mostly; 1 + the zeros before the first one of random bits halves with each step.
        push_number(out, 1 + u64::from((bits >> 16 | 1 << 8).trailing_zeros()));
        out.push(b',');
        let pick = bits >> 32 & 0xffff;
        let comment = match bits >> 48 {
            quoted if quoted < 0x1_0000 / 5 => QUOTED[pick as usize % QUOTED.len()],
            _ => PLAIN[pick as usize % PLAIN.len()],
        };
        out.extend_from_slice(comment.as_bytes());
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(rows: u64, bytes: u64, seed: u64) -> (String, Written) {
        let mut out = Vec::new();
        let written = write_events(&mut out, Limit { rows, bytes }, seed).unwrap();
        (String::from_utf8(out).unwrap(), written)
    }

    #[test]
    fn the_seed_decides_the_bytes() {
        let (short, _) = events(1_000, u64::MAX, 7);
        let (long, written) = events(20_000, u64::MAX, 7);
        assert!(long.starts_with(&short));
        assert_eq!((written.rows, written.bytes), (20_000, long.len() as u64));
        assert_ne!(short, events(1_000, u64::MAX, 8).0);
    }

    #[test]
    fn either_limit_ends_the_file() {
        let (text, written) = events(u64::MAX, 100_000, 1);
        assert_eq!(text.lines().count() as u64, written.rows + 1);
        assert!((100_000..100_200).contains(&written.bytes));
    }

    #[test]
    fn fields_are_spread_as_described() {
        let (text, _) = events(100_000, u64::MAX, 1);
        let lines: Vec<_> = text.lines().skip(1).collect();
        let share = |predicate: &dyn Fn(&str) -> bool| {
            lines.iter().filter(|line| predicate(line)).count() as f64 / lines.len() as f64
        };
        assert!((0.19..0.21).contains(&share(&|line| line.ends_with('"'))));
        assert!((0.17..0.21).contains(&share(&|line| line.contains(",books-00,"))));
        assert!((0.19..0.21).contains(&share(&|line| line.contains(",overseas,"))));
        let times: Vec<_> = lines.iter().map(|line| &line[..24]).collect();
        assert!(!times.is_sorted());
        let mean = text.len() as f64 / lines.len() as f64;
        assert!((70.0..76.0).contains(&mean), "{mean} bytes a row");
    }

    #[test]
    fn every_category_has_a_row_to_join_with() {
        let mut out = Vec::new();
        crate::write_categories(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), CATEGORIES + 1);
        assert!(text.contains("\nchairs-05,\"Garden, tools\","), "{text}");
    }
}
