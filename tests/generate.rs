//! Writes test data: `generate events|h2o|brc --rows N --bytes N --seed N FILE`,
//! `generate categories FILE`.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use millrace_tests::brc::write_brc;
use millrace_tests::events::write_events;
use millrace_tests::h2o::write_h2o;
use millrace_tests::rows::Limit;

fn main() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let what = arguments.subcommand()?;
    let rows: Option<u64> = arguments.opt_value_from_str("--rows")?;
    let bytes: Option<u64> = arguments.opt_value_from_str("--bytes")?;
    let seed: u64 = arguments.opt_value_from_str("--seed")?.unwrap_or(1);
    let path: PathBuf = arguments.free_from_str()?;
    let rest = arguments.finish();
    if !rest.is_empty() {
        bail!("unknown arguments: {rest:?}");
    }
    let mut file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    match what.as_deref() {
        Some(rows_of @ ("events" | "h2o" | "brc")) => {
            if rows.is_none() && bytes.is_none() {
                bail!("say how much: --rows or --bytes");
            }
            let limit = Limit { rows: rows.unwrap_or(u64::MAX), bytes: bytes.unwrap_or(u64::MAX) };
            let written = match rows_of {
                "h2o" => write_h2o(&mut file, limit, seed)?,
                "brc" => write_brc(&mut file, limit, seed)?,
                _ => write_events(&mut file, limit, seed)?,
            };
            println!("{} rows, {} bytes", written.rows, written.bytes);
        }
        Some("categories") => millrace_tests::write_categories(&mut file)?,
        _ => bail!("generate events|h2o|brc|categories … FILE"),
    }
    Ok(())
}
