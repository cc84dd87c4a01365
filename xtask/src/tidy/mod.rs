//! `cargo xtask tidy`: the rules of the house that a compiler does not know.
//!
//! Owns: running all rules over the tracked files. `edges` and `licences` look at crates,
//! `sources` at each file, `documents` at what the documents list, `texts` at translations of the page. Touches: git and cargo metadata, read only.

mod documents;
mod edges;
mod licences;
mod sources;
mod texts;

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::files::read_text;
use crate::run::{output, root, say};
use crate::toolchain::Toolchain;

/// A file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Relative to the project's root, with slashes.
    pub path: String,
    /// All of its text.
    pub text: String,
}

/// Checks every rule and prints what breaks one.
///
/// # Errors
/// When a rule is broken, or the files cannot be read.
pub fn tidy(toolchain: &Toolchain) -> Result<()> {
    let sources = project_files()?;
    let mut metadata = toolchain.command("cargo")?;
    metadata.args(["metadata", "--format-version", "1"]).current_dir(root());
    let metadata = serde_json::from_str(&output(&mut metadata)?)?;
    let mut problems = edges::problems(&metadata);
    problems.extend(licences::problems(&metadata, &read_text(&root().join("deny.toml"))?));
    for source in &sources {
        problems.extend(sources::problems(source));
    }
    problems.extend(documents::problems(&sources, &root()));
    problems.extend(texts::problems(&sources));
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    if !problems.is_empty() {
        bail!("tidy found {} problems", problems.len());
    }
    say(format!("tidy: {} files in order", sources.len()));
    Ok(())
}

/// Every text file that git tracks or would track.
fn project_files() -> Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    let mut sources = Vec::new();
    for path in output(&mut git)?.lines() {
        // A file that was removed and not yet committed is still listed; binary files have no text.
        if let Ok(text) = std::fs::read_to_string(root().join(Path::new(path))) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
