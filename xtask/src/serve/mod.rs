//! `cargo xtask serve`: the site on this machine, as a static host would give it out.
//!
//! Owns: the command, its options and its loop. `http` answers requests, `headers` reads the
//! site's own `_headers`, `watch` notices changed sources. Touches: `dist/` and one port.

mod headers;
mod http;
mod watch;

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::BuildOptions;
use crate::page;
use crate::profile::Profile;
use crate::run::say;
use crate::toolchain::Toolchain;

pub use http::Site;

/// How many ports after the first one are tried when it is taken.
const PORT_ATTEMPTS: u16 = 20;

/// The options of the command.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    build: Option<BuildOptions>,
    port: u16,
    base: String,
    with_headers: bool,
}

impl ServeOptions {
    /// Reads the command line.
    ///
    /// # Errors
    /// When an option is not known or lacks its value.
    pub fn parse(options: &[String]) -> Result<Self> {
        // Somebody waits for the page to appear.
        let mut build = BuildOptions { profile: Profile::Quick, ..BuildOptions::default() };
        let mut parsed = Self { build: None, port: 8080, base: "/".to_owned(), with_headers: true };
        let mut is_building = true;
        let mut rest = options.iter();
        while let Some(option) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{option} needs a value"));
            match option.as_str() {
                "--port" => parsed.port = value()?.parse().context("--port needs a number")?,
                "--base" => parsed.base = format!("/{}/", value()?.trim_matches('/')).replace("//", "/"),
                "--no-headers" => parsed.with_headers = false,
                "--no-build" => is_building = false,
                other if build.take(other) => {}
                unknown => bail!("serve has no option `{unknown}`"),
            }
        }
        parsed.build = is_building.then_some(build);
        Ok(parsed)
    }
}

/// Builds, serves, and builds again whenever a source changes, until it is ended.
///
/// # Errors
/// When the first build fails or no port is free.
pub fn serve(options: &ServeOptions) -> Result<()> {
    let toolchain = match options.build {
        Some(build) => {
            let toolchain = Toolchain::ensure()?;
            page::build(&toolchain, build.profile, build.reuse_engine)?;
            Some((toolchain, build))
        }
        None if page::dist().join("index.html").is_file() => None,
        None => bail!("there is nothing in dist/ yet; build with: cargo xtask build"),
    };
    let (listener, port) = listen(options.port)?;
    let site = Site { folder: page::dist(), base: options.base.clone(), with_headers: options.with_headers };
    let server = std::thread::spawn(move || http::answer(&listener, &Arc::new(site)));
    // The address alone on stdout, for scripts that wait for it.
    println!("http://localhost:{port}{}", options.base);
    let Some((toolchain, build)) = toolchain else {
        say("serving dist/; end with Ctrl+C");
        return server.join().map_err(|_| anyhow::anyhow!("the server ended"));
    };
    say("serving dist/, built again whenever a source changes; end with Ctrl+C");
    let mut sources = watch::Sources::now()?;
    loop {
        sources.wait_for_change()?;
        // The sources may be half edited: the next change gets its own try.
        match page::build(&toolchain, build.profile, build.reuse_engine) {
            Ok(()) => say("built; reload the page"),
            Err(error) => say(format!("{error:#}")),
        }
    }
}

fn listen(first: u16) -> Result<(TcpListener, u16)> {
    let last = first.saturating_add(if first == 0 { 0 } else { PORT_ATTEMPTS });
    for port in first..=last {
        // Loopback only: the page needs a secure context, which another machine would not have.
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            let port = listener.local_addr()?.port();
            return Ok((listener, port));
        }
    }
    bail!("the ports {first} to {last} are taken; choose another with --port")
}
