//! The one Rust compiler that everything is built with.
//!
//! Owns: which version, how it gets onto a machine, and the environment that its children run in.
//! Touches: rustup, and apt-get where rustup cannot download.
//!
//! Threads in wasm need a standard library built with atomics, so the compiler's own sources
//! (rust-src) must be there, of exactly its version. CONTRIBUTING.md explains the two ways to get
//! them. Both build std from source for wasm, so that they act the same.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::run::{find_on_path, output, path_with, run, say, succeeds_within};
use crate::tools::tools_bin;

/// The compiler's version, whichever way it is installed.
pub const VERSION: &str = "1.96.0";

/// The wasm target of page and engine.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The name that rustup knows Debian's compiler by.
const DEBIAN: &str = "debian";

/// Debian builds its web browsers with these; they are current even in its stable releases.
const DEBIAN_PACKAGES: &[&str] =
    &["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "rustfmt-web", "lld-22"];

/// A download that has not ended by now is taken for one that never will.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(600);

/// A compiler that has everything the project needs.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The name of it in rustup; none on a machine without rustup.
    name: Option<String>,
    /// The linker for wasm, where the compiler does not bring its own.
    wasm_linker: Option<&'static str>,
}

impl Toolchain {
    /// Finds the compiler, and installs it when it is missing.
    ///
    /// # Errors
    /// When neither rustup nor apt-get can supply it; the message holds the command to run by hand.
    pub fn ensure() -> Result<Self> {
        let installed = installed_names();
        let active = std::env::var("RUSTUP_TOOLCHAIN").ok();
        let candidates = [active.as_deref(), Some(VERSION), Some(DEBIAN)];
        let found = candidates
            .into_iter()
            .flatten()
            .filter_map(|wanted| installed.iter().find(|name| is_same_toolchain(name, wanted)))
            .find_map(|name| Self::check(Some(name)).ok());
        if let Some(found) = found {
            return Ok(found);
        }
        if installed.is_empty()
            && let Ok(found) = Self::check(None)
        {
            return Ok(found);
        }
        if find_on_path("rustup").is_some() && install_with_rustup() {
            return Self::check(Some(VERSION));
        }
        install_from_debian()?;
        if find_on_path("rustup").is_none() {
            return Self::check(None);
        }
        say("making Debian's compiler known to rustup as the toolchain `debian`");
        run(Command::new("rustup").args(["toolchain", "link", DEBIAN, "/usr"]))?;
        Self::check(Some(DEBIAN))
    }

    /// A command that runs in this toolchain, with the project's tools in front of PATH.
    ///
    /// # Errors
    /// When the tools' folder cannot be put on PATH.
    pub fn command(&self, program: &str) -> Result<Command> {
        let mut command = Command::new(program);
        // What an outer cargo or rustup set for its own child would bind this one to the outer
        // compiler, or apply the flags of one target to another.
        for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            command.env_remove(name);
        }
        for name in ["CARGO_TARGET_DIR", "CARGO_UNSTABLE_BUILD_STD", "RUSTC_BOOTSTRAP"] {
            command.env_remove(name);
        }
        command.env("PATH", path_with(&[tools_bin()?])?);
        if let Some(name) = &self.name {
            command.env("RUSTUP_TOOLCHAIN", name);
        }
        Ok(command)
    }

    /// As [`command`](Self::command), for a child that builds for wasm.
    ///
    /// # Errors
    /// As for [`command`](Self::command).
    pub fn wasm_command(&self, program: &str) -> Result<Command> {
        let mut command = self.command(program)?;
        // `-Z build-std` is an unstable option of a stable compiler.
        command.env("RUSTC_BOOTSTRAP", "1");
        if let Some(linker) = self.wasm_linker {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        Ok(command)
    }

    /// The linker for wasm, where the compiler does not bring its own.
    pub fn wasm_linker(&self) -> Option<&'static str> {
        self.wasm_linker
    }

    /// Checks that a toolchain has the right version and all parts.
    fn check(name: Option<&str>) -> Result<Self> {
        let ask = |program: &str, args: &[&str]| {
            let mut command = Command::new(program);
            command.args(args).env_remove("RUSTC").env_remove("CARGO");
            if let Some(name) = name {
                command.env("RUSTUP_TOOLCHAIN", name);
            }
            output(&mut command)
        };
        let version = ask("rustc", &["--version"])?;
        if version.split(' ').nth(1) != Some(VERSION) {
            bail!("{version} is not {VERSION}");
        }
        ask("cargo", &["fmt", "--version"]).context("rustfmt is missing")?;
        ask("cargo", &["clippy", "--version"]).context("clippy is missing")?;
        let sysroot = ask("rustc", &["--print", "sysroot"])?;
        let rustlib = Path::new(&sysroot).join("lib/rustlib");
        if !rustlib.join("src/rust/library/std/Cargo.toml").is_file() {
            bail!("the sources of std are missing in {}", rustlib.display());
        }
        let host = ask("rustc", &["--print", "host-tuple"])?;
        let wasm_linker = if rustlib.join(host).join("bin/rust-lld").is_file() {
            None
        } else if find_on_path("wasm-ld-22").is_some() {
            Some("wasm-ld-22")
        } else {
            bail!("wasm-ld-22 is missing");
        };
        Ok(Self { name: name.map(str::to_owned), wasm_linker })
    }
}

/// The toolchains that rustup has; empty without rustup. Asking for one that is not there could
/// start a download of it.
fn installed_names() -> Vec<String> {
    let list = output(Command::new("rustup").args(["toolchain", "list", "--quiet"])).unwrap_or_default();
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Whether `installed`, which carries the host's name, is the toolchain `wanted`.
fn is_same_toolchain(installed: &str, wanted: &str) -> bool {
    installed == wanted || installed.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('-'))
}

fn install_with_rustup() -> bool {
    say(format!("installing Rust {VERSION} with rustup"));
    let mut install = Command::new("rustup");
    install.args(["toolchain", "install", VERSION, "--profile", "minimal", "--no-self-update"]);
    install.args(["--component", "rust-src,clippy,rustfmt", "--target", WASM_TARGET]);
    // A failure is not the last word, so it need not fill the screen.
    install.env_remove("RUST_BACKTRACE");
    let installed = succeeds_within(&mut install, DOWNLOAD_LIMIT);
    if !installed {
        say(format!("rustup cannot download Rust {VERSION} here; trying Debian's packages"));
    }
    installed
}

fn install_from_debian() -> Result<()> {
    if cfg!(not(target_os = "linux")) || find_on_path("apt-get").is_none() {
        bail!(
            "Rust {VERSION} is needed, and rustup could not install it. By hand:\n  \
             rustup toolchain install {VERSION} --profile minimal \
             --component rust-src,clippy,rustfmt --target {WASM_TARGET}"
        );
    }
    apt::install("the Rust compiler from Debian's packages", DEBIAN_PACKAGES)
}

#[cfg(test)]
mod tests {
    use super::is_same_toolchain;

    #[test]
    fn names_of_toolchains() {
        assert!(is_same_toolchain("1.96.0-x86_64-unknown-linux-gnu", "1.96.0"));
        assert!(is_same_toolchain("debian", "debian"));
        assert!(!is_same_toolchain("1.96.01", "1.96.0"));
        assert!(!is_same_toolchain("stable-x86_64-unknown-linux-gnu", "1.96.0"));
    }
}
