//! The dialog that starts a stream: its source, the statement, and how it runs.

use leptos::prelude::*;
use millrace_protocol::{ARRIVAL_TIME, StreamMode, StreamSourceKind, TableInfo};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{
    fields::{Choice, Field},
    kept::KeptStreams,
    picked::{FileField, FolderField, words},
    spec::{spec_of, table_of, time_of},
    suggestion::suggestion,
};
use crate::{
    actions::Actions,
    icons::{self, Icon},
    panels::dialog::Dialog,
    state::{StreamState, stream::Kind},
    streams_js::StreamsModule,
};

const KINDS: &[(Kind, &str)] = &[
    (Kind::File, n!("A file that grows")),
    (Kind::Folder, n!("A folder that receives files")),
    (Kind::Generator, n!("Generated rows, to try it")),
    (Kind::Socket, n!("A WebSocket")),
    (Kind::Events, n!("Server-sent events")),
];

const MODES: &[(StreamMode, &str)] = &[
    (StreamMode::Append, n!("append: final rows, when their window closes")),
    (StreamMode::Update, n!("update: windows and groups as they change")),
    (StreamMode::Complete, n!("complete: all rows, again and again")),
];

const TIMES: &[(bool, &str)] =
    &[(false, n!("event time: a column of the rows")), (true, n!("processing time: when a row arrives"))];

/// Opens the dialog.
#[component]
pub fn StreamButton(class: &'static str, children: Children) -> impl IntoView {
    let stream = expect_context::<StreamState>();
    view! {
        <button type="button" class=class data-part="open-stream" on:click=move |_| stream.dialog.set(true)>
            {children()}
        </button>
    }
}

/// Has the dialog ready to follow the file of a table.
pub fn follow_table(stream: StreamState, table: &TableInfo) {
    let draft = stream.draft;
    draft.kind.set(Kind::File);
    draft.table.set(table.name.clone());
    draft.columns.set(table.columns.clone());
    draft.handle.set(None);
    draft.file.set(table.files.first().cloned().unwrap_or_default());
    draft.sql.set(String::new());
    stream.dialog.set(true);
}

/// Shown while `StreamState::dialog` is.
#[component]
pub fn StreamDialog() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    view! {
        <Show when=move || stream.dialog.get()>
            <Dialog open=stream.dialog title=t!("Start a stream").to_owned()>
                <StreamForm/>
            </Dialog>
        </Show>
    }
}

