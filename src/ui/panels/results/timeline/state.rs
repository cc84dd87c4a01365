//! The newest timeline of the page's query, fetched while somebody looks.

use std::sync::Arc;

use leptos::prelude::*;
use millrace_protocol::{CommandId, Timeline};
use wasm_bindgen_futures::spawn_local;

use super::lanes::{Lane, lanes_of};
use crate::{browser, engine_client::EngineClient, state::QueryState};

/// How often a running query is asked.
const EVERY_MILLIS: i32 = 500;

/// More than a screen can show, and few enough to be read within a frame or two.
const MOST_SPANS: u32 = 3_000;

/// A timeline and its lanes.
#[derive(Debug)]
pub struct Shown {
    /// As the engine told it.
    pub timeline: Timeline,
    /// What is drawn of it.
    pub lanes: Vec<Lane>,
}

/// State of the view. `Copy`.
#[derive(Clone, Copy)]
pub struct TimelineState {
    /// The query that was started last.
    pub query: Memo<Option<CommandId>>,
    /// Whether somebody looks.
    pub open: RwSignal<bool>,
    /// The newest timeline of the query.
    pub shown: RwSignal<Option<Arc<Shown>>>,
    /// Whether the engine knows none.
    pub missing: RwSignal<bool>,
}

impl TimelineState {
    /// Follows the page's query.
    pub fn new() -> Self {
        let state: QueryState = expect_context();
        let client: EngineClient = expect_context();
        let query = Memo::new(move |before: Option<&Option<CommandId>>| {
            state.running_id.get().or_else(|| before.copied().flatten())
        });
        let timeline = Self {
            query,
            open: RwSignal::new(false),
            shown: RwSignal::new(None),
            missing: RwSignal::new(false),
        };
        let turns = StoredValue::new(0_u32);
        Effect::new(move |before: Option<Option<CommandId>>| {
            let id = query.get();
            // The end of a query is worth another look at once.
            state.running.track();
            let is_open = timeline.open.get();
            let turn = turns.get_value().wrapping_add(1);
            turns.set_value(turn);
            // While somebody looks, the timeline of the query before stays until there is one of the new.
            if before.flatten() != id && !is_open {
                timeline.shown.set(None);
                timeline.missing.set(false);
            }
            if let Some(id) = id.filter(|_| is_open) {
                let goes_on = move || turns.try_get_value() == Some(turn);
                spawn_local(async move { timeline.watch(client, id, goes_on).await });
            }
            id
        });
        timeline
    }

    /// Asks until the query has ended, the engine is lost, or something else is to be looked at.
    async fn watch(self, client: EngineClient, query: CommandId, goes_on: impl Fn() -> bool) {
        loop {
            let answer = client.timeline(Some(query), MOST_SPANS).await;
            // Reading the answer and drawing it are a task each.
            browser::sleep(0).await;
            if !goes_on() {
                return;
            }
            let found = answer.ok().flatten();
            let is_running = found.as_ref().is_some_and(|timeline| timeline.running);
            let _ = self.missing.try_set(found.is_none());
            let shown = found.map(|timeline| Arc::new(Shown { lanes: lanes_of(&timeline), timeline }));
            let _ = self.shown.try_set(shown);
            if !is_running {
                return;
            }
            browser::sleep(EVERY_MILLIS).await;
            if !goes_on() {
                return;
            }
        }
    }
}
