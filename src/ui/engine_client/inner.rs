//! What all copies of the handle share: who waits, what is to be sent, which files are kept.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use futures::channel::oneshot;
use leptos::prelude::{GetUntracked, Update};
use millrace_protocol::{Command, CommandId, ErrorInfo, Event, FileMeta, TableInfo, TableOptions};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

use super::{life, lost, pending::Pending, workers::Running};
use crate::{
    browser,
    state::{EngineState, EngineStatus, Tables},
};

/// Writes go on when a query has ended, usually not for longer than this.
const WRITTEN_AFTER_MILLIS: i32 = 1000;

/// A command with the files or handles of files that travel beside it.
type Outgoing = (Command, Vec<JsValue>);

/// The files of a table, from which a new engine makes it again.
pub(super) struct KeptTable {
    pub(super) table: String,
    pub(super) files: Vec<File>,
    /// Which file of an archive, when the table is not of all of them.
    pub(super) part: Option<u32>,
    /// What was said about them.
    pub(super) options: TableOptions,
}

/// What all copies of the handle share.
pub(super) struct Inner {
    pub(super) engine: EngineState,
    pub(super) tables: Tables,
    pub(super) worker: RefCell<Option<Running>>,
    pub(super) next_id: Cell<CommandId>,
    pub(super) pending: RefCell<HashMap<CommandId, Pending>>,
    /// Commands that came before the engine was ready.
    pub(super) waiting: RefCell<Vec<Outgoing>>,
    /// Whether the engine takes commands.
    pub(super) open: Cell<bool>,
    /// Engines lost since one was last ready with all its tables.
    pub(super) losses: Cell<u32>,
    pub(super) files: RefCell<Vec<KeptTable>>,
    /// All files that the page was given, also those of tables that were removed: these can come back.
    pub(super) held: RefCell<Vec<File>>,
}

impl Inner {
    pub(super) fn new(engine: EngineState, tables: Tables) -> Self {
        Self {
            engine,
            tables,
            worker: RefCell::new(None),
            next_id: Cell::new(1),
            pending: RefCell::new(HashMap::new()),
            waiting: RefCell::new(Vec::new()),
            open: Cell::new(false),
            losses: Cell::new(0),
            files: RefCell::new(Vec::new()),
            held: RefCell::new(Vec::new()),
        }
    }

    /// Ids keep rising over all engines, so that an answer can never meet the wrong question.
    pub(super) fn fresh_id(&self) -> CommandId {
        self.next_id.replace(self.next_id.get().wrapping_add(1))
    }

    pub(super) async fn ask(
        self: &Rc<Self>,
        command: impl FnOnce(CommandId) -> Command,
        beside: Vec<JsValue>,
    ) -> Result<Event, ErrorInfo> {
        let (id, receiver) = self.expect_answer();
        self.post(command(id), beside);
        receiver.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Asks what is kept when what the query that just ended is writing to disk will be there.
    pub(super) fn ask_cache_soon(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        spawn_local(async move {
            browser::sleep(WRITTEN_AFTER_MILLIS).await;
            if let Some(inner) = inner.upgrade().filter(|inner| inner.open.get()) {
                // The answer goes to the tables on its way.
                let (id, answer) = inner.expect_answer();
                inner.send(&Command::Cached { id }, &[]);
                drop(inner);
                drop(answer.await);
            }
        });
    }

    pub(super) fn expect_answer(&self) -> (CommandId, oneshot::Receiver<Result<Event, ErrorInfo>>) {
        let (sender, receiver) = oneshot::channel();
        let id = self.fresh_id();
        self.pending.borrow_mut().insert(id, Pending::Event(sender));
        (id, receiver)
    }

    pub(super) fn post(self: &Rc<Self>, command: Command, beside: Vec<JsValue>) {
        if self.open.get() {
            self.send(&command, &beside);
            return;
        }
        self.waiting.borrow_mut().push((command, beside));
        if matches!(self.engine.status.get_untracked(), EngineStatus::Impossible(_)) {
            life::fail_waiting_soon(self);
        }
    }

    pub(super) fn send(&self, command: &Command, beside: &[JsValue]) {
        let name = if matches!(command, Command::Stream { .. }) { "handles" } else { "files" };
        let message = js_sys::Object::new();
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
        let sent = command.serialize(&serializer).map_err(JsValue::from).and_then(|command| {
            js_sys::Reflect::set(&message, &"command".into(), &command)?;
            if !beside.is_empty() {
                let list: js_sys::Array = beside.iter().collect();
                js_sys::Reflect::set(&message, &name.into(), &list)?;
            }
            self.worker.borrow().as_ref().map_or(Ok(()), |running| running.post(&message))
        });
        if let Err(refused) = sent {
            web_sys::console::error_2(&"millrace: a command could not be sent".into(), &refused);
        }
    }

    /// Keeps a file, in place of an earlier state of it.
    pub(super) fn hold(&self, file: &File) {
        let mut held = self.held.borrow_mut();
        let same = |other: &File| other.name() == file.name() && size_bytes(other) == size_bytes(file);
        held.retain(|other| !same(other));
        held.push(file.clone());
    }

    pub(super) fn keep(&self, added: &[TableInfo], files: Vec<File>, together: bool, options: &TableOptions) {
        files.iter().for_each(|file| self.hold(file));
        {
            let mut kept = self.files.borrow_mut();
            kept.retain(|old| added.iter().all(|info| info.name != old.table));
            if together {
                let table = |info: &TableInfo| KeptTable {
                    table: info.name.clone(),
                    files,
                    part: None,
                    options: options.clone(),
                };
                kept.extend(added.first().map(table));
            } else {
                let table = |info: &TableInfo| {
                    let file = files.get(info.file as usize)?.clone();
                    Some(KeptTable {
                        table: info.name.clone(),
                        files: vec![file],
                        part: Some(info.part),
                        options: options.clone(),
                    })
                };
                kept.extend(added.iter().filter_map(table));
            }
        }
        self.tables.list.update(|list| {
            list.retain(|old| added.iter().all(|info| info.name != old.name));
            list.extend(added.iter().cloned());
        });
    }
}

/// Files as they travel beside a command.
pub(super) fn beside(files: &[File]) -> Vec<JsValue> {
    files.iter().map(JsValue::from).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are whole numbers")]
pub(super) fn size_bytes(file: &File) -> u64 {
    file.unchecked_ref::<Blob>().size() as u64
}

pub(super) fn add_command(
    id: CommandId,
    files: &[File],
    table: Option<String>,
    part: Option<u32>,
    options: TableOptions,
) -> Command {
    let meta = |file: &File| FileMeta {
        name: file.name(),
        size_bytes: size_bytes(file),
        last_modified_millis: file.last_modified(),
        part,
    };
    Command::AddFiles { id, table, files: files.iter().map(meta).collect(), options }
}
