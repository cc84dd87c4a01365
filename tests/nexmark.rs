//! The auction site of the Nexmark benchmark: people, auctions and bids, a table of each.
//!
//! Columns, proportions and distributions are those of NEXMark (Tucker, Tufte, Papadimos, Maier, "NEXMark – A
//! Benchmark for Queries over Data Streams", 2002) as Apache Beam and Flink have it: of 50 events one is a person,
//! three are auctions and 46 bids. Three quarters of the auctions are those of hot sellers, half the bids are on
//! hot auctions and three quarters by hot bidders, who change with every hundred of their kind; the others are
//! drawn from those of late, and from a few that are still to come. An event happens each millisecond, and a tenth
//! of them are told up to three seconds late. The random numbers are not those of the benchmark's own generator.

mod site;

use std::io::{self, Write};

use self::site::Site;
use crate::record::{RecordFormat, Records, push_header};
use crate::rows::Written;

/// Events after which the kinds follow each other in the same order again: people, auctions, and then bids.
const EPOCH: u64 = 50;
const PEOPLE: u64 = 1;
const AUCTIONS: u64 = 3;

/// Rows of the table that bids are joined with by the remainder of their auction.
const SIDE_ROWS: u64 = 10_000;

const PERSON: [&str; 8] =
    ["id", "name", "email_address", "credit_card", "city", "state", "date_time", "extra"];
const AUCTION: [&str; 10] = [
    "id",
    "item_name",
    "description",
    "initial_bid",
    "reserve",
    "date_time",
    "expires",
    "seller",
    "category",
    "extra",
];
const BID: [&str; 7] = ["auction", "bidder", "price", "channel", "url", "date_time", "extra"];
const SIDE: [&str; 2] = ["key", "value"];

/// Where the tables are written.
#[derive(Debug)]
pub struct Tables<W> {
    /// People.
    pub person: W,
    /// Auctions.
    pub auction: W,
    /// Bids.
    pub bid: W,
    /// Ten thousand texts, numbered from 0.
    pub side_input: W,
}

impl<W> Tables<W> {
    /// Opens each table by its name.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn open<E>(mut open: impl FnMut(&str) -> Result<W, E>) -> Result<Self, E> {
        Ok(Self {
            person: open("person")?,
            auction: open("auction")?,
            bid: open("bid")?,
            side_input: open("side_input")?,
        })
    }
}

