//! A folder that receives files: their records are given as they arrive.
//!
//! Owns: which files there are and in which order they are read ([`WatchedFolder`]), what they have in common
//! ([`shape`], which [`prepare`] finds in the first ones), and how far each has been read ([`member`]). Touches:
//! files by [`GrowingFolder`], which the browser or the system implements.
//!
//! New files are read to their ends one after the other, in the order of their names or of their last changes, and
//! those that were there before them first. Files that have been read are looked at in turn for what was appended.

mod member;
mod prepare;
mod shape;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use millrace_protocol::{ErrorInfo, ErrorKind};

use super::source::{FilePosition, FolderPosition};
use super::{EventTime, GrowingFile, Polled, Position, StreamSource};
use crate::Error;
use crate::engine::Engine;
use crate::source::SourceError;
use member::Member;
use shape::Shape;

/// A folder is listed this often, and a millisecond less often for each few of its files.
const LIST_EVERY_MILLIS: i64 = 500;
const FILES_PER_MILLI: i64 = 4;

/// Files that are visited in one step at most, and those of them that have been read and are looked at again.
const VISITS: usize = 256;
const LOOKS_AGAIN: usize = 8;

/// A file that comes back within this time goes on where it was; later it is a new one.
const GONE_KEPT_MILLIS: i64 = 3_600_000;

/// As many files that are gone at once are named; more are counted.
const GONE_NAMED: usize = 3;

/// What names of files that are being written, or that are none of the data, begin and end with.
const NOT_DATA: (&[&str], &[&str]) =
    (&[".", "_"], &[".tmp", ".part", ".partial", ".crswap", ".crdownload", ".swp", "~"]);

/// A folder that others write to.
pub trait GrowingFolder {
    /// Its name, for messages.
    fn name(&self) -> &str;

    /// The files in it now, without those of its folders.
    fn list(&self) -> LocalBoxFuture<'static, Result<Vec<Box<dyn GrowingFile>>, SourceError>>;
}

/// In which order files that come together are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FolderOrder {
    /// By the characters of their names.
    #[default]
    Name,
    /// The one that was changed longest ago first.
    Time,
}

/// Follows the files of a folder.
///
/// Its columns are found in the first files; files with other columns are left out, and told about.
pub struct WatchedFolder {
    folder: Box<dyn GrowingFolder>,
    order: FolderOrder,
    engine: Engine,
    event_time: EventTime,
    /// Nothing before the first file has come.
    shape: Option<Shape>,
    members: BTreeMap<String, Member>,
    /// Files that are away, and since when if that is known.
    gone: BTreeMap<String, (FilePosition, Option<i64>)>,
    /// Files to be read to their ends, in order.
    fresh: VecDeque<String>,
    /// Files to be looked at again, the one that was looked at longest ago first.
    read: VecDeque<String>,
    listed_millis: Option<i64>,
}

impl Engine {
    /// Follows the files of a folder. Before its rows are asked for, [`WatchedFolder::prepare`] has to find its
    /// columns, or a checkpoint to tell them.
    pub fn watch(
        &self,
        folder: Box<dyn GrowingFolder>,
        order: FolderOrder,
        event_time: impl Into<EventTime>,
    ) -> WatchedFolder {
        WatchedFolder {
            folder,
            order,
            engine: self.clone(),
            event_time: event_time.into(),
            shape: None,
            members: BTreeMap::new(),
            gone: BTreeMap::new(),
            fresh: VecDeque::new(),
            read: VecDeque::new(),
            listed_millis: None,
        }
    }
}

