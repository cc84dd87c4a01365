//! Queries that nobody asked for, so that the first one that somebody asks for runs at full speed.
//!
//! A browser compiles each function of the engine when it is first called, in haste, and those that
//! run much a second time, well. Until then a first query took half as long again.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::Error;
use crate::engine::{Engine, EngineOptions};
use crate::source::MemorySource;

/// Rows of the made-up CSV: enough for the inner loops to be found busy.
const ROWS: u32 = 60_000;
/// Rows in the other formats, and how often the packed rows come again.
const FEWER_ROWS: u32 = 20_000;
const PACKED_TIMES: usize = 130;
const SPLIT_BYTES: u64 = 1 << 20;
const MEMORY_BYTES: u64 = 64 << 20;

/// 190 rows with gzip: a library that unpacks is large, and slow until it has been compiled well.
const PACKED_ROWS: &[u8] = include_bytes!("warm_up_data/rows.csv.gz");

/// A file that is made up, and what is asked of it.
struct Example {
    file: &'static str,
    bytes: fn() -> Vec<u8>,
    queries: &'static [&'static str],
}

/// What people ask first: groups, time buckets, the largest. Each is run over bytes and then over kept
/// columns. The other formats have decoders of their own and no other operators.
const EXAMPLES: &[Example] = &[
    Example {
        file: "warm_up.csv",
        bytes: || rows(ROWS, CSV_HEADER, csv_row),
        queries: &[
            "SELECT name, count(*), avg(price), max(price) FROM warm_up GROUP BY name ORDER BY name",
            "SELECT date_trunc('minute', ts) AS minute, kind, count(*), avg(price) FROM warm_up \
             WHERE amount > 2 GROUP BY minute, kind ORDER BY minute",
            "SELECT * FROM warm_up ORDER BY price DESC LIMIT 10",
        ],
    },
    Example {
        file: "warm_up.csv.gz",
        bytes: || PACKED_ROWS.repeat(PACKED_TIMES),
        queries: &["SELECT count(*) FROM warm_up"],
    },
    Example {
        file: "warm_up.ndjson",
        bytes: || rows(FEWER_ROWS, "", json_row),
        queries: &["SELECT name, count(*), avg(price), max(ts) FROM warm_up GROUP BY name"],
    },
    Example {
        file: "warm_up.log",
        bytes: || rows(FEWER_ROWS, "", log_row),
        queries: &["SELECT status, count(*), sum(bytes), max(path) FROM warm_up GROUP BY status"],
    },
];

impl Engine {
    /// Runs queries over small files that are made up for them. They leave nothing behind, and dropping
    /// the future ends them.
    ///
    /// # Errors
    /// None that a user should hear of; they say that something is wrong with the engine.
    pub async fn warm_up(&self) -> Result<(), Error> {
        let options = EngineOptions {
            split_bytes: SPLIT_BYTES,
            memory_budget_bytes: MEMORY_BYTES,
            cache_bytes: MEMORY_BYTES / 4,
            spill: None,
            cache_store: None,
            ..self.0.options.clone()
        };
        let engine = Self::new(options)?;
        for Example { file, bytes, queries } in EXAMPLES {
            let bytes = engine.on_pool(bytes).await?;
            engine.add_table(Some("warm_up"), vec![Rc::new(MemorySource::new(*file, bytes))]).await?;
            for _ in 0..2 {
                engine.clear_cache();
                for sql in *queries {
                    let job = engine.query(sql);
                    job.handle().request_snapshot();
                    job.run(|_| ()).await?;
                }
            }
        }
        Ok(())
    }
}

/// A row of events as people have them: times, numbers, names, and texts of which some are quoted.
struct Row {
    number: u32,
    noise: u32,
}

const CSV_HEADER: &str = "ts,user_id,name,kind,price,amount,comment\n";

fn rows(count: u32, header: &str, write: fn(&mut String, &Row) -> std::fmt::Result) -> Vec<u8> {
    let mut text = header.to_owned();
    let mut state = 1u32;
    for number in 0..count {
        // Numerical Recipes' linear congruential generator: this need not be random, only uneven.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Writing to a string cannot fail.
        let _ = write(&mut text, &Row { number, noise: state >> 8 });
    }
    text.into_bytes()
}

fn csv_row(text: &mut String, &Row { number, noise }: &Row) -> std::fmt::Result {
    let (minute, second, millis) = (number / 1000, number / 17 % 60, noise % 1000);
    let comment = if noise.is_multiple_of(5) { "\"early, as \"\"described\"\"\"" } else { "good value" };
    writeln!(
        text,
        "2026-01-05T10:{minute:02}:{second:02}.{millis:03}Z,{},name-{:02},kind{},{}.{:02},{},{comment}",
        100_000 + noise % 500_000,
        noise % 97,
        noise % 5,
        noise % 500,
        noise % 100,
        1 + noise % 9,
    )
}

fn json_row(text: &mut String, &Row { number, noise }: &Row) -> std::fmt::Result {
    writeln!(
        text,
        "{{\"ts\":\"2026-01-05 10:{:02}:{:02}.{:03}\",\"user_id\":{},\"name\":\"name-{:02}\",\"price\":{}.{:02},\
         \"note\":\"{}\"}}",
        number / 1000,
        number / 17 % 60,
        noise % 1000,
        100_000 + noise % 500_000,
        noise % 97,
        noise % 500,
        noise % 100,
        if noise.is_multiple_of(5) { "\\\"early\\\"" } else { "good value" },
    )
}

fn log_row(text: &mut String, &Row { number, noise }: &Row) -> std::fmt::Result {
    writeln!(
        text,
        "10.{}.{}.7 - - [05/Jan/2026:10:{:02}:{:02} +0000] \"GET /name-{:02}?id={noise} HTTP/1.1\" {} {} \
         \"https://shop.example/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
        noise % 250,
        noise % 199,
        number / 1000,
        number / 17 % 60,
        noise % 97,
        200 + noise % 5,
        noise % 9_999,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::executor::block_on;

    use super::*;
    use crate::Pool;

    #[test]
    fn warming_up_leaves_nothing_behind() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
        let options = EngineOptions {
            threads: 2,
            slots: 4,
            split_bytes: 8 << 20,
            memory_budget_bytes: 1 << 20,
            cache_bytes: 1 << 20,
            pool: Pool::Own(Arc::new(pool)),
            clock: None,
            spill: None,
            cache_store: None,
            cache_disk_bytes: 0,
        };
        let engine = Engine::new(options).expect("an engine");
        block_on(engine.warm_up()).expect("no failure");
        assert_eq!(engine.cached().bytes, 0);
        let error = block_on(engine.check("SELECT * FROM warm_up")).expect_err("no such table");
        assert!(error.info().message.contains("warm_up"));
    }
}
