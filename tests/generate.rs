//! Writes test data: `generate events|h2o|brc --rows N --bytes N --seed N FILE`,
//! `generate nexmark --rows N --seed N --format csv|ndjson FOLDER`, `generate categories FILE`.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use millrace_tests::brc::write_brc;
use millrace_tests::events::write_events;
use millrace_tests::h2o::write_h2o;
use millrace_tests::nexmark::{Tables, write_nexmark};
use millrace_tests::record::RecordFormat;
use millrace_tests::rows::Limit;

const BUFFER_BYTES: usize = 1 << 20;

fn main() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let what = arguments.subcommand()?;
    let rows: Option<u64> = arguments.opt_value_from_str("--rows")?;
    let bytes: Option<u64> = arguments.opt_value_from_str("--bytes")?;
    let seed: u64 = arguments.opt_value_from_str("--seed")?.unwrap_or(1);
    let format: Option<String> = arguments.opt_value_from_str("--format")?;
    let path: PathBuf = arguments.free_from_str()?;
    let rest = arguments.finish();
    if !rest.is_empty() {
        bail!("unknown arguments: {rest:?}");
    }
    if format.is_some() && what.as_deref() != Some("nexmark") {
        bail!("only nexmark can be had in several formats");
    }
    match what.as_deref() {
        Some(rows_of @ ("events" | "h2o" | "brc")) => {
            if rows.is_none() && bytes.is_none() {
                bail!("say how much: --rows or --bytes");
            }
            let limit = Limit { rows: rows.unwrap_or(u64::MAX), bytes: bytes.unwrap_or(u64::MAX) };
            let mut file = create(&path)?;
            let written = match rows_of {
                "h2o" => write_h2o(&mut file, limit, seed)?,
                "brc" => write_brc(&mut file, limit, seed)?,
                _ => write_events(&mut file, limit, seed)?,
            };
            println!("{} rows, {} bytes", written.rows, written.bytes);
        }
        Some("nexmark") => {
            let events = rows.context("say how many events: --rows")?;
            if bytes.is_some() {
                bail!("the length of nexmark is given by --rows");
            }
            let name = format.as_deref().unwrap_or("csv");
            let format = RecordFormat::named(name).with_context(|| format!("no format {name}"))?;
            nexmark(&path, events, seed, format)?;
        }
        Some("categories") => millrace_tests::write_categories(&mut create(&path)?)?,
        _ => bail!("generate events|h2o|brc|nexmark|categories … FILE"),
    }
    Ok(())
}

fn create(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("creating {}", path.display()))
}

/// Writes a file for each table into a folder, which is made when it is missing.
fn nexmark(folder: &Path, events: u64, seed: u64, format: RecordFormat) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut tables = Tables::open(|name| {
        let file = create(&folder.join(format!("{name}.{}", format.ending())))?;
        anyhow::Ok(BufWriter::with_capacity(BUFFER_BYTES, file))
    })?;
    let written = write_nexmark(&mut tables, events, seed, format)?;
    println!("{} events, {} bytes", written.rows, written.bytes);
    Ok(())
}
