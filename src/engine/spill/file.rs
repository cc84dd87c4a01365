//! Temporary files of the operating system, written and read by a thread of their own.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;

use super::{SpillError, SpillStore};

/// One file in a folder. It is there only while something is put aside in it.
#[derive(Debug)]
pub struct FileSpillStore {
    requests: Mutex<Option<mpsc::Sender<Request>>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

enum Request {
    Write { offset: u64, bytes: Vec<u8>, answer: oneshot::Sender<Result<(), SpillError>> },
    Read { range: Range<u64>, answer: oneshot::Sender<Result<Vec<u8>, SpillError>> },
    Clear,
}

/// Tells apart the files of one process.
static STORES: AtomicU64 = AtomicU64::new(0);

impl FileSpillStore {
    /// A store whose file is made in `folder`, which has to exist, when something is written.
    pub fn new(folder: &Path) -> Self {
        let number = STORES.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("millrace-spill-{}-{number}", std::process::id()));
        let (requests, asked) = mpsc::channel();
        let thread = std::thread::spawn(move || serve(SpillFile { path, file: None }, &asked));
        Self { requests: Mutex::new(Some(requests)), thread: Some(thread) }
    }

    fn send(&self, request: Request) {
        if let Some(requests) = &*self.requests.lock().unwrap_or_else(PoisonError::into_inner) {
            // A request that nobody hears is dropped with its sender, and its future tells.
            let _ = requests.send(request);
        }
    }
}

/// The file is gone when the store is.
impl Drop for FileSpillStore {
    fn drop(&mut self) {
        *self.requests.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(thread) = self.thread.take() {
            // It ends when it has carried out what was asked; had it panicked, nothing would be left to do.
            let _ = thread.join();
        }
    }
}

impl SpillStore for FileSpillStore {
    fn write(&self, offset: u64, bytes: Vec<u8>) -> BoxFuture<'static, Result<(), SpillError>> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Write { offset, bytes, answer });
        answered.map(|answer| answer.unwrap_or_else(|_| Err(ended()))).boxed()
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'static, Result<Vec<u8>, SpillError>> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Read { range, answer });
        answered.map(|answer| answer.unwrap_or_else(|_| Err(ended()))).boxed()
    }

    fn clear(&self) {
        self.send(Request::Clear);
    }
}

fn ended() -> SpillError {
    SpillError::Failed { reason: "its thread has ended".to_owned() }
}

fn serve(mut file: SpillFile, requests: &mpsc::Receiver<Request>) {
    for request in requests {
        // Whoever asked may be gone with its query.
        match request {
            Request::Write { offset, bytes, answer } => {
                let _ = answer.send(file.write(offset, &bytes).map_err(|error| told(&error)));
            }
            Request::Read { range, answer } => {
                let _ = answer.send(file.read(range).map_err(|error| told(&error)));
            }
            Request::Clear => file.remove(),
        }
    }
}

fn told(error: &io::Error) -> SpillError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => SpillError::Full,
        _ => SpillError::Failed { reason: error.to_string() },
    }
}

struct SpillFile {
    path: PathBuf,
    file: Option<File>,
}

impl SpillFile {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let opened = OpenOptions::new().read(true).write(true).create_new(true).open(&self.path)?;
                self.file.insert(opened)
            }
        };
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn read(&mut self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let Some(file) = &mut self.file else { return Err(ErrorKind::NotFound.into()) };
        let wanted = usize::try_from(range.end - range.start).map_err(|_| ErrorKind::OutOfMemory)?;
        let mut bytes = vec![0; wanted];
        file.seek(SeekFrom::Start(range.start))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn remove(&mut self) {
        if self.file.take().is_some() {
            // What cannot be removed is in the system's folder for temporary files.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Drop for SpillFile {
    fn drop(&mut self) {
        self.remove();
    }
}
