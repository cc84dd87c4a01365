//! Packages of Debian and its relatives.
//!
//! Owns: how packages are installed, and what is said where that is not allowed. Touches: apt-get.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::run::{find_on_path, output, run, say};

/// Installs packages, as root or with a sudo that asks for no password.
///
/// # Errors
/// When there is no right to install, with the command to run by hand, or when apt-get fails.
pub fn install(what: &str, packages: &[&str]) -> Result<()> {
    if find_on_path("apt-get").is_none() {
        bail!("{what} must be installed by hand here; Debian's packages are: {}", packages.join(" "));
    }
    let by_hand = format!("apt-get update && apt-get install -y {}", packages.join(" "));
    let is_root = output(Command::new("id").arg("-u")).is_ok_and(|uid| uid == "0");
    if !is_root && !sudo_works() {
        bail!("{what}: there is no right to install packages here. Run this as root:\n  {by_hand}");
    }
    say(format!("installing {what}: {}", packages.join(" ")));
    let apt_get = || {
        let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let by_hand = || format!("cannot install {what}. By hand, as root:\n  {by_hand}");
    run(apt_get().args(["update", "-q"])).with_context(by_hand)?;
    run(apt_get().args(["install", "-q", "-y", "--no-install-recommends"]).args(packages))
        .with_context(by_hand)
}

fn sudo_works() -> bool {
    let mut command = Command::new("sudo");
    command.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