impl WatchedFolder {
    /// The files with wanted names, in order.
    async fn listed(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Box<dyn GrowingFile>>, Error> {
        let mut files = self.folder.list().await?;
        files.retain(|file| is_data(file.name()) && wanted(file.name()));
        files.sort_by(|a, b| a.name().cmp(b.name()));
        if self.order == FolderOrder::Time {
            let mut timed = Vec::new();
            for file in files {
                // One that has gone meanwhile is found to be gone later.
                let modified = file.look().await.ok().and_then(|source| source.modified_millis());
                timed.push((modified.unwrap_or(i64::MAX), file));
            }
            timed.sort_by_key(|(modified, _)| *modified);
            files = timed.into_iter().map(|(_, file)| file).collect();
        }
        Ok(files)
    }

    /// Finds out which files have come and which are gone.
    async fn list(&mut self, now: i64, notices: &mut Vec<String>) -> Result<(), Error> {
        let known: BTreeSet<String> = self.members.keys().cloned().collect();
        let seen = std::cell::RefCell::new(BTreeSet::new());
        let listed = self.listed(|name| {
            seen.borrow_mut().insert(name.to_owned());
            !known.contains(name)
        });
        let new = match listed.await {
            Ok(new) => new,
            Err(Error::Source(error)) => {
                notices.push(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let seen = seen.into_inner();
        for file in new {
            let name = file.name().to_owned();
            let from = self.gone.remove(&name).map(|(position, _)| position);
            self.members.insert(name.clone(), Member::new(&self.engine, file, from, now));
            self.fresh.push_back(name);
        }
        let mut told = Vec::new();
        for name in known.difference(&seen) {
            let Some(member) = self.members.remove(name) else { continue };
            told.push(member.gone());
            if let Some(position) = member.position() {
                self.gone.insert(name.clone(), (FilePosition { is_gone: true, ..position }, Some(now)));
            }
        }
        // Those of a checkpoint that were there when it was made.
        for (name, (position, since)) in &mut self.gone {
            if since.replace(since.unwrap_or(now)).is_none()
                && !std::mem::replace(&mut position.is_gone, true)
            {
                told.push(format!("{name} is gone; it was read up to line {}", position.lines));
            }
        }
        self.gone.retain(|_, (_, since)| since.is_none_or(|since| now - since < GONE_KEPT_MILLIS));
        let is_lost = |words: &String| words.contains("missing");
        if told.len() > GONE_NAMED && !told.iter().any(is_lost) {
            told = vec![format!("{} files are gone; what was read of them counts", told.len())];
        }
        notices.append(&mut told);
        self.listed_millis = Some(now);
        Ok(())
    }

    async fn next(&mut self, now: i64, most_rows: usize) -> Result<Polled, Error> {
        let mut polled = Polled::default();
        let every = LIST_EVERY_MILLIS + self.members.len() as i64 / FILES_PER_MILLI;
        if self.listed_millis.is_none_or(|listed| now - listed >= every) {
            self.list(now, &mut polled.notices).await?;
        }
        let Some(shape) = &self.shape else {
            return Err(Error::Internal("a folder whose columns are not known".to_owned()));
        };
        let mut looks = LOOKS_AGAIN.min(self.read.len());
        let mut rows = 0;
        for _ in 0..VISITS {
            if rows >= most_rows {
                break;
            }
            let is_fresh = !self.fresh.is_empty();
            if !is_fresh {
                let Some(left) = looks.checked_sub(1) else { break };
                looks = left;
            }
            let queue = if is_fresh { &mut self.fresh } else { &mut self.read };
            let Some(name) = queue.pop_front() else { break };
            let Some(member) = self.members.get_mut(&name) else { continue };
            let before = polled.batches.len();
            let has_more = member.visit(&self.engine, shape, now, most_rows - rows, &mut polled).await?;
            rows += polled.batches[before..].iter().map(|batch| batch.num_rows()).sum::<usize>();
            match has_more {
                true => self.fresh.push_front(name),
                false => self.read.push_back(name),
            }
        }
        Ok(polled)
    }
}

impl StreamSource for WatchedFolder {
    fn name(&self) -> &str {
        self.folder.name()
    }

    fn schema(&self) -> SchemaRef {
        let of = |shape: &Shape| Arc::clone(&shape.records.schema);
        self.shape.as_ref().map_or_else(|| Arc::new(Schema::empty()), of)
    }

    fn event_time(&self) -> Option<usize> {
        self.shape.as_ref().and_then(|shape| shape.records.event_time)
    }

    fn poll(&mut self, now_millis: i64, most_rows: usize) -> LocalBoxFuture<'_, Result<Polled, Error>> {
        self.next(now_millis, most_rows).boxed_local()
    }

    fn position(&self) -> Position {
        let members = self.members.iter().filter_map(|(name, file)| Some((name.clone(), file.position()?)));
        let gone = self.gone.iter().map(|(name, (position, _))| (name.clone(), position.clone()));
        let sample = self.shape.as_ref().map(|shape| (shape.sample_name.clone(), shape.sample.clone()));
        let (sample_name, sample) = sample.unwrap_or_default();
        Position {
            offset: self.members.values().map(Member::offset).sum(),
            folder: Some(FolderPosition { sample_name, sample, files: members.chain(gone).collect() }),
            ..Position::default()
        }
    }

    /// Columns get the types that they had, also when the files that they were found in are gone.
    fn seek<'a>(&'a mut self, position: &'a Position) -> LocalBoxFuture<'a, Result<(), Error>> {
        async move {
            let no_folder = || {
                let message = format!("{} was no folder when the checkpoint was made.", self.folder.name());
                Error::Sql(Box::new(ErrorInfo::new(ErrorKind::Data, message)))
            };
            let FolderPosition { sample_name, sample, files } =
                position.folder.as_ref().ok_or_else(no_folder)?;
            self.shape = Shape::of(&self.engine, sample_name, sample.clone(), &self.event_time).await?;
            self.members.clear();
            self.fresh.clear();
            self.read.clear();
            self.listed_millis = None;
            self.gone = files.iter().map(|(name, file)| (name.clone(), (file.clone(), None))).collect();
            Ok(())
        }
        .boxed_local()
    }
}

fn is_data(name: &str) -> bool {
    let (beginnings, endings) = NOT_DATA;
    !beginnings.iter().any(|beginning| name.starts_with(beginning))
        && !endings.iter().any(|ending| name.ends_with(ending))
}
