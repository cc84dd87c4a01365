//! Changed files: whatever a file holds, it is read or refused, in bounded time and memory, and in the same way however it
//! is split.
//!
//! The files of the corpus, and one of each other format, compression and archive, are changed at random: bytes, lines,
//! and what means something to parsers. The usual tests try some hundred of them. For longer:
//!
//! ```sh
//! MILLRACE_FUZZ_SECONDS=600 cargo test --release -p millrace-tests --test fuzz -- --ignored --nocapture
//! ```
//!
//! `MILLRACE_FUZZ_ONLY` is a part of the names of the files that are changed, `MILLRACE_FUZZ_SEED` a number for other
//! changes. What fails is written to the folder that is told; it becomes a case of the corpus once it is repaired.

#[path = "../codings/archive_files.rs"]
mod archive_files;
mod memory;
mod mutate;
#[path = "../codings/pack.rs"]
mod pack;
mod run;
mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mutate::Random;
use run::{Limits, Runner};
use seeds::{Input, seeds};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// Changed files of each that the usual tests try.
const USUAL_CHANGES: usize = 1;

#[test]
fn changed_files_are_read_or_refused() {
    let seeds = seeds();
    let mut trial = Trial::new(1);
    for round in 0..=USUAL_CHANGES {
        for (number, seed) in seeds.iter().enumerate() {
            let input = if round == 0 { seed.clone() } else { trial.change(number, &seeds) };
            trial.run(&input);
        }
    }
    trial.finish();
}

#[test]
#[ignore = "takes as long as it is told"]
fn changed_files_for_long() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let until = Instant::now() + Duration::from_secs(number("MILLRACE_FUZZ_SECONDS").unwrap_or(60));
    let only = std::env::var("MILLRACE_FUZZ_ONLY").unwrap_or_default();
    let seeds: Vec<Input> = seeds().into_iter().filter(|seed| seed.label.contains(&only)).collect();
    assert!(!seeds.is_empty(), "no file has {only} in its name");
    let mut trial = Trial::new(number("MILLRACE_FUZZ_SEED").unwrap_or(2));
    while Instant::now() < until {
        for number in 0..seeds.len() {
            let input = trial.change(number, &seeds);
            trial.run(&input);
        }
    }
    trial.finish();
}

/// Runs inputs, and remembers what failed.
struct Trial {
    random: Random,
    runner: Runner,
    inputs: u64,
    slowest: (Duration, String),
    failures: Vec<String>,
}

impl Trial {
    fn new(seed: u64) -> Self {
        // Libraries may panic over damaged files, which the engine takes for damage: that is no news.
        std::panic::set_hook(Box::new(|_| ()));
        let (slowest, failures) = (Default::default(), Vec::new());
        Self { random: Random::new(seed), runner: Runner::new(), inputs: 0, slowest, failures }
    }

    fn change(&mut self, number: usize, seeds: &[Input]) -> Input {
        let other = self.random.below(seeds.len());
        mutate::changed(&mut self.random, &seeds[number], &seeds[other])
    }

    fn run(&mut self, input: &Input) {
        self.inputs += 1;
        let begin = Instant::now();
        let split_bytes = [7, 61, 1_000][self.random.below(3)];
        let outcome =
            catch_unwind(AssertUnwindSafe(|| self.runner.check(input, split_bytes, &Limits::USUAL)));
        let took = begin.elapsed();
        if took > self.slowest.0 {
            self.slowest = (took, input.label.clone());
        }
        let failure = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(failure)) => failure,
            Err(panic) => {
                let said = panic.downcast_ref::<String>().map(String::as_str);
                format!("panics: {}", said.or(panic.downcast_ref::<&str>().copied()).unwrap_or_default())
            }
        };
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("found-{}", self.failures.len()));
        let kept = input.write(&folder);
        self.failures.push(format!("{}: {failure}\n  kept in {}", input.label, kept.display()));
        eprintln!("{}", self.failures[self.failures.len() - 1]);
    }

    fn finish(self) {
        drop(std::panic::take_hook());
        eprintln!("{} files, the slowest {:?}: {}", self.inputs, self.slowest.0, self.slowest.1);
        assert!(self.failures.is_empty(), "{} failed:\n{}", self.failures.len(), self.failures.join("\n"));
    }
}
