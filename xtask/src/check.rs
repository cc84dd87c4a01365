//! Checks without running the product: format, clippy on host and wasm, dependencies.
//!
//! Owns: which crates are linted how. Touches: cargo, and cargo-deny with deny.toml.
//!
//! Clippy runs as the compiler of the workspace's own crates inside an ordinary build, not as
//! `cargo clippy`: that would check every dependency a second time, with its results of use to no
//! build. DataFusion alone takes minutes. Tests and builds find the dependencies already compiled.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{output, root, run, say};
use crate::toolchain::Toolchain;
use crate::{engine_wasm, page, tools};

/// What `cargo clippy -- -D warnings` hands to its driver.
const CLIPPY_ARGS: &str = "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__";

/// Crates of the host.
pub const HOST_PACKAGES: &[&str] =
    &["millrace-protocol", "millrace-engine", "millrace-recipe", "millrace-cli", "millrace-tests", "xtask"];

/// rustfmt, without changing a file.
///
/// # Errors
/// When a file is not formatted.
pub fn format(toolchain: &Toolchain) -> Result<()> {
    say("rustfmt");
    run(toolchain.command("cargo")?.args(["fmt", "--all", "--check"]).current_dir(root()))
}

/// Clippy over the crates of the host, tests included.
///
/// # Errors
/// When there is a warning.
pub fn lint_host(toolchain: &Toolchain) -> Result<()> {
    say("clippy on the host");
    let mut cargo = toolchain.command("cargo")?;
    cargo.args(["test", "--no-run", "--quiet"]).current_dir(root());
    cargo.args(HOST_PACKAGES.iter().flat_map(|package| ["--package", package]));
    run(with_clippy(toolchain, &mut cargo)?)
}

/// Clippy over page and engine as they are built for wasm.
///
/// # Errors
/// When there is a warning.
pub fn lint_wasm(toolchain: &Toolchain) -> Result<()> {
    say("clippy on the page");
    let mut cargo = page::cargo(toolchain, "test")?;
    cargo.arg("--no-run");
    run(with_clippy(toolchain, &mut cargo)?)?;
    say("clippy on the engine's wasm");
    let mut cargo = engine_wasm::cargo(toolchain, "build")?;
    run(with_clippy(toolchain, &mut cargo)?)
}

/// cargo-deny, without the advisories: their database would be fetched from the network.
///
/// # Errors
/// When a dependency breaks deny.toml, or cargo-deny cannot be installed.
pub fn deny(toolchain: &Toolchain) -> Result<()> {
    tools::ensure_deny(toolchain)?;
    say("cargo-deny");
    let mut deny = toolchain.command("cargo-deny")?;
    deny.args(["--offline", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
    run(deny.current_dir(root()))
}

fn with_clippy<'a>(toolchain: &Toolchain, cargo: &'a mut Command) -> Result<&'a mut Command> {
    Ok(cargo.env("RUSTC_WORKSPACE_WRAPPER", clippy_driver(toolchain)?).env("CLIPPY_ARGS", CLIPPY_ARGS))
}

/// The driver lies beside the compiler; rustup has no program of its own for it in every version.
fn clippy_driver(toolchain: &Toolchain) -> Result<PathBuf> {
    let sysroot = output(toolchain.command("rustc")?.args(["--print", "sysroot"]))?;
    let driver = PathBuf::from(sysroot).join("bin/clippy-driver");
    driver.is_file().then_some(driver).context("clippy-driver is not beside the compiler")
}
