//! Programs that the build and the tests call: Trunk, wasm-bindgen, cargo-deny, Node, browsers.
//!
//! Owns: their versions and where they are kept. Touches: crates.io through `cargo install`, and
//! apt-get for browsers.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::run::{find_on_path, output, root, run, say};
use crate::toolchain::Toolchain;

/// The newest Trunk that the pinned compiler can build.
const TRUNK_VERSION: &str = "0.21.14";

const DENY_VERSION: &str = "0.20.2";

/// Node 20 is what the npm packages ask for.
const NODE_MAJOR: u32 = 20;

/// The folder of tools that were installed for this project, shared by all checkouts of a user.
///
/// # Errors
/// When the user has no home folder.
pub fn tools_root() -> Result<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => std::env::home_dir().context("no home folder, and XDG_CACHE_HOME is not set")?.join(".cache"),
    };
    Ok(cache.join("millrace/tools"))
}

/// The folder of the tools' programs.
///
/// # Errors
/// As for [`tools_root`].
pub fn tools_bin() -> Result<PathBuf> {
    Ok(tools_root()?.join("bin"))
}

/// Everything that a build of the site calls, but for npm's packages.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn ensure_all(toolchain: &Toolchain) -> Result<()> {
    ensure_node()?;
    ensure_clang()?;
    ensure_wasm_tools(toolchain)
}

/// Trunk and wasm-bindgen, in exactly their versions.
///
/// # Errors
/// When one of them cannot be built.
pub fn ensure_wasm_tools(toolchain: &Toolchain) -> Result<()> {
    ensure_installed(toolchain, "trunk", "trunk", TRUNK_VERSION)?;
    let version = wasm_bindgen_version()?;
    ensure_installed(toolchain, "wasm-bindgen-cli", "wasm-bindgen", &version)
}

/// cargo-deny, which reads deny.toml.
///
/// # Errors
/// When it cannot be built.
pub fn ensure_deny(toolchain: &Toolchain) -> Result<()> {
    ensure_installed(toolchain, "cargo-deny", "cargo-deny", DENY_VERSION)
}

/// Node with npm. It is the user's own and only checked.
///
/// # Errors
/// When it is missing or older than 20.
pub fn ensure_node() -> Result<()> {
    let version = output(Command::new("node").arg("--version")).context("Node 20 or newer is needed")?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_MAJOR) {
        bail!("Node {NODE_MAJOR} or newer is needed, {version} is there");
    }
    find_on_path("npm").context("npm is needed beside Node")?;
    Ok(())
}

/// clang, for the C that crates of the engine bring: it is the compiler that knows wasm.
///
/// # Errors
/// When it is missing and cannot be installed.
fn ensure_clang() -> Result<()> {
    let missing = missing_packages(&[("clang", "clang"), ("llvm-ar", "llvm")]);
    if missing.is_empty() { Ok(()) } else { apt::install("a C compiler for wasm", &missing) }
}

/// The browsers of the tests: Chromium with its driver, and Firefox.
///
/// # Errors
/// When they are missing and cannot be installed.
pub fn ensure_browsers() -> Result<()> {
    let missing = missing_packages(&[
        ("chromium", "chromium"),
        ("chromedriver", "chromium-driver"),
        ("firefox-esr", "firefox-esr"),
    ]);
    if missing.is_empty() { Ok(()) } else { apt::install("the browsers of the tests", &missing) }
}

/// The packages of those programs that are not on PATH.
fn missing_packages<'a>(programs: &[(&str, &'a str)]) -> Vec<&'a str> {
    programs
        .iter()
        .filter(|(program, _)| find_on_path(program).is_none())
        .map(|(_, package)| *package)
        .collect()
}

/// The version of wasm-bindgen in Cargo.lock; its command must be of exactly the same.
fn wasm_bindgen_version() -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    locked_version(&lock, "wasm-bindgen").context("wasm-bindgen is not in Cargo.lock")
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\n"))?;
    let version = entry.lines().next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

fn ensure_installed(toolchain: &Toolchain, package: &str, program: &str, version: &str) -> Result<()> {
    let file = tools_bin()?.join(program);
    // The word that carries the version is followed by a commit in builds from a repository.
    let has_version = |text: String| text.split_whitespace().nth(1) == Some(version);
    if output(Command::new(&file).arg("--version")).is_ok_and(has_version) {
        return Ok(());
    }
    say(format!("installing {package} {version}; this takes some minutes, once"));
    let install = |locked: bool| {
        let mut install = toolchain.command("cargo")?;
        install.args(["install", "--force", "--version", version, package, "--root"]).arg(tools_root()?);
        if locked {
            install.arg("--locked");
        }
        if package == "trunk" {
            // It has little to compute, so it need not be optimised, which would take minutes.
            install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env("CARGO_PROFILE_RELEASE_LTO", "off");
        }
        run(&mut install)
    };
    // The versions that the tool was released with, because newer ones of its dependencies may not fit
    // together. A mirror may lack one of them; then the newest that cargo finds must do.
    install(true).or_else(|error| {
        say(format!("{error}; trying without the tool's own lock file"));
        install(false)
    })
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn version_of_a_locked_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
