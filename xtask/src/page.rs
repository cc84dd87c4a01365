//! The site: Trunk builds the page, and its hooks bring the rest.
//!
//! Owns: the order of a build, the finished index.html, and what must hold before a site is given
//! out. Touches: Trunk, index.html, `www/`, `dist/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::files::{files_below, hex_digest, read, read_text, relative, write};
use crate::profile::{PAGE_PROFILE, Profile};
use crate::run::{path_with, root, run, say};
use crate::toolchain::{Toolchain, WASM_TARGET};
use crate::tools::tools_bin;
use crate::{csp, engine_wasm, npm, tools};

/// Some static hosts refuse bigger files.
const MAX_FILE_BYTES: u64 = 25 * 1024 * 1024;

/// How the outer process tells the hooks which profile to build.
const PROFILE_VARIABLE: &str = "MILLRACE_PROFILE";

/// Set when the hooks shall take the engine of the last build.
const REUSE_VARIABLE: &str = "MILLRACE_REUSE_ENGINE";

/// Files that keep their name from build to build, so that they must be asked for again.
const FRESH_FILES: &[&str] = &["index.html", "isolation.js", "shell.js", MANIFEST, ICON];

/// What the site is when it is installed, and its icon then.
const MANIFEST: &str = "manifest.webmanifest";
const ICON: &str = "icon.svg";

/// Files of the site that no page asks for.
const UNCACHED_FILES: &[&str] = &["isolation-sw.js", "_headers", ".nojekyll"];

/// The folder of the finished site.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds the whole site into `dist/`.
///
/// # Errors
/// When a tool is missing or a step fails.
pub fn build(toolchain: &Toolchain, profile: Profile, reuse_engine: bool) -> Result<()> {
    tools::ensure_all(toolchain)?;
    npm::install(&root().join("www"))?;
    say(format!("building the page, packing: {}", profile.name()));
    let mut trunk = wasm_command(toolchain, &tools_bin()?.join("trunk").to_string_lossy())?;
    trunk.args(["build", "--skip-version-check", "--cargo-profile", PAGE_PROFILE, "--color", "never"]);
    if profile == Profile::Release {
        trunk.arg("--release");
    }
    trunk.env("PATH", path_with(&[tools_bin()?, npm::www_commands()])?);
    trunk.env("TRUNK_TOOLS_WASM_OPT", wasm_opt_version()?);
    trunk.env("MILLRACE_XTASK", own_program()?);
    trunk.env(PROFILE_VARIABLE, profile.name());
    trunk.env(REUSE_VARIABLE, if reuse_engine { "1" } else { "" });
    // Trunk takes NO_COLOR for a flag that must be true or false, and ends at `NO_COLOR=1`.
    trunk.env_remove("NO_COLOR");
    run(&mut trunk)?;
    say(format!("the site is in {}", dist().display()));
    Ok(())
}

/// A cargo command for the page's crate, as Trunk builds it.
///
/// # Errors
/// When the environment of the toolchain cannot be built.
pub fn cargo(toolchain: &Toolchain, subcommand: &str) -> Result<Command> {
    let mut cargo = wasm_command(toolchain, "cargo")?;
    cargo.args([subcommand, "--package", "millrace-ui", "--target", WASM_TARGET]);
    cargo.args(["--profile", PAGE_PROFILE]);
    Ok(cargo)
}

/// The hook before Trunk reads index.html: what it refers to.
///
/// # Errors
/// When a step fails.
pub fn before_page() -> Result<()> {
    npm::build_styles(hook_profile()? == Profile::Release)
}

/// The hook after Trunk wrote index.html into the staging folder: everything else.
///
/// # Errors
/// When a step fails, or the site breaks one of its rules.
pub fn after_page() -> Result<()> {
    let site = PathBuf::from(std::env::var_os("TRUNK_STAGING_DIR").context("this is a hook of Trunk")?);
    let profile = hook_profile()?;
    let modules = npm::build_bundles(&site, profile == Profile::Release)?;
    let reuse = std::env::var(REUSE_VARIABLE).is_ok_and(|value| !value.is_empty());
    let engine = engine_wasm::build(&Toolchain::ensure()?, profile, &site, reuse)?;
    let html = read_text(&site.join("index.html"))?;
    let html = complete_html(&html, &modules, engine.as_deref().unwrap_or_default())?;
    write(&site.join("index.html"), &html)?;
    let policy = csp::policy(&csp::inline_scripts(&html));
    let headers = read_text(&root().join("www/_headers"))?;
    write(&site.join("_headers"), fill(&headers, "{content-security-policy}", &policy)?)?;
    // GitHub Pages would otherwise leave out names that begin with an underscore.
    write(&site.join(".nojekyll"), "")?;
    for file in ["isolation.js", "isolation-sw.js", "shell.js", MANIFEST] {
        write(&site.join(file), read(&root().join("www").join(file))?)?;
    }
    write(&site.join(ICON), read(&root().join("www/icons").join(ICON))?)?;
    complete_service_worker(&site)?;
    check_sizes(&site)
}

