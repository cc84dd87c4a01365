//! Files of the operating system, read by threads of their own.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use futures::channel::oneshot;
use futures::future::LocalBoxFuture;

use super::{Slot, Source, SourceError};

/// A file by path.
#[derive(Debug)]
pub struct FileSource {
    name: String,
    path: PathBuf,
    seen: Metadata,
}

impl FileSource {
    /// Notes length and modification time of the file at `path`.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let seen = std::fs::metadata(path)
            .map_err(|error| SourceError::Unreadable { file: name.clone(), reason: error.to_string() })?;
        Ok(Self { name, path: path.to_path_buf(), seen })
    }
}

impl Source for FileSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len_bytes(&self) -> u64 {
        self.seen.len()
    }

    fn modified_millis(&self) -> Option<i64> {
        let since = self.seen.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_millis()).ok()
    }

    fn read(&self, range: Range<u64>, mut slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        let (answer, answered) = oneshot::channel();
        let (path, name) = (self.path.clone(), self.name.clone());
        let lost = SourceError::Unreadable { file: name.clone(), reason: "its reader ended".to_owned() };
        std::thread::spawn(move || {
            let outcome = read_range(&path, range, slot.buffer_mut()).map_err(|error| {
                if error.kind() == std::io::ErrorKind::UnexpectedEof {
                    SourceError::Changed { file: name }
                } else {
                    SourceError::Unreadable { file: name, reason: error.to_string() }
                }
            });
            // Nobody listens any more when the query was cancelled; the slot then just goes back.
            let _ = answer.send(outcome.map(|()| slot));
        });
        Box::pin(async move { answered.await.unwrap_or(Err(lost)) })
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        let now = std::fs::metadata(&self.path);
        let same = now.is_ok_and(|now| {
            now.len() == self.seen.len() && now.modified().ok() == self.seen.modified().ok()
        });
        let file = self.name.clone();
        Box::pin(async move { if same { Ok(()) } else { Err(SourceError::Changed { file }) } })
    }
}

fn read_range(path: &Path, range: Range<u64>, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let wanted = range.end - range.start;
    buffer.clear();
    let got = file.take(wanted).read_to_end(buffer)?;
    if (got as u64) < wanted {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}
