//! The sources that a page names, as those of the engine.

use millrace_engine::stream::{
    EventTime, FolderOrder as EngineOrder, Generator, GeneratorOptions, OutputMode, StreamInput,
    StreamOptions, StreamSource as Source, WatchedFolder,
};
use millrace_protocol::{
    ErrorInfo, ErrorKind, FolderOrder, StreamMode, StreamSource, StreamSourceKind, StreamSpec,
};
use wasm_bindgen::{JsCast, JsValue};

use super::Controls;
use super::connection::{self, Connection};
use super::handle_file::HandleFile;
use super::handle_folder::HandleFolder;
use crate::clock::sleep_millis;
use crate::dispatch::Worker;

/// How often a folder is looked at for its first file.
const FIRST_FILE_MILLIS: f64 = 250.0;

/// Sources, and what has to live as long as they do.
pub(super) struct Opened {
    pub(super) inputs: Vec<StreamInput>,
    pub(super) connections: Vec<Connection>,
    /// Whether rows come only when time goes on, so that there is no use in looking more often.
    pub(super) has_files: bool,
}

impl Worker {
    /// Opens the sources of a stream. `handles` are those of its files and folders, in their order. A stream that
    /// goes on has its columns from its checkpoint.
    pub(super) async fn open_sources(
        &self,
        spec: &StreamSpec,
        handles: Vec<JsValue>,
        goes_on: bool,
        controls: &Controls,
        mut on_notice: impl FnMut(Vec<String>),
    ) -> Result<Opened, ErrorInfo> {
        let mut handles = handles.into_iter();
        let mut opened = Opened { inputs: Vec::new(), connections: Vec::new(), has_files: false };
        for source in &spec.sources {
            let event_time = match source.by_arrival {
                true => EventTime::Arrival,
                false => source.event_time.as_deref().filter(|name| !name.is_empty()).into(),
            };
            let made: Box<dyn Source> = match &source.kind {
                StreamSourceKind::File { name } => {
                    opened.has_files = true;
                    let handle = handles.next().ok_or_else(|| no_handle(name))?;
                    let file = HandleFile::new(name, handle.unchecked_into());
                    let followed = self.engine.follow(Box::new(file), event_time).await;
                    Box::new(followed.map_err(|error| error.info())?)
                }
                StreamSourceKind::Folder { name, order } => {
                    opened.has_files = true;
                    let handle = handles.next().ok_or_else(|| no_handle(name))?;
                    let folder = HandleFolder::new(name, handle.unchecked_into());
                    let order = match order {
                        FolderOrder::Name => EngineOrder::Name,
                        FolderOrder::Time => EngineOrder::Time,
                    };
                    let mut watched = self.engine.watch(Box::new(folder), order, event_time);
                    if !goes_on {
                        first_file(&mut watched, controls, &mut on_notice).await?;
                    }
                    Box::new(watched)
                }
                StreamSourceKind::Generator { .. } => {
                    Box::new(Generator::new(&source.table, generator_options(source)))
                }
                StreamSourceKind::Socket { url } | StreamSourceKind::Events { url } => {
                    let kind = match &source.kind {
                        StreamSourceKind::Socket { .. } => "socket",
                        _ => "events",
                    };
                    let (source, connection) = connection::connect(
                        &self.engine,
                        &self.connections,
                        kind,
                        url,
                        event_time,
                        controls,
                        &mut on_notice,
                    )
                    .await?;
                    opened.connections.push(connection);
                    source
                }
            };
            let delay_millis = source.delay_millis as i64;
            opened.inputs.push(StreamInput { table: source.table.clone(), source: made, delay_millis });
        }
        Ok(opened)
    }
}

/// Waits until a folder has a file with a record, which tells the columns.
async fn first_file(
    folder: &mut WatchedFolder,
    controls: &Controls,
    on_notice: &mut impl FnMut(Vec<String>),
) -> Result<(), ErrorInfo> {
    let mut is_told = false;
    while !folder.prepare().await.map_err(|error| error.info())? {
        if controls.stop.get().is_some() {
            return Err(ErrorInfo::new(ErrorKind::Cancelled, "Stopped before a file came."));
        }
        if !std::mem::replace(&mut is_told, true) {
            on_notice(vec![format!(
                "{} has no file with a whole line yet: the first one is waited for",
                folder.name()
            )]);
        }
        sleep_millis(FIRST_FILE_MILLIS).await;
    }
    Ok(())
}

/// The options of a stream as the engine has them.
pub(super) fn options(spec: &StreamSpec) -> StreamOptions {
    StreamOptions {
        mode: match spec.mode {
            StreamMode::Append => OutputMode::Append,
            StreamMode::Update => OutputMode::Update,
            StreamMode::Complete => OutputMode::Complete,
        },
        lateness_millis: spec.lateness_millis as i64,
        idle_after_millis: spec.idle_after_millis.map(|millis| millis as i64),
        ..StreamOptions::default()
    }
}

fn generator_options(source: &StreamSource) -> GeneratorOptions {
    match &source.kind {
        StreamSourceKind::Generator {
            rows_per_second,
            rows,
            start_millis,
            disorder_millis,
            late_share,
            late_millis,
            keys,
            seed,
        } => GeneratorOptions {
            seed: u64::from(*seed),
            rows_per_second: *rows_per_second as u64,
            rows: rows.map(|rows| rows as u64),
            start_millis: *start_millis as i64,
            delay_millis: *disorder_millis,
            late_share: *late_share,
            late_millis: *late_millis,
            keys: *keys,
            by_arrival: source.by_arrival,
        },
        _ => GeneratorOptions::default(),
    }
}

fn no_handle(name: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Browser, format!("{name} cannot be followed without a handle on it."))
        .with_hint("Choose the file again.")
}
