//! What is in the columns of a table: measured in one pass, shown while it runs.
//!
//! Owns: the passes and what they found ([`measure`]), one row for each column ([`column_row`]). Touches: the
//! engine client; a click on a bar becomes a filter through [`crate::actions`].

mod column_row;
mod measure;

use leptos::prelude::*;
use millrace_protocol::{Cell, CommandId, ErrorInfo, ErrorKind, TableInfo};
use wasm_bindgen_futures::spawn_local;

use self::{
    column_row::ColumnRow,
    measure::{COLUMNS_A_PASS, ColumnProfile},
};
use crate::{
    engine_client::{EngineClient, QueryEvent},
    format,
    icons::{self, Icon},
    panels::{dialog::Dialog, error_card::ErrorCard},
};

/// Columns that are measured; of wider tables the first ones.
const COLUMNS_MEASURED: usize = 240;

/// Measures the columns of a table as long as it is open.
#[component]
pub fn Profile(table: TableInfo, open: RwSignal<bool>) -> impl IntoView {
    let profiling = Profiling::start(expect_context(), table.clone());
    on_cleanup(move || profiling.stop());
    let hidden = table.columns.len().saturating_sub(COLUMNS_MEASURED);
    let name = StoredValue::new(table.name.clone());
    let columns = table.columns.clone().into_iter().take(COLUMNS_MEASURED).enumerate();
    let rows = columns.map(move |(place, column)| {
        let profile =
            Memo::new(move |_| profiling.columns.with(|columns| columns.get(place).cloned().flatten()));
        view! { <ColumnRow table=name column=column profile=profile open=open/> }
    });
    view! {
        <Dialog open=open title=tf!("Columns of {a}", a = table.name)>
            <div class="text-base-content/70 flex min-h-7 items-center gap-3 pb-2 text-xs" role="status">
                {move || profiling.words()}
                <Show when=move || profiling.running.get().is_some()>
                    <progress class="progress progress-primary w-32" max="1" prop:value=move || profiling.share.get() aria-label=t!("Read so far")></progress>
                    <button class="btn btn-xs" on:click=move |_| profiling.stop()>
                        <Icon path=icons::STOP class="size-3.5"/> {t!("Stop")}
                    </button>
                </Show>
                {(hidden > 0).then(|| tf!("{hidden} more columns are not measured", hidden = hidden))}
            </div>
            {move || profiling.error.get().map(|error| view! { <ErrorCard error=error/> })}
            <div class="border-base-300 divide-base-300 rounded-field max-h-[70vh] divide-y overflow-auto border" data-panel="profile">
                {rows.collect_view()}
            </div>
        </Dialog>
    }
}

/// The passes over a table. `Copy`.
#[derive(Clone, Copy)]
struct Profiling {
    client: EngineClient,
    table: StoredValue<TableInfo>,
    columns: RwSignal<Vec<Option<ColumnProfile>>>,
    /// Share of the table that the columns at hand stand for.
    share: RwSignal<f64>,
    running: RwSignal<Option<CommandId>>,
    stopped: RwSignal<bool>,
    error: RwSignal<Option<ErrorInfo>>,
}

impl Profiling {
    fn start(client: EngineClient, table: TableInfo) -> Self {
        let columns = table.columns.len().min(COLUMNS_MEASURED);
        let profiling = Self {
            client,
            table: StoredValue::new(table),
            columns: RwSignal::new(vec![None; columns]),
            share: RwSignal::new(0.0),
            running: RwSignal::new(None),
            stopped: RwSignal::new(false),
            error: RwSignal::new(None),
        };
        profiling.pass(0);
        profiling
    }

    /// Measures the columns from `first` on, then the others.
    fn pass(self, first: usize) {
        let columns = self.table.with_value(|table| {
            let end = table.columns.len().min(COLUMNS_MEASURED).min(first + COLUMNS_A_PASS);
            table.columns.get(first..end).unwrap_or_default().to_vec()
        });
        if columns.is_empty() || self.stopped.get_untracked() {
            self.running.set(None);
            return;
        }
        let sql = self.table.with_value(|table| measure::sql(&table.name, &columns));
        let count = columns.len();
        let columns = StoredValue::new(columns);
        let id = self.client.query(sql, true, move |id, event| {
            // The dialog may have been closed; what it asked for is then of no use to anybody.
            if self.share.is_disposed() {
                self.client.forget(id);
                return;
            }
            match event {
                QueryEvent::Progress(_) | QueryEvent::Stream(_) | QueryEvent::StreamEnded { .. } => {}
                QueryEvent::Snapshot(result) => self.take(id, first, columns, result.fraction, false),
                QueryEvent::Done { .. } => {
                    self.take(id, first, columns, 1.0, true);
                    self.pass(first + count);
                }
                QueryEvent::Failed(error) => {
                    self.running.set(None);
                    if error.kind != ErrorKind::Cancelled {
                        self.error.set(Some(error));
                    }
                }
            }
        });
        self.running.set(Some(id));
    }

    /// Fetches what a pass has found so far.
    fn take(
        self,
        id: CommandId,
        first: usize,
        columns: StoredValue<Vec<millrace_protocol::ColumnInfo>>,
        share: f64,
        is_last: bool,
    ) {
        spawn_local(async move {
            let page = self.client.rows(id, None, 0, 1).await;
            if is_last {
                self.client.forget(id);
            }
            // A snapshot that cannot be read has given way to a newer one.
            let Ok(page) = page else { return };
            if self.share.is_disposed() {
                return;
            }
            let row: &[Cell] = page.rows.first().map_or(&[], Vec::as_slice);
            let profiles = columns.with_value(|columns| measure::read(columns, row));
            batch(move || {
                self.share.set(share);
                self.columns.update(|known| {
                    for (known, profile) in known.iter_mut().skip(first).zip(profiles) {
                        *known = Some(profile);
                    }
                });
            });
        });
    }

    fn stop(self) {
        // When the dialog is gone, so are its signals.
        let Some(running) = self.running.try_get_untracked() else { return };
        let _ = self.stopped.try_set(true);
        if let Some(id) = running {
            self.client.cancel(id);
        }
    }

    fn words(self) -> String {
        let rows = self.columns.with(|columns| columns.iter().flatten().map(|column| column.rows).max());
        let read = rows.map_or_else(String::new, |rows| tf!("{a} rows", a = format::count(rows)));
        match (self.running.get(), self.stopped.get()) {
            (Some(_), false) => tf!("Reading… {read}", read = read),
            (_, true) if self.share.get() < 1.0 => {
                tf!("Stopped after {a} ({read}).", a = format::percent(self.share.get()), read = read)
            }
            _ if self.error.with(Option::is_some) => String::new(),
            _ => {
                tf!(
                    "{read}. Distinct counts and quantiles are approximate. Click a bar to filter by it.",
                    read = read
                )
            }
        }
    }
}
