//! `--follow`: a query over files that grow, until it is interrupted.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use millrace_engine::stream::{EventTime, GrowingPath, OutputMode, StreamInput, StreamOptions};
use millrace_engine::{Engine, Error, table_name};

use crate::{Failure, Output, named, write_rows};

/// How long to wait when no row has come.
const PAUSE: Duration = Duration::from_millis(100);

/// How files are followed.
#[derive(Debug, Args)]
pub(crate) struct Follow {
    /// Follows the files as they grow, and writes rows as they are due, until interrupted.
    #[arg(long)]
    pub(crate) follow: bool,
    /// With --follow: which rows are written.
    #[arg(long, value_enum, default_value_t = Mode::Append)]
    mode: Mode,
    /// With --follow: the column of the event time [default: the only timestamp].
    #[arg(long)]
    event_time: Option<String>,
    /// With --follow: the event time is the time at which rows arrive, in a column `arrival_time`.
    #[arg(long, conflicts_with = "event_time")]
    by_arrival: bool,
    /// With --follow: how far rows may be out of order.
    #[arg(long, default_value_t = 0)]
    delay_millis: i64,
    /// With --follow: how long a window waits for late rows behind that.
    #[arg(long, default_value_t = 0)]
    lateness_millis: i64,
    /// With --follow and several files: how long a file may be silent before it is not waited for.
    #[arg(long)]
    idle_millis: Option<i64>,
}

/// As [`OutputMode`].
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Final rows, once.
    Append,
    /// Rows of windows or groups that have changed.
    Update,
    /// The whole result, whenever rows came.
    Complete,
}

/// Runs a query over files that grow. It ends with an error only.
pub(crate) async fn follow(
    engine: &Engine,
    sql: &str,
    files: &[String],
    options: &Follow,
    output: Output,
) -> Result<(), Failure> {
    let mut inputs = Vec::new();
    for file in files {
        let (name, path) = named(file);
        let event_time = match options.by_arrival {
            true => EventTime::Arrival,
            false => options.event_time.as_deref().into(),
        };
        let source = engine.follow(Box::new(GrowingPath::new(&path)), event_time).await?;
        let table = name.map_or_else(|| table_name(&file_name(&path)), str::to_owned);
        inputs.push(StreamInput { table, source: Box::new(source), delay_millis: options.delay_millis });
    }
    let mode = match options.mode {
        Mode::Append => OutputMode::Append,
        Mode::Update => OutputMode::Update,
        Mode::Complete => OutputMode::Complete,
    };
    let settings = StreamOptions {
        mode,
        lateness_millis: options.lateness_millis,
        idle_after_millis: options.idle_millis,
        ..StreamOptions::default()
    };
    let mut query = engine.stream(sql, inputs, settings).await?;
    let (mut has_header, mut late, mut told) = (false, 0, 0);
    loop {
        let step = query.step(now_millis()?).await?;
        // Windows also close when a source has been silent, without a row that came.
        if query.has_news() {
            let rows = query.emit().await?;
            if rows.row_count() > 0 {
                write_rows(&rows, output, !has_header)?;
                has_header = true;
                io::stdout().flush()?;
            }
        }
        let status = query.status();
        let news = usize::try_from(status.notice_count - told).unwrap_or(usize::MAX);
        for notice in status.notices.iter().skip(status.notices.len().saturating_sub(news)) {
            eprintln!("{notice}");
        }
        told = status.notice_count;
        if status.late_rows > late {
            late = status.late_rows;
            eprintln!("{late} rows came too late");
        }
        if step.rows == 0 {
            std::thread::sleep(PAUSE);
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn now_millis() -> Result<i64, Error> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    i64::try_from(millis).map_err(|_| Error::Internal("a clock beyond all times".to_owned()))
}
