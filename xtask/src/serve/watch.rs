//! Notices when a source of the site changes.
//!
//! Owns: which files count. Touches: their times of change, asked for once a second: that is cheap
//! for a few hundred files, and works on every file system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::run::root;

const SOURCES: &[&str] = &["index.html", "Trunk.toml", "Cargo.toml", "src", "www"];

const INTERVAL: Duration = Duration::from_secs(1);

/// The sources as they were when they were last looked at.
#[derive(Debug, PartialEq, Eq)]
pub struct Sources(BTreeMap<PathBuf, SystemTime>);

impl Sources {
    /// The sources as they are.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn now() -> Result<Self> {
        let mut times = BTreeMap::new();
        for source in SOURCES {
            add(&root().join(source), &mut times);
        }
        Ok(Self(times))
    }

    /// Returns when a source has changed and then none for one interval.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn wait_for_change(&mut self) -> Result<()> {
        let mut changed = false;
        loop {
            std::thread::sleep(INTERVAL);
            let now = Self::now()?;
            let is_quiet = now == *self;
            *self = now;
            if changed && is_quiet {
                return Ok(());
            }
            changed |= !is_quiet;
        }
    }
}

/// A file that vanishes while it is looked at is simply not there.
fn add(path: &Path, times: &mut BTreeMap<PathBuf, SystemTime>) {
    if path.file_name().is_some_and(|name| name == "node_modules") {
        return;
    }
    if path.is_dir() {
        let Ok(entries) = std::fs::read_dir(path) else { return };
        for entry in entries.flatten() {
            add(&entry.path(), times);
        }
    } else if let Ok(time) = path.metadata().and_then(|metadata| metadata.modified()) {
        times.insert(path.to_path_buf(), time);
    }
}
