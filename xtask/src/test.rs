//! Tests and benchmarks, from the fastest to the slowest.
//!
//! Owns: what each kind of test needs and how it is started. Touches: cargo, wasm-bindgen's test
//! runner with Chromium's driver, and the scripts in `tests/`.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::check::HOST_PACKAGES;
use crate::files::write;
use crate::profile::Profile;
use crate::run::{find_on_path, root, run, say};
use crate::toolchain::Toolchain;
use crate::tools::{self, tools_bin};
use crate::{npm, page};

/// All tests, or those of one kind.
///
/// # Errors
/// When a test fails, or something for it cannot be installed.
pub fn test(toolchain: &Toolchain, options: &[String]) -> Result<()> {
    match options.split_first() {
        None => {
            host(toolchain)?;
            page(toolchain)?;
            browser(toolchain, &[])
        }
        Some((kind, [])) if kind == "host" => host(toolchain),
        Some((kind, [])) if kind == "page" => page(toolchain),
        Some((kind, rest)) if kind == "e2e" => browser(toolchain, rest),
        Some(_) => bail!("test: host, page or e2e"),
    }
}

/// The tests of protocol, engine, command line, tests and xtask, on this machine.
///
/// # Errors
/// When one fails.
pub fn host(toolchain: &Toolchain) -> Result<()> {
    // Suites that tests read.
    tools::ensure_node()?;
    npm::install(&root().join("tests"))?;
    say("tests on the host");
    let mut cargo = toolchain.command("cargo")?;
    cargo.arg("test").args(HOST_PACKAGES.iter().flat_map(|package| ["--package", package]));
    run(cargo.current_dir(root()))
}

/// The tests of the page's crate, in headless Chromium.
///
/// # Errors
/// When one fails.
pub fn page(toolchain: &Toolchain) -> Result<()> {
    tools::ensure_wasm_tools(toolchain)?;
    tools::ensure_browsers()?;
    say("tests of the page's crate, in Chromium");
    let capabilities = root().join("target/webdriver.json");
    write(&capabilities, json!({ "goog:chromeOptions": { "args": chromium_args() } }).to_string())?;
    let mut cargo = page::cargo(toolchain, "test")?;
    let runner = tools_bin()?.join("wasm-bindgen-test-runner");
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    cargo.env("WASM_BINDGEN_USE_BROWSER", "1").env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    cargo.env("CHROMEDRIVER", find_on_path("chromedriver").context("chromedriver is missing")?);
    run(&mut cargo)
}

/// The tests end to end, against `dist/` as it is shipped.
///
/// # Errors
/// When one fails.
pub fn browser(toolchain: &Toolchain, options: &[String]) -> Result<()> {
    tools::ensure_browsers()?;
    let (flags, topics): (Vec<&String>, Vec<&String>) =
        options.iter().partition(|word| *word == "--no-build");
    if flags.is_empty() {
        page::build(toolchain, Profile::Release, false)?;
    }
    npm::install(&root().join("tests"))?;
    say("tests end to end, in Chromium and Firefox");
    run(node(toolchain, "tests/browser/run.mjs")?.args(topics))
}

/// The benchmarks, against the site as it is shipped; with `--native` those of engines that need no
/// browser, and so neither the site nor packages.
///
/// # Errors
/// When an engine gives other rows than the others, or something cannot be installed.
pub fn bench(toolchain: &Toolchain, options: &[String]) -> Result<()> {
    let (flags, rest): (Vec<&String>, Vec<&String>) = options.iter().partition(|word| *word == "--no-build");
    if !options.iter().any(|word| word == "--native") {
        tools::ensure_browsers()?;
        if flags.is_empty() {
            page::build(toolchain, Profile::Release, false)?;
        }
        npm::install(&root().join("tests"))?;
    }
    run(node(toolchain, "tests/bench/run.mjs")?.args(rest))
}

/// Node in the environment of the toolchain, because the scripts call cargo for test data.
fn node(toolchain: &Toolchain, script: &str) -> Result<Command> {
    tools::ensure_node()?;
    let mut node = toolchain.command("node")?;
    node.arg(script).current_dir(root());
    Ok(node)
}

/// No request of Chromium's own, and as root no sandbox, which it refuses there.
fn chromium_args() -> Vec<&'static str> {
    vec![
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
}
