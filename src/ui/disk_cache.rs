//! How much of the disk kept columns may take: as chosen on the page, which remembers it, or in the address.
//!
//! Touches: storage and the address. What is kept, and whether it may be, is the engine's to say.

use crate::browser;

const STORAGE_KEY: &str = "millrace.keep_on_disk";

/// Enough for files of some ten gigabytes, whose columns take about a tenth.
const USUAL_BYTES: u64 = 4_000_000_000;

/// What an engine starts with: nothing is kept on disk until a person or the address wants it.
pub fn bytes_at_start() -> u64 {
    let remembered = || match browser::stored(STORAGE_KEY).as_deref() {
        Some("on") => USUAL_BYTES,
        _ => 0,
    };
    address_bytes().unwrap_or_else(remembered)
}

/// Remembers the choice for the next visit, and says how many bytes it means.
pub fn choose(wanted: bool) -> u64 {
    browser::store(STORAGE_KEY, if wanted { "on" } else { "off" });
    if wanted { address_bytes().filter(|bytes| *bytes > 0).unwrap_or(USUAL_BYTES) } else { 0 }
}

/// `?cache_disk_mb=1024`.
fn address_bytes() -> Option<u64> {
    let megabytes = browser::address_parameter("cache_disk_mb")?.parse::<u32>().ok()?;
    Some(u64::from(megabytes) * 1_000_000)
}
