//! Storage for tests.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::{BoxFuture, FutureExt, ready};
use millrace_engine::spill::{SpillError, SpillStore};

/// A folder of its own for one test, removed with what is in it.
pub struct Folder(PathBuf);

static FOLDERS: AtomicU64 = AtomicU64::new(0);

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("millrace-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// How many files are in it.
    pub fn files(&self) -> usize {
        std::fs::read_dir(&self.0).expect("the folder").count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Storage that takes so many bytes and then says why it takes no more.
#[derive(Debug)]
pub struct Failing {
    room_bytes: u64,
    why: SpillError,
}

impl Failing {
    /// Takes `room_bytes`.
    pub fn after(room_bytes: u64, why: SpillError) -> Self {
        Self { room_bytes, why }
    }
}

impl SpillStore for Failing {
    fn write(&self, offset: u64, bytes: Vec<u8>) -> BoxFuture<'static, Result<(), SpillError>> {
        let fits = offset + bytes.len() as u64 <= self.room_bytes;
        ready(if fits { Ok(()) } else { Err(self.why.clone()) }).boxed()
    }

    fn read(&self, _: Range<u64>) -> BoxFuture<'static, Result<Vec<u8>, SpillError>> {
        ready(Err(self.why.clone())).boxed()
    }

    fn clear(&self) {}
}
