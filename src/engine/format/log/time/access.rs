//! `10/Oct/2000:13:55:36 -0700`, of web servers.

use chrono::NaiveDate;

use super::clock::clock;
use super::{RecentDay, SECOND, TimeKind, TimeParser, month, number, zone_len, zone_seconds};

/// Of web servers.
pub static ACCESS: TimeKind =
    TimeKind { example: "10/Oct/2000:13:55:36 -0700", len, parser: |_| Box::<Access>::default() };

const DAY_BYTES: usize = 11;
const LOCAL_BYTES: usize = 20;

fn len(text: &[u8]) -> Option<usize> {
    let (local, rest) = text.split_at_checked(LOCAL_BYTES)?;
    let fits = local[2] == b'/' && local[6] == b'/' && local[11] == b':' && clock(&local[12..]).is_some();
    day(&local[..DAY_BYTES]).filter(|_| fits)?;
    Some(LOCAL_BYTES + zone_len(rest))
}

fn day(text: &[u8]) -> Option<NaiveDate> {
    let year = i32::try_from(number(&text[7..11])?).ok()?;
    NaiveDate::from_ymd_opt(year, month(&text[3..6])?, number(&text[..2])?)
}

#[derive(Debug, Default)]
struct Access {
    day: RecentDay,
    zone: Vec<u8>,
    zone_seconds: i64,
}

impl TimeParser for Access {
    fn micros(&mut self, text: &[u8]) -> Option<i64> {
        if text.len() < LOCAL_BYTES || text[2] != b'/' || text[6] != b'/' || text[11] != b':' {
            return None;
        }
        let day = self.day.seconds(&text[..DAY_BYTES], day)?;
        let zone = &text[LOCAL_BYTES..];
        if zone != self.zone {
            self.zone_seconds = zone_seconds(zone.trim_ascii_start())?;
            self.zone = zone.to_vec();
        }
        let clock = clock(&text[12..LOCAL_BYTES])?;
        Some((day - self.zone_seconds) * SECOND + clock.micros)
    }
}
