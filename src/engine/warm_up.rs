//! Queries that nobody asked for, so that the first one that somebody asks for runs at full speed.
//!
//! A browser compiles each function of the engine when it is first called, in haste, and those that
//! run much a second time, well. Until then a first query took half as long again.

use std::fmt::Write;
use std::rc::Rc;

use crate::Error;
use crate::engine::{Engine, EngineOptions};
use crate::source::MemorySource;

/// Rows of the made-up file: enough for the inner loops to be found busy.
const ROWS: u32 = 60_000;
const SPLIT_BYTES: u64 = 1 << 20;
const MEMORY_BYTES: u64 = 64 << 20;

/// What people ask first: groups, time buckets, the largest. Each is run over bytes and then over kept
/// columns.
const QUERIES: &[&str] = &[
    "SELECT name, count(*), avg(price), max(price) FROM warm_up GROUP BY name ORDER BY name",
    "SELECT date_trunc('minute', ts) AS minute, kind, count(*), avg(price) FROM warm_up \
     WHERE amount > 2 GROUP BY minute, kind ORDER BY minute",
    "SELECT * FROM warm_up ORDER BY price DESC LIMIT 10",
];

impl Engine {
    /// Runs queries over a small file that is made up for them. They leave nothing behind, and dropping
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
            ..self.0.options.clone()
        };
        let engine = Self::new(options)?;
        let text = engine.on_pool(made_up_file).await?;
        engine.add_table(Some("warm_up"), vec![Rc::new(MemorySource::new("warm_up.csv", text))]).await?;
        for _ in 0..2 {
            engine.clear_cache();
            for sql in QUERIES {
                let job = engine.query(sql);
                job.handle().request_snapshot();
                job.run(|_| ()).await?;
            }
        }
        Ok(())
    }
}

/// Events as people have them: times, numbers, names, and texts of which some are quoted.
fn made_up_file() -> String {
    let mut text = "ts,user_id,name,kind,price,amount,comment\n".to_owned();
    let mut state = 1u32;
    for row in 0..ROWS {
        // Numerical Recipes' linear congruential generator: this need not be random, only uneven.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = state >> 8;
        let (minute, second, millis) = (row / 1000, row / 17 % 60, noise % 1000);
        let comment = if noise.is_multiple_of(5) { "\"early, as \"\"described\"\"\"" } else { "good value" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "2026-01-05T10:{minute:02}:{second:02}.{millis:03}Z,{},name-{:02},kind{},{}.{:02},{},{comment}",
            100_000 + noise % 500_000,
            noise % 97,
            noise % 5,
            noise % 500,
            noise % 100,
            1 + noise % 9,
        );
    }
    text
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
        };
        let engine = Engine::new(options).expect("an engine");
        block_on(engine.warm_up()).expect("no failure");
        assert_eq!(engine.cached().bytes, 0);
        let error = block_on(engine.check("SELECT * FROM warm_up")).expect_err("no such table");
        assert!(error.info().message.contains("warm_up"));
    }
}
