//! The sources that a page names, as those of the engine.

use millrace_engine::stream::{
    Generator, GeneratorOptions, OutputMode, StreamInput, StreamOptions, StreamSource as Source,
};
use millrace_protocol::{ErrorInfo, ErrorKind, StreamMode, StreamSource, StreamSourceKind, StreamSpec};
use wasm_bindgen::{JsCast, JsValue};

use super::Controls;
use super::connection::{self, Connection};
use super::handle_file::HandleFile;
use crate::dispatch::Worker;

/// Sources, and what has to live as long as they do.
pub(super) struct Opened {
    pub(super) inputs: Vec<StreamInput>,
    pub(super) connections: Vec<Connection>,
    /// Whether rows come only when time goes on, so that there is no use in looking more often.
    pub(super) has_files: bool,
}

impl Worker {
    /// Opens the sources of a stream. `handles` are those of its files, in their order.
    pub(super) async fn open_sources(
        &self,
        spec: &StreamSpec,
        handles: Vec<JsValue>,
        controls: &Controls,
        mut on_notice: impl FnMut(Vec<String>),
    ) -> Result<Opened, ErrorInfo> {
        let mut handles = handles.into_iter();
        let mut opened = Opened { inputs: Vec::new(), connections: Vec::new(), has_files: false };
        for source in &spec.sources {
            let event_time = source.event_time.as_deref().filter(|name| !name.is_empty());
            let made: Box<dyn Source> = match &source.kind {
                StreamSourceKind::File { name } => {
                    opened.has_files = true;
                    let handle = handles.next().ok_or_else(|| no_handle(name))?;
                    let file = HandleFile::new(name, handle.unchecked_into());
                    let followed = self.engine.follow(Box::new(file), event_time).await;
                    Box::new(followed.map_err(|error| error.info())?)
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
                    Box::new(source)
                }
            };
            let delay_millis = source.delay_millis as i64;
            opened.inputs.push(StreamInput { table: source.table.clone(), source: made, delay_millis });
        }
        Ok(opened)
    }
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
        },
        _ => GeneratorOptions::default(),
    }
}

fn no_handle(name: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Browser, format!("{name} cannot be followed without a handle on it."))
        .with_hint("Choose the file again.")
}
