//! Measurements in the form of the One Billion Row Challenge: `station;temperature`, no header.
//!
//! As there, 413 stations come equally often, and the temperatures of each are normal around a mean
//! of its own with a deviation of 10 degrees and have one decimal. The stations' names are made up,
//! of 3 to 26 bytes, some with spaces or letters beyond ASCII.

use std::collections::BTreeSet;
use std::io::{self, Write};

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::rows::{Limit, Written, write_rows};
use crate::text::push_number;

/// Number of stations.
pub const STATIONS: usize = 413;

const SYLLABLES: [&str; 20] = [
    "bra", "ka", "lo", "mün", "ten", "sa", "vi", "go", "pé", "ur", "dal", "hai", "no", "ri", "kyo", "os",
    "tam", "el", "ço", "wen",
];

/// Writes measurements. The same seed gives the same bytes, and a longer file begins like a shorter
/// one.
///
/// # Errors
/// When writing fails.
pub fn write_brc(out: &mut impl Write, limit: Limit, seed: u64) -> io::Result<Written> {
    let stations = stations();
    // A finite, positive deviation is valid.
    let spread = Normal::new(0.0, 100.0).expect("valid deviation");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    write_rows(out, limit, b"", |buffer, _| {
        let pick = (u64::from(random.random::<u32>()) * STATIONS as u64) >> 32;
        let (name, mean_tenths) = &stations[pick as usize];
        buffer.extend_from_slice(name.as_bytes());
        buffer.push(b';');
        let tenths = (mean_tenths + spread.sample(&mut random)).round().clamp(-999.0, 999.0) as i64;
        if tenths < 0 {
            buffer.push(b'-');
        }
        let tenths = tenths.unsigned_abs();
        push_number(buffer, tenths / 10);
        buffer.extend_from_slice(&[b'.', b'0' + (tenths % 10) as u8, b'\n']);
    })
}

/// Names and mean temperatures in tenths of a degree, always the same.
fn stations() -> Vec<(String, f64)> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let mut known = BTreeSet::new();
    let mut stations = Vec::with_capacity(STATIONS);
    while stations.len() < STATIONS {
        let name = name(&mut random);
        if (3..=26).contains(&name.len()) && known.insert(name.clone()) {
            stations.push((name, random.random_range(-150.0..300.0)));
        }
    }
    stations
}

/// One or two words of one to four syllables.
fn name(random: &mut Xoshiro256PlusPlus) -> String {
    let words = 1 + usize::from(random.random_range(0..5) == 0);
    let words: Vec<String> = (0..words)
        .map(|_| {
            let syllables = random.random_range(1..=4);
            let word: String =
                (0..syllables).map(|_| SYLLABLES[random.random_range(0..SYLLABLES.len())]).collect();
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_station_is_measured_around_its_mean() {
        let mut out = Vec::new();
        let limit = Limit { rows: 200_000, bytes: u64::MAX };
        write_brc(&mut out, limit, 1).unwrap();
        let text = String::from_utf8(out).unwrap();
        let mut sums: HashMap<&str, (f64, f64)> = HashMap::new();
        for line in text.lines() {
            let (name, temperature) = line.split_once(';').unwrap();
            assert_eq!(temperature.split_once('.').unwrap().1.len(), 1);
            let sum = sums.entry(name).or_default();
            *sum = (sum.0 + temperature.parse::<f64>().unwrap(), sum.1 + 1.0);
        }
        assert_eq!(sums.len(), STATIONS);
        for (name, mean_tenths) in stations() {
            let (sum, count) = sums[name.as_str()];
            assert!((sum / count - mean_tenths / 10.0).abs() < 3.0, "{name}");
        }
    }
}
