//! What happens on the auction site.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{AUCTIONS, EPOCH, PEOPLE};
use crate::record::Record;

const FIRST_ID: u64 = 1_000;
const FIRST_CATEGORY: u64 = 10;
const CATEGORIES: u64 = 5;

/// So many people or auctions follow each other before another of them is the hot one.
const HOT_BATCH: u64 = 100;
const ACTIVE_PEOPLE: u64 = 1_000;
const OPEN_AUCTIONS: u64 = 100;
/// People and auctions that are named before their row comes.
const LEAD: u64 = 10;

/// 2026-01-01 17:45 in milliseconds since 1970-01-01 UTC: ten million events reach from day into night.
const FIRST_MILLIS: u64 = 1_767_289_500_000;
const MAX_DELAY_MILLIS: u64 = 3_000;
/// Mean length of an auction: until as many others have begun as are open at a time, an event a millisecond.
const AUCTION_MILLIS: u64 = OPEN_AUCTIONS * EPOCH / AUCTIONS;

const STATES: [&str; 6] = ["AZ", "CA", "ID", "OR", "WA", "WY"];
const CITIES: [&str; 10] = [
    "Phoenix",
    "Los Angeles",
    "San Francisco",
    "Boise",
    "Portland",
    "Bend",
    "Redmond",
    "Seattle",
    "Kent",
    "Cheyenne",
];
const FIRST_NAMES: [&str; 11] =
    ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"];
const LAST_NAMES: [&str; 9] =
    ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"];
const HOT_CHANNELS: [&str; 4] = ["Google", "Facebook", "Baidu", "Apple"];
const CHANNELS: u32 = 10_000;

/// Bytes of a row on average, which its last field fills up; a bid's channel and address are not counted.
const PERSON_BYTES: usize = 200;
const AUCTION_BYTES: usize = 500;
const BID_BYTES: usize = 100;
const NUMBER_BYTES: usize = 8;

/// Letters that texts without meaning are cut from.
const LETTERS: usize = 1 << 20;

/// Where bids come from, and what was seen there.
struct Channel {
    name: String,
    address: String,
}

/// The site, with what it draws from.
pub(super) struct Site {
    random: Random,
    letters: String,
    hot_channels: Vec<Channel>,
    channels: Vec<Channel>,
}

impl Site {
    /// The same seed gives the same events.
    pub fn new(seed: u64) -> Self {
        // What does not change between seeds makes files of different seeds comparable.
        let mut fixed = Random::new(0);
        let letters = (0..LETTERS).map(|_| fixed.letter()).collect();
        let mut channel = |name: String, number: Option<u32>| {
            let path = [0; 3].map(|_| fixed.word(5, '_')).join("/");
            let number = number.map_or_else(String::new, |number| format!("&channel_id={number}"));
            Channel { name, address: format!("https://www.nexmark.com/{path}/item.htm?query=1{number}") }
        };
        let hot_channels = HOT_CHANNELS.iter().map(|name| channel((*name).to_owned(), None)).collect();
        let channels = (0..CHANNELS)
            .map(|number| {
                let told = number % 10 != 9;
                channel(format!("channel-{number}"), told.then(|| number.reverse_bits() >> 1))
            })
            .collect();
        Self { random: Random::new(seed), letters, hot_channels, channels }
    }

    /// Writes the person of an event.
    pub fn person(&mut self, record: Record<'_>, event: u64) {
        let random = &mut self.random;
        let name = format!("{} {}", random.of(&FIRST_NAMES), random.of(&LAST_NAMES));
        let email = format!("{}@{}.com", random.word(7, '_'), random.word(5, '_'));
        let card = [0; 4].map(|_| format!("{:04}", random.below(10_000))).join(" ");
        let (city, state) = (random.of(&CITIES), random.of(&STATES));
        let at = random.time_of(event);
        let used = NUMBER_BYTES + name.len() + email.len() + card.len() + city.len() + state.len();
        let record = record.number(FIRST_ID + last_person(event)).text(&name).text(&email).text(&card);
        record.text(city).text(state).time(at).text(self.extra(used, PERSON_BYTES)).end();
    }

