//! The stream that the page shows, and the one that is being put together.

use leptos::prelude::{GetUntracked, LocalStorage, RwSignal, Set};
use millrace_protocol::{
    ColumnInfo, CommandId, ErrorInfo, FolderOrder, StreamMode, StreamSpec, StreamStatus,
};
use wasm_bindgen::JsValue;

/// The page's stream. Those of `window.millrace` do not pass through here.
#[derive(Clone, Copy)]
pub struct StreamState {
    /// Its id, also when it has ended, until something else is run.
    pub id: RwSignal<Option<CommandId>>,
    /// What it was started with.
    pub started: RwSignal<Option<StreamSpec>>,
    /// Handles of its files and folders.
    pub handles: RwSignal<Vec<JsValue>, LocalStorage>,
    /// Name of its checkpoints, where they are kept.
    pub kept_as: RwSignal<Option<String>>,
    /// How it is.
    pub status: RwSignal<Option<StreamStatus>>,
    /// Why it failed.
    pub error: RwSignal<Option<ErrorInfo>>,
    /// Whether the dialog to start one is open.
    pub dialog: RwSignal<bool>,
    /// What stands in the dialog.
    pub draft: Draft,
}

/// Kinds of sources, as the dialog names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A file that grows.
    File,
    /// A folder that receives files.
    Folder,
    /// Rows that are made up.
    #[default]
    Generator,
    /// Messages of a WebSocket.
    Socket,
    /// Server-sent events.
    Events,
}

/// What stands in the dialog. Numbers are texts until they are taken.
#[derive(Clone, Copy)]
pub struct Draft {
    /// Kind of the source.
    pub kind: RwSignal<Kind>,
    /// Name of the table.
    pub table: RwSignal<String>,
    /// The statement; empty for the one that is suggested.
    pub sql: RwSignal<String>,
    /// Handle of the file or the folder.
    pub handle: RwSignal<Option<JsValue>, LocalStorage>,
    /// Name of the file or the folder.
    pub file: RwSignal<String>,
    /// In which order files of a folder are read.
    pub order: RwSignal<FolderOrder>,
    /// Columns of the file, once they are known.
    pub columns: RwSignal<Vec<ColumnInfo>>,
    /// Address of a connection.
    pub url: RwSignal<String>,
    /// Rows a second of a generator.
    pub rate: RwSignal<String>,
    /// Disorder of a generator, in milliseconds.
    pub disorder: RwSignal<String>,
    /// Late rows of a generator, in percent.
    pub late: RwSignal<String>,
    /// Column of the event time; empty for the only timestamp.
    pub event_time: RwSignal<String>,
    /// Whether the event time is the time of arrival.
    pub by_arrival: RwSignal<bool>,
    /// Delay, in seconds.
    pub delay: RwSignal<String>,
    /// Allowed lateness, in seconds.
    pub lateness: RwSignal<String>,
    /// Which rows are given.
    pub mode: RwSignal<StreamMode>,
    /// Whether checkpoints are kept.
    pub keep: RwSignal<bool>,
}

/// The stream of a tab that is not on screen.
#[derive(Clone, Default)]
pub struct StreamAside {
    /// See [`StreamState::id`].
    pub id: Option<CommandId>,
    /// See [`StreamState::status`].
    pub status: Option<StreamStatus>,
    /// See [`StreamState::error`].
    pub error: Option<ErrorInfo>,
    started: Option<StreamSpec>,
    handles: Vec<JsValue>,
    kept_as: Option<String>,
}

impl StreamState {
    /// The stream of the tab that leaves the screen.
    pub fn put_aside(self) -> StreamAside {
        StreamAside {
            id: self.id.get_untracked(),
            status: self.status.get_untracked(),
            error: self.error.get_untracked(),
            started: self.started.get_untracked(),
            handles: self.handles.get_untracked(),
            kept_as: self.kept_as.get_untracked(),
        }
    }

    /// Shows the stream of the tab that comes on the screen.
    pub fn bring_back(self, aside: StreamAside) {
        self.id.set(aside.id);
        self.started.set(aside.started);
        self.handles.set(aside.handles);
        self.kept_as.set(aside.kept_as);
        self.status.set(aside.status);
        self.error.set(aside.error);
    }

    /// No stream.
    pub fn new() -> Self {
        Self {
            id: RwSignal::new(None),
            started: RwSignal::new(None),
            handles: RwSignal::new_local(Vec::new()),
            kept_as: RwSignal::new(None),
            status: RwSignal::new(None),
            error: RwSignal::new(None),
            dialog: RwSignal::new(false),
            draft: Draft::new(),
        }
    }
}

impl Draft {
    fn new() -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        Self {
            kind: RwSignal::new(Kind::default()),
            table: text(""),
            sql: text(""),
            handle: RwSignal::new_local(None),
            file: text(""),
            order: RwSignal::new(FolderOrder::Name),
            columns: RwSignal::new(Vec::new()),
            url: text(""),
            rate: text("1000"),
            disorder: text("200"),
            late: text("0.5"),
            event_time: text(""),
            by_arrival: RwSignal::new(false),
            delay: text("0.2"),
            lateness: text("0"),
            mode: RwSignal::new(StreamMode::Append),
            keep: RwSignal::new(false),
        }
    }
}
