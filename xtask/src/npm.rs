//! Packages from npm, and what they build: the script bundles and the style sheet.
//!
//! Owns: when packages are installed, and where bundles go. Touches: `www/`, `tests/`, npm, esbuild
//! and Tailwind's command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::files::{files_in, hex_digest};
use crate::run::{root, run, say};

/// Names that modules of the page are imported by start with this.
const MODULE_PREFIX: &str = "millrace/";

/// The folder of the commands that packages of `www/` bring.
pub fn www_commands() -> PathBuf {
    root().join("www/node_modules/.bin")
}

/// Installs the locked packages of a folder, unless that very lock file was installed before.
///
/// # Errors
/// When npm fails.
pub fn install(folder: &Path) -> Result<()> {
    let lock = std::fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("cannot read package-lock.json in {}", folder.display()))?;
    let stamp = folder.join("node_modules/.millrace-lock");
    let wanted = hex_digest(&lock);
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say(format!("installing npm packages of {}", folder.display()));
    // No package may run a script of its own on this machine.
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    run(&mut npm)?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Builds the style sheet from `www/styles.css`, where index.html expects it.
///
/// # Errors
/// When Tailwind's command fails.
pub fn build_styles(minify: bool) -> Result<()> {
    let output = root().join("target/assets/styles.css");
    let mut tailwind = Command::new(www_commands().join("tailwindcss"));
    tailwind.current_dir(root().join("www")).args(["--input", "styles.css", "--output"]).arg(output);
    if minify {
        tailwind.arg("--minify");
    }
    run(&mut tailwind)
}

/// Bundles each `www/npm/*.js` into `<site>/npm/`, with a digest in its name, and returns the
/// import map of the page: `millrace/<name>` to the file's path.
///
/// # Errors
/// When esbuild fails.
pub fn build_bundles(site: &Path, minify: bool) -> Result<BTreeMap<String, String>> {
    let entries = files_in(&root().join("www/npm"), "js")?;
    let output = site.join("npm");
    if entries.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut esbuild = Command::new(www_commands().join("esbuild"));
    esbuild.current_dir(root().join("www")).args(&entries).arg(format!("--outdir={}", output.display()));
    // Code that several entries share, and what they import lazily, become files of their own.
    esbuild.args(["--bundle", "--format=esm", "--splitting", "--target=es2022", "--charset=utf8"]);
    esbuild.args(["--entry-names=[name]-[hash]", "--chunk-names=chunk-[hash]", "--log-level=warning"]);
    esbuild.args(["--define:process.env.NODE_ENV=\"production\"", "--legal-comments=linked"]);
    if minify {
        esbuild.arg("--minify");
    }
    run(&mut esbuild)?;
    let mut modules = BTreeMap::new();
    for file in files_in(&output, "js")? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let module = name.rsplit_once('-').map_or(name.as_str(), |(module, _)| module);
        if entries.iter().any(|entry| entry.file_stem().is_some_and(|stem| stem == module)) {
            modules.insert(format!("{MODULE_PREFIX}{module}"), format!("./npm/{name}"));
        }
    }
    Ok(modules)
}
