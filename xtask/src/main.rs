//! `cargo xtask`: sets up, builds, serves, tests and checks the project.
//!
//! Owns: the commands and their options. Touches: every folder of the project, through the tools
//! that it calls; CONTRIBUTING.md explains what each command does.

mod apt;
mod check;
mod csp;
mod engine_wasm;
mod files;
mod npm;
mod page;
mod profile;
mod run;
mod serve;
mod test;
mod tidy;
mod toolchain;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

use profile::Profile;
use toolchain::Toolchain;

const HELP: &str = "\
usage: cargo xtask <command> [options]

  setup                 install what is missing: compiler, wasm tools, npm packages
  build                 write the static site to dist/, for shipping
  serve                 build, serve and build again when a source changes
    --quick, --release  packing: names kept and quick, or small for shipping (build, serve; serve is quick)
    --reuse-engine      keep the engine of the last build (build, serve)
    --port <number>     first port to try, 8080 by default (serve)
    --base <path>       serve below a path, like /millrace/ (serve)
    --no-headers        like a host that sends no headers (serve)
    --no-build          serve dist/ as it is (serve)
  test                  all tests: host, page, browser
    host | page | e2e   only these; e2e takes names of topics
    --no-build          test dist/ as it is (e2e)
  bench [workloads]     compare with other engines, and write docs/BENCHMARKS.md
    --native            only engines that need no browser, ours as command line
    --no-build          with dist/ as it is; other options go to tests/bench/run.mjs
  lint                  rustfmt, tidy, clippy on host and wasm
  tidy                  only the rules that no compiler knows
  deny                  licences and sources of dependencies, by cargo-deny
  ci                    lint and test in one go, as .ci/run does
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let (command, options) = match args.split_first() {
        Some((command, options)) => (command.as_str(), options),
        None => ("help", args),
    };
    match command {
        "setup" => setup(),
        "build" => {
            let options = BuildOptions::parse(options)?;
            page::build(&Toolchain::ensure()?, options.profile, options.reuse_engine)
        }
        "serve" => serve::serve(&serve::ServeOptions::parse(options)?),
        "test" => test::test(&Toolchain::ensure()?, options),
        "e2e" => test::browser(&Toolchain::ensure()?, options),
        "bench" => test::bench(&Toolchain::ensure()?, options),
        "lint" => lint(&Toolchain::ensure()?),
        "tidy" => tidy::tidy(&Toolchain::ensure()?),
        "deny" => check::deny(&Toolchain::ensure()?),
        "ci" => ci(&Toolchain::ensure()?),
        "hook" => match options {
            [stage] if stage == "before-page" => page::before_page(),
            [stage] if stage == "after-page" => page::after_page(),
            _ => bail!("hook: before-page or after-page"),
        },
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => bail!("there is no command `{unknown}`\n\n{HELP}"),
    }
}

/// What decides how the site is built.
#[derive(Debug, Clone, Copy)]
pub struct BuildOptions {
    /// What page and engine are compiled with.
    pub profile: Profile,
    /// Take the engine of the last build as it is.
    pub reuse_engine: bool,
}

impl BuildOptions {
    /// Takes one option into account; false when it is none of these.
    pub fn take(&mut self, option: &str) -> bool {
        match option {
            "--quick" => self.profile = Profile::Quick,
            "--release" => self.profile = Profile::Release,
            "--reuse-engine" => self.reuse_engine = true,
            _ => return false,
        }
        true
    }

    fn parse(options: &[String]) -> Result<Self> {
        let mut parsed = Self::default();
        match options.iter().find(|option| !parsed.take(option)) {
            Some(unknown) => bail!("there is no option `{unknown}`\n\n{HELP}"),
            None => Ok(parsed),
        }
    }
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self { profile: Profile::Release, reuse_engine: false }
    }
}

fn setup() -> Result<()> {
    let toolchain = Toolchain::ensure()?;
    tools::ensure_all(&toolchain)?;
    npm::install(&run::root().join("www"))?;
    run::say("everything is in place");
    Ok(())
}

fn lint(toolchain: &Toolchain) -> Result<()> {
    check::format(toolchain)?;
    tidy::tidy(toolchain)?;
    check::lint_host(toolchain)?;
    check::lint_wasm(toolchain)
}

/// The order is that of the time until the first failure is seen.
fn ci(toolchain: &Toolchain) -> Result<()> {
    check::format(toolchain)?;
    tidy::tidy(toolchain)?;
    check::lint_host(toolchain)?;
    test::host(toolchain)?;
    test::page(toolchain)?;
    page::build(toolchain, Profile::Release, false)?;
    check::lint_wasm(toolchain)?;
    test::browser(toolchain, &["--no-build".to_owned()])
}
