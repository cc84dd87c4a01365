//! All bad rows of a table, for somebody who wants to correct them.

use std::sync::Arc;

use futures::channel::mpsc;
use futures::{FutureExt, StreamExt, select_biased};
use millrace_protocol::{ErrorInfo, ErrorKind};

use crate::Error;
use crate::engine::Engine;
use crate::job::serve_reads;
use crate::pool::Priority;
use crate::stage::{JobContext, all_bad, listing_all};
use crate::timeline::Recorder;

/// Parts that wait until they are taken.
const PARTS_AHEAD: usize = 2;
const HEADER: &[u8] = b"file,line,reason,text\n";

impl Engine {
    /// Reads a whole table and hands over, in parts, a CSV file of everything in it that does not fit: file, line,
    /// reason and text. A record is there once for each of its fields that is bad. Gives their number.
    ///
    /// # Errors
    /// When there is no such table, its format has no bad rows, or its files cannot be read.
    pub async fn export_bad_rows(&self, name: &str, mut on_part: impl FnMut(Vec<u8>)) -> Result<u64, Error> {
        let table = listing_all(&*self.table(name)?).ok_or_else(|| {
            let info = ErrorInfo::new(ErrorKind::Unsupported, format!("No row of {name} can be bad."))
                .with_hint("Its format says of each value what it is.");
            Error::Sql(Box::new(info))
        })?;
        let (wishes, reads) = mpsc::unbounded();
        let recorder = Recorder::new(None, &[], &self.table_names());
        let context = Arc::new(JobContext::new(wishes, Arc::clone(&self.0.cache), recorder));
        let (parts, mut ready) = mpsc::channel(PARTS_AHEAD);
        on_part(HEADER.to_vec());
        let walk =
            self.0.executor.spawn(Priority::Normal, all_bad(Arc::clone(&context), Arc::new(table), parts));
        let deliver = async {
            while let Some(part) = ready.next().await {
                on_part(part);
            }
        };
        let work = async { futures::join!(walk, deliver).0 };
        let count = select_biased! {
            count = work.fuse() => count,
            () = serve_reads(self, reads).fuse() => Err(Error::Internal("reads ended".to_owned())),
        };
        // Until here it kept the way open on which the walk wishes for bytes.
        drop(context);
        count
    }
}
