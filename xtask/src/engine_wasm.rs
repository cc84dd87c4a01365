//! The engine's wasm: every flag that it is built with is here.
//!
//! Owns: how `src/worker` becomes the folder `engine-<digest>/` of the site. Touches: cargo,
//! wasm-bindgen, and the scripts in `www/worker/`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};

use crate::files::{copy_folder, files_below, files_in, hex_digest, read, read_text, relative, write};
use crate::profile::{ENGINE_PROFILE, Profile};
use crate::run::{root, run, say};
use crate::toolchain::{Toolchain, WASM_TARGET};
use crate::tools::tools_bin;

/// Flags of rustc. Threads need atomics in every crate, std too, and memory that the page's
/// workers share: imported by each instance, with a fixed maximum. The main thread plans, and
/// plans of long queries nest deeply: its stack is eight times the default.
///
/// A change here builds every crate of the engine again, which takes half an hour on two cores.
const RUSTFLAGS: &[&str] = &[
    "panic=unwind",
    "target-feature=+atomics,+bulk-memory,+mutable-globals,+simd128",
    "link-arg=--shared-memory",
    "link-arg=--import-memory",
    "link-arg=--max-memory=4294967296",
    "link-arg=-zstack-size=8388608",
    "link-arg=--export=__heap_base",
    "link-arg=--export=__wasm_init_tls",
    "link-arg=--export=__tls_size",
    "link-arg=--export=__tls_align",
    "link-arg=--export=__tls_base",
];

/// How C is compiled: DataFusion cannot be built without zstd, and all that is linked with shared
/// memory must have been compiled for it.
const C_ENVIRONMENT: &[(&str, &str)] = &[
    ("CC_wasm32_unknown_unknown", "clang"),
    ("AR_wasm32_unknown_unknown", "llvm-ar"),
    ("CFLAGS_wasm32_unknown_unknown", "-matomics -mbulk-memory -mmutable-globals"),
];

/// The parts of std that are built from source, with unwinding so that a panic ends one task only.
const BUILD_STD: &str = "std,panic_unwind";

/// Names of the functions are kept while developing, for readable traces.
const BINDGEN_ARGS_SHIPPING: &[&str] = &["--remove-name-section", "--remove-producers-section"];

/// A cargo command for crates of the engine's wasm, with target directory and flags set.
///
/// # Errors
/// When the environment of the toolchain cannot be built.
pub fn cargo(toolchain: &Toolchain, subcommand: &str) -> Result<Command> {
    let mut cargo = toolchain.wasm_command("cargo")?;
    let linker = toolchain.wasm_linker().map(|linker| format!("linker={linker}"));
    let mut flags: Vec<&str> = linker
        .iter()
        .map(String::as_str)
        .chain(RUSTFLAGS.iter().copied())
        .flat_map(|flag| ["-C", flag])
        .collect();
    flags.extend(["--cfg", "getrandom_backend=\"wasm_js\""]);
    // The separator of encoded flags keeps the quotes of a `--cfg` whole.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    // Named among the flags: named twice, it would be another build to cargo.
    cargo.env_remove("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER");
    cargo.envs(C_ENVIRONMENT.iter().copied());
    cargo.env("CARGO_TARGET_DIR", root().join("target/engine")).current_dir(root());
    cargo.args([subcommand, "--package", "millrace-worker", "--target", WASM_TARGET]);
    cargo.args(["--profile", ENGINE_PROFILE, "-Z", &format!("build-std={BUILD_STD}")]);
    Ok(cargo)
}

/// Builds the engine and puts it into `site`. Returns its folder's name, with a slash at the end.
///
/// With `reuse`, the last engine that was built is taken as it is; none when there was none.
///
/// # Errors
/// When a step of the build fails.
pub fn build(toolchain: &Toolchain, profile: Profile, site: &Path, reuse: bool) -> Result<Option<String>> {
    let bound = root().join("target/engine-site").join(profile.name());
    if !reuse {
        say(format!("building the engine, packing: {}", profile.name()));
        run(&mut cargo(toolchain, "build")?)?;
        bind(profile, &bound)?;
    } else if !bound.join("engine.js").is_file() {
        say("there is no engine from an earlier build: the page will show that it failed to load");
        return Ok(None);
    }
    let scripts = files_in(&root().join("www/worker"), "js")?;
    let mut digests = String::new();
    for file in files_below(&bound)?.iter().chain(&scripts) {
        digests += &format!("{} {}\n", relative(&root(), file), hex_digest(&read(file)?));
    }
    let folder = format!("engine-{}/", &hex_digest(digests.as_bytes())[..16]);
    let target = site.join(&folder);
    copy_folder(&bound, &target)?;
    std::fs::remove_file(target.join(STAMP)).context("cannot remove the stamp of the engine")?;
    for script in &scripts {
        let name = script.file_name().context("a worker script without a name")?;
        write(&target.join(name), read(script)?)?;
    }
    Ok(Some(folder))
}

/// Names the input that the bound engine was made of.
const STAMP: &str = "input.digest";

/// Runs wasm-bindgen and gzip, unless the compiled engine is unchanged.
fn bind(profile: Profile, bound: &Path) -> Result<()> {
    let compiled: PathBuf =
        root().join("target/engine").join(WASM_TARGET).join(ENGINE_PROFILE).join("millrace_worker.wasm");
    let key = hex_digest(&read(&compiled)?);
    if read_text(&bound.join(STAMP)).is_ok_and(|stamp| stamp == key) {
        return Ok(());
    }
    if bound.exists() {
        std::fs::remove_dir_all(bound).context("cannot remove the engine of an earlier build")?;
    }
    let mut bindgen = Command::new(tools_bin()?.join("wasm-bindgen"));
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", "engine", "--out-dir"]);
    bindgen.arg(bound).arg(&compiled);
    if profile == Profile::Release {
        bindgen.args(BINDGEN_ARGS_SHIPPING);
    }
    run(&mut bindgen)?;
    let wasm = bound.join("engine_bg.wasm");
    compress(&wasm, profile)?;
    write(&bound.join(STAMP), key)
}

/// Replaces the wasm by a gzip file of it. Some hosts refuse files as big as the engine, and some
/// do not compress wasm; the engine's worker decompresses it while it arrives.
fn compress(wasm: &Path, profile: Profile) -> Result<()> {
    let bytes = read(wasm)?;
    let level = if profile == Profile::Release { Compression::best() } else { Compression::fast() };
    let file = wasm.with_extension("wasm.gz");
    let output = File::create(&file).with_context(|| format!("cannot create {}", file.display()))?;
    let mut encoder = GzEncoder::new(output, level);
    encoder.write_all(&bytes)?;
    let compressed_bytes = encoder.finish()?.metadata()?.len();
    if compressed_bytes == 0 {
        bail!("{} is empty", file.display());
    }
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    say(format!(
        "engine: {:.1} MB of wasm, {:.1} MB compressed",
        megabytes(bytes.len() as u64),
        megabytes(compressed_bytes)
    ));
    std::fs::remove_file(wasm).context("cannot remove the uncompressed engine")
}