/// Writes so many events in all; their number is that of the rows without those of `side_input`. The same seed
/// gives the same bytes, and longer tables begin like shorter ones.
///
/// # Errors
/// When writing fails.
pub fn write_nexmark<W: Write>(
    tables: &mut Tables<W>,
    events: u64,
    seed: u64,
    format: RecordFormat,
) -> io::Result<Written> {
    let mut bytes = 0;
    let mut row = Vec::with_capacity(1 << 10);
    let mut write = |out: &mut W, row: &mut Vec<u8>| {
        bytes += row.len() as u64;
        out.write_all(row)?;
        row.clear();
        io::Result::Ok(())
    };
    let Tables { person, auction, bid, side_input } = tables;
    let headers: [(&mut W, &[&str]); 4] =
        [(person, &PERSON), (auction, &AUCTION), (bid, &BID), (side_input, &SIDE)];
    for (out, columns) in headers {
        push_header(&mut row, format, columns);
        write(out, &mut row)?;
    }
    let mut site = Site::new(seed);
    let mut records = Records::new(format);
    for event in 0..events {
        let offset = event % EPOCH;
        if offset < PEOPLE {
            site.person(records.begin(&mut row, &PERSON), event);
            write(person, &mut row)?;
        } else if offset < PEOPLE + AUCTIONS {
            site.auction(records.begin(&mut row, &AUCTION), event);
            write(auction, &mut row)?;
        } else {
            site.bid(records.begin(&mut row, &BID), event);
            write(bid, &mut row)?;
        }
    }
    for key in 0..SIDE_ROWS {
        records.begin(&mut row, &SIDE).number(key).text(&format!("value-{key}")).end();
        write(side_input, &mut row)?;
    }
    for out in [person, auction, bid, side_input] {
        out.flush()?;
    }
    Ok(Written { rows: events, bytes })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;

    use super::*;

    fn tables(events: u64, seed: u64, format: RecordFormat) -> Tables<String> {
        let Ok(mut tables) = Tables::open(|_| Ok::<_, Infallible>(Vec::new()));
        let written = write_nexmark(&mut tables, events, seed, format).unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let tables = Tables {
            person: text(tables.person),
            auction: text(tables.auction),
            bid: text(tables.bid),
            side_input: text(tables.side_input),
        };
        let bytes = tables.person.len() + tables.auction.len() + tables.bid.len() + tables.side_input.len();
        assert_eq!((written.rows, written.bytes), (events, bytes as u64));
        tables
    }

    fn rows(table: &str) -> Vec<Vec<&str>> {
        table.lines().skip(1).map(|line| line.split(',').collect()).collect()
    }

    #[test]
    fn the_seed_decides_the_bytes() {
        let (short, long) = (tables(1_000, 7, RecordFormat::Csv), tables(2_000, 7, RecordFormat::Csv));
        assert!(long.person.starts_with(&short.person));
        assert!(long.auction.starts_with(&short.auction));
        assert!(long.bid.starts_with(&short.bid));
        assert_ne!(short.bid, tables(1_000, 8, RecordFormat::Csv).bid);
    }

    #[test]
    fn events_come_in_the_published_proportions() {
        let tables = tables(50_000, 1, RecordFormat::Csv);
        let [people, auctions, bids] =
            [&tables.person, &tables.auction, &tables.bid].map(|table| rows(table));
        assert_eq!([people.len(), auctions.len(), bids.len()], [1_000, 3_000, 46_000]);
        assert_eq!(rows(&tables.side_input).len() as u64, SIDE_ROWS);
        assert!(people.iter().all(|row| row.len() == PERSON.len()));
        assert!(auctions.iter().all(|row| row.len() == AUCTION.len()));
        assert!(bids.iter().all(|row| row.len() == BID.len()));
        let mean = |table: &String, rows: usize| table.len() / rows;
        assert!((190..230).contains(&mean(&tables.person, 1_000)), "{}", mean(&tables.person, 1_000));
        assert!((480..560).contains(&mean(&tables.auction, 3_000)), "{}", mean(&tables.auction, 3_000));
        assert!((150..220).contains(&mean(&tables.bid, 46_000)), "{}", mean(&tables.bid, 46_000));
    }

    #[test]
    fn some_are_hot_and_some_late() {
        let tables = tables(50_000, 1, RecordFormat::Csv);
        let bids = rows(&tables.bid);
        // The hot one of each batch of a hundred: an auction by its first number, a bidder by its second.
        let share = |column: usize, remainder: u64| {
            let hot = |row: &&Vec<&str>| row[column].parse::<u64>().unwrap() % 100 == remainder;
            bids.iter().filter(hot).count() as f64 / bids.len() as f64
        };
        assert!((0.49..0.53).contains(&share(0, 0)), "{}", share(0, 0));
        assert!((0.74..0.77).contains(&share(1, 1)), "{}", share(1, 1));
        let mut channels: HashMap<&str, usize> = HashMap::new();
        bids.iter().for_each(|row| *channels.entry(row[3]).or_default() += 1);
        assert!((5_500..6_000).contains(&channels["Apple"]), "{}", channels["Apple"]);
        let mut latest = "";
        let late = bids.iter().filter(|row| {
            let before = row[5] < latest;
            latest = latest.max(row[5]);
            before
        });
        let late = late.count() as f64 / bids.len() as f64;
        assert!((0.09..0.11).contains(&late), "{late}");
    }

    #[test]
    fn formats_hold_the_same() {
        let (csv, json) = (tables(100, 1, RecordFormat::Csv), tables(100, 1, RecordFormat::Ndjson));
        assert_eq!(json.bid.lines().count(), rows(&csv.bid).len());
        for (row, line) in rows(&csv.bid).iter().zip(json.bid.lines()) {
            let values =
                format!("\"url\":\"{}\",\"date_time\":\"{}\",\"extra\":\"{}\"}}", row[4], row[5], row[6]);
            assert!(line.starts_with(&format!("{{\"auction\":{},", row[0])), "{line}");
            assert!(line.ends_with(&values), "{line}");
        }
    }
}