#[component]
fn StreamForm() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    let actions = expect_context::<Actions>();
    let draft = stream.draft;
    let problem = RwSignal::new(None::<String>);
    // The address that the user is asked about.
    let asked = RwSignal::new(None::<String>);
    let kind = draft.kind;
    let is_connection = move || matches!(kind.get(), Kind::Socket | Kind::Events);
    // A file is no folder.
    Effect::new(move |before: Option<Kind>| {
        let now = kind.get();
        if before.is_some_and(|before| before != now) {
            draft.handle.set(None);
            draft.file.set(String::new());
            draft.columns.set(Vec::new());
        }
        now
    });
    let suggested = Signal::derive(move || {
        draft.table.track();
        draft.event_time.track();
        draft.by_arrival.track();
        draft.columns.with(|columns| suggestion(kind.get(), &table_of(draft), columns, &time_of(draft)))
    });
    let start = move |may_ask: bool| {
        problem.set(None);
        let spec = match spec_of(draft) {
            Ok(spec) => spec,
            Err(wrong) => return problem.set(Some(wrong)),
        };
        let url = spec.sources.iter().find_map(|source| match &source.kind {
            StreamSourceKind::Socket { url } | StreamSourceKind::Events { url } => Some(url.clone()),
            _ => None,
        });
        let is_picked = matches!(kind.get_untracked(), Kind::File | Kind::Folder);
        let handles: Vec<JsValue> = draft.handle.get_untracked().filter(|_| is_picked).into_iter().collect();
        let keep_as = (draft.keep.get_untracked() && url.is_none())
            .then(|| format!("{} {:.0}", table_of(draft), js_sys::Date::now()));
        spawn_local(async move {
            let ready = async {
                let module = StreamsModule::load().await?;
                if let Some(url) = &url
                    && !module.is_allowed(url).await?
                {
                    if may_ask {
                        let _ = asked.try_set(Some(url.clone()));
                        return Ok(false);
                    }
                    module.set_allowed(url, true).await?;
                }
                module.may_read(&handles).await
            };
            match ready.await {
                Ok(true) => actions.start_stream(spec, handles, keep_as, false),
                Ok(false) if asked.get_untracked().is_some() => {}
                Ok(false) => {
                    problem.set(Some(t!("The browser was not allowed to read what was chosen.").to_owned()));
                }
                Err(refused) => problem.set(Some(tf!("The browser refuses: {a}.", a = words(&refused)))),
            }
        });
    };
    view! {
        <KeptStreams/>
        <form
            class="flex flex-col gap-3"
            data-panel="stream-form"
            on:submit=move |event| {
                event.prevent_default();
                start(true);
            }
        >
            <div class="grid grid-cols-1 gap-3 sm:grid-cols-4">
                <Choice label=t!("Rows come from") name="kind" value=kind offered=KINDS wide=true/>
                <Field label=t!("Name of the table") name="table" value=draft.table wide=true
                    placeholder=Signal::derive(move || { kind.track(); table_of(draft) })/>
                <Show when=move || kind.get() == Kind::File>
                    <FileField draft=draft problem=problem/>
                </Show>
                <Show when=move || kind.get() == Kind::Folder>
                    <FolderField draft=draft problem=problem/>
                </Show>
                <Show when=move || kind.get() == Kind::Generator>
                    <Field label=t!("Rows a second") name="rate" value=draft.rate/>
                    <Field label=t!("Out of order by up to") name="disorder" unit="ms" value=draft.disorder/>
                    <Field label=t!("Late rows") name="late" unit="%" value=draft.late/>
                </Show>
                <Show when=is_connection>
                    <div class="sm:col-span-4">
                        <Field label=t!("Address") name="url" value=draft.url
                            placeholder=Signal::derive(move || match kind.get() {
                                Kind::Socket => "wss://host/path".to_owned(),
                                _ => "https://host/path".to_owned(),
                            })/>
                        <p class="text-base-content/70 pt-1 text-xs">
                            {t!("Each message is a line of JSON or CSV, or several; a WebSocket may also send streams of Arrow IPC. You are asked before the first connection to a host.")}
                        </p>
                    </div>
                </Show>
            </div>
            <label class="flex flex-col gap-1 text-xs">
                <span class="text-base-content/70">{t!("Query")}</span>
                <textarea
                    class="textarea min-h-24 w-full font-mono text-xs"
                    spellcheck="false"
                    data-stream-field="sql"
                    placeholder=move || suggested.get()
                    prop:value=move || draft.sql.get()
                    on:input=move |event| draft.sql.set(event_target_value(&event))
                ></textarea>
                <span class="text-base-content/70" class:invisible=move || draft.sql.with(|sql| !sql.trim().is_empty())>
                    {t!("Left empty, it is the one shown. Tables that are open can be joined with the stream by equal columns.")}
                </span>
            </label>
            <div class="grid grid-cols-1 gap-3 sm:grid-cols-4">
                <Choice label=t!("Rows that are given") name="mode" value=draft.mode offered=MODES wide=true/>
                <Choice label=t!("Windows go by") name="time" value=draft.by_arrival offered=TIMES wide=true/>
                <Show
                    when=move || !draft.by_arrival.get()
                    fallback=|| view! {
                        <p class="text-base-content/70 text-xs sm:col-span-4" data-part="arrival-hint">
                            {tf!("Rows get a column {column}, the time of this computer's clock at which they came. No row is late, and windows close by the clock.", column = ARRIVAL_TIME)}
                        </p>
                    }
                >
                    <Show when=move || kind.get() != Kind::Generator>
                        <Field label=t!("Column of the event time") name="event-time" value=draft.event_time wide=true
                            placeholder=Signal::stored(t!("the only timestamp").to_owned())/>
                    </Show>
                    <Field label=t!("Delay") name="delay" unit="s" value=draft.delay
                        hint=t!("How far rows may be out of order: a window waits so long for its last rows.")/>
                    <Field label=t!("Allowed lateness") name="lateness" unit="s" value=draft.lateness
                        hint=t!("How much longer a window takes rows before it is given.")/>
                </Show>
            </div>
            <Show when=move || !is_connection()>
                <label class="quiet-button -ml-2 self-start" title=t!("The state and the place in the source are kept in private files of this browser every ten seconds, so that the stream can go on after the tab was closed.")>
                    <input
                        type="checkbox"
                        class="toggle toggle-xs toggle-primary"
                        data-stream-field="keep"
                        prop:checked=move || draft.keep.get()
                        on:change=move |event| draft.keep.set(event_target_checked(&event))
                    />
                    {t!("Keep checkpoints, to go on after the tab was closed")}
                </label>
            </Show>
            <p class="text-error text-xs empty:hidden" role="alert" data-part="stream-problem">{move || problem.get()}</p>
            {move || asked.get().map(|url| view! {
                <div class="bg-warning/10 rounded-field flex flex-wrap items-center gap-3 p-3 text-xs" role="alert" data-part="allow-host">
                    <p class="min-w-0 grow basis-60">
                        {t!("Allow connections to ")} <strong class="break-all">{origin(&url)}</strong>
                        {t!("? Its server learns your network address and when you listen. Only a worker that holds the connection may use it; ")}
                        {t!("the page and the engine, which have your files, still cannot connect anywhere.")}
                    </p>
                    <button type="button" class="btn btn-sm" on:click=move |_| asked.set(None)>{t!("Not now")}</button>
                    <button type="button" class="btn btn-primary btn-sm" data-part="allow" on:click=move |_| {
                        asked.set(None);
                        start(false);
                    }>{t!("Allow and start")}</button>
                </div>
            })}
            <div class="flex justify-end">
                <button type="submit" class="btn btn-primary btn-sm w-28" data-part="start-stream">
                    <Icon path=icons::RUN class="size-3.5"/>
                    {t!("Start")}
                </button>
            </div>
        </form>
    }
}

fn origin(url: &str) -> String {
    web_sys::Url::new(url)
        .map_or_else(|_| url.to_owned(), |url| format!("{}//{}", url.protocol(), url.host()))
}
