//! Unpacks a gzip file several times on one core and prints the milliseconds of each run and the bytes read, as JSON:
//! `inflate FILE RUNS`. The measure for reading compressed files.

use std::fs;
use std::io::Read;
use std::time::Instant;

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;

const BUFFER_BYTES: usize = 1 << 20;

fn main() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let path: String = arguments.free_from_str()?;
    let runs: usize = arguments.free_from_str()?;
    let packed = fs::read(&path).with_context(|| format!("reading {path}"))?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut millis = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        let mut text = MultiGzDecoder::new(packed.as_slice());
        while text.read(&mut buffer)? > 0 {}
        millis.push(format!("{:.3}", start.elapsed().as_secs_f64() * 1e3));
    }
    println!("{{\"millis\": [{}], \"bytes\": {}}}", millis.join(", "), packed.len());
    Ok(())
}
