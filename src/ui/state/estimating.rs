//! Whether a partial result is shown as read so far, or as what the whole input will give.

use leptos::prelude::{Get, GetUntracked, Memo, RwSignal, Set, With};
use millrace_protocol::{CommandId, RowPage};

use super::QueryState;
use crate::browser;

const STORAGE_KEY: &str = "millrace.estimate";

/// The choice between values so far and estimated final values. `Copy`, in the context.
///
/// Off until a person switches it on: values so far were counted, while estimates assume that the rows
/// of a group are spread over the input, which a file in the order of time is not. Once chosen it stays,
/// also for the next visit.
#[derive(Clone, Copy)]
pub struct Estimating {
    /// Whether the person wants estimates.
    pub wanted: RwSignal<bool>,
    /// Whether the result on screen is partial and has estimates.
    pub possible: Memo<bool>,
    /// Whether estimates are on screen.
    pub shown: Memo<bool>,
    /// The query whose newest rows came with estimates.
    estimated: RwSignal<Option<CommandId>>,
}

impl Estimating {
    /// Follows the page's query, with the stored choice.
    pub fn new(query: QueryState) -> Self {
        let wanted = RwSignal::new(browser::stored(STORAGE_KEY).as_deref() == Some("on"));
        let estimated = RwSignal::new(None);
        let possible = Memo::new(move |_| {
            let is_partial = query.result.with(|result| result.as_ref().is_some_and(|r| r.fraction < 1.0));
            is_partial && estimated.get().is_some_and(|id| query.id.get() == Some(id))
        });
        let shown = Memo::new(move |_| possible.get() && wanted.get());
        Self { wanted, possible, shown, estimated }
    }

    /// Takes the choice and keeps it for the next visit.
    pub fn choose(self, wanted: bool) {
        self.wanted.set(wanted);
        browser::store(STORAGE_KEY, if wanted { "on" } else { "off" });
    }

    /// Rows of a query have arrived: whether there are estimates shows only in them.
    pub fn rows_arrived(self, query: CommandId, page: &RowPage) {
        let has_estimates = page.result.fraction < 1.0 && !page.estimates.is_empty();
        let estimated = has_estimates.then_some(query);
        if self.estimated.get_untracked() != estimated {
            self.estimated.set(estimated);
        }
    }
}