    /// Writes the auction of an event.
    pub fn auction(&mut self, record: Record<'_>, event: u64) {
        let random = &mut self.random;
        let seller = match random.below(4) {
            0 => random.person(event),
            _ => last_person(event) / HOT_BATCH * HOT_BATCH,
        };
        let (name, description) = (random.word(20, ' '), random.word(100, ' '));
        let initial_bid = random.price();
        let reserve = initial_bid + random.price();
        let at = random.time_of(event);
        let expires = at + 1 + random.below(2 * AUCTION_MILLIS);
        let category = FIRST_CATEGORY + random.below(CATEGORIES);
        let used = 6 * NUMBER_BYTES + name.len() + description.len();
        let record = record.number(FIRST_ID + last_auction(event)).text(&name).text(&description);
        let record = record.number(initial_bid).number(reserve).time(at).time(expires);
        let record = record.number(FIRST_ID + seller).number(category);
        record.text(self.extra(used, AUCTION_BYTES)).end();
    }

    /// Writes the bid of an event.
    pub fn bid(&mut self, record: Record<'_>, event: u64) {
        let random = &mut self.random;
        let auction = match random.below(2) {
            0 => random.auction(event),
            _ => last_auction(event) / HOT_BATCH * HOT_BATCH,
        };
        // The second of a batch, so that those who bid most are others than those who sell most.
        let bidder = match random.below(4) {
            0 => random.person(event),
            _ => last_person(event) / HOT_BATCH * HOT_BATCH + 1,
        };
        let price = random.price();
        let channels = if random.below(2) == 0 { &self.channels } else { &self.hot_channels };
        let channel = &channels[random.below(channels.len() as u64) as usize];
        let at = random.time_of(event);
        let record = record.number(FIRST_ID + auction).number(FIRST_ID + bidder).number(price);
        let record = record.text(&channel.name).text(&channel.address).time(at);
        let extra = extra(&mut self.random, &self.letters, 4 * NUMBER_BYTES, BID_BYTES);
        record.text(extra).end();
    }

    fn extra(&mut self, used: usize, mean: usize) -> &str {
        extra(&mut self.random, &self.letters, used, mean)
    }
}

/// As many letters, give or take a fifth, as a row lacks to its mean length.
fn extra<'a>(random: &mut Random, letters: &'a str, used: usize, mean: usize) -> &'a str {
    let lacking = mean.saturating_sub(used);
    let length = lacking - lacking / 5 + random.below(1 + 2 * (lacking / 5) as u64) as usize;
    let start = random.below((letters.len() - length) as u64) as usize;
    &letters[start..start + length]
}

/// How many people there were before the last one, at an event.
fn last_person(event: u64) -> u64 {
    event / EPOCH
}

/// How many auctions there were before the last one, at an event.
fn last_auction(event: u64) -> u64 {
    let begun = event / EPOCH * AUCTIONS + (event % EPOCH + 1).saturating_sub(PEOPLE).min(AUCTIONS);
    begun.saturating_sub(1)
}

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.0.random::<u64>()) * u128::from(end)) >> 64) as u64
    }

    fn of<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.below(values.len() as u64) as usize]
    }

    fn letter(&mut self) -> char {
        char::from(b'a' + self.below(26) as u8)
    }

    /// Three letters or more and fewer than `end`, of which one in thirteen is another character.
    fn word(&mut self, end: u64, other: char) -> String {
        let length = 3 + self.below(end - 3);
        (0..length)
            .map(|at| {
                let inside = at > 0 && at + 1 < length;
                if inside && self.below(13) == 0 { other } else { self.letter() }
            })
            .collect()
    }

    /// A hundred to a hundred million, each power of ten as often as the others.
    fn price(&mut self) -> u64 {
        (10_f64.powf(self.0.random::<f64>() * 6.0) * 100.0).round() as u64
    }

    /// When an event happened: one each millisecond, a tenth of them told late.
    fn time_of(&mut self, event: u64) -> u64 {
        let late = self.below(10) == 0;
        let delay = if late { 1 + self.below(MAX_DELAY_MILLIS) } else { 0 };
        FIRST_MILLIS + MAX_DELAY_MILLIS + event - delay
    }

    /// Someone who came of late or is about to, not counting those before.
    fn person(&mut self, event: u64) -> u64 {
        let people = last_person(event) + 1;
        let active = people.min(ACTIVE_PEOPLE);
        people - active + self.below(active + LEAD)
    }

    /// An auction that began of late or is about to.
    fn auction(&mut self, event: u64) -> u64 {
        let last = last_auction(event);
        let first = last.saturating_sub(OPEN_AUCTIONS);
        first + self.below(last - first + 1 + LEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_auctions_are_counted_by_events() {
        for (event, person, auction) in
            [(0, 0, 0), (1, 0, 0), (3, 0, 2), (4, 0, 2), (49, 0, 2), (50, 1, 2), (51, 1, 3), (99, 1, 5)]
        {
            assert_eq!((last_person(event), last_auction(event)), (person, auction), "event {event}");
        }
    }
}