/// Leptos' views without the types of all that they are made of, which take a tenth of the page's bytes.
const RUSTFLAGS: &str = "--cfg erase_components";

/// Std and flags are named by the environment, because Trunk calls cargo itself and adds none.
fn wasm_command(toolchain: &Toolchain, program: &str) -> Result<Command> {
    let mut command = toolchain.wasm_command(program)?;
    command.env("CARGO_TARGET_DIR", root().join("target/page"));
    command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort").env("RUSTFLAGS", RUSTFLAGS);
    command.current_dir(root());
    Ok(command)
}

/// The file of this program. Linux marks it when a build has replaced it in the meantime.
fn own_program() -> Result<String> {
    let file = std::env::current_exe().context("cannot find this program's own file")?;
    Ok(file.to_string_lossy().trim_end_matches(" (deleted)").to_owned())
}

/// Fills in what index.html leaves open: import map, engine folder, content security policy.
fn complete_html(html: &str, modules: &BTreeMap<String, String>, engine: &str) -> Result<String> {
    let import_map = json!({ "imports": modules }).to_string();
    let html = fill(html, "{import-map}", &import_map)?;
    let html = fill(&html, "{engine-folder}", engine)?;
    // Last, since the policy holds the digests of the inline scripts, the import map among them.
    let policy = csp::policy(&csp::inline_scripts(&html));
    fill(&html, "{content-security-policy}", &policy)
}

/// Tells the service worker which files the site has, so that the browser sees a new service
/// worker with every new site.
fn complete_service_worker(site: &Path) -> Result<()> {
    let mut files = Vec::new();
    let mut digests = String::new();
    for file in files_below(site)? {
        let name = relative(site, &file);
        if UNCACHED_FILES.contains(&name.as_str()) || name.ends_with(".LEGAL.txt") {
            continue;
        }
        digests += &format!("{name} {}\n", hex_digest(&read(&file)?));
        if !FRESH_FILES.contains(&name.as_str()) {
            files.push(name);
        }
    }
    let build = json!({
        "version": &hex_digest(digests.as_bytes())[..16],
        "lasting": files,
        "fresh": FRESH_FILES,
        "workerPolicy": csp::policy(&[]),
    });
    let path = site.join("isolation-sw.js");
    let script = fill(&read_text(&path)?, "\"{build}\"", &build.to_string())?;
    write(&path, script)
}

fn check_sizes(site: &Path) -> Result<()> {
    let mut total_bytes = 0;
    for file in files_below(site)? {
        let bytes = file.metadata()?.len();
        total_bytes += bytes;
        if bytes > MAX_FILE_BYTES {
            bail!(
                "{} has {bytes} bytes; a static host may refuse more than {MAX_FILE_BYTES}",
                file.display()
            );
        }
    }
    say(format!("the site has {:.1} MB", total_bytes as f64 / 1e6));
    Ok(())
}

/// Replaces a mark that must be there.
fn fill(text: &str, mark: &str, value: &str) -> Result<String> {
    if !text.contains(mark) {
        bail!("there is no {mark} to fill in");
    }
    Ok(text.replace(mark, value))
}

fn hook_profile() -> Result<Profile> {
    let name = std::env::var(PROFILE_VARIABLE).context("this is a hook; build with: cargo xtask build")?;
    Profile::from_name(&name).with_context(|| format!("there is no profile {name}"))
}

/// What Trunk calls the version of the wasm-opt that npm brought.
fn wasm_opt_version() -> Result<String> {
    let text = read_text(&root().join("www/node_modules/binaryen/package.json"))?;
    let package: serde_json::Value = serde_json::from_str(&text)?;
    let version = package["version"].as_str().context("binaryen has no version")?;
    Ok(format!("version_{}", version.split('.').next().unwrap_or(version)))
}

#[cfg(test)]
mod tests {
    use super::{complete_html, fill};

    #[test]
    fn marks_must_be_there() {
        assert_eq!(fill("a {x} b {x}", "{x}", "1").ok().as_deref(), Some("a 1 b 1"));
        assert!(fill("a", "{x}", "1").is_err());
    }

    #[test]
    fn policy_covers_the_import_map() {
        let html = "<meta content=\"{content-security-policy}\"><meta content=\"{engine-folder}\">\
                    <script type=\"importmap\">{import-map}</script>";
        let modules = [("millrace/editor".to_owned(), "./npm/editor-1.js".to_owned())].into();
        let html = complete_html(html, &modules, "engine-1/").expect("all marks are there");
        assert!(html.contains(r#"{"imports":{"millrace/editor":"./npm/editor-1.js"}}"#), "{html}");
        assert_eq!(html.matches("'sha256-").count(), 1);
        assert!(html.contains("engine-1/"));
    }
}
