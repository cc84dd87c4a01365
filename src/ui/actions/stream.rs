//! What a person does with streams.

use leptos::prelude::*;
use millrace_protocol::{
    CheckpointPlan, CommandId, ErrorInfo, ErrorKind, StreamAction, StreamPhase, StreamSpec, StreamStatus,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::Actions;
use crate::streams_js::{KeptStream, StreamsModule};

/// How often a checkpoint is kept.
const CHECKPOINT_MILLIS: f64 = 10_000.0;

impl Actions {
    /// Starts a stream in place of what runs. With a name, checkpoints are kept under it, and with `resume` it
    /// goes on from the last one.
    pub fn start_stream(
        self,
        spec: StreamSpec,
        handles: Vec<JsValue>,
        keep_as: Option<String>,
        resume: bool,
    ) {
        self.cancel();
        let (stream, query) = (self.stream, self.query);
        let plan =
            keep_as.clone().map(|name| CheckpointPlan { name, every_millis: CHECKPOINT_MILLIS, resume });
        if let (Some(name), false) = (keep_as.clone(), resume) {
            let (handles, text) = (handles.clone(), serde_json::to_string(&spec).unwrap_or_default());
            spawn_local(async move {
                let kept = async { StreamsModule::load().await?.keep(&name, &text, &handles).await };
                if let Err(refused) = kept.await {
                    // The stream runs all the same; only the next visit does not know of it.
                    web_sys::console::warn_2(&"millrace: a stream is not kept".into(), &refused);
                }
            });
        }
        let sql = spec.sql.clone();
        let text = sql.clone();
        let tab = self.tabs.open.get_untracked();
        let id = self
            .client
            .stream(spec.clone(), plan, handles.clone(), move |id, event| self.hear(tab, id, &text, event));
        batch(move || {
            stream.id.set(Some(id));
            stream.started.set(Some(spec));
            stream.handles.set(handles);
            stream.kept_as.set(keep_as);
            stream.status.set(Some(StreamStatus::default()));
            stream.error.set(None);
            stream.dialog.set(false);
            self.workbench.set(true);
            self.begin(id);
            query.sql.set(sql);
        });
    }

    /// Goes on with a stream that was kept.
    pub fn resume_kept(self, kept: KeptStream) {
        spawn_local(async move {
            let handles: Vec<JsValue> = kept.handles().iter().collect();
            let ready = async {
                let spec: StreamSpec =
                    serde_json::from_str(&kept.spec()).map_err(|error| JsValue::from(error.to_string()))?;
                let may_read = StreamsModule::load().await?.may_read(&handles).await?;
                Ok::<_, JsValue>(may_read.then_some(spec))
            };
            match ready.await {
                Ok(Some(spec)) => self.start_stream(spec, handles, Some(kept.name()), true),
                Ok(None) => self.stream.error.set(Some(
                    ErrorInfo::new(ErrorKind::Browser, "The files of this stream may not be read.")
                        .with_hint("Go on with it again, and allow the browser to read them."),
                )),
                Err(refused) => self.stream.error.set(Some(ErrorInfo::new(
                    ErrorKind::Browser,
                    format!("This stream cannot go on: {refused:?}."),
                ))),
            }
        });
    }

    /// Goes on from the last checkpoint of the stream that the page shows.
    pub fn resume_stream(self) {
        let stream = self.stream;
        if let (Some(spec), Some(name)) = (stream.started.get_untracked(), stream.kept_as.get_untracked()) {
            self.start_stream(spec, stream.handles.get_untracked(), Some(name), true);
        }
    }

    /// Starts the stream that the page shows once more, from its beginning.
    pub fn restart_stream(self) {
        let stream = self.stream;
        if let Some(spec) = stream.started.get_untracked() {
            self.start_stream(spec, stream.handles.get_untracked(), stream.kept_as.get_untracked(), false);
        }
    }

    /// Pauses, resumes or stops the page's stream.
    pub fn control_stream(self, action: StreamAction) {
        if let Some(id) = self.stream.id.get_untracked() {
            self.client.control(id, action);
        }
    }

    /// Whether this is the stream of the page.
    pub(super) fn is_stream(self, id: CommandId) -> bool {
        self.stream.id.get_untracked() == Some(id)
    }

    /// The page's stream failed.
    pub(super) fn stream_failed(self, error: ErrorInfo) {
        let phase = StreamPhase::Stopped;
        self.stream.status.update(|status| status.iter_mut().for_each(|status| status.phase = phase));
        if error.kind != ErrorKind::Cancelled {
            self.stream.error.set(Some(error));
        }
    }
}
